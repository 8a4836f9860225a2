// W3d3 draws who reads and where the watermark stands, what collectors leave of a key's history, and a forgotten snapshot.
package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week3/mvcc"
)

func main() { draw.Main(picture) }

// picture draws all three.
func picture() error {
	readers()
	return errors.Join(histories(), forgotten())
}

// readers prints the watermark while readers come and go.
func readers() {
	w := mvcc.NewCollector(0)
	var visible kv.Seq
	line := func(what string) {
		w.Keeper(visible)
		fmt.Printf("  %-36s visible %2d   watermark %2d   %s\n", what, visible, w.Floor(), ruler(w.Floor(), visible))
	}
	come := func(at kv.Seq) kv.Seq {
		visible = at
		return w.Acquire(func() kv.Seq { return visible })
	}
	draw.Title("Readers, and the watermark of a merge that begins now (─ gone, ░ kept whole):")
	come(4)
	line("a reader comes, at 4")
	come(4)
	line("another one, at 4")
	come(9)
	line("and one at 9")
	visible = 23
	line("writes up to 23 become visible")
	w.Release(4)
	line("one of the two at 4 goes")
	w.Release(4)
	line("the other one goes")
	fmt.Printf("  %-36s %v\n", "may somebody begin to read at 5?", w.AcquireAt(5))
	fmt.Printf("  %-36s %v\n", "at 12?", w.AcquireAt(12))
	w.Release(9)
	line("the one at 9 goes")
	w.Release(12)
	line("the one at 12 goes")
}

// ruler draws the numbers up to the visible one.
func ruler(watermark, visible kv.Seq) string {
	return strings.Repeat("─", int(watermark)) + "●" + strings.Repeat("░", int(visible-watermark))
}

// open opens a store in memory whose collector keeps that many versions.
func open(keep int) (*mvcc.DB, *mvcc.Watermark, error) {
	w := mvcc.NewCollector(keep)
	o := &mvcc.Options{Collector: w}
	o.FS, o.NoCompaction = vfs.NewMem(), true
	db, err := mvcc.Open("db", o)
	return db, w, err
}

// step writes, flushes or compacts, as its word says; "k-" deletes.
func step(db *mvcc.DB, word string) error {
	switch {
	case word == "flush":
		return db.Flush(context.Background())
	case word == "compact":
		return db.Compact(context.Background())
	case strings.HasSuffix(word, "-"):
		_, err := db.Delete([]byte(strings.TrimSuffix(word, "-")))
		return err
	}
	key, value, _ := strings.Cut(word, "=")
	_, err := db.Put([]byte(key), []byte(value))
	return err
}

// steps carries out several.
func steps(db *mvcc.DB, words string) error {
	for _, word := range strings.Fields(words) {
		if err := step(db, word); err != nil {
			return err
		}
	}
	return nil
}

// histories prints what collectors leave of the same history.
func histories() error {
	draw.Title("k=a k=b k- k=c, a reader comes, k=d k=e, everything is merged; it goes, and again. The history of k:")
	for _, keep := range []int{0, 2, 4, -1} {
		db, _, err := open(keep)
		if err != nil {
			return err
		}
		err = steps(db, "k=a k=b k- k=c flush")
		s := db.Snapshot()
		err = errors.Join(err, steps(db, "k=d k=e compact"))
		during := history(db)
		err = errors.Join(err, s.Close(), step(db, "compact"))
		fmt.Printf("  NewCollector(%2d)   reader open: %-32s gone: %s\n", keep, during, history(db))
		if err = errors.Join(err, db.Close()); err != nil {
			return err
		}
	}
	db, w, err := open(-1)
	if err != nil {
		return err
	}
	err = errors.Join(steps(db, "k=a k=b flush k- k=c flush k=d k=e"), db.Cleanup([]byte("k"), 2))
	fmt.Printf("  Cleanup(k, 2)      on the list: %d, before a merge: %s\n", w.Cleanups(), history(db))
	err = errors.Join(err, step(db, "compact"))
	fmt.Printf("  %-18s after a merge: %s\n", "", history(db))
	return errors.Join(err, db.Close())
}

// history returns the versions of k for people.
func history(db *mvcc.DB) string {
	versions, err := db.History([]byte("k"))
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, v := range versions {
		value := string(v.Value)
		if v.Deleted {
			value = "-"
		}
		out = append(out, fmt.Sprintf("%d:%s", v.Seq, value))
	}
	return strings.Join(out, " ")
}

// forgotten prints how a store grows under a snapshot that nobody closes.
func forgotten() error {
	db, _, err := open(0)
	if err != nil {
		return err
	}
	draw.Title("Ten keys are overwritten round after round, and merged. A snapshot is forgotten after round 3, and closed after round 6:")
	var s *mvcc.Snapshot
	for round := 1; round <= 8; round++ {
		for range 5 {
			for key := range 10 {
				err = errors.Join(err, step(db, fmt.Sprintf("k%d=%d", key, round)))
			}
		}
		if err = errors.Join(err, step(db, "compact")); err != nil {
			return err
		}
		entries := db.Stats().Runs[0].Tables[0].Entries
		stats := db.Snapshots()
		where := ""
		if stats.Open > 0 {
			where = fmt.Sprintf("  held by 1 snapshot at %d, made in %s", stats.Oldest, filepath.Base(stats.List[0].Where))
		}
		fmt.Printf("  round %d   %4d versions %s%s\n", round, entries, strings.Repeat("▪", (entries+9)/10), where)
		switch round {
		case 3:
			s = db.Snapshot()
		case 6:
			err = s.Close()
		}
	}
	return errors.Join(err, db.Close())
}
