// Command compaction-simulator tries the policies of compaction on a tree in memory, and measures what they cost.
//
//	go run ./cmd/compaction-simulator leveled                             the student's policy
//	go run -tags reference ./cmd/compaction-simulator leveled             the reference's
//	go run -tags reference ./cmd/compaction-simulator all --svg all.svg   all of them, on the same writes, in one chart
//
// After each step it checks that no write is lost, no deleted key comes back, and no merge does what it must not do. A rule
// that is broken is told with the story of the key; the exit status is 1 then, and 0 otherwise.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"lsmlab/internal/simulator"
	"lsmlab/internal/simulator/chart"
	"lsmlab/internal/subject"
	"lsmlab/internal/todo"
	"lsmlab/internal/tuning"
)

// flags are the command line.
type flags struct {
	Policy string `arg:"" enum:"simple,tiered,leveled,all" help:"simple, tiered, leveled, or all of them, one after the other."`

	Workload  string      `default:"uniform" enum:"${workloads}" placeholder:"NAME" help:"Which keys are written: ${workloads}. Default uniform."`
	Steps     int         `default:"200" placeholder:"N" help:"How many memtables are flushed. Default 200."`
	Seed      uint64      `default:"1" placeholder:"N" help:"Decides everything that is random. Default 1."`
	Keys      int         `default:"2000" placeholder:"N" help:"How many keys there are. Default 2,000; with entries of 64KiB, each of which stands for many, that is 125 MiB."`
	Quiescent bool        `xor:"pace" help:"Do all merges before the next flush."`
	Pace      tuning.Size `xor:"pace" placeholder:"SIZE" help:"Bytes of tables that are merged while a memtable fills. Without it and --quiescent, chance decides how long merges take."`

	EntrySize  tuning.Size `default:"64KiB" placeholder:"SIZE" help:"Of one entry. Default 64KiB."`
	FlushSize  tuning.Size `default:"4MiB" placeholder:"SIZE" help:"Bytes of writes that a memtable takes. Default 4MiB."`
	TargetSize tuning.Size `default:"8MiB" placeholder:"SIZE" help:"Where an output table ends. Default 8MiB."`

	MaxOverlap tuning.Size `placeholder:"SIZE" help:"How many bytes of the run below an output table may overlap before it ends. Default: no limit."`

	settings `embed:""`

	Sweep   string `placeholder:"FLAG=V,…" help:"Simulate once for each value of a flag, and compare: multiplier=4,8,16 or workload=hot,queue."`
	Rows    int    `default:"10" placeholder:"N" help:"Lines of the table. Default 10."`
	Trace   bool   `help:"Tell each step, and draw the tree after each merge."`
	CSV     string `placeholder:"FILE" help:"Write all measurements to a file."`
	SVG     string `placeholder:"FILE" help:"Draw them."`
	Average bool   `help:"In the chart, draw averages over a twentieth of the steps, which tell policies apart better."`
}

func main() {
	var f flags
	exit := kong.Exit(func(code int) { os.Exit(min(code, 1)) })
	kong.Parse(&f, kong.Name("compaction-simulator"), description(), variables(), exit)
	missing, err := watched(func() error { return run(f, os.Args[1:], os.Stdout) })
	if len(missing) > 0 {
		tellMissing(os.Stderr, missing)
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compaction-simulator:", err)
		os.Exit(1)
	}
}

// description is what help says first.
func description() kong.Option {
	return kong.Description("Tries the compaction policies of " + whose() +
		" on a tree in memory, and measures what they cost.")
}

// variables are what the help of flags refers to.
func variables() kong.Vars {
	names := ""
	for i, w := range simulator.Workloads() {
		if i > 0 {
			names += ","
		}
		names += string(w)
	}
	return kong.Vars{"workloads": names}
}

// whose says for people whose policies these are.
func whose() string {
	if subject.Name == "student" {
		return "your tree (week2)"
	}
	return "the reference"
}

// run simulates and writes what came of it. args are the command line that f was read from.
func run(f flags, args []string, out io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.Sweep != "" {
		return sweep(f, args, out)
	}
	results, err := simulate(f, out)
	if err != nil {
		return err
	}
	if len(results) == 1 {
		writeSteps(out, results[0], f.Rows)
	} else {
		writeComparison(out, results)
	}
	return writeFiles(f, out, results, func() chart.Picture { return picture(f, results) })
}

// check returns what is wrong with numbers.
func (f flags) check() error {
	if f.Steps < 1 || f.Rows < 1 || f.Keys < 1 || f.EntrySize < 1 || f.FlushSize < 1 || f.TargetSize < 1 {
		return errors.New("steps, rows, keys and sizes count from 1")
	}
	return nil
}

// simulate runs the policies that the command line names, and returns a result for each.
func simulate(f flags, out io.Writer) (results []*simulator.Result, err error) {
	policies, err := f.policies()
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		o := f.options()
		if f.Trace {
			fmt.Fprintf(out, "# %s\n", p.name)
			o.Trace = out
		}
		s := simulator.Subject{Policy: p.policy, Edit: subject.CompactionEdit, Below: subject.CompactionBelow}
		result, err := simulator.Run(s, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		result.Name = p.name
		results = append(results, result)
	}
	return results, nil
}

// options are the simulator's.
func (f flags) options() simulator.Options {
	return simulator.Options{
		Seed: f.Seed, Steps: f.Steps, Workload: simulator.Workload(f.Workload), Keys: f.Keys,
		Quiescent: f.Quiescent, Reasons: true,
		EntrySize: int64(f.EntrySize), FlushSize: int64(f.FlushSize), TargetSize: int64(f.TargetSize), Pace: int64(f.Pace),
		MaxOverlap: int64(f.MaxOverlap),
	}
}

// watched calls f, and returns the tasks of the course that it met and that are not done yet. Stubs print a line each on
// standard error; it is caught here, so that they can be told in a sentence.
func watched(f func() error) (missing []string, err error) {
	os.Setenv(todo.NotesEnv, "1")
	return catch(f)
}
