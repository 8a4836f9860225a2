package bench

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Print writes two tables. The first: for the first peer operations a second, for the others the ratio to it, each the median
// of the rounds with the lowest and the highest; and allocations an operation. The second: what the fill cost.
func (t *Table) Print(w io.Writer) {
	out := t.table(w)
	for i, name := range t.Names {
		row, any := table.Row{name}, false
		for peer := range t.Plan.Peers {
			cell, ok := t.cell(i, peer)
			row, any = append(row, cell), any || ok
		}
		if any {
			out.AppendRow(row)
		}
	}
	out.Render()
	s := t.Plan.Settings
	fmt.Fprintf(w, "%d keys of %d bytes, values of %d; memtable %d MiB, block cache %d MiB unless named, %d filter bits a key, no compression.\n",
		t.Plan.Entries, keySize, valueSize, s.Memtable>>20, s.Cache>>20, s.Bits)
	fmt.Fprintf(w, "First column: operations a second; others: the ratio to it within a round. Median of %d rounds (lowest – highest), allocations an operation.\n\n",
		t.Plan.Rounds)
	t.printUsage(w)
}

// table returns an empty table with a column a peer.
func (t *Table) table(w io.Writer) table.Writer {
	out := table.NewWriter()
	out.SetOutputMirror(w)
	out.SetStyle(table.StyleLight)
	header, configs := table.Row{""}, []table.ColumnConfig{}
	for i, p := range t.Plan.Peers {
		header = append(header, p.Name)
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: text.AlignRight})
	}
	out.AppendHeader(header)
	out.SetColumnConfigs(configs)
	return out
}

// cell returns one cell's text; ok is false if it was not measured, or has nothing to be compared with.
func (t *Table) cell(row, peer int) (cell string, ok bool) {
	var values, allocs []float64
	for round, f := range t.Cells[row][peer] {
		base := t.Cells[row][0][round]
		if f.Ops == 0 || base.Ops == 0 {
			return "–", false
		}
		allocs = append(allocs, f.Allocs)
		if peer == 0 {
			values = append(values, f.PerSecond())
		} else {
			values = append(values, f.PerSecond()/base.PerSecond())
		}
	}
	format := "%.2f × (%.2f – %.2f), %.1f"
	if peer == 0 {
		format = "%.0f/s (%.0f – %.0f), %.1f"
	}
	return fmt.Sprintf(format, median(values), slices.Min(values), slices.Max(values), median(allocs)), true
}

// printUsage writes the table of what the first fill cost, each the median of the rounds.
func (t *Table) printUsage(w io.Writer) {
	out := t.table(w)
	user := float64(t.Plan.Entries * (keySize + valueSize))
	for _, line := range []struct {
		name, format string
		value        func(Usage) float64
		counted      bool // by the operating system, which does not see what a store writes through memory maps
	}{
		{"fill until background work is done, µs a put", "%.2f", func(u Usage) float64 { return u.Settled.Seconds() * 1e6 / float64(t.Plan.Entries) }, false},
		{"processor time, µs a put", "%.2f", func(u Usage) float64 { return u.CPU.Seconds() * 1e6 / float64(t.Plan.Entries) }, false},
		{"write amplification, log included", "%.1f", func(u Usage) float64 { return float64(u.Written) / user }, true},
		{"space amplification", "%.2f", func(u Usage) float64 { return float64(u.Space) / user }, true},
		{"peak memory, MiB", "%.0f", func(u Usage) float64 { return float64(u.Peak) / (1 << 20) }, false},
	} {
		row := table.Row{line.name}
		for peer, rounds := range t.Usages {
			if line.counted && t.Plan.Peers[peer].Mapped {
				row = append(row, "–")
				continue
			}
			var values []float64
			for _, u := range rounds {
				values = append(values, line.value(u))
			}
			row = append(row, fmt.Sprintf(line.format, median(values)))
		}
		out.AppendRow(row)
	}
	out.Render()
	fmt.Fprintln(w, "All stores run in this one process, so peak memory holds what the ones before have left to the collector.")
}

// Ratio returns the median over the rounds of a peer's speed divided by another's.
func (t *Table) Ratio(row, peer, to int) float64 {
	var values []float64
	for round, f := range t.Cells[row][peer] {
		values = append(values, f.PerSecond()/t.Cells[row][to][round].PerSecond())
	}
	return median(values)
}

// median returns the middle of some values, of an even number the lower of the two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
