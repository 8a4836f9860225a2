// Command lsm-cli is a shell over a store.
//
//	go run ./cmd/lsm-cli                    over the student's engine
//	go run -tags reference ./cmd/lsm-cli    over the reference
//
// At a terminal it has line editing, history and completion; from a pipe it reads plain lines. An error is printed and
// does not end the session; quit and the end of input do.
//
// A session over the student's engine runs in a child process, so that a task that is not done yet, which panics, perhaps
// in a goroutine of the engine's, can be told in a sentence: see guard.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/alecthomas/kong"

	"lsmlab/internal/subject"
)

// flags are the command line.
type flags struct {
	Path         string `placeholder:"DIR" help:"Directory of the store. Default: a fresh temporary one, which stays if it holds tables in the end."`
	Compaction   string `default:"none" enum:"none,simple,tiered,leveled" help:"How tables are merged: none, simple, tiered or leveled. Needs days 1 to 4 of week 2."`
	WAL          string `name:"wal" default:"off" enum:"off,written,synced,loses-on-kill" help:"Log of writes, and with it a store that survives: off; written (the operating system has each write before put returns); synced (the disk has it); loses-on-kill (the last writes stay in the process). Needs week 2. A directory that has a manifest is opened as such a store in any case."`
	Versions     string `default:"off" placeholder:"KEEP" help:"Which versions of a key are kept, for history, snapshots and transactions: off (a plain store, which has none of these); needed (what somebody still reads); all; or a number: the newest so many. Needs week 3."`
	FilterBits   int    `default:"${filterBits}" placeholder:"N" help:"Bits a key of the tables' Bloom filters; 0: no filters. Default ${filterBits}; 10 is usual. Needs day 7 of week 1."`
	PrefixKeys   bool   `default:"${prefixKeys}" negatable:"" help:"Write keys without what they share with the first of their block. Default ${prefixKeys}. Needs day 7 of week 1."`
	MemtableSize int    `default:"4194304" placeholder:"BYTES" help:"Size of a memtable. Default 4 MiB."`

	kept int // what Versions says; see keptVersions
}

func main() {
	f, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "lsm-cli:", err)
		os.Exit(1)
	}
	if subject.Name == studentName && os.Getenv(childEnv) == "" {
		os.Exit(guard(os.Args[1:], os.Stderr))
	}
	in, out := terminal(os.Stdin, os.Stdout)
	os.Exit(run(f, in, out))
}

// studentName is the name of the subject whose tasks may not be done yet.
const studentName = "student"

// parse reads the command line. Filters and prefixes are on for the reference; for the student's tree they wait until they
// are asked for, as they come a day after the shell.
func parse(args []string) (f flags, err error) {
	bits := 10
	if subject.Name == studentName {
		bits = 0
	}
	parser, err := kong.New(&f, kong.Name("lsm-cli"), kong.Description("A shell over the store of "+whose()+"."),
		kong.Vars{"filterBits": strconv.Itoa(bits), "prefixKeys": strconv.FormatBool(bits > 0)})
	if err != nil {
		return f, err
	}
	if _, err = parser.Parse(args); err == nil && f.FilterBits < 0 {
		err = fmt.Errorf("--filter-bits must be 0, for no filters, or more, and is %d", f.FilterBits)
	}
	if err == nil && f.Versions != "off" {
		f.kept, err = keptVersions(f.Versions)
	}
	return f, err
}

// whose says for people over whose tree the shell runs.
func whose() string {
	if subject.Name == studentName {
		return "your tree"
	}
	return "the reference"
}
