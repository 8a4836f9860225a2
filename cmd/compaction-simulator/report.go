package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"lsmlab/internal/simulator"
	"lsmlab/internal/simulator/chart"
)

// mib returns bytes as MiB.
func mib(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }

// times returns an amplification.
func times(v float64) string { return fmt.Sprintf("%.2f", v) }

// newTable returns a table with a header, whose columns are numbers but for the first ones.
func newTable(w io.Writer, names int, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row(header))
	var configs []table.ColumnConfig
	for i := names; i < len(header); i++ {
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(configs)
	return t
}

// writeSteps writes some of a run's measurements, evenly spaced, the last among them, and what was done.
func writeSteps(w io.Writer, r *simulator.Result, rows int) {
	fmt.Fprintf(w, "%s, workload %s, seed %d\n\n", r.Name, r.Workload, r.Seed)
	t := newTable(w, 0, "flushes", "put MiB", "written MiB", "in tables MiB", "live MiB", "tables", "runs",
		"write amp", "read amp", "worst", "space amp")
	for i := range rows {
		if at := (i+1)*len(r.Points)/rows - 1; at >= 0 && (i == 0 || at != i*len(r.Points)/rows-1) {
			p := r.Points[at]
			t.AppendRow(table.Row{p.Step, mib(p.User), mib(p.Written), mib(p.Bytes), mib(p.Live), p.Tables, p.Runs,
				times(p.WriteAmp), times(p.ReadAmp), p.ReadWorst, times(p.SpaceAmp)})
		}
	}
	t.Render()
	fmt.Fprintf(w, "\n%d merges, and %d moves, which only change a table's place.\n%s\n", r.Merges, r.Moves, legend)
}

// writeComparison writes a line for each policy.
func writeComparison(w io.Writer, results []*simulator.Result) {
	fmt.Fprintf(w, "workload %s, seed %d, %d flushes\n\n", results[0].Workload, results[0].Seed, len(results[0].Points))
	t := newTable(w, 1, append([]any{"policy"}, costs...)...)
	for _, r := range results {
		t.AppendRow(append([]any{r.Name}, costsOf(r)...))
	}
	t.Render()
	fmt.Fprintf(w, "\n%s\n%s\n", lateLegend, legend)
}

// costs are the columns that say what a policy costs.
var costs = []any{"write amp", "read amp", "worst", "space amp", "most", "merges", "moves", "MiB written", "largest"}

// lateLegend says of what they are.
const lateLegend = "Means of the second half of the steps; worst and most are the highest there; largest is the largest\n" +
	"merge, in MiB."

// costsOf returns the cells of these columns.
func costsOf(r *simulator.Result) []any {
	l := r.Late()
	return []any{times(l.WriteAmp), times(l.ReadAmp), l.ReadWorst, times(l.SpaceAmp), times(l.SpaceMost), r.Merges, r.Moves,
		mib(r.Last().Written), mib(r.Largest)}
}

// legend says what the columns mean.
const legend = `write amp  bytes written to tables for each byte that was put; logs not counted
read amp   tables whose range has the key, so that a read must ask them until it finds it: mean of all live keys, worst of any
space amp  bytes in tables for each byte that is live`

// writeFiles writes the files that the command line names.
func writeFiles(f flags, out io.Writer, results []*simulator.Result, picture func() chart.Picture) error {
	if f.CSV != "" {
		if err := create(f.CSV, func(w io.Writer) error { return writeCSV(w, results) }); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		fmt.Fprintf(out, "measurements: %s\n", f.CSV)
	}
	if f.SVG != "" {
		if err := create(f.SVG, func(w io.Writer) error { return chart.Draw(w, picture()) }); err != nil {
			return fmt.Errorf("draw chart: %w", err)
		}
		fmt.Fprintf(out, "chart: %s\n", f.SVG)
	}
	return nil
}

// create writes a file.
func create(name string, write func(io.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// writeCSV writes all measurements, a line a step and policy.
func writeCSV(w io.Writer, results []*simulator.Result) error {
	out := csv.NewWriter(w)
	out.Write([]string{"policy", "step", "user_bytes", "written_bytes", "table_bytes", "live_bytes", "tables", "runs",
		"write_amp", "read_amp", "read_worst", "space_amp"})
	float := func(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, r := range results {
		for _, p := range r.Points {
			out.Write([]string{r.Name, whole(int64(p.Step)), whole(p.User), whole(p.Written), whole(p.Bytes), whole(p.Live),
				whole(int64(p.Tables)), whole(int64(p.Runs)),
				float(p.WriteAmp), float(p.ReadAmp), whole(int64(p.ReadWorst)), float(p.SpaceAmp)})
		}
	}
	out.Flush()
	return out.Error()
}

// panels returns the three systems of axes, empty.
func panels() []chart.Panel {
	return []chart.Panel{
		{Title: "Write amplification", Y: "bytes written / put"},
		{Title: "Read amplification", Y: "tables asked, mean"},
		{Title: "Space amplification", Y: "bytes in tables / live"},
	}
}

// picture draws the three amplifications of all results, one below the other.
func picture(f flags, results []*simulator.Result) chart.Picture {
	panels := panels()
	window := 1
	if f.Average {
		window = max(1, f.Steps/20)
	}
	for i := range panels {
		panels[i].X = "memtables flushed"
		for _, r := range results {
			panels[i].Series = append(panels[i].Series, series(r, i, window))
		}
	}
	return chart.Picture{Title: title(results), Subtitle: subtitle(f, ""), Panels: panels}
}

// series returns the line of an amplification: the mean of window steps at each step.
func series(r *simulator.Result, which, window int) chart.Series {
	s := chart.Series{Name: r.Name}
	for i, p := range r.Points {
		sum, from := 0.0, max(0, i+1-window)
		for _, q := range r.Points[from : i+1] {
			sum += q.Amplifications()[which]
		}
		s.X, s.Y = append(s.X, float64(p.Step)), append(s.Y, sum/float64(i+1-from))
	}
	return s
}

// title says what is drawn.
func title(results []*simulator.Result) string {
	if len(results) == 1 {
		return fmt.Sprintf("What %s compaction costs", results[0].Name)
	}
	return "What the policies of compaction cost"
}

// subtitle says how it was measured; but names a flag that has several values.
func subtitle(f flags, but string) string {
	when := "merges take some flushes by chance"
	if f.Quiescent {
		when = "flushes wait for merges"
	} else if f.Pace > 0 {
		when = fmt.Sprintf("%s merged for each flush", f.Pace)
	}
	var parts []string
	for _, part := range []struct{ flag, text string }{
		{"workload", "workload " + f.Workload},
		{"keys", fmt.Sprintf("%d keys of %s", f.Keys, f.EntrySize)},
		{"flush-size", "memtables of " + f.FlushSize.String()},
		{"seed", fmt.Sprintf("seed %d", f.Seed)},
		{"pace", when},
	} {
		if part.flag != but {
			parts = append(parts, part.text)
		}
	}
	return strings.Join(parts, ", ")
}
