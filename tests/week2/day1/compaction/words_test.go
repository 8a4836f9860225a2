package compaction_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
)

// A tree in words is a line for each run, newest first: its place, and its tables with "|" between them. A version is
// "fig#7=blue", a tombstone "fig#8-":
//
//	L0@9: fig#8-
//	L1: apple#1=red fig#7=blue | kiwi#2=green

// parseRun reads the line of a run.
func parseRun(t labtest.TB, text string) (shape.Place, [][]labtest.Entry) {
	t.Helper()
	place, rest, ok := strings.Cut(text, ": ")
	require.True(t, ok, "the test's own line: %q", text)
	var tables [][]labtest.Entry
	for words := range strings.SplitSeq(rest, " | ") {
		var entries []labtest.Entry
		for _, word := range strings.Fields(words) {
			entries = append(entries, parseVersion(t, word))
		}
		tables = append(tables, entries)
	}
	return parsePlace(place), tables
}

// parsePlace reads "L0@9" or "L1".
func parsePlace(text string) (p shape.Place) {
	if n, _ := fmt.Sscanf(text, "L%d@%d", &p.Level, &p.Epoch); n == 0 {
		panic("the test's own place: " + text)
	}
	return p
}

// parseVersion reads "fig#7=blue" or "fig#8-".
func parseVersion(t labtest.TB, text string) labtest.Entry {
	t.Helper()
	user, rest, _ := strings.Cut(text, "#")
	var seq kv.Seq
	_, err := fmt.Sscanf(rest, "%d", &seq)
	require.NoError(t, err, "the test's own version: %q", text)
	if _, value, set := strings.Cut(rest, "="); set {
		return labtest.E(user, seq, value)
	}
	return labtest.D(user, seq)
}

// wordsOf writes versions as parseVersion reads them.
func wordsOf(entries []labtest.Entry) string {
	var words []string
	for _, e := range entries {
		words = append(words, wordOf(e.Key, e.Value))
	}
	return strings.Join(words, " ")
}

// wordOf writes a version as parseVersion reads it. A tombstone has no value; if one has, it is shown behind the "-".
func wordOf(key kv.Key, value []byte) string {
	if key.Kind() == kv.KindDelete {
		return fmt.Sprintf("%s#%d-%s", key.User, key.Seq(), value)
	}
	return fmt.Sprintf("%s#%d=%s", key.User, key.Seq(), value)
}

// shapeOf returns a tree without data: "L1: 4[a-f] 5[l-r]" is a run of two tables with their numbers and ends.
func shapeOf(runs ...string) (tree shape.Tree) {
	for _, text := range runs {
		place, rest, _ := strings.Cut(text, ": ")
		tree.Runs = append(tree.Runs, shape.Run{Place: parsePlace(place), Tables: tablesOf(rest)})
	}
	return tree
}

// tablesOf returns tables without data: "4[a-f] 5[l-r]".
func tablesOf(text string) (tables []shape.Table) {
	for _, word := range strings.Fields(text) {
		number, ends, _ := strings.Cut(strings.TrimSuffix(word, "]"), "[")
		first, last, _ := strings.Cut(ends, "-")
		table := shape.Table{Size: 100, First: []byte(first), Last: []byte(last)}
		if _, err := fmt.Sscan(number, &table.Number); err != nil {
			panic("the test's own table: " + word)
		}
		tables = append(tables, table)
	}
	return tables
}

// linesOf writes runs as shapeOf reads them, sorted by their places.
func linesOf(runs []shape.Run) []string {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b shape.Run) int { return a.Compare(b.Place) })
	lines := []string{}
	for _, r := range runs {
		line := r.Place.String() + ":"
		for _, t := range r.Tables {
			line += fmt.Sprintf(" %d[%s-%s]", t.Number, t.First, t.Last)
		}
		lines = append(lines, line)
	}
	return lines
}

// taskOf returns the task that merges the tables with these numbers: "1 2 4 into L1".
func taskOf(t labtest.TB, tree shape.Tree, text string) shape.Task {
	t.Helper()
	task, ok := merging(text)(tree)
	require.True(t, ok, "the test's own task: %q", text)
	require.NoError(t, task.Check(tree), "the test's own task: %q", text)
	return task
}

// applied returns the tree that an edit leads to, as an engine's version would: what goes must be there, at its place.
func applied(t labtest.TB, tree shape.Tree, edit shape.Edit) shape.Tree {
	t.Helper()
	drop := linesOf(edit.Drop)
	var runs []shape.Run
	for _, r := range tree.Runs {
		line := linesOf([]shape.Run{r})[0]
		if i := slices.Index(drop, line); i >= 0 {
			drop = slices.Delete(drop, i, i+1)
		} else {
			runs = append(runs, r)
		}
	}
	if len(drop) > 0 {
		t.Errorf("the edit drops runs that are not in the tree: %q", drop)
	}
	runs = append(runs, edit.Add...)
	slices.SortStableFunc(runs, func(a, b shape.Run) int { return a.Compare(b.Place) })
	return shape.Tree{Runs: runs}
}
