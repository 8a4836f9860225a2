package wal

import (
	"encoding/binary"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
	"lsmlab/week1/memtable"
)

// Record is one batch, as it lies in a log.
type Record struct {
	Offset int64  // where its frame begins
	First  kv.Seq // sequence number of its first write
	Batch  *kv.Batch
}

// last returns the sequence number of the batch's last write.
func (r Record) last() kv.Seq { return r.First + kv.Seq(r.Batch.Len()) - 1 }

// Contents is what a log holds.
type Contents struct {
	Number    uint64   // of the log
	After     uint64   // the log with the write before its first, 0 if there is none
	AfterLast kv.Seq   // the number of that write
	Vouches   bool     // it says that all logs before it were on the disk
	Records   []Record // in order
	End       int64    // where the good prefix ends
	Size      int64    // of the file; what lies behind End was never finished
}

// Read returns what the log with that number holds. A log may end anywhere: what was never finished is left out. Damage
// before the end is a *kv.CorruptionError with the log's name and an offset, and so are intact records that make no
// sense.
func Read(fs vfs.FS, dir string, number uint64) (*Contents, error) {
	// TODO(week 2, day 6, task 3): implement Read. Chapter: book/week2/day6-write-ahead-log.md#read
	//
	// Hint: record.NewReader knows the header, the checksums and what a torn end is. You know what the bodies mean.
	// Hint: The first record is the opening: c.open. Every other is for c.behind. Both say what is wrong in words.
	// Hint: r.End has the good prefix, whether the rest was torn or there is none.
	panic(todo.Reached("week 2 day 6 task 3", "Read"))
}

// open takes the body of the first record.
func (c *Contents) open(_ int64, body []byte) error {
	after, n := binary.Uvarint(body)
	last, m := binary.Uvarint(body[max(n, 0):])
	if n <= 0 || m <= 0 || n+m != len(body) || last > uint64(kv.MaxSeq) {
		return fmt.Errorf("opening: %d bytes that are not two numbers", len(body))
	}
	c.After, c.AfterLast = after, kv.Seq(last)
	return nil
}

// behind takes the body of a record behind the opening.
func (c *Contents) behind(offset int64, body []byte) error {
	if string(body) != vouch {
		return c.add(offset, body)
	}
	c.Vouches = true
	return nil
}

// add takes the body of a batch's record. Its numbers must go on where those of the record before it ended.
func (c *Contents) add(offset int64, body []byte) error {
	// TODO(week 2, day 6, task 3): implement add. Chapter: book/week2/day6-write-ahead-log.md#batch
	//
	// Hint: binary.Uvarint returns a length of 0 or less if there is no number. The checksum was right; was the writer?
	// Hint: No write has a number above kv.MaxSeq. The largest uint64 and 1 are 0: compare before you add.
	// Hint: kv.DecodeBatch checks the rest, and copies it.
	// Hint: c.Last is where the record before it ended, or the log before this one.
	panic(todo.Reached("week 2 day 6 task 3", "Contents.add"))
}

// Last returns the sequence number of the log's last write, or, if there is none, of the write before it.
func (c *Contents) Last() kv.Seq {
	if len(c.Records) == 0 {
		return c.AfterLast
	}
	return c.Records[len(c.Records)-1].last()
}

// Memtable returns a memtable with all writes of the log, each with the number that it had.
func (c *Contents) Memtable() (*memtable.Table, error) {
	// TODO(week 2, day 6, task 3): implement Memtable. Chapter: book/week2/day6-write-ahead-log.md#memtable
	//
	// Hint: memtable.Capacity says how large an arena must be for so many writes with so many bytes of keys and values.
	// Hint: The memtable gets the log's number as its ID: the engine removes the log with it.
	panic(todo.Reached("week 2 day 6 task 3", "Contents.Memtable"))
}
