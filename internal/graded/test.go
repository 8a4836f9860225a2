package graded

import (
	"fmt"
	"strings"
	"unicode"

	"lsmlab/internal/course"
)

// Test is one graded test.
type Test struct {
	Name    string     // of the function: "TestGet_StopsAtTombstone", "FuzzParse"
	Doc     string     // why the rule holds: the doc comment without directives, paragraphs unwrapped
	Day     course.Day // the day whose test it is
	Task    string     // "3", or "bonus"
	Points  int        // what it counts
	Bonus   bool       // belongs to the day's bonus task
	Random  bool       // random: shrinks, and prints a seed
	Race    bool       // says something only under the race detector
	Package string     // the student's package, as a path below the root: "week1/engine"
	File    string     // its source, slash-separated below the root: "tests/week1/day6/engine/prune_test.go"
	Line    int        // of the function in File
}

// Title returns the test's name as a sentence: "TestGet_StopsAtTombstone" reads "Get stops at tombstone".
func (t Test) Title() string { return Humanise(t.Name) }

// TaskLabel returns the task for people: "task 3", or "bonus".
func (t Test) TaskLabel() string {
	if t.Bonus {
		return "bonus"
	}
	return "task " + t.Task
}

// Copied returns the path below the root of the copy that the learner gets.
func (t Test) Copied() string { return CopiedPath(t.Day, t.Package, t.File) }

// Humanise turns the name of a test into a sentence. Words that are written in capitals keep them.
func Humanise(name string) string {
	for _, prefix := range []string{"Test", "Fuzz", "Benchmark", "Example"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			name = rest
			break
		}
	}
	var words []string
	for _, part := range strings.Split(name, "_") {
		words = append(words, splitWords(part)...)
	}
	for i, w := range words {
		if i > 0 && !isAcronym(w) {
			words[i] = strings.ToLower(w)
		}
	}
	return strings.Join(words, " ")
}

// isAcronym reports whether a word is one that keeps its capitals: "SST", "L0", "CRC", but not "A".
func isAcronym(w string) bool {
	return len(w) > 1 && strings.ToUpper(w) == w && unicode.IsUpper(rune(w[0]))
}

// splitWords splits "StopsAtL0Table" into its words.
func splitWords(s string) []string {
	var words []string
	runes := []rune(s)
	start := 0
	for i := 1; i < len(runes); i++ {
		if startsWord(runes, i) {
			words = append(words, string(runes[start:i]))
			start = i
		}
	}
	if start < len(runes) {
		words = append(words, string(runes[start:]))
	}
	return words
}

// startsWord reports whether a new word begins at runes[i]: a capital after a small letter or digit, or the last capital
// of a row that a small letter follows.
func startsWord(runes []rune, i int) bool {
	if !unicode.IsUpper(runes[i]) {
		return unicode.IsDigit(runes[i]) && unicode.IsLower(runes[i-1])
	}
	if !unicode.IsUpper(runes[i-1]) {
		return true
	}
	return i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// SourceError is a graded test that does not say what it must.
type SourceError struct {
	File   string // slash-separated below the root
	Line   int    // 0 if it concerns the whole file
	Reason string
}

// Error returns file, line and reason.
func (e *SourceError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }
