package story

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/plugin"
	"lsmlab/solution/week3/txn"
)

// story is one run.
type story struct {
	out  io.Writer
	dir  string
	db   *txn.DB
	host *plugin.Host // for the plugins of chapter 3
}

// Run tells the whole story in a directory of its own, which it removes in the end.
func Run(out io.Writer) (err error) {
	s := &story{out: out}
	if s.dir, err = os.MkdirTemp("", "lsm-story-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	if err := s.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	return s.tell()
}

// open opens the shop's store: with a past, transactions that notice each other, and a host for plugins.
func (s *story) open() (err error) {
	s.host = plugin.NewHost(plugin.Options{})
	o := &txn.Options{Validator: txn.NewOracle(), NoSync: true}
	o.Collector = mvcc.NewCollector(-1)
	o.Listener = s.host.Listener(o.Listener)
	s.db, err = txn.Open(filepath.Join(s.dir, "shop"), o)
	return err
}

// tell goes through the chapters.
func (s *story) tell() error {
	chapters := []struct {
		title string
		run   func() error
	}{
		{"A price with a past (days 1 and 3: snapshots, versions, garbage)", s.prices},
		{"Money moves (days 2 and 4: transactions)", s.money},
		{"Somebody watches (day 5: plugins)", s.watch},
		{"The greenhouse (day 6: time series)", s.greenhouse},
		{"A thousand customers (day 7: partitions)", s.customers},
	}
	for i, chapter := range chapters {
		fmt.Fprintf(s.out, "\n%d. %s\n", i+1, chapter.title)
		if err := chapter.run(); err != nil {
			return fmt.Errorf("%s: %w", chapter.title, err)
		}
	}
	fmt.Fprintln(s.out, "\nall as it should be")
	return nil
}

// say writes a line of the story.
func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, "   "+format+"\n", args...) }

// want returns an error if what came out is not what had to.
func want[T comparable](what string, want, got T) error {
	if want != got {
		return fmt.Errorf("%s: %v, and not %v", what, got, want)
	}
	return nil
}
