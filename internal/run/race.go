package run

import (
	"regexp"
	"strings"
)

// raceAccess matches the head of one side of a race report.
var raceAccess = regexp.MustCompile(`(?i)^\s*((?:previous )?(?:atomic )?(?:read|write)) at 0x[0-9a-f]+ by (.*):\s*$`)

// frameFunction matches a function's line in a race report: "  lsmlab/week1/memtable.(*Table).Put()".
var frameFunction = regexp.MustCompile(`^\s+(\S+)\(\)\s*$`)

// race sums up the first data race of the report in two lines, one a side, and returns the student's positions.
func race(root, stderr string) (text string, where []string) {
	_, report, _ := strings.Cut(stderr, "WARNING: DATA RACE\n")
	report, _, _ = strings.Cut(report, "==================")
	lines := []string{"data race: two goroutines use the same memory at the same time, and one of them writes"}
	for _, part := range strings.Split(report, "\n\n") {
		m := raceAccess.FindStringSubmatch(firstOf(part))
		if m == nil {
			continue
		}
		at, function := side(root, part)
		if at == "" {
			continue
		}
		lines = append(lines, "  "+strings.ToLower(m[1])+" at "+at+"  "+function)
		where = append(where, at)
	}
	return strings.Join(lines, "\n"), where
}

// firstOf returns the first line of text.
func firstOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	return line
}

// side returns the innermost position in the student's code of one side of a race, and the function there; the position
// in the test if the student's code has no part in it.
func side(root, part string) (at, function string) {
	name, last := "", ""
	for line := range strings.Lines(part) {
		if m := frameFunction.FindStringSubmatch(line); m != nil {
			name = m[1][strings.LastIndex(m[1], "/")+1:]
			continue
		}
		m := stackLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		if rel, ok := student(root, m[1]); ok {
			return rel + ":" + m[2], name
		}
		if last == "" && strings.HasSuffix(m[1], "_test.go") {
			last, function = "the test itself", name
		}
	}
	return last, function
}

// withoutRaceNotice drops the testing package's own word on a race.
func withoutRaceNotice(message string) string {
	var out []string
	for line := range strings.Lines(message) {
		if !strings.Contains(line, "race detected during execution of test") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}
