//lab:day 3.1

package mvcc_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// benchDB returns an open DB of 1,000 keys, in memory.
func benchDB(b *testing.B) *mvcc.DB {
	o := &mvcc.Options{}
	o.FS = vfs.NewMem()
	db, err := mvcc.Open("db", o)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	for i := range 1000 {
		_, err := db.Put(fmt.Appendf(nil, "k%04d", i), make([]byte, 100))
		require.NoError(b, err)
	}
	return db
}

// BenchmarkSnapshot takes a snapshot and closes it, while none and while 1,000 others are open.
func BenchmarkSnapshot(b *testing.B) {
	for _, others := range []int{0, 1000} {
		b.Run(fmt.Sprintf("others=%d", others), func(b *testing.B) {
			db := benchDB(b)
			for range others {
				db.Snapshot()
			}
			b.ReportAllocs()
			for b.Loop() {
				db.Snapshot().Close()
			}
		})
	}
}

// BenchmarkGet reads a key through the store, through a snapshot, and at a version.
func BenchmarkGet(b *testing.B) {
	db := benchDB(b)
	s, key := db.Snapshot(), []byte("k0500")
	reads := map[string]func() ([]byte, error){
		"store":    func() ([]byte, error) { return db.Get(key) },
		"snapshot": func() ([]byte, error) { return s.Get(key) },
		"version":  func() ([]byte, error) { return db.GetAt(key, s.Seq()) },
	}
	for name, read := range reads {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPut writes one key again and again.
func BenchmarkPut(b *testing.B) {
	db := benchDB(b)
	key, value := []byte("k0500"), make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.Put(key, value); err != nil {
			b.Fatal(err)
		}
	}
}
