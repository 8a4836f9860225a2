package chapters

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
)

// day is the day whose chapter the tests write.
func day(t *testing.T) course.Day {
	t.Helper()
	d, err := course.Find(1, 6)
	require.NoError(t, err)
	return d
}

// good is a chapter with nothing wrong; each test spoils it.
func good(t *testing.T) string {
	t.Helper()
	var questions strings.Builder
	for i := range minQuestions {
		fmt.Fprintf(&questions, "**%d.** Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n1. a list inside\n\n</details>\n\n", i+1)
	}
	return "# Week 1, Day 6: " + day(t).Title + `

Text.

## What you will be able to do

## Where we stand

` + "```mermaid\nflowchart TB\n```" + `

## The rules

1. **Rule.** One.

## Predict before coding

<details><summary>Answer</summary>

Yes.

</details>

## Tasks

<a id="flush"></a>
### Task 1 — Flush (40 minutes)

### Task 2 — Wake (20 minutes)

### Task 2, continued — Close (20 minutes)

## Checkpoint

    go test ./week1/engine

## Break it

    go tool mage break -week=1 -day=6

## Test your understanding

` + questions.String() + `## In production

## Bonus
`
}

// A chapter in its frame has no faults.
func TestCheckChapter_Good(t *testing.T) {
	require.Empty(t, checkChapter(parsePage("c.md", []byte(good(t))), day(t), []string{"1", "2", course.Bonus}))
}

// Whatever is missing or misplaced in a chapter is found.
func TestCheckChapter_Faults(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"# Week 1, Day 6", "# Week 1, Day 7", `c.md:1: the chapter begins with the heading "# Week 1, Day 6: `},
		{"## The rules\n", "## Rules\n", `c.md: the heading "## The rules" is missing`},
		{"## The rules\n", "## Rules\n", `c.md:13: the heading "Rules" is not part of the frame`},
		{"## Bonus\n", "", `c.md: the heading "## Bonus" is missing`},
		{"```mermaid", "```text", "c.md: the chapter has no figure: a Mermaid fence, or an image"},
		{"1. **Rule.** One.", "Rules.", "c.md:13: there are no numbered rules"},
		{"<details><summary>Answer</summary>\n\nYes.\n\n</details>", "", "c.md:17: there is no prediction with a collapsed answer"},
		{"</summary>\n\nYes.", "</summary>\nYes.", "c.md:19: a blank line must follow the summary, or Markdown inside does not render"},
		{"Yes.\n\n</details>", "Yes.", "<details> inside the one of line 19"},
		{"Yes.\n", "Yes.\n\n</details>\n", "c.md:25: </details> without <details>"},
		{" (40 minutes)", "", "c.md:28: the heading of a task ends with its time, as in (40 minutes)"},
		{"### Task 1 —", "### Task 3 —", "c.md:28: the reference has no task 3"},
		{"### Task 1 —", "### Task 3 —", "c.md:25: task 1 has no heading"},
		{"    go test ./week1/engine", "Try it.", `the section "Checkpoint" has no command: go …`},
		{"-week=1 -day=6", "-week=1 -day=5", `the section "Break it" has no command: go tool mage break -week=1 -day=6…`},
		{"**8.** Why?", "**9.** Why?", "question 9 is the 8. one"},
		{"**8.** Why?", "Why?", "7 questions; a chapter has at least 8"},
	} {
		text := good(t)
		require.Contains(t, text, test.from)
		p := parsePage("c.md", []byte(strings.Replace(text, test.from, test.to, 1)))
		requireFault(t, checkChapter(p, day(t), []string{"1", "2"}), test.want)
	}
}

// A question whose answer is missing is found even if others have one.
func TestCheckChapter_QuestionWithoutAnswer(t *testing.T) {
	text := good(t)
	at := strings.Index(text, "**4.**")
	text = text[:at] + strings.Replace(text[at:], "<details><summary>Answer</summary>\n\nSo.\n\n1. a list inside\n\n</details>", "", 1)
	requireFault(t, checkChapter(parsePage("c.md", []byte(text)), day(t), []string{"1", "2"}), "question 4 has no collapsed answer")
}

// requireFault makes sure that one of the faults holds the text.
func requireFault(t *testing.T, faults []Fault, want string) {
	t.Helper()
	for _, f := range faults {
		if strings.Contains(f.String(), want) {
			return
		}
	}
	t.Errorf("want %q, got %v", want, faults)
}

// Hints have a part for each task, three levels with questions as titles, and something below each.
func TestCheckHints(t *testing.T) {
	part := func(title string) string {
		return "## " + title + "\n\n### Where?\n\nHere.\n\n### What?\n\nThis.\n\n### How?\n\n    so\n\n"
	}
	text := "# Week 1, Day 6: hints\n\n" + part("Task 1") + part("Bonus")
	tasks := []string{"1", course.Bonus}
	require.Empty(t, checkHints(parsePage("h.md", []byte(text)), day(t), tasks))
	for _, test := range []struct{ from, to, want string }{
		{"Day 6: hints", "Day 7: hints", `h.md:1: hints begin with the heading "# Week 1, Day 6: hints"`},
		{"## Task 1", "## Task 2", "h.md: there are hints for Task 2, Bonus; the tasks are Task 1, Bonus"},
		{"### What?\n\nThis.\n\n", "", "h.md:3: Task 1 has 2 levels of hints instead of 3"},
		{"### How?", "### So", `h.md:13: the title of a hint is a question: "So"`},
		{"Here.", "", `h.md:5: there is nothing below "Where?"`},
	} {
		require.Contains(t, text, test.from)
		requireFault(t, checkHints(parsePage("h.md", []byte(strings.Replace(text, test.from, test.to, 1))), day(t), tasks), test.want)
	}
}

// Links lead to files, and their fragments to headings or anchors.
func TestCheckLinks(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "book", "week1"), 0o777))
	other := "# Other page: it's here\n\n## Twice\n\n## Twice\n\n<a id=\"own\"></a>\n\n```\n<a id=\"not\">\n```\n"
	require.NoError(t, os.WriteFile(filepath.Join(root, "book", "other.md"), []byte(other), 0o666))
	pages := map[string]*page{"book/other.md": parsePage("book/other.md", []byte(other))}
	for _, test := range []struct{ link, want string }{
		{"../other.md", ""},
		{"../other.md#own", ""},
		{"../other.md#other-page-its-here", ""},
		{"../other.md#twice-1", ""},
		{"#here", ""},
		{"https://example.org/#x", ""},
		{"mailto:a@example.org", ""},
		{"../../book", ""},
		{"other.md", "the link other.md leads nowhere"},
		{"../../../etc", "the link ../../../etc leads nowhere"},
		{"/book/other.md", "a link is relative to its file"},
		{"../other.md#not", `book/other.md has no anchor "not"`},
		{"#there", `book/week1/p.md has no anchor "there"`},
		{"%zz", "not a link: %zz"},
	} {
		text := "# Here\n\nSee\n[this](" + test.link + ").\n"
		require.NoError(t, os.WriteFile(filepath.Join(root, "book", "week1", "p.md"), []byte(text), 0o666))
		p := parsePage("book/week1/p.md", []byte(text))
		pages[p.path] = p
		faults := checkLinks(root, p, func(path string) *page { return pages[path] })
		if test.want == "" {
			require.Empty(t, faults, test.link)
			continue
		}
		requireFault(t, faults, "book/week1/p.md:4: "+test.want)
	}
}

// Commands exist with their flags, wherever the text mentions them as code, and directories do too.
func TestCheckCommands(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "cmd", "lsm-cli"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(root, "magefile.go"), []byte(`package main

var Aliases = map[string]any{"copy-test": CopyTest}

func CopyTest(week, day *int, bonus *bool) error { return nil }
`), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(root, "mage_x.go"), []byte("package main\n\nfunc Check(only *string) {}\n\nfunc value() {}\n"), 0o666))
	known, err := readTargets(root)
	require.NoError(t, err)
	require.Equal(t, targets{"copytest": {"week", "day", "bonus"}, "copy-test": {"week", "day", "bonus"}, "check": {"only"}}, known)
	for _, test := range []struct{ text, want string }{
		{"`mage copy-test -week=1 -day=6 -bonus`", ""},
		{"`go tool mage copyTest`", ""},
		{"`mage -l`", ""},
		{"mage in a sentence, image magic", ""},
		{"`go run -tags reference ./cmd/lsm-cli --compaction none`", ""},
		{"`go test ./...`, `go test ./cmd/...`", ""},
		{"`mage chekc`", "c.md:1: there is no mage chekc"},
		{"    go tool mage copy-test -week=1 && go tool mage scheck", "c.md:1: there is no mage scheck"},
		{"text\n\n```sh\nmage check -onyl=x\n```", "c.md:4: mage check has no flag -onyl"},
		{"`go run ./cmd/lsm-clo`", "c.md:1: there is no ./cmd/lsm-clo"},
		{"`go test -run X ./week9/engine`", "c.md:1: there is no ./week9/engine"},
	} {
		faults := checkCommands(root, parsePage("c.md", []byte(test.text+"\n")), known)
		if test.want == "" {
			require.Empty(t, faults, test.text)
			continue
		}
		requireFault(t, faults, test.want)
	}
}
