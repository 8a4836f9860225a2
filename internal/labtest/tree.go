package labtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/shape"
)

// Tree reads a tree from a drawing, a run a line, newest first: its place, and its tables as number:size[first…last].
// The test fails if that is no legal tree.
//
//	L0@7  7:10[a…m] 8:10[n…z]
//	L1    3:40[c…k]
func Tree(t TB, drawing string) shape.Tree {
	t.Helper()
	var tree shape.Tree
	for line := range strings.Lines(drawing) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		var r shape.Run
		where, epoch, _ := strings.Cut(words[0], "@")
		_, err := fmt.Sscanf(where, "L%d", &r.Level)
		require.NoError(t, err, "place %q", words[0])
		if epoch != "" {
			_, err = fmt.Sscan(epoch, &r.Epoch)
			require.NoError(t, err, "place %q", words[0])
		}
		for _, word := range words[1:] {
			r.Tables = append(r.Tables, drawnTable(t, word))
		}
		tree.Runs = append(tree.Runs, r)
	}
	require.NoError(t, tree.Check(), "a tree that is drawn in a test")
	return tree
}

// drawnTable reads one table of a drawing.
func drawnTable(t TB, word string) (table shape.Table) {
	t.Helper()
	head, keys, _ := strings.Cut(strings.TrimSuffix(word, "]"), "[")
	first, last, ok := strings.Cut(keys, "…")
	_, err := fmt.Sscanf(head, "%d:%d", &table.Number, &table.Size)
	require.True(t, ok && err == nil, "table %q: want number:size[first…last]", word)
	table.First, table.Last = []byte(first), []byte(last)
	return table
}

// Drawing returns the drawing that Tree reads.
func Drawing(tree shape.Tree) string {
	var out strings.Builder
	for _, r := range tree.Runs {
		fmt.Fprintf(&out, "%-5s", r.Place)
		for _, t := range r.Tables {
			fmt.Fprintf(&out, " %d:%d[%s…%s]", t.Number, t.Size, t.First, t.Last)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// Plan returns what a policy has picked, without the reason, which is for people: "merge L0@7 7 8, L1 3 into L1", or
// "nothing".
func Plan(task shape.Task, ok bool) string {
	if !ok {
		return "nothing"
	}
	task.Reason = ""
	return strings.TrimSuffix(task.String(), ": ")
}

// Merged returns the tree after a task, as if the inputs had no key in common: one table comes of it, with the sum of
// their bytes. The test fails if the task, or what comes of it, breaks a rule.
func Merged(t TB, tree shape.Tree, task shape.Task) shape.Tree {
	t.Helper()
	require.NoError(t, task.Check(tree), "the task %q, for the tree\n%s", task, Drawing(tree))
	gone, number := map[uint64]bool{}, uint64(1)
	for _, table := range task.Tables() {
		gone[table.Number] = true
	}
	var after shape.Tree
	for _, r := range tree.Runs {
		for _, table := range r.Tables {
			number = max(number, table.Number+1)
		}
		r.Tables = slices.DeleteFunc(slices.Clone(r.Tables), func(t shape.Table) bool { return gone[t.Number] })
		if len(r.Tables) > 0 && r.Place != task.Output {
			after.Runs = append(after.Runs, r)
		}
	}
	merged := shape.Table{Number: number, Size: shape.Size(task.Tables())}
	merged.First, merged.Last = shape.Span(task.Tables())
	out := shape.Run{Place: task.Output, Tables: []shape.Table{merged}}
	below, _ := tree.At(task.Output)
	for _, table := range below.Tables {
		if !gone[table.Number] {
			out.Tables = append(out.Tables, table)
		}
	}
	slices.SortFunc(out.Tables, func(a, b shape.Table) int { return strings.Compare(string(a.First), string(b.First)) })
	after.Runs = append(after.Runs, out)
	slices.SortFunc(after.Runs, func(a, b shape.Run) int { return a.Place.Compare(b.Place) })
	require.NoError(t, after.Check(), "the tree after the task %q", task)
	return after
}

// Trees generates legal trees, as any policy may have left them: up to nine runs of many tables on level 0, levels
// with gaps between them, few keys, so that ends meet.
func Trees() *rapid.Generator[shape.Tree] {
	return rapid.Custom(func(t *rapid.T) (tree shape.Tree) {
		number := uint64(100)
		add := func(p shape.Place) {
			tree.Runs = append(tree.Runs, shape.Run{Place: p, Tables: drawTables(t, &number)})
		}
		for epoch := rapid.IntRange(0, 9).Draw(t, "runs of level 0"); epoch > 0; epoch-- {
			add(shape.Place{Epoch: uint64(3 * epoch)})
		}
		for level := 1; level <= 6; level++ {
			switch rapid.IntRange(0, 9).Draw(t, "runs of the level") {
			case 0: // of no policy of ours, but legal
				add(shape.Place{Level: level, Epoch: 5})
				fallthrough
			case 1, 2, 3, 4:
				add(shape.Place{Level: level})
			}
		}
		return tree
	})
}

// drawTables draws the tables of a run, and counts their numbers down.
func drawTables(t *rapid.T, number *uint64) (tables []shape.Table) {
	keys := rapid.SliceOfNDistinct(rapid.IntRange(0, 25), 1, 8, rapid.ID[int]).Draw(t, "ends")
	slices.Sort(keys)
	for i := 0; i < len(keys); i += 2 {
		*number--
		first, last := string(rune('a'+keys[i])), string(rune('a'+keys[min(i+1, len(keys)-1)]))
		size := int64(rapid.IntRange(1, 4).Draw(t, "size")) << rapid.IntRange(0, 10).Draw(t, "times two")
		tables = append(tables, shape.Table{Number: *number, Size: size, First: []byte(first), Last: []byte(last)})
	}
	return tables
}
