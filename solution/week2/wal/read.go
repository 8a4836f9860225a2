//lab:day 2.6

package wal

import (
	"encoding/binary"
	"fmt"
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week2/record"
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
//
//lab:todo 3 write-ahead-log#read
//lab:hint record.NewReader knows the header, the checksums and what a torn end is. You know what the bodies mean.
//lab:hint The first record is the opening: c.open. Every other is for c.behind. Both say what is wrong in words.
//lab:hint r.End has the good prefix, whether the rest was torn or there is none.
func Read(fs vfs.FS, dir string, number uint64) (*Contents, error) {
	// #region read
	name := FileName(number)
	data, err := vfs.ReadFile(fs, filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	c := &Contents{Number: number, Size: int64(len(data))}
	r := record.NewReader(name, number, data)
	for next := c.open; r.Next(); next = c.behind {
		if err := next(r.Offset(), r.Body()); err != nil {
			return nil, &kv.CorruptionError{File: name, Offset: r.Offset(), Reason: err.Error()}
		}
	}
	c.End = r.End()
	return c, r.Err()
	// #endregion
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
//
//lab:todo 3 write-ahead-log#batch
//lab:hint binary.Uvarint returns a length of 0 or less if there is no number. The checksum was right; was the writer?
//lab:hint No write has a number above kv.MaxSeq. The largest uint64 and 1 are 0: compare before you add.
//lab:hint kv.DecodeBatch checks the rest, and copies it.
//lab:hint c.Last is where the record before it ended, or the log before this one.
func (c *Contents) add(offset int64, body []byte) error {
	// #region batch
	first, n := binary.Uvarint(body)
	count, m := binary.Uvarint(body[max(n, 0):])
	if n <= 0 || m <= 0 || count == 0 || count > uint64(len(body)) || first > uint64(kv.MaxSeq)-count+1 {
		return fmt.Errorf("batch: no numbers at its beginning, or such as no batch has")
	}
	b, err := kv.DecodeBatch(body[n+m:], int(count))
	if err != nil {
		return err
	}
	if last := c.Last(); kv.Seq(first) <= last || len(c.Records) > 0 && kv.Seq(first) != last+1 {
		return fmt.Errorf("batch: begins with write %d, the one before it ends with %d", first, last)
	}
	c.Records = append(c.Records, Record{Offset: offset, First: kv.Seq(first), Batch: b})
	return nil
	// #endregion
}

// Last returns the sequence number of the log's last write, or, if there is none, of the write before it.
func (c *Contents) Last() kv.Seq {
	if len(c.Records) == 0 {
		return c.AfterLast
	}
	return c.Records[len(c.Records)-1].last()
}

// Memtable returns a memtable with all writes of the log, each with the number that it had.
//
//lab:todo 3 write-ahead-log#memtable
//lab:hint memtable.Capacity says how large an arena must be for so many writes with so many bytes of keys and values.
//lab:hint The memtable gets the log's number as its ID: the engine removes the log with it.
func (c *Contents) Memtable() (*memtable.Table, error) {
	// #region memtable
	writes, payload := 0, 0
	for _, r := range c.Records {
		writes += r.Batch.Len()
		payload += r.Batch.Payload()
	}
	t := memtable.New(c.Number, memtable.Capacity(writes, payload))
	for _, r := range c.Records {
		if err := t.Apply(r.First, r.Batch); err != nil {
			return nil, fmt.Errorf("replay %s: %w", FileName(c.Number), err)
		}
	}
	return t, nil
	// #endregion
}
