package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"lsmlab/internal/kv"
)

// batchSize is the number of bytes that load collects before it writes: enough to make a batch worth while, and few enough
// to fit into any memtable.
const batchSize = 64 << 10

// load writes the lines of a file: key, tab, value. What is behind the first tab is the value, further tabs included. A
// line without a tab, or with a key of a forbidden size, is left out and counted.
func (s *session) load(args []string) error {
	if err := s.outside("load"); err != nil {
		return err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory", args[0])
	}
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	l := loader{session: s, lines: bufio.NewReaderSize(f, 1<<20)}
	steps := s.progress("load", info.Size())
	defer s.wipe(steps)
	if err := l.all(func(n int) { steps.Add(n) }); err != nil {
		return fmt.Errorf("load: line %d: %w", l.line, err)
	}
	s.wipe(steps)
	fmt.Fprintf(s.out, "loaded %s, %s\n", count(l.entries, "entry", "entries"), size(l.bytes))
	if l.bad > 0 {
		fmt.Fprintf(s.out, "note: %s left out; the first is line %d: %v\n", count(l.bad, "line", "lines"), l.firstBad, l.why)
	}
	return nil
}

// loader writes a file's lines in batches.
type loader struct {
	*session
	lines   *bufio.Reader
	batch   kv.Batch
	line    int // number of the line that was read last
	entries int
	bytes   int // of keys and values

	bad, firstBad int // lines left out, and the first of them
	why           error
}

// all writes all lines. It tells read how many bytes of the file it has dealt with.
func (l *loader) all(read func(n int)) error {
	for {
		line, err := l.lines.ReadBytes('\n')
		if len(line) > 0 {
			l.line++
			l.add(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")))
			read(len(line))
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if l.batch.Len() > 0 && (err != nil || l.batch.Payload() >= batchSize) {
			if err := l.engine.Apply(&l.batch); err != nil {
				return err
			}
			l.batch.Reset()
		}
		if err != nil {
			return nil
		}
		if err := context.Cause(l.ctx); err != nil {
			return err
		}
	}
}

// errNoTab is what is wrong with most lines that are left out.
var errNoTab = errors.New("there is no tab in it")

// add puts a line into the batch.
func (l *loader) add(line []byte) {
	key, value, ok := bytes.Cut(line, []byte("\t"))
	err := errNoTab
	if ok {
		err = kv.CheckKey(key)
	}
	if err != nil {
		if l.bad++; l.bad == 1 {
			l.firstBad, l.why = l.line, err
		}
		return
	}
	l.batch.Set(key, value)
	l.entries++
	l.bytes += len(key) + len(value)
}

// progress returns a bar of so many steps. Nobody sees it unless somebody sits there, and there is enough to do.
func (s *session) progress(what string, steps int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(steps,
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetVisibility(s.in.interactive() && steps >= 100_000),
		progressbar.OptionSetWriter(os.Stdout),
		progressbar.OptionThrottle(100e6),
		progressbar.OptionClearOnFinish(),
	)
}

// wipe takes the bar off the screen, wherever it stands, so that what is said next has a line of its own.
func (s *session) wipe(steps *progressbar.ProgressBar) {
	if s.in.interactive() {
		steps.Clear()
	}
	steps.Exit()
}
