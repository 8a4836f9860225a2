package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"lsmlab/internal/simulator"
	"lsmlab/internal/simulator/chart"
)

// sweep runs the same simulation once for each value of one flag, and writes a line and draws a point for each. The flag is
// any that the command line has: sweep only adds it, once with each value, to what the command line says.
func sweep(f flags, args []string, out io.Writer) error {
	name, list, ok := strings.Cut(strings.TrimPrefix(f.Sweep, "--"), "=")
	if !ok || list == "" {
		return fmt.Errorf("--sweep=%s: write it like --sweep=multiplier=4,8,16", f.Sweep)
	}
	values := strings.Split(list, ",")
	var results []*simulator.Result
	for _, value := range values {
		var one flags
		parser, err := kong.New(&one, variables())
		if err != nil {
			return err
		}
		if _, err := parser.Parse(append(args[:len(args):len(args)], "--"+name+"="+value)); err != nil {
			return fmt.Errorf("--sweep: %w", err)
		}
		if err := one.check(); err != nil {
			return fmt.Errorf("--sweep: %w", err)
		}
		made, err := simulate(one, io.Discard)
		if err != nil {
			return fmt.Errorf("with --%s=%s: %w", name, value, err)
		}
		results = append(results, made...)
	}
	writeSweep(out, name, values, results)
	return writeFiles(f, out, results, func() chart.Picture { return sweepPicture(f, name, values, results) })
}

// writeSweep writes a line for each value and policy.
func writeSweep(w io.Writer, name string, values []string, results []*simulator.Result) {
	fmt.Fprintf(w, "%d flushes, seed %d\n\n", len(results[0].Points), results[0].Seed)
	t := newTable(w, 2, append([]any{name, "policy"}, costs...)...)
	for i, r := range results {
		t.AppendRow(append([]any{values[i*len(values)/len(results)], r.Name}, costsOf(r)...))
	}
	t.Render()
	fmt.Fprintf(w, "\n%s\n%s\n", lateLegend, legend)
}

// sweepPicture draws the amplifications over the values of the flag; values that are no numbers stand side by side.
func sweepPicture(f flags, name string, values []string, results []*simulator.Result) chart.Picture {
	panels := panels()
	policies := len(results) / len(values)
	at, unit, ok := positions(values)
	for i := range panels {
		panels[i].X, panels[i].Marks = strings.ReplaceAll(name, "-", " ")+unit, true
		if !ok {
			panels[i].Names = values
		}
		for p := range policies {
			s := chart.Series{Name: results[p].Name, X: at}
			for j := range values {
				if !ok {
					s.X = append(s.X, float64(j))
				}
				s.Y = append(s.Y, results[j*policies+p].Late().Amplifications()[i])
			}
			panels[i].Series = append(panels[i].Series, s)
		}
	}
	return chart.Picture{Title: "What " + strings.ReplaceAll(name, "-", " ") + " changes", Subtitle: subtitle(f, name), Panels: panels}
}

// positions returns where values stand on an axis, and the axis's unit: numbers at themselves, sizes at their MiB. For other
// values ok is false; they stand side by side.
func positions(values []string) (at []float64, unit string, ok bool) {
	for _, value := range values {
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			at = append(at, n)
			continue
		}
		var s size
		if s.UnmarshalText([]byte(value)) != nil {
			return nil, "", false
		}
		at, unit = append(at, float64(s)/(1<<20)), ", MiB"
	}
	return at, unit, true
}
