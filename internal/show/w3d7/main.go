// W3d7 draws where routers put keys, what PARTITIONS says at each step of a Rebalance, and what a loss of power at
// each of its operations leaves.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week3/partition"
)

func main() { draw.Main(picture) }

// picture draws all of it.
func picture() error {
	shares()
	return errors.Join(batches(), steps(), crashes())
}

// shares prints how even routers are, and how many keys move when a partition is added.
func shares() {
	draw.Title("1,000 users among four partitions, and a fifth:")
	fmt.Printf("  %-28s %-24s %s\n", "", "keys in each", "with one more, keys that move")
	split := func(n int) partition.Router {
		return partition.Ranges([]string{"user0200", "user0400", "user0600", "user0800"}[:n-1]...)
	}
	for _, router := range []func(n int) partition.Router{partition.Hash, partition.Consistent, split} {
		four, five := router(4), router(5)
		counts, moved, between := make([]int, 4), 0, 0
		for i := range 1000 {
			key := fmt.Appendf(nil, "user%04d", i)
			from, to := four.Route(key), five.Route(key)
			counts[from]++
			if from != to {
				moved++
			}
			if from != to && to != 4 {
				between++
			}
		}
		name, _, _ := strings.Cut(four.String(), "([")
		fmt.Printf("  %-28s %-24s %d, %d of them between old partitions\n", name, strings.Trim(fmt.Sprint(counts), "[]"), moved, between)
	}
}

// options returns those of a database on a disk.
func options(fs vfs.FS, r partition.Router) *partition.Options {
	o := &partition.Options{Router: r}
	o.Store.FS, o.Store.MemtableSize, o.Store.CacheSize, o.Store.NoCompaction = fs, 16<<10, -1, true
	return o
}

// fill makes a database of four partitions, with some fruits.
func fill(fs vfs.FS) (*partition.DB, error) {
	db, err := partition.Open("db", options(fs, partition.Hash(4)))
	if err != nil {
		return nil, err
	}
	var b kv.Batch
	for _, fruit := range []string{"apple", "banana", "elder", "grape", "kiwi", "orange", "pear", "plum"} {
		b.Set([]byte(fruit), []byte("ripe"))
	}
	return db, db.Apply(&b)
}

// batches prints what your GetBatch says when one partition cannot be read, and your statistics.
func batches() error {
	disk := vfs.NewFault(vfs.NewMem())
	db, err := fill(disk)
	if err != nil {
		return err
	}
	if err := db.Flush(context.Background()); err != nil {
		return err
	}
	broken := partition.Hash(4).Route([]byte("kiwi"))
	disk.FailAt(func(c vfs.Call) bool {
		return c.Op == vfs.OpRead && strings.Contains(c.Name, fmt.Sprintf("partition_%d", broken))
	}, errors.New("the disk is broken"))
	draw.Title("A batch of keys, while partition %d cannot be read:", broken)
	keys := [][]byte{[]byte("kiwi"), []byte("apple"), []byte("nut"), []byte("pear"), []byte("apple")}
	for i, r := range db.GetBatch(keys) {
		text := string(r.Value)
		if r.Err != nil {
			text = r.Err.Error()
		}
		fmt.Printf("  %-8s %s\n", keys[i], text)
	}
	disk.Clear()
	draw.Title("Statistics:")
	stats := db.Stats()
	line := func(name string, c partition.Counts) {
		fmt.Printf("  %-12s memtables %d  tables %d  keys %d\n", name, c.Memtables, c.Tables, c.Keys)
	}
	for i, c := range stats.Partitions {
		line(fmt.Sprint("partition ", i), c)
	}
	line("total", stats.Total)
	return db.Close()
}

// steps prints what the disk says at each step of a Rebalance.
func steps() error {
	mem := vfs.NewMem()
	db, err := fill(mem)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	draw.Title("From four partitions to two, and what PARTITIONS says meanwhile:")
	disk := vfs.NewFault(mem)
	last := ""
	var unread error // why the map could not be read at some step
	look := func(vfs.Call) bool {
		m, err := partition.ReadMap(mem, "db")
		unread = errors.Join(unread, err)
		if text := describe(m); text != last {
			fmt.Println("  " + text)
			last = text
		}
		return false
	}
	disk.FailAt(look, nil)
	moved, err := partition.Rebalance(context.Background(), "db", options(disk, partition.Hash(2)))
	look(vfs.Call{})
	fmt.Printf("  %d keys have moved\n", moved)
	return errors.Join(err, unread)
}

// describe returns a map for people.
func describe(m partition.Map) string {
	text := "by " + m.Router
	if m.Target != "" {
		text = fmt.Sprintf("from %s to %s", m.Router, m.Target)
	}
	text += fmt.Sprintf(", in %d directories", m.Partitions)
	if m.Leftover > 0 {
		text += fmt.Sprintf(", %d left over", m.Leftover)
	}
	return text
}

// crashes prints what is found after a power cut at each operation of a Rebalance. Operations with the same outcome
// share a line.
func crashes() error {
	full := vfs.NewMem()
	db, err := fill(full)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	calm := full.Clone()
	if _, err := partition.Rebalance(context.Background(), "db", options(calm, partition.Hash(2))); err != nil {
		return err
	}
	draw.Title("A power cut at each of %d operations, where what was not synced is lost:", calm.Ops())
	first, before := 1, ""
	for point := 1; point <= calm.Ops()+1; point++ {
		found := ""
		if point <= calm.Ops() {
			if found, err = foundAfter(full, point); err != nil {
				return fmt.Errorf("after a power cut at operation %d: %w", point, err)
			}
		}
		if point > 1 && found != before {
			fmt.Printf("  %3d … %-4d %s\n", first, point-1, before)
			first = point
		}
		before = found
	}
	return nil
}

// foundAfter returns what is found after a power cut at one operation: by which router the database opens, and, once
// Rebalance was called again, how many keys there are.
func foundAfter(full *vfs.Mem, point int) (string, error) {
	mem := full.Clone()
	mem.CrashAt(point)
	_, _ = partition.Rebalance(context.Background(), "db", options(mem, partition.Hash(2))) // it ends with the power
	after := mem.Crash(vfs.LoseUnsynced)
	opens := "does not open: Rebalance goes on"
	for _, n := range []int{4, 2} {
		if db, err := partition.Open("db", options(after, partition.Hash(n))); err == nil {
			opens = fmt.Sprintf("opens by hash(%d)", n)
			if err := db.Close(); err != nil {
				return "", err
			}
		}
	}
	if _, err := partition.Rebalance(context.Background(), "db", options(after, partition.Hash(2))); err != nil {
		return "", err
	}
	db, err := partition.Open("db", options(after, partition.Hash(2)))
	if err != nil {
		return "", err
	}
	keys := 0
	scan := db.Scan(kv.Unbounded(), kv.Unbounded())
	for range scan.All() {
		keys++
	}
	return fmt.Sprintf("%s; in the end %d of 8 keys", opens, keys), errors.Join(scan.Err(), scan.Close(), db.Verify(context.Background()), db.Close())
}
