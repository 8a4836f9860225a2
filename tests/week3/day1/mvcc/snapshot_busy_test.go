package mvcc_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/mvcc"
)

// Eight goroutines close one snapshot at the same time. One of them does, the others are told, and the collector
// hears of it once.
//
//lab:task 3 points=1 race
func TestSnapshot_IsClosedByOne(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	for round := range 20 {
		s := a.Snapshot()
		var all sync.WaitGroup
		var closed atomic.Int64
		for range 8 {
			all.Go(func() {
				if s.Close() == nil {
					closed.Add(1)
				}
			})
		}
		all.Wait()
		require.Equal(t, int64(1), closed.Load(), "round %d: goroutines whose Close returned nil", round)
	}
	releases := 0
	for _, call := range d.calls() {
		if call == "release 0" {
			releases++
		}
	}
	require.Equal(t, 20, releases, "releases of 20 snapshots")
}

// Two goroutines take a snapshot each, and then each closes its own. They have nothing to do with each other, but for the
// list of those that are open, and a map that two change at once is broken. Its lock is needed for the way out, too.
//
//lab:task 3 points=1 race
func TestSnapshot_IsListedUnderTheLock(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	var snapshots [2]*mvcc.Snapshot
	var all sync.WaitGroup
	for i := range snapshots {
		all.Go(func() { snapshots[i] = a.Snapshot() })
	}
	all.Wait()
	var errs [2]error
	for i, s := range snapshots {
		all.Go(func() { errs[i] = s.Close() })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs[:]...), "close")
}

// Four goroutines move money between accounts, in batches, while the store flushes and merges, and four others take
// snapshots. In each snapshot the sum of all accounts is the same, the first time and the second: nobody ever sees
// half a batch, or two moments in one.
//
//lab:task 3 points=3 random race
func TestSnapshot_OfABusyBank(t *testing.T) {
	labtest.NoLeaks(t)
	const accounts, each = 8, 100
	a := openArchive(t, quiet(newDesk()))
	b := &kv.Batch{}
	for i := range accounts {
		b.Set([]byte{byte('a' + i)}, []byte{each})
	}
	require.NoError(t, a.Apply(b))
	var clerks, auditors sync.WaitGroup
	for clerk := range 4 {
		clerks.Go(func() { // has two accounts of its own, so that it knows what is in them
			mine, yours, amount := []byte{byte('a' + 2*clerk)}, []byte{byte('b' + 2*clerk)}, byte(0)
			for i := range 200 {
				amount = byte(i*7+clerk) % each
				b := &kv.Batch{}
				b.Set(mine, []byte{each - amount})
				b.Set(yours, []byte{each + amount})
				if err := a.Apply(b); err != nil {
					t.Errorf("transfer %d of clerk %d: %v", i, clerk, err)
				}
			}
		})
		auditors.Go(func() {
			for range 50 {
				s := a.Snapshot()
				for range 2 {
					sum, scan := 0, s.Scan(kv.Unbounded(), kv.Unbounded())
					for _, value := range scan.All() {
						sum += int(value[0])
					}
					if err := errors.Join(scan.Err(), scan.Close()); err != nil || sum != accounts*each {
						t.Errorf("snapshot at %d: the sum is %d, want %d; error %v", s.Seq(), sum, accounts*each, err)
					}
				}
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
		})
	}
	for range 20 {
		a.compact(t)
	}
	clerks.Wait()
	auditors.Wait()
}
