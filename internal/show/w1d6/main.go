// W1d6 draws a tree while it is written: memtables, L0, and what a read asks.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/engine"
)

func main() { draw.Main(picture) }

// picture writes into an engine and draws it after each step.
func picture() (err error) {
	e, err := engine.Open("db", &engine.Options{FS: vfs.NewMem(), MemtableSize: 64 << 10})
	if err != nil {
		return err
	}
	steps := []struct {
		what        string
		first, last int
		flush       bool
	}{
		{"fill k100 … k200, flush", 100, 200, true},
		{"fill k250 … k400, flush", 250, 400, true},
		{"fill k300 … k900, flush", 300, 900, true},
		{"fill k150 … k160", 150, 160, false},
	}
	for _, s := range steps {
		for i := s.first; i <= s.last; i++ {
			if err := e.Put(fmt.Appendf(nil, "k%d", i), fmt.Appendf(nil, "value %d", i)); err != nil {
				return err
			}
		}
		if s.flush {
			if err := e.Flush(context.Background()); err != nil {
				return err
			}
		}
		draw.Title("%s", s.what)
		tree(e.Stats())
	}
	draw.Title("Reads:")
	for _, key := range []string{"k155", "k250", "k350", "k205"} {
		if err := get(e, key); err != nil {
			return err
		}
	}
	scan := e.Scan(kv.Included([]byte("k200")), kv.Excluded([]byte("k300")))
	scan.First()
	active, n := scan.NumActive(), 0
	for ; scan.Valid(); scan.Next() {
		n++
	}
	fmt.Printf("  Scan([\"k200\", \"k300\")): %d entries, out of %d sources\n", n, active)
	return errors.Join(scan.Err(), scan.Close(), e.Close())
}

// tree prints memtables and levels.
func tree(s engine.Stats) {
	for i, m := range s.Memtables {
		name := "frozen"
		if i == 0 {
			name = "active"
		}
		fmt.Printf("  %-10s %06d  %s\n", name, m.ID, draw.Bytes(int64(m.Size))+fmt.Sprintf(", %d entries", m.Entries))
	}
	for _, r := range s.Runs {
		var tables []string
		for _, t := range r.Tables {
			tables = append(tables, fmt.Sprintf("%06d  [%s … %s]  %d entries, %s", t.Number, t.First, t.Last, t.Entries, draw.Bytes(t.Size)))
		}
		fmt.Printf("  L%-9d %s\n", r.Level, strings.Join(tables, " · "))
	}
}

// get reads one key and says what that cost.
func get(e *engine.Engine, key string) error {
	before := e.Stats()
	value, err := e.Get([]byte(key))
	answer := fmt.Sprintf("%q", value)
	if errors.Is(err, kv.ErrNotFound) {
		answer, err = "not found", nil
	}
	after := e.Stats()
	fmt.Printf("  Get(%q) = %-12s may be in %d of %d tables; %s read, %d from the cache\n", key, answer, candidates(e, key), len(after.Runs),
		draw.Count(after.BlockReads-before.BlockReads, "block"), after.CacheHits-before.CacheHits)
	return err
}

// candidates returns how many tables your pruning leaves for a key.
func candidates(e *engine.Engine, key string) int {
	v, _ := e.View()
	n := 0
	for _, r := range v.Runs {
		for _, t := range r.Tables() {
			if v.Prune == nil || v.Prune.Key == nil || v.Prune.Key(t.First(), t.Last(), []byte(key)) {
				n++
			}
		}
	}
	return n
}
