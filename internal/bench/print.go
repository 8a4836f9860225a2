package bench

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Print writes the table: for the first peer operations a second, for the others the ratio to it, each the median of the
// rounds with the lowest and the highest; and allocations an operation.
func (t *Table) Print(w io.Writer) {
	out := table.NewWriter()
	out.SetOutputMirror(w)
	out.SetStyle(table.StyleLight)
	header, configs := table.Row{"workload"}, []table.ColumnConfig{}
	for i, p := range t.Plan.Peers {
		header = append(header, p.Name)
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: text.AlignRight})
	}
	out.AppendHeader(header)
	out.SetColumnConfigs(configs)
	for i, name := range t.Names {
		row := table.Row{name}
		for peer := range t.Plan.Peers {
			row = append(row, t.cell(i, peer))
		}
		out.AppendRow(row)
	}
	out.Render()
	s := t.Plan.Settings
	fmt.Fprintf(w, "%d keys of %d bytes, values of %d; memtable %d MiB, block cache %d MiB unless named, %d filter bits a key, no log.\n",
		t.Plan.Entries, keySize, valueSize, s.Memtable>>20, s.Cache>>20, s.Bits)
	fmt.Fprintf(w, "First column: operations a second; others: the ratio to it within a round. Median of %d rounds (lowest – highest), allocations an operation.\n",
		t.Plan.Rounds)
}

// cell returns one cell's text.
func (t *Table) cell(row, peer int) string {
	var values, allocs []float64
	for round, f := range t.Cells[row][peer] {
		allocs = append(allocs, f.Allocs)
		if peer == 0 {
			values = append(values, f.PerSecond())
		} else {
			values = append(values, f.PerSecond()/t.Cells[row][0][round].PerSecond())
		}
	}
	format := "%.2f × (%.2f – %.2f), %.1f"
	if peer == 0 {
		format = "%.0f/s (%.0f – %.0f), %.1f"
	}
	return fmt.Sprintf(format, median(values), slices.Min(values), slices.Max(values), median(allocs))
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
