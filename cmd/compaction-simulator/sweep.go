package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"lsmlab/internal/simulator"
	"lsmlab/internal/simulator/chart"
	"lsmlab/internal/tuning"
)

// sweep runs the same simulation once for each value of one flag, and writes a line and draws a point for each. The flag is
// any that the command line has: sweep only adds it, once with each value, to what the command line says.
func sweep(f flags, args []string, out io.Writer) error {
	over, err := tuning.ParseSweep(f.Sweep)
	if err != nil {
		return err
	}
	var results []*simulator.Result
	err = tuning.Each(over, args, []kong.Option{variables()}, func(one flags) error {
		if err := one.check(); err != nil {
			return err
		}
		made, err := simulate(one, io.Discard)
		results = append(results, made...)
		return err
	})
	if err != nil {
		return err
	}
	writeSweep(out, over, results)
	return writeFiles(f, out, results, func() chart.Picture { return sweepPicture(f, over, results) })
}

// writeSweep writes a line for each value and policy.
func writeSweep(w io.Writer, over tuning.Sweep, results []*simulator.Result) {
	fmt.Fprintf(w, "%d flushes, seed %d\n\n", len(results[0].Points), results[0].Seed)
	t := newTable(w, 2, append([]any{over.Flag, "policy"}, costs...)...)
	for i, r := range results {
		t.AppendRow(append([]any{over.Values[i*len(over.Values)/len(results)], r.Name}, costsOf(r)...))
	}
	t.Render()
	fmt.Fprintf(w, "\n%s\n%s\n", lateLegend, legend)
}

// sweepPicture draws the amplifications over the values of the flag; values that are no numbers stand side by side.
func sweepPicture(f flags, over tuning.Sweep, results []*simulator.Result) chart.Picture {
	panels := panels()
	policies := len(results) / len(over.Values)
	name := strings.ReplaceAll(over.Flag, "-", " ")
	at, unit, ok := over.Positions()
	for i := range panels {
		panels[i].X, panels[i].Marks = name+unit, true
		if !ok {
			panels[i].Names = over.Values
		}
		for p := range policies {
			s := chart.Series{Name: results[p].Name, X: at}
			for j := range over.Values {
				if !ok {
					s.X = append(s.X, float64(j))
				}
				s.Y = append(s.Y, results[j*policies+p].Late().Amplifications()[i])
			}
			panels[i].Series = append(panels[i].Series, s)
		}
	}
	return chart.Picture{Title: "What " + name + " changes", Subtitle: subtitle(f, over.Flag), Panels: panels}
}
