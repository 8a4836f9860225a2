//lab:day 3.4

package txn_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/txn"
)

// benchStore opens a new store on the disk, with an oracle or without. Commits are as durable as puts: written.
func benchStore(b *testing.B, oracle *txn.Oracle, mode store.LogMode) *txn.DB {
	o := &txn.Options{NoSync: true, Options: mvcc.Options{Collector: mvcc.NewCollector(0)}}
	o.Log = mode
	if oracle != nil {
		o.Validator = oracle
	}
	db, err := txn.Open(b.TempDir(), o)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	return db
}

// BenchmarkPlainPut puts keys of 16 bytes with values of 100: without an oracle, with one, and while an old
// transaction is open for which everything must be remembered: new keys, and a thousand keys again and again.
func BenchmarkPlainPut(b *testing.B) {
	for _, mode := range []store.LogMode{store.LogWritten, store.LogOff} {
		for _, with := range []string{"none", "idle", "reader", "reader-again"} {
			b.Run(fmt.Sprintf("log=%d/oracle=%s", mode, with), func(b *testing.B) {
				var oracle *txn.Oracle
				if with != "none" {
					oracle = txn.NewOracle()
				}
				db := benchStore(b, oracle, mode)
				if len(with) > 4 {
					_, err := db.Begin(txn.SnapshotIsolation)
					require.NoError(b, err)
				}
				value, key, i := make([]byte, 100), make([]byte, 0, 16), 0
				b.ReportAllocs()
				for b.Loop() {
					i++
					n := i
					if with == "reader-again" {
						n %= 1000
					}
					key = fmt.Appendf(key[:0], "%016d", n*7919%100_000_000)
					if _, err := db.Put(key, value); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkAdmit is the oracle alone: a batch of one write of a new key, while nobody reads, and of one of a thousand
// keys while somebody does.
func BenchmarkAdmit(b *testing.B) {
	for _, reader := range []bool{false, true} {
		b.Run(fmt.Sprintf("reader=%t", reader), func(b *testing.B) {
			oracle, seq := txn.NewOracle(), kv.Seq(0)
			oracle.Opened(func() kv.Seq { return seq })
			if reader {
				oracle.Begin(func() kv.Seq { return 0 })
			}
			var batch kv.Batch
			key := make([]byte, 16)
			b.ReportAllocs()
			for b.Loop() {
				key[0], key[1], key[2] = byte(seq), byte(seq>>8)&3, byte(seq>>10)
				if reader {
					key[2] = 0
				}
				batch.Reset()
				batch.Set(key, nil)
				if err := oracle.Admit(seq+1, &batch); err != nil {
					b.Fatal(err)
				}
				seq++
			}
		})
	}
}

// BenchmarkTxn reads and writes that many keys, and commits: as one batch without a transaction, and with
// transactions of each level, with and without an oracle.
func BenchmarkTxn(b *testing.B) {
	levels := map[string]txn.Isolation{"snapshot": txn.SnapshotIsolation, "serializable": txn.Serializable}
	for _, keys := range []int{1, 10, 100} {
		for _, how := range []string{"batch", "no-oracle", "snapshot", "serializable"} {
			b.Run(fmt.Sprintf("keys=%d/%s", keys, how), func(b *testing.B) {
				var oracle *txn.Oracle
				if how == "snapshot" || how == "serializable" {
					oracle = txn.NewOracle()
				}
				db := benchStore(b, oracle, store.LogWritten)
				names := make([][]byte, keys)
				for i := range names {
					names[i] = fmt.Appendf(nil, "key%08d", i)
				}
				value := make([]byte, 100)
				b.ReportAllocs()
				for b.Loop() {
					if err := readAndWrite(db, how, levels[how], names, value); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// readAndWrite reads each key, and writes it.
func readAndWrite(db *txn.DB, how string, level txn.Isolation, keys [][]byte, value []byte) error {
	if how == "batch" {
		var batch kv.Batch
		for _, key := range keys {
			_, _ = db.Get(key)
			batch.Set(key, value)
		}
		return db.Apply(&batch)
	}
	tx, err := db.Begin(level)
	if err != nil {
		return err
	}
	for _, key := range keys {
		_, _ = tx.Get(key)
		if err := tx.Put(key, value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// BenchmarkRange commits a transaction that has walked a range, while so many other keys were written since its
// snapshot. All are looked at.
func BenchmarkRange(b *testing.B) {
	for _, others := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("written=%d", others), func(b *testing.B) {
			oracle := txn.NewOracle()
			oracle.Opened(func() kv.Seq { return 0 })
			for i := range others {
				var batch kv.Batch
				batch.Set(fmt.Appendf(nil, "key%08d", i), nil)
				require.NoError(b, oracle.Admit(kv.Seq(i+1), &batch))
			}
			walked := &txn.Range{Lower: kv.Included([]byte("a")), Upper: kv.Included([]byte("b"))}
			f := &txn.Footprint{Level: txn.Serializable, Ranges: []*txn.Range{walked}}
			var batch kv.Batch
			b.ReportAllocs()
			for b.Loop() {
				if err := oracle.Commit(&batch, f, func() error { return oracle.Admit(kv.Seq(others+1), &batch) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMillion runs a million serializable transactions over a store, each of which reads a key and writes
// another one, and says how much memory the process holds after the first hundred thousand and in the end, and how
// many records the oracle has.
func BenchmarkMillion(b *testing.B) {
	for b.Loop() {
		oracle := txn.NewOracle()
		db := benchStore(b, oracle, store.LogOff)
		for i := range 1_000_000 {
			key := fmt.Appendf(nil, "key%08d", i%50_000)
			if err := readAndWrite(db, "", txn.Serializable, [][]byte{key}, key); err != nil {
				b.Fatal(err)
			}
			if i == 100_000 {
				b.ReportMetric(heap(), "MB-after-100000")
			}
		}
		b.ReportMetric(heap(), "MB-after-1000000")
		b.ReportMetric(float64(oracle.Stats().Records), "records")
	}
}

// heap returns how many megabytes are in use.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
