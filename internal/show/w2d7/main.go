// W2d7 draws a restart, a group commit, and what a loss of power at each operation of a store's life leaves of it.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week2/store"
)

func main() { draw.Main(picture) }

// picture draws all three.
func picture() error {
	return errors.Join(restart(), group(), crashes())
}

// options returns those of every store here.
func options(fs vfs.FS, mode store.LogMode) *store.Options {
	o := &store.Options{Log: mode, NoCompaction: true}
	o.FS, o.MemtableSize, o.CacheSize = fs, 8<<10, -1
	return o
}

// restart prints what your Open does to a directory with a table and a log.
func restart() error {
	disk := vfs.NewFault(vfs.NewMem())
	s, err := store.Open("db", options(disk, store.LogWritten))
	if err != nil {
		return err
	}
	err = errors.Join(s.Put([]byte("apple"), []byte("red")), s.Flush(context.Background()), s.Put([]byte("banana"), []byte("yellow")), s.Close())
	if err != nil {
		return err
	}
	before := len(disk.Log())
	if s, err = store.Open("db", options(disk, store.LogWritten)); err != nil {
		return err
	}
	draw.Title("Open, with a table and a log in the directory:")
	for _, call := range disk.Log()[before:] {
		fmt.Printf("  %-12s %s\n", call.Op, strings.Join(strings.Fields(call.Name+" "+call.To), " → "))
	}
	fmt.Printf("  holds %s\n", held(s))
	return s.Close()
}

// group prints how many syncs eight writers take that want to be durable at the same time.
func group() error {
	disk := vfs.NewFault(vfs.NewMem())
	admitted := make(gate, 8)
	o := options(disk, store.LogSynced)
	o.Gate = admitted
	s, err := store.Open("db", o)
	if err != nil {
		return err
	}
	reached, release := disk.BlockAt(vfs.OpSync, "*.log")
	done := make(chan error)
	draw.Title("Eight writers, and a disk that stands still in the first sync:")
	for i := range 8 {
		go func() { done <- s.Put(fmt.Appendf(nil, "k%d", i), []byte("v")) }()
		<-admitted
		<-reached
	}
	s.Stats() // the last one is in the log now
	fmt.Printf("  8 puts have come, %d of the log's syncs have begun; the disk goes on\n", disk.Count(vfs.OpSync, "*.log"))
	release()
	var errs []error
	for range 8 {
		errs = append(errs, <-done)
	}
	fmt.Printf("  8 puts are durable, with %d writes to the log and %d syncs\n", disk.Count(vfs.OpWrite, "*.log"), disk.Count(vfs.OpSync, "*.log"))
	return errors.Join(errors.Join(errs...), s.Close())
}

// gate tells of each batch that is admitted.
type gate chan struct{}

// Admit admits everything.
func (g gate) Admit(kv.Seq, *kv.Batch) error {
	g <- struct{}{}
	return nil
}

// life is what happens to the store that loses its power.
func life(fs vfs.FS) error {
	s, err := store.Open("db", options(fs, store.LogWritten))
	if err != nil {
		return err
	}
	var synced, batch kv.Batch
	synced.Set([]byte("a"), []byte("1"))
	batch.Set([]byte("b"), []byte("2"))
	batch.Set([]byte("c"), []byte("2"))
	_, err = s.Write(&synced, true)
	err = errors.Join(err, s.Apply(&batch), s.Flush(context.Background()), s.Put([]byte("d"), []byte("3")))
	return errors.Join(err, s.Close())
}

// crashes prints what is found after a power cut at each operation. Operations with the same outcome share a line.
func crashes() error {
	mem := vfs.NewMem()
	calm := vfs.NewFault(mem)
	var calls []string
	renamed := map[string]string{} // a call names its file as it was opened; the manifest has another name since
	calm.FailAt(func(c vfs.Call) bool {
		calls = append(calls, fmt.Sprintf("%s %s", c.Op, filepath.Base(cmp.Or(renamed[c.Name], c.Name))))
		if c.Op == vfs.OpRename {
			renamed[c.Name] = c.To
		}
		return false
	}, nil)
	if err := life(calm); err != nil {
		return err
	}
	draw.Title("Write a (synced), write the batch b c, flush, put d, close: a power cut at each of %d operations.", len(calls))
	fmt.Printf("  %-9s %-46s %-9s %-9s %s\n", "", "what was not synced is …", "lost", "torn", "kept")
	first, before := 1, ""
	for point := 1; point <= len(calls)+1; point++ {
		found := ""
		if point <= len(calls) {
			var err error
			if found, err = foundAfter(point); err != nil {
				return fmt.Errorf("after a power cut at operation %d, %s: %w", point, calls[point-1], err)
			}
		}
		if point > 1 && found != before {
			at := fmt.Sprintf("%s … %s", calls[first-1], calls[point-2])
			fmt.Printf("  %2d … %-4d %-46s %s\n", first, point-1, at, before)
			first = point
		}
		before = found
	}
	return nil
}

// foundAfter returns what is found after a power cut at one operation, in three outcomes.
func foundAfter(point int) (string, error) {
	mem := vfs.NewMem()
	mem.CrashAt(point)
	_ = life(mem) // it ends with the power
	var found []string
	for _, policy := range []vfs.Policy{vfs.LoseUnsynced, vfs.Tear(uint64(point)), vfs.KeepUnsynced} {
		s, err := store.Open("db", options(mem.Crash(policy), store.LogWritten))
		if err != nil {
			return "", fmt.Errorf("it does not open: %w", err)
		}
		found = append(found, fmt.Sprintf("%-9s", held(s)))
		if err := s.Close(); err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(strings.Join(found, " ")), nil
}

// held returns the keys of a store, for people.
func held(s *store.Store) string {
	var keys []string
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	for key := range scan.All() {
		keys = append(keys, string(key))
	}
	if len(keys) == 0 {
		return "-"
	}
	return strings.Join(keys, " ")
}
