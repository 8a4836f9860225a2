// W3d1 draws one key's history across the tree, what snapshots see of it, and who is reading.
package main

import (
	"bytes"
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

// fruit is the key whose life is drawn.
var fruit = []byte("apple")

// picture writes a life, and looks at it from all sides.
func picture() error {
	o := &mvcc.Options{}
	o.FS, o.MemtableSize, o.NoCompaction = vfs.NewMem(), 8<<10, true
	db, err := mvcc.Open("db", o)
	if err != nil {
		return err
	}
	snapshots, err := live(db)
	if err != nil {
		return err
	}
	draw.Title("The history of apple, and where it lies:")
	if err := history(db); err != nil {
		return err
	}
	draw.Title("apple at each version:")
	for v := range db.Visible() + 2 {
		value, err := db.GetAt(fruit, v)
		fmt.Printf("  %2d  %s\n", v, answer(value, err))
	}
	draw.Title("What three snapshots still see:")
	for _, s := range snapshots {
		if err := see(s); err != nil {
			return err
		}
	}
	draw.Title("Who is still reading:")
	stats := db.Snapshots()
	fmt.Printf("  %d open, the oldest at version %d\n", stats.Open, stats.Oldest)
	for _, info := range stats.List {
		fmt.Printf("  %2d  taken at %s\n", info.Seq, filepath.Base(info.Where))
	}
	for _, s := range snapshots {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, db.Close())
}

// live writes apple and others, moves them down the tree, and takes a snapshot now and then.
func live(db *mvcc.DB) (snapshots []*mvcc.Snapshot, err error) {
	ctx := context.Background()
	put := func(key, value string) error { _, err := db.Put([]byte(key), []byte(value)); return err }
	err = errors.Join(put("apple", "green"), put("fig", "blue"), put("apple", ""), db.Compact(ctx))
	snapshots = append(snapshots, db.Snapshot())
	_, deleted := db.Delete(fruit)
	err = errors.Join(err, deleted, put("apple@1", "another key"), db.Flush(ctx))
	snapshots = append(snapshots, db.Snapshot())
	err = errors.Join(err, put("apple", "red"), put("fig", "black"), db.Flush(ctx), put("apple", "brown"))
	return append(snapshots, db.Snapshot()), err
}

// history prints the versions of apple, the oldest first, each with the part of the tree in which it stands.
func history(db *mvcc.DB) error {
	versions, err := db.History(fruit)
	if err != nil {
		return err
	}
	for _, v := range versions {
		what := fmt.Sprintf("%q", v.Value)
		if v.Deleted {
			what = "deleted"
		}
		where, err := place(db, v.Seq)
		if err != nil {
			return err
		}
		fmt.Printf("  %2d  %-10s %s\n", v.Seq, what, where)
	}
	return nil
}

// place returns which part of the tree holds that version of apple.
func place(db *mvcc.DB, v kv.Seq) (string, error) {
	tree, _ := db.View()
	holds := func(it kv.Iterator) (bool, error) {
		it.SeekGE(kv.SeekKey(fruit, v))
		found := it.Valid() && bytes.Equal(it.Key().User, fruit) && it.Key().Seq() == v
		return found, errors.Join(it.Err(), it.Close())
	}
	for _, t := range tree.Memtables.Tables() {
		if found, err := holds(t.NewIterator()); found || err != nil {
			return fmt.Sprintf("memtable %d", t.ID()), err
		}
	}
	for _, r := range tree.Runs {
		if found, err := holds(r.NewIterator()); found || err != nil {
			return fmt.Sprintf("level %d, %06d.sst", r.Level(), r.Table(fruit).Number()), err
		}
	}
	return "nowhere", nil
}

// see prints all that a snapshot shows.
func see(s *mvcc.Snapshot) error {
	var items []string
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		items = append(items, fmt.Sprintf("%s = %q", key, value))
	}
	fmt.Printf("  %2d  %s\n", s.Seq(), strings.Join(items, ", "))
	return errors.Join(scan.Err(), scan.Close())
}

// answer puts what a read returned into words.
func answer(value []byte, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%q", value)
}
