package run

import (
	"strings"
	"time"
)

// frame is the byte that the testing package puts before its own lines under -test.v=test2json, so that nothing a test
// prints can be mistaken for one by accident.
const frame = "\x16"

// parsed is what a test binary printed on standard output, taken apart.
type parsed struct {
	action   map[string]string        // by test, subtests too: "PASS", "FAIL", "SKIP"
	elapsed  map[string]time.Duration // by test, as the testing package measured it
	lines    []said                   // all that is not a frame, in order
	finished bool                     // the last word was PASS or FAIL
}

// said is one line of output and the test that was speaking.
type said struct{ test, text string }

// parse takes the output of a test binary apart.
func parse(out string) parsed {
	p := parsed{action: map[string]string{}, elapsed: map[string]time.Duration{}}
	speaking := ""
	for _, line := range strings.Split(out, "\n") {
		text, framed, ok := strings.Cut(line, frame)
		if text != "" || !ok {
			p.lines = append(p.lines, said{speaking, text})
		}
		if ok {
			speaking = p.framed(framed, speaking)
		}
	}
	return p
}

// framed reads one line of the testing package's own. It returns who speaks next.
func (p *parsed) framed(line, speaking string) string {
	if line == "PASS" || line == "FAIL" {
		p.finished = true
		return speaking
	}
	word, rest, _ := strings.Cut(strings.TrimPrefix(line, "=== "), " ")
	if strings.HasPrefix(line, "=== ") {
		name := strings.TrimSpace(rest)
		switch word {
		case "RUN", "CONT", "NAME":
			return name
		}
		return speaking
	}
	if verdict, ok := strings.CutPrefix(line, "--- "); ok {
		action, rest, _ := strings.Cut(verdict, ": ")
		name, took, _ := strings.Cut(rest, " (")
		if p.action[name] != "FAIL" { // somebody may print a PASS of their own, but nobody can take back a FAIL
			p.action[name] = action
			p.elapsed[name], _ = time.ParseDuration(strings.TrimSuffix(took, ")"))
		}
	}
	return speaking
}

// failed reports whether the test called name, or one of its subtests, failed or never ended.
func (p parsed) failed(name string) bool {
	action := p.action[name]
	return action != "PASS" && action != "SKIP"
}
