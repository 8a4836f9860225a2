//lab:day 2.1

package compaction_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/filter"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/compaction"
)

const (
	benchRuns    = 4
	benchEntries = 50_000 // of each run, about 6 MiB
)

// again is a compactor that does a full job n times, and throws the results away.
type again struct {
	*compaction.Compactor
	dir string
	n   int
}

// Compact does a full job n times and nothing else.
func (a *again) Compact(ctx context.Context, job *engine.Job) (*version.Edit, error) {
	if !job.Full {
		return nil, nil
	}
	for range a.n {
		edit, err := a.Compactor.Compact(ctx, job)
		if err != nil {
			return nil, err
		}
		for _, t := range edit.Add[0].Tables() {
			t.Close()
			if err := os.Remove(filepath.Join(a.dir, sstable.FileName(t.Number()))); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// BenchmarkMerge measures a merge of four runs of 16-byte keys and 100-byte values, files and syncs included, for each version
// that goes in.
func BenchmarkMerge(b *testing.B) {
	for name, keys := range map[string]int{"no key twice": 1 << 60, "half of them shadowed": benchRuns * benchEntries / 3} {
		b.Run(name, func(b *testing.B) {
			worker := &again{Compactor: compaction.New(nil, compaction.Options{}), dir: b.TempDir(), n: 1}
			e, err := engine.Open(worker.dir, &engine.Options{
				MemtableSize: 16 << 20, Filter: filter.Bloom(10), Compactor: worker,
			})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			for range benchRuns {
				fillRun(b, e, keys)
			}
			worker.n = b.N
			b.ReportAllocs()
			b.ResetTimer()
			if err := e.Compact(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(benchRuns*benchEntries), "ns/version")
		})
	}
}

// fillRun makes a run of random keys out of so many.
func fillRun(b *testing.B, e *engine.Engine, keys int) {
	b.Helper()
	value := make([]byte, 100)
	var key [16]byte
	for range benchEntries {
		binary.BigEndian.PutUint64(key[:], rand.Uint64N(uint64(keys))*0x9e3779b97f4a7c15)
		if err := e.Put(key[:], value); err != nil {
			b.Fatal(err)
		}
	}
	if err := e.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
}
