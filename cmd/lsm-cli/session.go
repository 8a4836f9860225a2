package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"lsmlab/internal/subject"
)

// session is a store and somebody who gives it commands.
type session struct {
	flags  flags
	dir    string
	engine *subject.Engine
	store  *subject.Store // nil if the engine does not survive

	db        *subject.Transactions // nil if the store keeps no versions
	txn       *subject.Txn          // the transaction that is under way; nil if there is none
	snapshots []*subject.Snapshot   // nil where one was closed; the first is number 1
	parts     *subject.Partitions   // nil if none are open

	ctx   context.Context // of the command that runs: it ends when somebody presses Ctrl-C
	in    input
	out   *bufio.Writer
	fills int // how many fills there have been; each marks its values with its number
}

// errQuit is returned by the command that ends the session.
var errQuit = errors.New("quit")

// run holds a session and returns the exit status: 0 if it came to its end, whatever the commands said, and 1 if the store
// could not be opened or closed.
func run(f flags, in input, out io.Writer) int {
	defer in.Close()
	s := &session{flags: f, ctx: context.Background(), in: in, out: bufio.NewWriter(out)}
	defer s.out.Flush()
	var err error
	if s.dir, err = directory(f.Path); err == nil {
		if f.Path == "" { // a path that was named is the user's, and may be a file
			defer os.Remove(s.dir) // does nothing if the store has left files in it
		}
		err = s.open()
	}
	if err != nil {
		fmt.Fprintln(s.out, "error:", err)
		return 1
	}
	fmt.Fprintf(s.out, "lsm-cli over %s; directory %s; compaction %s; log %s%s\n", whose(), s.dir, f.Compaction, f.WAL, f.versions())
	s.tellLost()
	if in.interactive() {
		fmt.Fprintln(s.out, "help lists the commands, quit ends the session")
	}
	s.loop()
	if s.engine == nil { // a reopening has failed
		return 1
	}
	if err := errors.Join(s.closeParts(), s.close()); err != nil {
		fmt.Fprintln(s.out, "error:", err)
		return 1
	}
	return 0
}

// directory returns the store's directory: the one asked for, or a fresh temporary one.
func directory(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	return os.MkdirTemp("", "lsm-cli-")
}

// loop reads and obeys commands until one of them, or the input, ends the session. Output is written out before the next
// line is waited for, and before a command that may crash.
func (s *session) loop() {
	for {
		s.out.Flush()
		line, err := s.in.line()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fmt.Fprintln(s.out, "error: read a command:", err)
			return
		}
		switch err := s.interruptible(func() error { return s.obey(line) }); {
		case errors.Is(err, errQuit):
			return
		case err != nil:
			fmt.Fprintln(s.out, "error:", err)
		}
	}
}

// obey carries out one line. An empty line and one that begins with # do nothing.
func (s *session) obey(line string) error {
	args, err := words(line)
	if err != nil || len(args) == 0 || strings.HasPrefix(args[0], "#") {
		return err
	}
	for _, c := range commands() {
		for _, name := range c.names {
			if name != args[0] {
				continue
			}
			if n := len(args) - 1; n < c.least || n > c.most {
				return fmt.Errorf("usage: %s", c.usage)
			}
			if s.engine == nil && name != "reopen" && name != "quit" && name != "help" {
				return errors.New("the store is not open: reopen tries again, quit ends the session")
			}
			return c.run(s, args[1:])
		}
	}
	return fmt.Errorf("unknown command %q; help lists the commands", args[0])
}
