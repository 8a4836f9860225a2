package run

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// stackLine matches the position in a stack: "\t/home/x/lab/week1/engine/flush.go:41 +0x1d".
var stackLine = regexp.MustCompile(`^\s+(\S.*\.go):(\d+)(?: \+0x[0-9a-f]+)?$`)

// goroutineLine matches the head of a goroutine's stack and takes out what it waits for.
var goroutineLine = regexp.MustCompile(`^goroutine \d+.*?\[([^\],]+)`)

// explain adds to a result what standard error tells about a crash, a race, or a hang.
func explain(c Config, r *Result, e ended) {
	switch {
	case r.Status == Timeout:
		r.Message, r.Where = hang(c, e.stderr), waiting(c.Root, e.stderr)
	case strings.Contains(e.stderr, "WARNING: DATA RACE"):
		text, where := race(c.Root, e.stderr)
		r.Where = where
		r.Message = strings.Trim(text+"\n"+withoutRaceNotice(r.Message), "\n")
	default:
		text, stack := crash(e.stderr)
		if text != "" {
			r.Message = strings.Trim(text+"\n"+r.Message, "\n")
			r.Where = positions(c.Root, stack)
			r.Message = strings.Replace(r.Message, text, text+trail(r.Where), 1)
		} else {
			r.Where = positions(c.Root, r.Output)
		}
	}
}

// trail returns a line with the first position, and who called from the second; nothing if there is none.
func trail(where []string) string {
	switch len(where) {
	case 0:
		return ""
	case 1:
		return "\n  at " + where[0]
	}
	return "\n  at " + where[0] + ", called from " + where[1]
}

// crash returns the message of a panic or a fatal error, and the stack of the goroutine that caused it.
func crash(stderr string) (text, stack string) {
	at := firstLine(stderr, "panic: ", "fatal error: ")
	if at < 0 {
		return "", ""
	}
	head, rest, _ := strings.Cut(stderr[at:], "\n\n")
	var lines []string
	for _, line := range strings.Split(head, "\n") {
		line = strings.TrimSuffix(line, " [recovered, repanicked]")
		if strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "[signal ") || strings.HasPrefix(line, "runtime: ") {
			continue
		}
		if again := strings.TrimSpace(strings.TrimSuffix(line, " [recovered]")); len(lines) == 0 || again != lines[0] {
			lines = append(lines, again)
		}
	}
	stack, _, _ = strings.Cut(rest, "\n\n")
	return strings.Join(lines[:min(len(lines), 6)], "\n"), stack
}

// firstLine returns where the first line begins that has one of the prefixes, -1 if there is none.
func firstLine(text string, prefixes ...string) int {
	at := 0
	for line := range strings.Lines(text) {
		for _, p := range prefixes {
			if strings.HasPrefix(line, p) {
				return at
			}
		}
		at += len(line)
	}
	return -1
}

// positions returns the lines of a stack that lie in the student's packages, tests left out, innermost first.
func positions(root, stack string) []string {
	var out []string
	for line := range strings.Lines(stack) {
		m := stackLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		if rel, ok := student(root, m[1]); ok && !slices.Contains(out, rel+":"+m[2]) {
			out = append(out, rel+":"+m[2])
		}
	}
	return out
}

// student returns the path below the root of a file of the student's packages.
func student(root, file string) (string, bool) {
	rel, err := filepath.Rel(root, filepath.FromSlash(file))
	rel = filepath.ToSlash(rel)
	ok := err == nil && len(rel) > 5 && strings.HasPrefix(rel, "week") && rel[4] >= '1' && rel[4] <= '3'
	return rel, ok && !strings.HasSuffix(rel, "_test.go")
}

// timedOut reports whether the process itself noticed that its time was up.
func timedOut(stderr string) bool { return strings.Contains(stderr, "panic: test timed out after ") }

// outOfMemory reports whether the process could get no more memory.
func outOfMemory(stderr string) bool {
	return strings.Contains(stderr, "fatal error: runtime: out of memory") || strings.Contains(stderr, "fatal error: runtime: cannot allocate memory")
}

// hang describes a test that reached its limit, and where the student's code was standing.
func hang(c Config, stderr string) string {
	text := "still running after " + c.Limit.String()
	for _, where := range waiting(c.Root, stderr) {
		text += "\n  " + where
	}
	return text
}

// waiting returns, for at most three goroutines that stand in the student's code, where, and what they wait for.
func waiting(root, stderr string) []string {
	var out []string
	_, dump, _ := strings.Cut(stderr, "panic: test timed out after ")
	for _, stack := range strings.Split(dump, "\n\n") {
		m := goroutineLine.FindStringSubmatch(stack)
		where := positions(root, stack)
		if m == nil || len(where) == 0 || len(out) == 3 {
			continue
		}
		if line := where[0] + " (" + m[1] + ")"; !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}
