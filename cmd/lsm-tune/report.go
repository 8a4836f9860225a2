package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"lsmlab/internal/subject"
	"lsmlab/internal/tuning"
)

// write prints a line for each value.
func write(w io.Writer, f flags, over tuning.Sweep, all []figures) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{over.Flag, "puts/s", "write amp", "space amp", "runs",
		"gets/s", "reads", "misses/s", "reads", "scanned/s"})
	var configs []table.ColumnConfig
	for i := range 10 {
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(configs)
	whole := func(v float64) string { return fmt.Sprintf("%.0f", v) }
	for i, m := range all {
		t.AppendRow(table.Row{
			over.Values[i], whole(m.puts), fmt.Sprintf("%.2f", m.writeAmp), fmt.Sprintf("%.2f", m.spaceAmp), m.runs,
			whole(m.gets), fmt.Sprintf("%.3f", m.readsGet), whole(m.misses), fmt.Sprintf("%.3f", m.readsMiss), whole(m.scanned),
		})
	}
	t.Render()
	fmt.Fprintf(w, `
The store of the %s: %d keys of %d bytes with values of %d, each written %d times, by %d. Unless swept:
memtable %s, blocks of %s, cache %s, %d filter bits, log %s, policy %s.
Amplifications are of tables, without the log. Reads: blocks read from files for each.
`, subject.Name, f.Entries, keySize, valueSize, 1+f.Again, f.Writers, f.Memtable, f.BlockSize, f.Cache, f.FilterBits, f.Log, f.Policy)
}
