// W1d5 draws a version of the tree as a stack of runs, and how reads go down it.
package main

import (
	"errors"
	"fmt"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/memtable"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
)

func main() { draw.Main(picture) }

// metrics counts the blocks that reads touch. There is no cache, so each is read from the file.
var metrics sstable.Metrics

// picture builds a version with a memtable, two tables in L0 and a run of two tables below.
func picture() error {
	fs := vfs.NewMem()
	var tables []*sstable.Table
	for number, keys := range [][2]int{{10, 39}, {40, 90}, {25, 45}, {60, 70}} {
		t, err := table(fs, uint64(number+1), keys[0], keys[1])
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	active := memtable.New(9, 1<<16)
	if err := errors.Join(active.Put(901, []byte("k30"), []byte("newest")), active.Delete(902, []byte("k65"))); err != nil {
		return err
	}
	v := &version.Version{Memtables: memtable.NewStack(active)}
	v = v.Apply(&version.Edit{Add: []*version.Run{version.NewRun(1, 1, tables[:2])}})
	v = v.Apply(&version.Edit{Add: []*version.Run{version.NewRun(0, 3, tables[2:3])}})
	v = v.Apply(&version.Edit{Add: []*version.Run{version.NewRun(0, 4, tables[3:])}})
	draw.Title("Your version, newest on top; keys from k00 to k99:")
	fmt.Printf("  %-12s %s\n", "memtable", bar([2]int{30, 30}, [2]int{65, 65}))
	for _, r := range v.Runs {
		var spans [][2]int
		var names []string
		for _, t := range r.Tables() {
			spans = append(spans, [2]int{number(t.First()), number(t.Last())})
			names = append(names, t.String())
		}
		fmt.Printf("  L%d epoch %d   %s  %s\n", r.Level(), r.Epoch(), bar(spans...), strings.Join(names, ", "))
	}
	draw.Title("Reads:")
	for _, key := range []string{"k30", "k31", "k65", "k66", "k12", "k95"} {
		if err := get(v, key); err != nil {
			return err
		}
	}
	return scan(v)
}

// table writes and opens a table with the keys from first to last; higher numbers hold newer versions.
func table(fs vfs.FS, number uint64, first, last int) (*sstable.Table, error) {
	name := sstable.FileName(number)
	f, err := fs.Create(name)
	if err != nil {
		return nil, err
	}
	w := sstable.NewWriter(f, sstable.Options{BlockSize: 512})
	for i := first; i <= last; i++ {
		key := kv.MakeKey(fmt.Appendf(nil, "k%02d", i), kv.Seq(100*number)+kv.Seq(i), kv.KindSet)
		if err := w.Add(key, fmt.Appendf(nil, "from table %d", number)); err != nil {
			return nil, err
		}
	}
	if _, err := w.Finish(); err != nil {
		return nil, err
	}
	if f, err = fs.Open(name); err != nil {
		return nil, err
	}
	return sstable.Open(f, name, number, sstable.Options{Metrics: &metrics})
}

// number returns the number in a key.
func number(key []byte) (n int) {
	_, _ = fmt.Sscanf(string(key), "k%d", &n) // the keys are ours
	return n
}

// bar draws spans of keys on a line of 50 columns.
func bar(spans ...[2]int) string {
	line := []rune(strings.Repeat("·", 50))
	for _, s := range spans {
		for i := s[0] / 2; i <= s[1]/2; i++ {
			line[i] = '━'
		}
	}
	return string(line)
}

// get reads one key and says what that cost.
func get(v *version.Version, key string) error {
	before := metrics.BlockReads.Load()
	value, err := v.Get([]byte(key), kv.MaxSeq)
	answer := fmt.Sprintf("%q", value)
	if errors.Is(err, kv.ErrNotFound) {
		answer, err = "not found", nil
	}
	fmt.Printf("  Get(%q) = %-16s %s read\n", key, answer, draw.Count(metrics.BlockReads.Load()-before, "block"))
	return err
}

// scan prints what a reader sees in a small range.
func scan(v *version.Version) error {
	it := v.Scan(kv.Included([]byte("k63")), kv.Excluded([]byte("k73")), kv.MaxSeq)
	draw.Title(`A scan of ["k63", "k73"):`)
	for it.First(); it.Valid(); it.Next() {
		fmt.Printf("  %s = %q\n", it.Key().User, it.Value())
	}
	return errors.Join(it.Err(), it.Close())
}
