// W2d6 draws the bytes of a log, what each way to write one leaves after a crash, and what becomes of a history with a
// hole.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week2/record"
	"lsmlab/week2/wal"
)

func main() { draw.Main(picture) }

// picture writes logs and reads them back.
func picture() error {
	fs, err := newDisk()
	if err != nil {
		return err
	}
	if err := write(wal.New("db", wal.Options{FS: fs}), 12, 300, true, fruit()...); err != nil {
		return err
	}
	data, err := vfs.ReadFile(fs, "db/000012.log")
	if err != nil {
		return err
	}
	draw.Title("Your log 12, %d bytes:", len(data))
	if err := fields(fs); err != nil {
		return err
	}
	draw.Title("Three writes in log 3, and what is found when …")
	if err := promises(); err != nil {
		return err
	}
	draw.Title("Writes 1 and 2 in log 1, 3 in log 4, 4 and 5 in log 6; the last byte of log 4 is lost:")
	return hole()
}

// newDisk returns a disk with an empty directory.
func newDisk() (*vfs.Mem, error) {
	fs := vfs.NewMem()
	return fs, errors.Join(fs.MkdirAll("db"), fs.SyncDir(""))
}

// fruit is what log 12 gets.
func fruit() []*kv.Batch {
	var one, two kv.Batch
	one.Set([]byte("apple"), []byte("red"))
	one.Delete([]byte("fig"))
	two.Set([]byte("member"), nil)
	return []*kv.Batch{&one, &two}
}

// put returns a batch of one write.
func put(key, value string) *kv.Batch {
	b := &kv.Batch{}
	b.Set([]byte(key), []byte(value))
	return b
}

// write writes batches to a new log, which stays open, as in a store that is running.
func write(logs *wal.Logs, number uint64, first kv.Seq, sync bool, batches ...*kv.Batch) error {
	l, err := logs.Create(number)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := l.Commit(l.Append(first, b), sync); err != nil {
			return err
		}
		first += kv.Seq(b.Len())
	}
	return nil
}

// fields prints what is in log 12.
func fields(fs vfs.FS) error {
	data, err := vfs.ReadFile(fs, "db/000012.log")
	if err != nil {
		return err
	}
	if len(data) < record.HeaderSize {
		return fmt.Errorf("your log has %d bytes; the header alone has %d", len(data), record.HeaderSize)
	}
	draw.Field(0, data[:8], "magic")
	draw.Field(8, data[8:12], "format version %d", binary.LittleEndian.Uint32(data[8:]))
	draw.Field(12, data[12:20], "file number %d", binary.LittleEndian.Uint64(data[12:]))
	draw.Field(20, data[20:24], "checksum of the 20 bytes before")
	r := record.NewReader("000012.log", 12, data)
	for opening := true; r.Next(); opening = false {
		at, body := int(r.Offset()), r.Body()
		draw.Field(at, data[at:at+4], "a body of %d bytes", len(body))
		draw.Field(at+4, data[at+4:at+8], "checksum of file number, offset %d and length", at)
		draw.Field(at+8, data[at+8:at+12], "checksum of these and the body")
		a, n := binary.Uvarint(body)
		b, m := binary.Uvarint(body[max(n, 0):])
		if n <= 0 || m <= 0 {
			draw.Field(at+12, body, "a body without two numbers")
			continue
		}
		at += record.FrameSize
		if opening {
			draw.Field(at, body[:n+m], "after log %d, write %d", a, b)
			continue
		}
		draw.Field(at, body[:n], "first write: %d", a)
		draw.Field(at+n, body[n:n+m], "%d of them", b)
		draw.Field(at+n+m, body[n+m:], "%s", words(body[n+m:], int(b)))
	}
	if rest := data[r.End():]; len(rest) > 0 {
		draw.Field(int(r.End()), rest, "bytes that are no record")
	}
	return r.Err()
}

// words returns the writes of a batch for people.
func words(enc []byte, count int) string {
	b, err := kv.DecodeBatch(enc, count)
	if err != nil {
		return err.Error()
	}
	var texts []string
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			texts = append(texts, fmt.Sprintf("delete %s", op.Key))
		} else {
			texts = append(texts, fmt.Sprintf("set %s = %q", op.Key, op.Value))
		}
	}
	return strings.Join(texts, ", ")
}

// promises prints what each way to write a log leaves.
func promises() error {
	for _, mode := range []struct {
		name string
		o    wal.Options
		sync bool
	}{
		{"LoseOnKill", wal.Options{LoseOnKill: true}, false}, {"written", wal.Options{}, false}, {"synced", wal.Options{}, true},
	} {
		fs, err := newDisk()
		if err != nil {
			return err
		}
		mode.o.FS = fs
		if err := write(wal.New("db", mode.o), 3, 1, mode.sync, put("a", "1"), put("b", "1"), put("c", "1")); err != nil {
			return err
		}
		killed, err := found(fs.Preview(vfs.KeepUnsynced), mode.o)
		if err != nil {
			return err
		}
		dead, err := found(fs.Preview(vfs.LoseUnsynced), mode.o)
		if err != nil {
			return err
		}
		fmt.Printf("  %-12s the process is killed: %d of 3   the machine stops: %d of 3\n", mode.name, killed, dead)
	}
	return nil
}

// found returns the last write that is found on a disk.
func found(fs vfs.FS, o wal.Options) (kv.Seq, error) {
	o.FS = fs
	_, r, err := wal.Open("db", o, 0)
	if err != nil {
		return 0, err
	}
	return r.Last, nil
}

// hole prints what is replayed of three logs, of which the middle one has lost its end.
func hole() error {
	fs, err := newDisk()
	if err != nil {
		return err
	}
	logs := wal.New("db", wal.Options{FS: fs})
	err = errors.Join(
		write(logs, 1, 1, false, put("a", "1"), put("b", "1")),
		write(logs, 4, 3, false, put("a", "2")),
		write(logs, 6, 4, false, put("b", "2"), put("c", "1")))
	if err != nil {
		return err
	}
	data, err := vfs.ReadFile(fs, "db/000004.log")
	if err != nil {
		return err
	}
	if err := vfs.WriteFile(fs, "db/000004.log", data[:max(len(data)-1, 0)]); err != nil {
		return err
	}
	_, r, err := wal.Open("db", wal.Options{FS: fs}, 0)
	if err != nil {
		return err
	}
	for _, t := range r.Memtables {
		entries, err := labtest.Collect(t.NewIterator())
		if err != nil {
			return err
		}
		fmt.Printf("  replayed  memtable %d: %v\n", t.ID(), labtest.Lines(entries))
	}
	for _, l := range r.Lost {
		fmt.Printf("  lost      %v\n", l)
	}
	fmt.Printf("  writes go on with %d\n", r.Last+1)
	return nil
}
