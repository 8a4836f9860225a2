// Package progress shows the 21 days: what is green, what is red, what has not been touched, and the points.
package progress

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/scheck"
)

// row is one day of the table.
type row struct {
	day            course.Day
	state          state
	passed, tests  int
	earned, points int
	when           time.Time // of the last check, zero if there was none
	stale          bool      // the tree has changed since
}

// state is how a day stands.
type state string

const (
	green      state = "green"
	red        state = "red"
	untouched  state = "untouched"
	unchecked  state = "not checked yet"
	notStarted state = "not started"
	notYet     state = "not released yet"
)

// Command is what mage progress does. With again, all copied days are checked first; otherwise it tells what the last
// checks found, and how long ago that was.
func Command(ctx context.Context, w io.Writer, root string, again bool, style report.Style) error {
	if again {
		if _, err := scheck.Run(ctx, scheck.Options{Root: root}); err != nil {
			return err
		}
	}
	rows, err := look(root)
	if err != nil {
		return err
	}
	show(w, rows, style)
	return nil
}

// look collects the days.
func look(root string) ([]row, error) {
	copied, err := graded.Look(root)
	if err != nil {
		return nil, err
	}
	results, err := scheck.LoadResults(root)
	if err != nil {
		return nil, err
	}
	touched := touchedDays(root)
	tree := scheck.TreeDigest(root, copied)
	var rows []row
	for _, d := range course.Days() {
		r := row{day: d, state: notYet}
		if d.Released {
			tests, _ := graded.ScanDay(root, d) // a day whose tests cannot be read has none
			r.count(tests)
			r.judge(copied.Has(d), touched[d.ID()], results.Days[d.ID()], tree)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// count takes the numbers from the day's tests, the bonus left out.
func (r *row) count(tests []graded.Test) {
	for _, t := range tests {
		if !t.Bonus {
			r.tests++
			r.points += t.Points
		}
	}
}

// judge says how the day stands, given whether its tests are copied, its files changed, and what was found last.
func (r *row) judge(copied, touched bool, last scheck.DayResult, tree string) {
	switch {
	case !copied && last.Tests == 0:
		r.state = notStarted
		return
	case !touched:
		r.state = untouched
	case last.Tests == 0:
		r.state = unchecked
	case last.Green():
		r.state = green
	default:
		r.state = red
	}
	if last.Tests > 0 {
		r.passed, r.tests, r.earned, r.points, r.when = last.Passed, last.Tests, last.Earned, last.Points, last.When
		r.stale = last.Tree != tree
	}
}

// show writes the table.
func show(w io.Writer, rows []row, style report.Style) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Options.SeparateHeader = true
	t.Style().Format.Header = text.FormatDefault
	t.Style().Format.Footer = text.FormatDefault
	t.AppendHeader(table.Row{"Day", "", "State", "Tests", "Points", "Checked"})
	earned, points, stale := 0, 0, false
	for i, r := range rows {
		if i > 0 && r.day.Week != rows[i-1].day.Week {
			t.AppendSeparator()
		}
		t.AppendRow(r.cells(style))
		earned, points, stale = earned+r.earned, points+r.points, stale || r.stale
	}
	t.AppendFooter(table.Row{"", "", "", "", fmt.Sprintf("%d of %d", earned, points), ""})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 4, Align: text.AlignRight}, {Number: 5, Align: text.AlignRight, AlignFooter: text.AlignRight}})
	fmt.Fprintln(w, t.Render())
	if stale {
		fmt.Fprintln(w, "\n* your code has changed since: go tool mage progress -run checks it anew")
	}
}

// cells returns the day's row of the table.
func (r row) cells(style report.Style) table.Row {
	if !r.day.Released {
		return table.Row{r.day.ID(), r.day.Title, string(r.state), "", "", ""}
	}
	checked := ""
	if !r.when.IsZero() {
		if checked = ago(time.Since(r.when)); r.stale {
			checked += " *"
		}
	}
	return table.Row{r.day.ID(), r.day.Title, r.state.painted(style),
		fmt.Sprintf("%d of %d", r.passed, r.tests), fmt.Sprintf("%d of %d", r.earned, r.points), checked}
}

// painted returns the state, in colour where there is colour.
func (s state) painted(style report.Style) string {
	if !style.Colour {
		return string(s)
	}
	switch s {
	case green:
		return "\x1b[32m" + string(s) + "\x1b[0m"
	case red:
		return "\x1b[31m" + string(s) + "\x1b[0m"
	}
	return string(s)
}

// ago returns how long ago something was, roughly.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
