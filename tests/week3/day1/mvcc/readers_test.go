package mvcc_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/mvcc"
)

// readers returns what the statistics say about open snapshots, a line each: version, seconds since start, file and
// line.
func readers(a *archive, start time.Time) []string {
	stats := a.Snapshots()
	lines := []string{fmt.Sprintf("%d open", stats.Open)}
	if stats.Open > 0 {
		lines[0] += fmt.Sprintf(", oldest %d since %v", stats.Oldest, stats.Since.Sub(start))
	}
	for _, info := range stats.List {
		lines = append(lines, fmt.Sprintf("%d since %v", info.Seq, info.Since.Sub(start)))
	}
	return lines
}

// A snapshot that nobody closes holds everything that was written since, and a store that grows for no visible reason
// is hard to explain. So the store says who is still reading: how many there are, which is the oldest, and since
// when.
//
//lab:task 4 points=3
func TestSnapshots_TellsWhoIsReading(t *testing.T) {
	labtest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		a := openArchive(t, quiet(nil))
		start := time.Now()
		alike(t, "nobody reads", []string{"0 open"}, readers(a, start))
		require.Zero(t, a.Snapshots().Oldest, "the oldest of none")
		require.True(t, a.Snapshots().Since.IsZero(), "since when there is none")
		one := a.Snapshot()
		a.put(t, "apple", "green")
		a.put(t, "apple", "red")
		time.Sleep(time.Second) // of this test's own time
		two := a.Snapshot()
		time.Sleep(time.Second)
		three := a.Snapshot()
		want := []string{"3 open, oldest 0 since 0s", "0 since 0s", "2 since 1s", "2 since 2s"}
		alike(t, "three read", want, readers(a, start))
		require.NoError(t, one.Close())
		alike(t, "the oldest has gone", []string{"2 open, oldest 2 since 1s", "2 since 1s", "2 since 2s"}, readers(a, start))
		require.NoError(t, two.Close())
		require.ErrorIs(t, two.Close(), kv.ErrClosed)
		alike(t, "another one has gone, twice", []string{"1 open, oldest 2 since 2s", "2 since 2s"}, readers(a, start))
		require.NoError(t, three.Close())
		alike(t, "nobody reads any more", []string{"0 open"}, readers(a, start))
	})
}

// The list is in the order of versions, and not in that in which the snapshots were taken: the first line is the one
// that holds up the collector. A snapshot of the past can be the oldest, and the youngest, at the same time.
//
//lab:task 4 points=2
func TestSnapshots_AreListedByVersion(t *testing.T) {
	labtest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		a := openArchive(t, quiet(nil))
		start := time.Now()
		for range 20 {
			a.put(t, "apple", "green")
		}
		for _, v := range []kv.Seq{11, 2, 20, 2, 10, 1, 11} {
			_, err := a.SnapshotAt(v)
			require.NoError(t, err)
			time.Sleep(time.Second) // of this test's own time
		}
		want := []string{
			"7 open, oldest 1 since 5s",
			"1 since 5s", "2 since 1s", "2 since 3s", "10 since 4s", "11 since 0s", "11 since 6s", "20 since 2s",
		}
		alike(t, "seven snapshots", want, readers(a, start))
		_, err := a.SnapshotAt(21)
		require.ErrorIs(t, err, mvcc.ErrFuture)
		require.Equal(t, 7, a.Snapshots().Open, "open snapshots, when another one was refused")
	})
}

// Whoever wants to know who is reading asks while others come and go. The list needs its lock for that, too.
//
//lab:task 4 points=1 race
func TestSnapshots_LooksUnderTheLock(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	var all sync.WaitGroup
	all.Go(func() { a.Snapshot() })
	all.Go(func() { a.Snapshots() })
	all.Wait()
	require.Equal(t, 1, a.Snapshots().Open, "how many are open")
}

// Who has forgotten to close a snapshot does not know it, so it does not help to be told that there is one. It helps
// to be told the line of the program that took it.
//
//lab:task 4 points=3
func TestSnapshots_NamesTheLineThatTookOne(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	_, file, line, _ := runtime.Caller(0)
	a.Snapshot()
	a.put(t, "apple", "green")
	_, err := a.SnapshotAt(1)
	require.NoError(t, err)
	want := []string{fmt.Sprintf("%s:%d", filepath.Base(file), line+1), fmt.Sprintf("%s:%d", filepath.Base(file), line+3)}
	got := []string{}
	for _, info := range a.Snapshots().List {
		got = append(got, filepath.Base(info.Where))
	}
	alike(t, "the lines that took the snapshots", want, got)
}
