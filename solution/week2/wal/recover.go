//lab:day 2.6

package wal

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/memtable"
)

// Recovered is what the logs of an earlier run held.
type Recovered struct {
	// Memtables are the replayed logs, newest first: what an engine's State wants.
	Memtables []*memtable.Table
	// Last is the highest sequence number in them, 0 if they are none.
	Last kv.Seq
	// Next is a number higher than that of every log in the directory.
	Next uint64
	// Lost says what was there and is not replayed. Nothing of it was promised to outlive what happened.
	Lost []Loss
}

// Loss is the end of a log that was cut off, or all of it.
type Loss struct {
	File   string // the log's name
	Offset int64  // from here on; 0: the whole file, which is removed
	Reason string
}

// String returns the loss for people.
func (l Loss) String() string {
	return fmt.Sprintf("%s, from offset %d on: %s", l.File, l.Offset, l.Reason)
}

// lose notes a loss.
func (r *Recovered) lose(log uint64, offset int64, format string, args ...any) {
	r.Lost = append(r.Lost, Loss{File: FileName(log), Offset: offset, Reason: fmt.Sprintf(format, args...)})
}

// Open replays the logs in dir, from number minLog on, and returns what they held and what makes new ones. Older logs
// are in tables already, and are removed. The directory must exist.
//
//  1. Nothing is changed before everything has been read: after damage, which is an error, the files are as they were.
//  2. What is replayed is a prefix of history. At the first hole all is cut, later logs too (chain).
//  3. What was cut is gone for good before Open returns. Its sequence numbers come again, in other writes.
//  4. What is replayed is synced. The engine does not write these logs any more, and a synced write that comes after
//     must not outlive them.
//  5. A replayed log stays until its memtable has become a durable table: removing it is the engine's.
func Open(dir string, o Options, minLog uint64) (*Logs, *Recovered, error) {
	l := New(dir, o)
	numbers, err := l.list()
	if err != nil {
		return nil, nil, fmt.Errorf("list logs: %w", err)
	}
	found := &Recovered{}
	if len(numbers) > 0 {
		found.Next = numbers[len(numbers)-1] + 1
	}
	first, _ := slices.BinarySearch(numbers, minLog)
	kept, err := l.chain(numbers[first:], minLog, found)
	if err == nil {
		err = l.replay(kept, found)
	}
	if err == nil {
		err = l.settle(numbers, kept)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("replay logs: %w", err)
	}
	return l, found, nil
}

// list returns the numbers of the logs in the directory, ascending.
func (l *Logs) list() ([]uint64, error) {
	names, err := l.o.FS.List(l.dir)
	var numbers []uint64
	for _, name := range names {
		if number, ok := ParseFileName(name); ok {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

// chain reads logs, oldest first, and returns those that are to be replayed: as far as each begins where the one before
// it ended. At the first that does not, a write is missing: that log and all behind it are left out, whatever they
// hold. A log without records, torn or never used, is no link of the chain. What is left out is noted in found.Lost.
//
//lab:todo 4 write-ahead-log#hole
//lab:hint c.follows says whether a log goes on where the one before it ended. The first has nothing before it: nil.
//lab:hint l.vouched asks the logs behind a hole whether it may have been made by a crash. If not, it is damage.
//lab:hint What lies behind a hole is left out. But people want to know that it was there: found.lose, for each log.
//lab:hint A torn end alone is no hole: after an earlier crash, the next log began exactly there.
func (l *Logs) chain(numbers []uint64, minLog uint64, found *Recovered) (kept []*Contents, err error) {
	// #region chain
	var before *Contents
	for i, number := range numbers {
		c, err := Read(l.o.FS, l.dir, number)
		if err != nil {
			return nil, err
		}
		if c.End < c.Size {
			found.lose(number, c.End, "%d bytes that were never finished", c.Size-c.End)
		}
		if len(c.Records) == 0 {
			continue
		}
		if !c.follows(before, minLog) {
			if err := l.vouched(c, numbers[i:]); err != nil {
				return nil, err
			}
			for _, cut := range numbers[i:] {
				found.lose(cut, 0, "write %d, in %s, came before it and is missing", c.AfterLast, FileName(c.After))
			}
			break
		}
		kept, before = append(kept, c), c
	}
	return kept, nil
	// #endregion
}

// vouched returns an error if one of the logs behind a hole, the first of which is c, says that all before it were on the disk:
// then the log before c was damaged.
func (l *Logs) vouched(c *Contents, behind []uint64) error {
	for _, number := range behind {
		if later, err := Read(l.o.FS, l.dir, number); err != nil || !later.Vouches {
			continue // what is wrong behind a hole does not matter
		}
		damage := &kv.CorruptionError{File: FileName(c.After), Offset: -1,
			Reason: fmt.Sprintf("write %d is missing, and %s says that it was on the disk", c.AfterLast, FileName(number))}
		if before, err := Read(l.o.FS, l.dir, c.After); err == nil {
			damage.Offset = before.End
		}
		return damage
	}
	return nil
}

// follows reports whether the log's first write is the next one after the last write of before, or, if that is nil,
// after writes that are in tables already or never were.
//
//lab:todo 4 write-ahead-log#hole
//lab:hint c.After and c.AfterLast say what was the last write when this log got its first.
//lab:hint Logs with numbers below minLog are in tables. Number 0 is no log.
func (c *Contents) follows(before *Contents, minLog uint64) bool {
	// #region follows
	if before == nil {
		return c.After == 0 || c.After < minLog
	}
	return c.After == before.Number && c.AfterLast == before.Last()
	// #endregion
}

// replay makes a memtable of each log that is kept.
//
//lab:todo 4 write-ahead-log#recover
//lab:hint The logs come oldest first. In which order does found.Memtables want them?
//lab:hint The next log's opening looks at l.newest. A log with no more than its number and its last will do.
func (l *Logs) replay(kept []*Contents, found *Recovered) error {
	// #region recover
	for _, c := range kept {
		t, err := c.Memtable()
		if err != nil {
			return err
		}
		found.Memtables = slices.Insert(found.Memtables, 0, t)
		found.Last = c.Last()
		l.newest.Store(&log{number: c.Number, last: c.Last()})
	}
	return nil
	// #endregion
}

// settle makes the directory what Open says: the logs that are kept end where their good prefix ends, durably, and all
// others are gone, durably.
//
//lab:todo 4 write-ahead-log#settle
//lab:hint l.settleOne cuts and syncs one log.
//lab:hint A removal is a change of the directory, and a directory has its own sync.
func (l *Logs) settle(numbers []uint64, kept []*Contents) error {
	// #region settle
	for _, number := range numbers {
		i := slices.IndexFunc(kept, func(c *Contents) bool { return c.Number == number })
		if i < 0 {
			if err := l.Remove(number); err != nil {
				return err
			}
		} else if err := l.settleOne(kept[i]); err != nil {
			return err
		}
	}
	return l.o.FS.SyncDir(l.dir)
	// #endregion
}

// settleOne cuts off what was never finished, and syncs the rest.
//
//lab:todo 4 write-ahead-log#settle
//lab:hint FS.OpenAppend opens a file for writing. Truncate only where there is something to cut.
//lab:hint Nothing was cut? The log may be whole, and still only in the memory of a machine that goes on.
func (l *Logs) settleOne(c *Contents) error {
	// #region settle-one
	file, err := l.o.FS.OpenAppend(filepath.Join(l.dir, FileName(c.Number)))
	if err != nil {
		return err
	}
	if c.End < c.Size {
		err = file.Truncate(c.End)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
	// #endregion
}
