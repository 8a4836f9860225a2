package report

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"lsmlab/internal/run"
)

// summary writes the days as a table: for somebody who watches, and when there are several.
func (r *Report) summary(w io.Writer, s Style) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header = text.FormatDefault
	t.Style().Format.Footer = text.FormatDefault
	t.AppendHeader(table.Row{"Day", "", "Tests", "Points", ""})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 4, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight},
	})
	for _, d := range r.Days {
		earned, all := d.Points()
		t.AppendRow(table.Row{d.Day.ID(), d.Day.Title, fmt.Sprintf("%d of %d", d.Passed(), len(d.Tests)), fmt.Sprintf("%d of %d", earned, all), d.verdict(s)})
	}
	earned, all := r.Points()
	t.AppendFooter(table.Row{"", "", "", fmt.Sprintf("%d of %d", earned, all), ""})
	fmt.Fprintln(w, t.Render())
}

// verdict says in a word or two how a day stands.
func (d Day) verdict(s Style) string {
	if d.Green() {
		return s.good("✓ green")
	}
	todo := 0
	for _, t := range d.Tests {
		if t.Status == run.Todo {
			todo++
		}
	}
	red := len(d.Tests) - d.Passed() - todo
	switch {
	case red == 0:
		return s.quiet(fmt.Sprintf("%d to do", todo))
	case todo == 0:
		return s.bad(fmt.Sprintf("✗ %d red", red))
	}
	return s.bad(fmt.Sprintf("✗ %d red", red)) + s.quiet(fmt.Sprintf(", %d to do", todo))
}
