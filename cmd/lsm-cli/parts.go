package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"lsmlab/internal/subject"
)

// errPartsUsage is returned for a use of partitions that makes no sense.
var errPartsUsage = errors.New(`usage:
  partitions open N [hash|consistent]
  partitions put KEY VALUE
  partitions get KEY …
  partitions del KEY
  partitions scan [FROM [TO]]
  partitions fill FROM TO
  partitions stats
  partitions rebalance N [hash|consistent]
  partitions close`)

// errNoParts is returned by commands that need open partitions.
var errNoParts = errors.New("no partitions are open: partitions open 4 opens them, in the directory partitions below the store's")

// partsCommands are the subcommands of partitions, each with the least and the most arguments that it takes.
var partsCommands = map[string]struct {
	least, most int
	run         func(s *session, args []string) error
}{
	"open":      {1, 2, (*session).partsOpen},
	"put":       {2, 2, (*session).partsPut},
	"get":       {1, 999, (*session).partsGet},
	"del":       {1, 1, (*session).partsDelete},
	"scan":      {0, 2, (*session).partsScan},
	"fill":      {2, 2, (*session).partsFill},
	"stats":     {0, 0, (*session).partsStats},
	"rebalance": {1, 2, (*session).partsRebalance},
	"close":     {0, 0, (*session).partsClose},
}

// partitions works with a store in parts, which stands beside the session's own.
func (s *session) partitions(args []string) error {
	if len(args) == 0 {
		return errPartsUsage
	}
	c, ok := partsCommands[args[0]]
	if n := len(args) - 1; !ok || n < c.least || n > c.most {
		return errPartsUsage
	}
	if s.parts == nil && args[0] != "open" && args[0] != "rebalance" {
		return errNoParts
	}
	if err := c.run(s, args[1:]); err != nil {
		return fmt.Errorf("partitions %s: %w", args[0], err)
	}
	return nil
}

// partsDir is where they are.
func (s *session) partsDir() string { return filepath.Join(s.dir, "partitions") }

// router reads how many parts there are, and how keys are divided among them.
func router(args []string) (subject.Router, error) {
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 || n > 1000 {
		return nil, fmt.Errorf("%q is not a number from 1 to 1,000", args[0])
	}
	switch {
	case len(args) == 1 || args[1] == "hash":
		return subject.HashRouter(n), nil
	case args[1] == "consistent":
		return subject.ConsistentRouter(n), nil
	}
	return nil, fmt.Errorf("%q is no way to divide keys: hash, which is the default, or consistent", args[1])
}

// partsOpen opens them, or makes them.
func (s *session) partsOpen(args []string) error {
	if s.parts != nil {
		return errors.New("they are open already")
	}
	r, err := router(args)
	if err != nil {
		return err
	}
	if s.parts, err = subject.OpenPartitions(s.partsDir(), &subject.PartitionsOptions{Router: r}); err != nil {
		s.parts = nil
		return err
	}
	fmt.Fprintf(s.out, "opened %s: %s\n", count(r.Count(), "partition", "partitions"), r)
	return nil
}

// partsPut writes one key.
func (s *session) partsPut(args []string) error {
	if err := s.parts.Put([]byte(args[0]), []byte(args[1])); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "put %s = %s\n", show([]byte(args[0])), show([]byte(args[1])))
	return nil
}

// partsGet looks keys up, all at once.
func (s *session) partsGet(args []string) error {
	keys := make([][]byte, len(args))
	for i, arg := range args {
		keys[i] = []byte(arg)
	}
	var errs []error
	for i, r := range s.parts.GetBatch(keys) {
		errs = append(errs, s.tellValue(keys[i], r.Value, r.Err))
	}
	return errors.Join(errs...)
}

// partsDelete deletes one key.
func (s *session) partsDelete(args []string) error {
	if err := s.parts.Delete([]byte(args[0])); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "deleted %s\n", show([]byte(args[0])))
	return nil
}

// partsScan lists a range over all parts.
func (s *session) partsScan(args []string) error {
	lower, upper := bounds(args)
	return s.list(s.parts.Scan(lower, upper), lower, upper)
}

// partsFill writes the numbers of a range.
func (s *session) partsFill(args []string) error {
	from, to, err := numbers(args)
	if err != nil {
		return err
	}
	var key, value []byte
	for i := from; i <= to; i++ {
		key = strconv.AppendInt(key[:0], i, 10)
		value = fmt.Appendf(value[:0], "value%d", i)
		err := context.Cause(s.ctx)
		if err == nil {
			err = s.parts.Put(key, value)
		}
		if err != nil {
			return fmt.Errorf("stopped at %d: %w", i, err)
		}
	}
	fmt.Fprintf(s.out, "filled %d … %d: %s\n", from, to, count(to-from+1, "entry", "entries"))
	return nil
}

// partsStats says how much each of them holds. What the statistics call keys are entries: one for each version that is kept.
func (s *session) partsStats([]string) error {
	stats := s.parts.Stats()
	line := func(name string, memtables, tables, entries int, bytes int64) {
		fmt.Fprintf(s.out, "%-12s  %s, %s, %s, %s\n", name, count(entries, "entry", "entries"), count(memtables, "memtable", "memtables"), count(tables, "table", "tables"), size(bytes))
	}
	for i, p := range stats.Partitions {
		line(fmt.Sprintf("partition_%d", i), p.Memtables, p.Tables, p.Keys, p.Bytes)
	}
	t := stats.Total
	line("total", t.Memtables, t.Tables, t.Keys, t.Bytes)
	return nil
}

// partsRebalance moves keys to where another router wants them, and opens the parts with that.
func (s *session) partsRebalance(args []string) error {
	r, err := router(args)
	if err != nil {
		return err
	}
	if err := s.closeParts(); err != nil {
		return err
	}
	moved, err := subject.Rebalance(s.ctx, s.partsDir(), &subject.PartitionsOptions{Router: r})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "moved %s\n", count(moved, "key", "keys"))
	return s.partsOpen(args)
}

// partsClose closes them.
func (s *session) partsClose([]string) error {
	err := s.closeParts()
	if err == nil {
		fmt.Fprintln(s.out, "closed")
	}
	return err
}

// closeParts closes the parts, if they are open.
func (s *session) closeParts() error {
	if s.parts == nil {
		return nil
	}
	parts := s.parts
	s.parts = nil
	return parts.Close()
}
