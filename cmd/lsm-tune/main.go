// Command lsm-tune measures what the settings of the durable store change, on a disk: it fills a store, writes random keys of
// it again, waits for the merges, and reads. Each run is one line.
//
//	go run ./cmd/lsm-tune --sweep=filter-bits=0,5,10,16                    the student's store
//	go run -tags reference ./cmd/lsm-tune --sweep=filter-bits=0,5,10,16    the reference's
//
// Times depend on the machine and on what else it does; counts (amplifications, block reads) nearly do not.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"lsmlab/internal/subject"
	"lsmlab/internal/todo"
	"lsmlab/internal/tuning"
)

// flags are the command line.
type flags struct {
	Entries int `default:"200000" placeholder:"N" help:"Keys of 16 bytes, with values of 100. Default 200,000."`
	Again   int `default:"1" placeholder:"N" help:"How often every key is written again, on average. Default 1."`
	Writers int `default:"1" placeholder:"N" help:"Goroutines that write. Default 1."`
	Rounds  int `default:"1" placeholder:"N" help:"Runs of each; the one with the median speed of writes is shown. Default 1."`

	Memtable   tuning.Size `default:"1MiB" placeholder:"SIZE" help:"Size of a memtable. Default 1MiB."`
	BlockSize  tuning.Size `default:"4KiB" placeholder:"SIZE" help:"Size of a data block. Default 4KiB."`
	FilterBits int         `default:"10" placeholder:"N" help:"Bits a key of the filters; 0: none. Default 10."`
	Cache      tuning.Size `default:"4MiB" placeholder:"SIZE" help:"Size of the block cache; 0: none. Default 4MiB."`
	Log        string      `default:"written" enum:"off,buffered,written,synced" help:"How far a write has come when it returns: off, buffered, written or synced. Default written."`

	Policy       string      `default:"leveled" enum:"none,simple,tiered,leveled" help:"none, simple, tiered or leveled. Default leveled."`
	Runs         int         `placeholder:"N" help:"Runs that start a merge."`
	TargetSize   tuning.Size `default:"2MiB" placeholder:"SIZE" help:"Where an output table ends. Default 2MiB."`
	BaseSize     tuning.Size `default:"4MiB" placeholder:"SIZE" help:"leveled: size of the first level below level 0. Default 4MiB."`
	Multiplier   int         `default:"10" placeholder:"N" help:"leveled: how many times as large as the level above it a level should be. Default 10."`
	LeastOverlap bool        `help:"leveled: merge the table that rewrites the least."`

	Sweep string `placeholder:"FLAG=V,…" help:"Measure once for each value of a flag: block-size=1KiB,4KiB,16KiB."`
}

func main() {
	var f flags
	about := kong.Description("Measures what the store's settings change. Needs all of week 2.")
	kong.Parse(&f, kong.Name("lsm-tune"), about, kong.Exit(func(code int) { os.Exit(min(code, 1)) }))
	if err := run(f, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lsm-tune:", err)
		os.Exit(1)
	}
}

// run measures and prints. A task that is not done yet is an error like any other.
func run(f flags, args []string, out io.Writer) (err error) {
	defer func() {
		if text, ok := todo.Recovered(recover()); ok {
			err = errors.New(text + "; what it will be like: go run -tags reference ./cmd/lsm-tune")
		}
	}()
	over := tuning.Sweep{Flag: "store", Values: []string{subject.Name}}
	each := func(do func(flags) error) error { return do(f) }
	if f.Sweep != "" {
		if over, err = tuning.ParseSweep(f.Sweep); err != nil {
			return err
		}
		each = func(do func(flags) error) error { return tuning.Each(over, args, nil, do) }
	}
	var all []figures
	err = each(func(one flags) error {
		m, err := median(one)
		all = append(all, m)
		return err
	})
	if err != nil {
		return err
	}
	write(out, f, over, all)
	return nil
}
