// Command lsm-inspect shows what is in a store's files, field by field, and compares every checksum on the way.
//
//	lsm-inspect sst 000001.sst              the layout of a table, one line a block
//	lsm-inspect sst 000001.sst -entries     and every entry
//	lsm-inspect wal 000012.log              the batches of a log
//	lsm-inspect manifest MANIFEST           its records, and the tree that they make
//	lsm-inspect dir data/db                 every file of a store: what it is, whether it is needed, whether it is whole
//
// Each takes -json, for programs. It ends with status 1 if a file is damaged, and names the first bad offset. It reads with the student's code, or, built
// with -tags reference, with the reference's.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
)

// flags are the command line.
type flags struct {
	Sst      sstFlags  `cmd:"" help:"Show a sorted string table."`
	Wal      fileFlags `cmd:"" help:"Show a log of writes."`
	Manifest fileFlags `cmd:"" help:"Show a manifest."`
	Dir      dirFlags  `cmd:"" help:"Show the files of a store, and check each."`
}

// fileFlags are the command line of lsm-inspect wal and manifest.
type fileFlags struct {
	File string `arg:"" help:"The file."`
	JSON bool   `name:"json" help:"Write JSON."`
}

// dirFlags are the command line of lsm-inspect dir.
type dirFlags struct {
	Dir  string `arg:"" help:"The store's directory."`
	JSON bool   `name:"json" help:"Write JSON."`
}

// sstFlags are the command line of lsm-inspect sst.
type sstFlags struct {
	File    string `arg:"" help:"The table's file."`
	JSON    bool   `name:"json" help:"Write JSON."`
	Entries bool   `help:"List the entries of every block."`
	Block   int    `default:"-1" placeholder:"N" help:"List the entries of data block N."`
}

// errDamaged is returned when all has been said about a damaged file.
var errDamaged = errors.New("the file is damaged")

func main() {
	var f flags
	exit := kong.Exit(func(code int) { os.Exit(min(code, 1)) })
	parser := kong.Must(&f, kong.Name("lsm-inspect"), kong.Description("Shows what is in a store's files."), exit)
	c, err := parser.Parse(doubleDashes(os.Args[1:]))
	parser.FatalIfErrorf(err)
	if err := show(os.Stdout, vfs.OS(), strings.Fields(c.Command())[0], f); err != nil {
		fmt.Fprintln(os.Stderr, "lsm-inspect:", err)
		os.Exit(1)
	}
}

// doubleDashes lets long flags be written with one dash, as the lab's commands write theirs: -json is --json.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if len(arg) > 2 && arg[0] == '-' && arg[1] != '-' {
			arg = "-" + arg
		}
		out[i] = arg
	}
	return out
}

// show carries out a command. It returns an error for a file that is damaged or cannot be read, and for a task that is not
// done yet.
func show(w io.Writer, fs vfs.FS, command string, f flags) (err error) {
	defer func() {
		if text, ok := todo.Recovered(recover()); ok {
			err = errors.New(text + "; with -tags reference the reference's code does it")
		}
	}()
	switch command {
	case "wal":
		return tell(w, f.Wal.JSON, func() (told, error) { return inspectLog(fs, f.Wal.File) })
	case "manifest":
		return tell(w, f.Manifest.JSON, func() (told, error) { return inspectManifest(fs, f.Manifest.File) })
	case "dir":
		return tell(w, f.Dir.JSON, func() (told, error) { return inspectDir(fs, f.Dir.Dir) })
	}
	return tell(w, f.Sst.JSON, func() (told, error) { return inspect(fs, f.Sst) })
}

// told is what is to be said about a file or a directory. For programs it is encoded as JSON.
type told interface {
	writeText(p *printer)
	damaged() bool
}

// tell looks, and writes what there is to be said.
func tell(w io.Writer, asJSON bool, look func() (told, error)) error {
	t, err := look()
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(w, t)
	} else {
		p := newPrinter(w)
		t.writeText(p)
		err = p.flush()
	}
	if err == nil && t.damaged() {
		err = errDamaged
	}
	return err
}

// count returns a number and what is counted.
func count[T int | uint64](n T, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// escaped returns bytes as text: what is not printable, and the backslash, as in a Go string.
func escaped(b []byte) string {
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%q", b), `"`), `"`)
}
