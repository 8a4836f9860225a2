//go:build labshow

// W1d1 draws the towers of a skip list, and a stack of tables.
package main

import (
	"fmt"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/week1/memtable"
)

func main() { draw.Main(picture) }

// picture fills a table and a stack.
func picture() error {
	t := memtable.New(1, 1<<16)
	fmt.Println(`Into your memtable: "cherry" "apple" "fig" "date" "apple" (again) "banana", then "date" is deleted.`)
	for i, key := range []string{"cherry", "apple", "fig", "date", "apple", "banana"} {
		if err := t.Put(kv.Seq(i+1), []byte(key), fmt.Appendf(nil, "value %d", i+1)); err != nil {
			return err
		}
	}
	if err := t.Delete(7, []byte("date")); err != nil {
		return err
	}
	draw.Title("Its towers (the dice fall anew each time):")
	towers(t.LabTowers())
	if err := heights(); err != nil {
		return err
	}
	draw.Title("Read at different moments:")
	for _, at := range []kv.Seq{1, 4, 7} {
		for _, key := range []string{"apple", "date"} {
			fmt.Printf("  Get(%-7q at %d) = %s\n", key, at, draw.Version(t.Get([]byte(key), at)))
		}
	}
	fmt.Printf("\n%d versions, %s.\n", t.Len(), draw.Bytes(int64(t.Size())))
	return stack(t)
}

// towers draws the levels, from the highest in use down.
func towers(labels []string, levels []map[int]bool) {
	highest := 0
	for _, on := range levels {
		for level := range on {
			highest = max(highest, level)
		}
	}
	for level := highest; level >= 0; level-- {
		var b strings.Builder
		for i, label := range labels {
			piece := "-> " + label + " "
			if !levels[i][level] {
				piece = strings.Repeat("-", len(piece))
			}
			b.WriteString(piece)
		}
		fmt.Printf("  level %d  head %s-> end\n", level, b.String())
	}
}

// heights counts the towers of a larger table by their height.
func heights() error {
	const keys = 4096
	t := memtable.New(1, memtable.Capacity(keys, keys*8))
	for i := range keys {
		if err := t.Put(kv.Seq(i+1), fmt.Appendf(nil, "%04d", i), nil); err != nil {
			return err
		}
	}
	var count []int
	for _, height := range t.Towers() {
		for len(count) < height {
			count = append(count, 0)
		}
		count[height-1]++
	}
	fmt.Printf("\nOf a table of %d keys, so many towers have height 1, 2, 3, …: %v\n", keys, count)
	return nil
}

// stack freezes the table twice and asks the stack.
func stack(t *memtable.Table) error {
	s := memtable.NewStack(t)
	for id := uint64(2); id <= 3; id++ {
		next := memtable.New(id, 1<<16)
		if err := next.Put(kv.Seq(10*id), []byte("fig"), fmt.Appendf(nil, "from table %d", id)); err != nil {
			return err
		}
		s = s.Freeze(next)
	}
	draw.Title("A stack, the newest table on top:")
	for i, t := range s.Tables() {
		state := "frozen"
		if i == 0 {
			state = "active"
		}
		fmt.Printf("  %s  table %d  versions: %d\n", state, t.ID(), t.Len())
	}
	for _, at := range []kv.Seq{35, 25, 5} {
		fmt.Printf("  Get(\"fig\" at %d) = %s\n", at, draw.Version(s.Get([]byte("fig"), at)))
	}
	return nil
}
