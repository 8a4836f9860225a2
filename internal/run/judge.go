package run

import (
	"fmt"
	"strings"

	"lsmlab/internal/todo"
)

// judge says how a test of a package ended that had a process of its own.
func judge(c Config, pkg, test string, e ended) Result {
	p := parse(e.stdout)
	r := Result{Test: test, Elapsed: e.elapsed, Output: strings.ReplaceAll(e.stdout, frame, "") + e.stderr}
	action := p.action[test]
	switch {
	case action == "PASS" && e.code == 0 && proven(c, e.stdout):
		r.Status = Pass
		return r
	case action == "SKIP" && e.code == 0:
		r.Status = Skip
	case e.fat || outOfMemory(e.stderr):
		r.Status = Memory
		r.Message = fmt.Sprintf("stopped: it took more than %d MB of memory", c.Memory>>20)
		return r
	case e.late || timedOut(e.stderr):
		r.Status = Timeout
	case p.finished && e.code == 0 && action == "":
		r.Status = Missing
		r.Message = "the test was not run: is it still in the package?"
		return r
	default:
		r.Status = Fail
	}
	r.Todo = firstTodo(r.Output, func(stub string) bool { return c.Explains == nil || c.Explains(pkg, test, stub) })
	r.Message, r.Seed = message(p, test)
	explain(c, &r, e)
	if r.Todo != "" && r.Status != Skip {
		r.Status = Todo
	}
	if r.Message == "" && r.Status == Fail {
		r.Message = endedHow(action, e)
	}
	return r
}

// proven reports whether the process came to its proper end, where that must be proven.
func proven(c Config, stdout string) bool {
	return c.Proof == "" || strings.Contains(stdout, c.Proof+" 0\n")
}

// endedHow describes a process that ended without an explanation.
func endedHow(action string, e ended) string {
	switch {
	case action == "FAIL":
		return "the test failed without saying why"
	case e.code == 0:
		return "the test process ended without saying how: something called os.Exit(0) before the test had finished"
	case e.code > 0:
		return fmt.Sprintf("the test process ended without saying how (exit code %d): something called os.Exit, or the program was cut off", e.code)
	}
	return "the test process was killed"
}

// firstTodo returns the first line, without its marker, of a stub that explains why the test failed: one that panicked, or
// one with a harmless default of which explains says so. (Under -test.v=test2json, what is written to os.Stderr appears on
// standard output; only the runtime's own words do not.)
func firstTodo(output string, explains func(stub string) bool) string {
	for line := range strings.Lines(output) {
		if _, stub, ok := strings.Cut(line, todo.Marker); ok {
			return strings.TrimSpace(stub)
		}
		if _, stub, ok := strings.Cut(line, todo.NoteMarker); ok && explains(strings.TrimSpace(stub)) {
			return strings.TrimSpace(stub)
		}
	}
	return ""
}
