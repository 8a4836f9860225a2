//lab:day 1.5

package version_test

import (
	"fmt"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// benchVersion returns a version of one empty memtable, four tables of level 0 and a level 1 of ten tables, all with 1,000
// keys each, in a cache that holds everything. Table i of a level holds the keys k0000i000 to k0000i999.
func benchVersion(b *testing.B) *version.Version {
	o := sstable.Options{Cache: sstable.NewCache(64 << 20)}
	number := uint64(0)
	table := func(i int) *sstable.Table {
		number++
		users := make([]string, 1000)
		for j := range users {
			users[j] = fmt.Sprintf("k%08d", i*1000+j)
		}
		return newTable(b, number, o, users...)
	}
	v := &version.Version{Memtables: memtable.NewStack(memtable.New(1, 1<<16))}
	for i := range 4 {
		v.Runs = append(v.Runs, version.NewRun(0, uint64(4-i), []*sstable.Table{table(i)}))
	}
	var level []*sstable.Table
	for i := range 10 {
		level = append(level, table(i))
	}
	v.Runs = append(v.Runs, version.NewRun(1, 0, level))
	return v
}

// BenchmarkGet looks for a key that the top table has, one that only the bottom has, and one that nobody has.
func BenchmarkGet(b *testing.B) {
	v := benchVersion(b)
	for _, c := range []struct{ name, user string }{{"top", "k00000500"}, {"bottom", "k00009500"}, {"miss", "k00009500x"}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			user := []byte(c.user)
			for b.Loop() {
				v.Get(user, kv.MaxSeq)
			}
		})
	}
}

// BenchmarkScan positions a scan of everything once and steps through it.
func BenchmarkScan(b *testing.B) {
	v := benchVersion(b)
	it := v.Scan(kv.Unbounded(), kv.Unbounded(), kv.MaxSeq)
	defer it.Close()
	b.ReportAllocs()
	for b.Loop() {
		if !it.Valid() {
			it.First()
		}
		it.Next()
	}
}

// BenchmarkScanShort makes a scan and takes ten steps.
func BenchmarkScanShort(b *testing.B) {
	v := benchVersion(b)
	lower := kv.Included([]byte("k00005000"))
	b.ReportAllocs()
	for b.Loop() {
		it := v.Scan(lower, kv.Unbounded(), kv.MaxSeq)
		it.First()
		for range 10 {
			it.Next()
		}
		it.Close()
	}
}
