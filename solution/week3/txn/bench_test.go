//lab:day 3.2

package txn_test

import (
	"fmt"
	"testing"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// benchBank opens a store in memory, whose commits are as durable as plain writes: what is measured is the transaction.
func benchBank(b *testing.B) *txn.DB {
	b.Helper()
	o := &txn.Options{NoSync: true}
	o.FS = vfs.NewMem()
	db, err := txn.Open("bank", o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// BenchmarkWorkspace compares a plain put with a transaction around it, and with what a transaction costs that does nothing.
func BenchmarkWorkspace(b *testing.B) {
	key, value := []byte("alice"), []byte("1000")
	run := func(name string, f func(db *txn.DB) error) {
		b.Run(name, func(b *testing.B) {
			db := benchBank(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := f(db); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("plain put", func(db *txn.DB) error {
		_, err := db.Put(key, value)
		return err
	})
	run("begin and rollback", func(db *txn.DB) error {
		t, err := db.Begin(txn.SnapshotIsolation)
		if err != nil {
			return err
		}
		return t.Rollback()
	})
	for _, n := range []int{1, 10, 1000} {
		run(fmt.Sprintf("update of %d", n), func(db *txn.DB) error {
			return db.Update(func(t *txn.Txn) error {
				for i := range n {
					if err := t.Put(fmt.Appendf(nil, "key%d", i), value); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}
