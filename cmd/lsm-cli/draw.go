package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"lsmlab/internal/subject"
)

const (
	// drawingWidth is the width of the drawing of key ranges, in columns.
	drawingWidth = 32
	// mostTables is how many tables of a level are drawn one by one.
	mostTables = 20
)

// dump draws the tree from the top: memtables, then runs, with the range of keys that each table covers. The columns of the
// drawing stand for the first and last keys of all tables, in order and evenly spaced: what overlaps in the drawing overlaps
// in the tree.
func (s *session) dump([]string) error {
	stats := s.engine.Stats()
	fmt.Fprintln(s.out, "memtables")
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for i, m := range stats.Memtables {
		name := "active"
		if i > 0 {
			name = "frozen"
		}
		fmt.Fprintf(w, "  %s %d\t%s\t%s\n", name, m.ID, count(m.Entries, "entry", "entries"), size(m.Size))
	}
	w.Flush()
	if len(stats.Runs) == 0 {
		fmt.Fprintln(s.out, "no tables yet")
		return nil
	}
	s.drawLevels(stats, w)
	return w.Flush()
}

// drawLevels draws the tables, level by level.
func (s *session) drawLevels(stats subject.Stats, w *tabwriter.Writer) {
	a, level, drawn := newAxis(stats), -1, 0
	hidden := func() {
		w.Flush()
		if drawn > mostTables {
			fmt.Fprintf(s.out, "  and %s more\n", count(drawn-mostTables, "table", "tables"))
		}
	}
	for _, r := range stats.Runs {
		if r.Level != level {
			hidden()
			level, drawn = r.Level, 0
			fmt.Fprintf(s.out, "level %d\n", level)
		}
		for _, t := range r.Tables {
			if drawn++; drawn <= mostTables {
				fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s … %s\n", subject.TableName(t.Number), count(t.Entries, "entry", "entries"), size(t.Size), a.bar(t.First, t.Last), show(t.First), show(t.Last))
			}
		}
	}
	hidden()
}

// axis is the first and last keys of all tables, sorted, each once.
type axis [][]byte

// newAxis returns the axis of a tree.
func newAxis(stats subject.Stats) (a axis) {
	for _, r := range stats.Runs {
		for _, t := range r.Tables {
			a = append(a, t.First, t.Last)
		}
	}
	slices.SortFunc(a, bytes.Compare)
	return slices.CompactFunc(a, bytes.Equal)
}

// column returns where in the drawing a key of the axis stands.
func (a axis) column(key []byte) int {
	i, _ := slices.BinarySearchFunc(a, key, bytes.Compare)
	return i * (drawingWidth - 1) / max(1, len(a)-1)
}

// bar draws the range of one table.
func (a axis) bar(first, last []byte) string {
	from, to := a.column(first), a.column(last)
	if from == to {
		return strings.Repeat("·", from) + "│" + strings.Repeat("·", drawingWidth-1-from)
	}
	return strings.Repeat("·", from) + "├" + strings.Repeat("─", to-from-1) + "┤" + strings.Repeat("·", drawingWidth-1-to)
}

// stats counts what the store holds and has done.
func (s *session) stats([]string) error {
	stats := s.engine.Stats()
	entries, bytes := 0, 0
	for _, m := range stats.Memtables {
		entries, bytes = entries+m.Entries, bytes+m.Size
	}
	tables, tableEntries, tableBytes := 0, 0, int64(0)
	for _, r := range stats.Runs {
		tables, tableBytes = tables+len(r.Tables), tableBytes+r.Size
		for _, t := range r.Tables {
			tableEntries += t.Entries
		}
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "writes\t%s visible\n", commas(int64(stats.Visible)))
	fmt.Fprintf(w, "memtables\t%d, of which %d frozen: %s, %s\n", len(stats.Memtables), len(stats.Memtables)-1, count(entries, "entry", "entries"), size(bytes))
	fmt.Fprintf(w, "tables\t%d in %s: %s, %s\n", tables, count(len(stats.Runs), "run", "runs"), count(tableEntries, "entry", "entries"), size(tableBytes))
	fmt.Fprintf(w, "flushes\t%d: %s written\n", stats.Flushes, size(stats.BytesWritten))
	if stats.Compactions > 0 {
		fmt.Fprintf(w, "compactions\t%d: %s written\n", stats.Compactions, size(stats.BytesCompacted))
	}
	fmt.Fprintf(w, "block reads\t%s from files\n", commas(stats.BlockReads))
	fmt.Fprintf(w, "block cache\t%s of %s found (%s)\n", commas(stats.CacheHits), commas(stats.CacheHits+stats.CacheMisses), percent(stats.CacheHits, stats.CacheHits+stats.CacheMisses))
	fmt.Fprintf(w, "filters\t%s of %s lookups ended there (%s)\n", commas(stats.FilterNegatives), commas(stats.FilterChecks), percent(stats.FilterNegatives, stats.FilterChecks))
	if stats.Err != nil {
		fmt.Fprintf(w, "writes refused\t%v\n", stats.Err)
	}
	return w.Flush()
}

// percent returns part of all in percent.
func percent(part, all int64) string {
	if all == 0 {
		return "none asked"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(all))
}
