package story

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/partition"
)

// users is how many customers there are.
const users = 1000

// customers divides a thousand users among four partitions, reads some of them at once, and then makes it five.
func (s *story) customers() error {
	dir := filepath.Join(s.dir, "customers")
	if err := s.divide(dir); err != nil {
		return err
	}
	five := &partition.Options{Router: partition.Consistent(5)}
	moved, err := partition.Rebalance(context.Background(), dir, five)
	if err != nil {
		return err
	}
	db, err := partition.Open(dir, five)
	if err != nil {
		return err
	}
	found := 0
	scan := db.Scan(kv.Unbounded(), kv.Unbounded())
	for range scan.All() {
		found++
	}
	s.say("a fifth partition takes over %d of them, and a scan over all five finds %d, in order", moved, found)
	return errors.Join(scan.Err(), scan.Close(), db.Close(), want("users", users, found))
}

// divide fills four partitions and reads a batch back.
func (s *story) divide(dir string) (err error) {
	db, err := partition.Open(dir, &partition.Options{Router: partition.Consistent(4)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for i := range users {
		if err := db.Put(fmt.Appendf(nil, "user%04d", i), fmt.Appendf(nil, "name %d", i)); err != nil {
			return err
		}
	}
	found := 0
	keys := [][]byte{[]byte("user0007"), []byte("user0250"), []byte("user0512"), []byte("user0999")}
	for _, r := range db.GetBatch(keys) {
		if r.Err == nil {
			found++
		}
	}
	stats := db.Stats()
	line := ""
	for i, p := range stats.Partitions {
		line += fmt.Sprintf("  partition_%d: %d", i, p.Keys)
	}
	s.say("%d users:%s", stats.Total.Keys, line)
	s.say("a batch of four keys, read in parallel: %d/%d found", found, len(keys))
	return errors.Join(want("users", users, stats.Total.Keys), want("found", 4, found))
}
