package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
)

// command is something that the shell understands.
type command struct {
	names       []string // the first is the one that help shows
	least, most int      // how many arguments it takes
	usage, help string
	run         func(s *session, args []string) error
}

// commands returns all commands, in the order of help.
func commands() []command {
	return []command{
		{[]string{"fill"}, 2, 2, "fill FROM TO", "write the numbers from FROM to TO, both included: 7 = value7@1, in the first fill", (*session).fill},
		{[]string{"put"}, 2, 2, "put KEY VALUE", `write a key; quote spaces: put "two words" ""`, (*session).put},
		{[]string{"get"}, 1, 2, "get KEY [VERSION]", "look a key up, as it is or as it was", (*session).get},
		{[]string{"del", "delete"}, 1, 1, "del KEY", "delete a key", (*session).del},
		{[]string{"scan"}, 0, 2, "scan [FROM [TO]]", "list the keys from FROM to TO, both included", (*session).scan},
		{[]string{"load"}, 1, 1, "load FILE", "write each line of a file: key, tab, value", (*session).load},
		{[]string{"batch"}, 2, 999, "batch put KEY VALUE … del KEY …", "write all of it, or nothing", (*session).batch},
		{[]string{"history"}, 1, 1, "history KEY", "list the versions of a key that are kept", (*session).history},
		{[]string{"snapshot"}, 0, 5, "snapshot [list|get N KEY|scan N|close N]", "keep this moment; list, read or close such moments", (*session).snapshot},
		{[]string{"begin"}, 0, 1, "begin [serializable]", "begin a transaction: put, get, del and scan are its own until it ends", (*session).begin},
		{[]string{"commit"}, 0, 0, "commit", "write what the transaction has written, all or nothing", (*session).commit},
		{[]string{"rollback"}, 0, 0, "rollback", "forget what the transaction has written", (*session).rollback},
		{[]string{"ts"}, 0, 999, "ts WHAT …", "time series: append, range, summary, latest, downsample, names", (*session).ts},
		{[]string{"partitions"}, 0, 999, "partitions WHAT …", "a store in parts: open, put, get, del, scan, fill, stats, rebalance, close", (*session).partitions},
		{[]string{"flush"}, 0, 0, "flush", "write all memtables to tables", (*session).flush},
		{[]string{"full_compaction", "compact"}, 0, 0, "full_compaction", "merge all tables into one run (also: compact)", (*session).compact},
		{[]string{"dump"}, 0, 0, "dump", "draw the tree", (*session).dump},
		{[]string{"stats"}, 0, 0, "stats", "count what the store holds and has done", (*session).stats},
		{[]string{"sync"}, 0, 0, "sync", "return when every write so far is on the disk", (*session).sync},
		{[]string{"verify"}, 0, 0, "verify", "read everything on the disk, and check it", (*session).verify},
		{[]string{"reopen"}, 0, 0, "reopen", "close the store and open it again", (*session).reopen},
		{[]string{"crash"}, 0, 0, "crash", "end the process at once: nothing is closed, written or synced", (*session).crash},
		{[]string{"help"}, 0, 0, "help", "this list", (*session).help},
		{[]string{"quit", "exit"}, 0, 0, "quit", "end the session", func(*session, []string) error { return errQuit }},
	}
}

// The columns of help: how wide they are, in runes, and how wide the first is at most; what is wider stands on a line of
// its own.
const helpWidth, usageWidth = 78, 26

// help lists the commands.
func (s *session) help([]string) error {
	for _, c := range commands() {
		usage := c.usage
		if utf8.RuneCountInString(usage) > usageWidth {
			fmt.Fprintf(s.out, "  %s\n", usage)
			usage = ""
		}
		for _, line := range wrap(c.help, helpWidth-usageWidth-4) {
			fmt.Fprintf(s.out, "  %-*s  %s\n", usageWidth, usage, line)
			usage = ""
		}
	}
	return nil
}

// fill writes the numbers of a range. Their values say which fill wrote them, so that one sees which version a get finds.
func (s *session) fill(args []string) error {
	from, to, err := numbers(args)
	if err != nil {
		return err
	}
	if err := s.outside("fill"); err != nil {
		return err
	}
	s.fills++
	var key, value []byte
	steps := s.progress("fill", to-from+1)
	defer s.wipe(steps)
	for i := from; i <= to; i++ {
		key = strconv.AppendInt(key[:0], i, 10)
		value = fmt.Appendf(value[:0], "value%d@%d", i, s.fills)
		err := context.Cause(s.ctx)
		if err == nil {
			err = s.engine.Put(key, value)
		}
		if err != nil {
			return fmt.Errorf("fill stopped at %d: %w", i, err)
		}
		if i%1000 == 0 {
			steps.Add(1000)
		}
	}
	s.wipe(steps)
	fmt.Fprintf(s.out, "filled %d … %d: %s, %d = value%d@%d\n", from, to, count(to-from+1, "entry", "entries"), from, from, s.fills)
	if len(args[0]) != len(args[1]) {
		fmt.Fprintln(s.out, "note: keys are ordered as text, so 10 comes before 9; numbers of one length keep their order")
	}
	return nil
}

// numbers reads the ends of a range of numbers.
func numbers(args []string) (from, to int64, err error) {
	if from, err = number(args[0]); err != nil {
		return 0, 0, err
	}
	if to, err = number(args[1]); err != nil {
		return 0, 0, err
	}
	if from > to {
		return 0, 0, fmt.Errorf("fill %d %d: the first number is larger than the second", from, to)
	}
	return from, to, nil
}

// number reads a key of fill.
func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 1e15 {
		return 0, fmt.Errorf("%q is not a number from 0 to 1,000,000,000,000,000", text)
	}
	return n, nil
}

// put writes one key.
func (s *session) put(args []string) error {
	version, err := s.write(func(w writer) error { return w.Put([]byte(args[0]), []byte(args[1])) })
	if err != nil {
		return fmt.Errorf("put: %w", err)
	}
	fmt.Fprintf(s.out, "put %s = %s%s\n", show([]byte(args[0])), show([]byte(args[1])), version)
	return nil
}

// batch writes several things at once.
func (s *session) batch(args []string) error {
	if err := s.outside("batch"); err != nil {
		return err
	}
	var b kv.Batch
	for rest := args; len(rest) > 0; {
		switch {
		case rest[0] == "put" && len(rest) >= 3:
			b.Set([]byte(rest[1]), []byte(rest[2]))
			rest = rest[3:]
		case (rest[0] == "del" || rest[0] == "delete") && len(rest) >= 2:
			b.Delete([]byte(rest[1]))
			rest = rest[2:]
		default:
			return fmt.Errorf("batch: %q does not begin put KEY VALUE or del KEY; nothing is written", rest[0])
		}
	}
	if err := s.engine.Apply(&b); err != nil {
		return fmt.Errorf("batch: %w", err)
	}
	fmt.Fprintf(s.out, "batch of %s\n", count(b.Len(), "write", "writes"))
	return nil
}

// verify reads everything and checks it.
func (s *session) verify([]string) error {
	if s.store == nil {
		return errForgets
	}
	if err := s.store.Verify(s.ctx); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	tables := tableNumbers(s.engine.Stats())
	fmt.Fprintf(s.out, "verified %s\n", count(len(tables), "table", "tables"))
	return nil
}

// del deletes one key.
func (s *session) del(args []string) error {
	version, err := s.write(func(w writer) error { return w.Delete([]byte(args[0])) })
	if err != nil {
		return fmt.Errorf("del: %w", err)
	}
	fmt.Fprintf(s.out, "deleted %s%s\n", show([]byte(args[0])), version)
	return nil
}

// get looks one key up.
func (s *session) get(args []string) error {
	key := []byte(args[0])
	if len(args) == 2 {
		return s.getAt(key, args[1])
	}
	value, err := s.reader().Get(key)
	return s.tellValue(key, value, err)
}

// tellValue says what a look-up has found.
func (s *session) tellValue(key, value []byte, err error) error {
	switch {
	case errors.Is(err, kv.ErrNotFound):
		fmt.Fprintf(s.out, "%s not found\n", show(key))
	case err != nil:
		return fmt.Errorf("get: %w", err)
	default:
		fmt.Fprintf(s.out, "%s = %s\n", show(key), show(value))
	}
	return nil
}

// scan lists a range.
func (s *session) scan(args []string) error {
	lower, upper := bounds(args)
	return s.list(s.reader().Scan(lower, upper), lower, upper)
}

// bounds reads the ends of a range, both included; what is left out is unbounded.
func bounds(args []string) (lower, upper kv.Bound) {
	if len(args) > 0 {
		lower = kv.Included([]byte(args[0]))
	}
	if len(args) > 1 {
		upper = kv.Included([]byte(args[1]))
	}
	return lower, upper
}

// list lists what a scan between these bounds shows, and closes it.
func (s *session) list(scan *subject.Scan, lower, upper kv.Bound) error {
	n := 0
	for key, value := range scan.All() {
		fmt.Fprintf(s.out, "%s = %s\n", show(key), show(value))
		if n++; s.ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(scan.Err(), scan.Close(), context.Cause(s.ctx)); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	fmt.Fprintln(s.out, count(n, "entry", "entries"))
	if n == 0 && bytes.Compare(lower.Key(), upper.Key()) > 0 && !upper.IsUnbounded() {
		fmt.Fprintf(s.out, "note: keys are ordered as text, and %s comes behind %s\n", show(lower.Key()), show(upper.Key()))
	}
	return nil
}

// flush writes all memtables to tables, and names those.
func (s *session) flush([]string) error {
	before := tableNumbers(s.engine.Stats())
	if err := s.engine.Flush(s.ctx); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	written := 0
	for _, r := range s.engine.Stats().Runs {
		for _, t := range r.Tables {
			if !slices.Contains(before, t.Number) {
				fmt.Fprintf(s.out, "flushed to %s [%s … %s] %s, %s\n", subject.TableName(t.Number), show(t.First), show(t.Last), count(t.Entries, "entry", "entries"), size(t.Size))
				written++
			}
		}
	}
	if written == 0 {
		fmt.Fprintln(s.out, "nothing to flush")
	}
	return nil
}

// tableNumbers returns the numbers of all tables.
func tableNumbers(stats subject.Stats) (numbers []uint64) {
	for _, r := range stats.Runs {
		for _, t := range r.Tables {
			numbers = append(numbers, t.Number)
		}
	}
	return numbers
}

// compact merges all tables.
func (s *session) compact([]string) error {
	if err := s.engine.Compact(s.ctx); err != nil {
		return fmt.Errorf("full_compaction: %s", strings.TrimSpace(err.Error()))
	}
	fmt.Fprintln(s.out, "compacted")
	return nil
}
