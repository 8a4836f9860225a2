package run

import (
	"regexp"
	"strings"
)

// logLine matches the position that t.Log puts before a message.
var logLine = regexp.MustCompile(`^ *[^\s:]+\.go:\d+: ?`)

// seedFlag matches rapid's word on how to repeat a run.
var seedFlag = regexp.MustCompile(`-rapid\.seed=\d+`)

// message returns what the failed test and its failed subtests said, without the noise of the tools that they said it
// through, and the seed if there was one.
func message(p parsed, test string) (text, seed string) {
	var out []string
	last := test
	example := strings.HasPrefix(test, "Example") // what one prints is kept from the screen and compared: all lines are the verdict
	for _, line := range p.lines {
		subtest := strings.HasPrefix(line.test, test+"/") && p.failed(line.test)
		if line.test != test && !subtest || !strings.HasPrefix(line.text, "    ") && !example {
			continue
		}
		if line.test != last {
			out, last = append(out, "in "+strings.ReplaceAll(strings.TrimPrefix(line.test, test+"/"), "_", " ")+":"), line.test
		}
		if found := seedFlag.FindString(line.text); found != "" {
			seed = found
		}
		out = append(out, unlog(line.text))
	}
	out = dropTestify(dropRapid(out))
	return strings.Trim(strings.Join(squeeze(out), "\n"), "\n"), seed
}

// unlog takes the position and the indentation off a line that t.Log printed. Continuation lines are indented by four
// more.
func unlog(line string) string {
	if at := logLine.FindString(line); at != "" {
		return strings.TrimRight(line[len(at):], " ")
	}
	return strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(line, "    "), "    "), " \t")
}

// dropRapid drops what rapid says about itself, from its verdict to the output of the shrunk run: that one says the same,
// once. Of a panic, which has no output, the verdict is kept.
func dropRapid(lines []string) []string {
	var out []string
	verdict := false
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "Failed test output:"):
			verdict = false
		case strings.HasPrefix(line, "[rapid] panic after "):
			verdict = true
			out = append(out, "panic: "+afterColon(line))
		case strings.HasPrefix(line, "[rapid] failed after "), strings.HasPrefix(line, "[rapid] flaky test"):
			verdict = true
		case verdict, strings.HasPrefix(line, "[rapid] "), strings.HasPrefix(line, "To reproduce, specify"):
		default:
			out = append(out, line)
		}
	}
	return out
}

// afterColon returns what follows the first colon of a line.
func afterColon(line string) string {
	_, text, _ := strings.Cut(line, ": ")
	return text
}

// testifyField matches a field of testify's failures: "Error Trace:", "Error:", "Test:", "Messages:".
var testifyField = regexp.MustCompile(`^\t(Error Trace|Error|Test|Messages):\s*\t(.*)$`)

// dropTestify turns testify's table into what it says: the message, then the error.
func dropTestify(lines []string) []string {
	var out []string
	field, block := "", 0
	for _, line := range lines {
		m := testifyField.FindStringSubmatch(line)
		if m == nil && !strings.HasPrefix(line, "\t            \t") {
			out, field = append(out, line), ""
			continue
		}
		text := strings.TrimPrefix(line, "\t            \t")
		if m != nil {
			field, text = m[1], m[2]
			if field == "Error Trace" {
				block = len(out)
			}
		}
		switch field {
		case "Error":
			out = append(out, text)
		case "Messages":
			block = min(block, len(out))
			out = append(out[:block], append([]string{text + ":"}, out[block:]...)...)
			block++
		}
	}
	return out
}

// squeeze drops empty lines that follow an empty line, and replaces go-cmp's no-break spaces by plain ones.
func squeeze(lines []string) []string {
	var out []string
	for _, line := range lines {
		line = strings.ReplaceAll(line, "\u00a0", " ")
		if strings.TrimSpace(line) == "" {
			if len(out) > 0 && out[len(out)-1] == "" {
				continue
			}
			line = ""
		}
		out = append(out, line)
	}
	return out
}
