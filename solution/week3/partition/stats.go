//lab:day 3.7

package partition

import (
	"context"
	"errors"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week2/store"
)

// Counts says how much a partition holds, or all of them together.
type Counts struct {
	Memtables int
	Tables    int
	// Keys is the number of versions, in memtables and tables. A key that was overwritten or deleted counts more than
	// once until its old versions are merged away: after Compact the number is exact.
	Keys int
	// Bytes are those of keys and values in memtables, and of the tables' files.
	Bytes int64
}

// Stats is what a database says about itself. It is a copy.
type Stats struct {
	Partitions []Counts // by the number of the partition
	Total      Counts   // their sum
	Cache      sstable.CacheStats
}

// Stats returns what the database looks like now. After Close it shows the last state.
func (db *DB) Stats() Stats {
	var all Stats
	for _, s := range db.stores {
		stats := s.Stats()
		one := countsOf(stats)
		all.Partitions = append(all.Partitions, one)
		all.Total = all.Total.plus(one)
		all.Cache = stats.Cache // the same for all of them
	}
	return all
}

// countsOf returns what the statistics of one partition say.
//
//lab:todo 4 partitions#stats
//lab:hint stats.Memtables and stats.Runs; a run has Tables.
func countsOf(stats engine.Stats) Counts {
	// #region counts
	c := Counts{Memtables: len(stats.Memtables)}
	for _, m := range stats.Memtables {
		c.Keys += m.Entries
		c.Bytes += int64(m.Size)
	}
	for _, run := range stats.Runs {
		c.Tables += len(run.Tables)
		for _, t := range run.Tables {
			c.Keys += t.Entries
			c.Bytes += t.Size
		}
	}
	return c
	// #endregion
}

// plus returns the sum of two counts.
//
//lab:todo 4 partitions#stats
//lab:hint All four fields.
func (c Counts) plus(d Counts) Counts {
	// #region plus
	return Counts{c.Memtables + d.Memtables, c.Tables + d.Tables, c.Keys + d.Keys, c.Bytes + d.Bytes}
	// #endregion
}

// Sync makes every write durable that has returned.
func (db *DB) Sync() error { return each(db.stores, (*store.Store).Sync) }

// Flush writes everything that is in memory now to tables, in all partitions.
func (db *DB) Flush(ctx context.Context) error {
	return each(db.stores, func(s *store.Store) error { return s.Flush(ctx) })
}

// Compact merges each partition into one run of tables.
func (db *DB) Compact(ctx context.Context) error {
	return each(db.stores, func(s *store.Store) error { return s.Compact(ctx) })
}

// Verify verifies each partition, as Store.Verify does, and that each key lies where it belongs. It returns all that
// is wrong.
func (db *DB) Verify(ctx context.Context) error {
	return errors.Join(collect(len(db.stores), func(i int) error {
		return errors.Join(db.stores[i].Verify(ctx), db.verifyPlace(i))
	})...)
}

// verifyPlace returns the first key of partition i that belongs elsewhere. Get would not find it there.
func (db *DB) verifyPlace(i int) error {
	scan := db.stores[i].Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	for key := range scan.All() {
		if to := db.router.Route(key); to != i {
			return fmt.Errorf("key %q belongs to partition %d", key, to)
		}
	}
	return scan.Err()
}
