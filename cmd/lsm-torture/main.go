// Command lsm-torture looks for the crash that loses data, for as long as it is given time.
//
//	go run ./cmd/lsm-torture --minutes 5                    the student's store
//	go run -tags reference ./cmd/lsm-torture --minutes 5    the reference
//
// It runs random scripts in all log modes and with all policies, with small memtables and manifests so that everything happens
// often: each file-system operation is a crash point once, and a failing one; storms of writers are cut off; and a process
// over the real file system is killed in mid-write, again and again. Each run has a seed, which brings it back.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"lsmlab/internal/subject"
)

// flags are the command line.
type flags struct {
	Minutes float64 `default:"1" help:"How long. Default 1."`
	Seed    uint64  `help:"Seed of the first run. Default: another one each time, which is told."`
	Kills   int     `help:"Only kill processes, so many times; --minutes does not count then."`
	Child   string  `hidden:"" help:"Be the process that is killed, over this directory."`
	Writers int     `hidden:"" default:"4"`
}

func main() {
	var f flags
	about := kong.Description("Looks for the crash that loses data, in the store of the " + subject.Name + ".")
	kong.Parse(&f, kong.Name("lsm-torture"), about, kong.Exit(func(code int) { os.Exit(min(code, 1)) }))
	var err error
	switch {
	case f.Child != "":
		err = work(f)
	default:
		err = torture(f, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lsm-torture:", err)
		os.Exit(1)
	}
}
