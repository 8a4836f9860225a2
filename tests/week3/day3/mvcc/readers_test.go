package mvcc_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/mvcc"
)

// watermarkAt has a flush or merge begin, and returns the watermark that it gets.
func watermarkAt(w *mvcc.Watermark, visible kv.Seq) kv.Seq {
	w.Keeper(visible)
	return w.Floor()
}

// Somebody reads at 4 and somebody at 9, and 23 is visible. A merge that begins now may forget what only readers
// below 4 could see. The oldest reader decides, whether it came first or not.
//
//lab:task 1 points=1
func TestWatermark_IsTheOldestReader(t *testing.T) {
	w := mvcc.NewCollector(0)
	equal(t, "number of the reader that comes at 9", kv.Seq(9), w.Acquire(at(9)))
	require.True(t, w.AcquireAt(4), "no merge has begun: a reader at 4 still finds everything")
	equal(t, "watermark with readers at 9 and 4, and 23 visible", kv.Seq(4), watermarkAt(w, 23))
}

// Two read at 4. When the first of them goes, the other is still there. Whoever remembers *that* somebody reads at 4,
// and not how many, drops under the second reader's feet what it reads.
//
//lab:task 1 points=2
func TestWatermark_CountsReadersOfOneNumber(t *testing.T) {
	w := mvcc.NewCollector(0)
	w.Acquire(at(4))
	w.Acquire(at(4))
	require.True(t, w.AcquireAt(4))
	for left := 2; left > 0; left-- {
		w.Release(4)
		equal(t, fmt.Sprintf("watermark while %d of 3 readers at 4 are left", left), kv.Seq(4), watermarkAt(w, 23))
	}
	w.Release(4)
	equal(t, "watermark when all three have gone", kv.Seq(23), watermarkAt(w, 23))
}

// Readers go in any order. When the middle one goes, the watermark stays; when the oldest goes, it moves to the next
// that is still there, and not to the one that has gone before.
//
//lab:task 1 points=1
func TestWatermark_ReadersGoInAnyOrder(t *testing.T) {
	w := mvcc.NewCollector(0)
	for _, v := range []kv.Seq{4, 9, 12, 17} {
		w.Acquire(at(v))
	}
	for _, step := range []struct{ goes, want kv.Seq }{{9, 4}, {4, 12}, {17, 12}, {12, 23}} {
		w.Release(step.goes)
		equal(t, fmt.Sprintf("watermark after the reader at %d has gone", step.goes), step.want, watermarkAt(w, 23))
	}
}

// Nobody reads, and 10 is visible: who comes next reads at 10 or later, so that is the watermark. A reader at 12
// changes nothing about that. It came after the number 10 was loaded, and others may come who still want to read at
// 10.
//
//lab:task 1 points=1
func TestWatermark_IsNotAboveTheVisibleNumber(t *testing.T) {
	w := mvcc.NewCollector(0)
	equal(t, "watermark when nobody reads and 10 is visible", kv.Seq(10), watermarkAt(w, 10))
	w = mvcc.NewCollector(0)
	w.Acquire(at(12))
	equal(t, "watermark of a merge that has loaded 10, while somebody reads at 12", kv.Seq(10), watermarkAt(w, 10))
	require.True(t, w.AcquireAt(11), "11 is above the watermark 10, so a reader may come there")
}

// A merge has got the watermark 20. Another one has loaded its visible number earlier, and asks only now: 10. The
// watermark does not go back to 10, or somebody could begin to read at 15, where the first merge has dropped
// versions.
//
//lab:task 1 points=2
func TestWatermark_NeverMovesBack(t *testing.T) {
	w := mvcc.NewCollector(0)
	equal(t, "watermark with 20 visible", kv.Seq(20), watermarkAt(w, 20))
	equal(t, "watermark when a slower merge comes with 10", kv.Seq(20), watermarkAt(w, 10))
	require.False(t, w.AcquireAt(15), "a reader at 15 would miss what the first merge has dropped")
	require.False(t, w.AcquireAt(19), "so would one at 19")
	equal(t, "watermark after two readers were refused", kv.Seq(30), watermarkAt(w, 30))
}

// What is needed at the watermark itself is all there: the newest version at or below it. So a reader at exactly that
// number is let in, and counts.
//
//lab:task 1 points=1
func TestWatermark_AdmitsReaderAtTheWatermarkItself(t *testing.T) {
	w := mvcc.NewCollector(0)
	equal(t, "watermark with 20 visible", kv.Seq(20), watermarkAt(w, 20))
	require.True(t, w.AcquireAt(20), "a reader at the watermark 20")
	equal(t, "watermark while it reads, and 30 is visible", kv.Seq(20), watermarkAt(w, 30))
}

// Between loading the visible number and being counted in, a reader is invisible. A merge that begins in that moment,
// with a higher visible number, would take the reader's versions away. So the number is loaded inside the lock that a
// merge needs to begin: either the merge comes first and the number is not below its watermark, or the reader does
// and is known.
//
//lab:task 1 points=3
func TestWatermark_LoadsTheNumberInsideTheLock(t *testing.T) {
	w := mvcc.NewCollector(0)
	merge := make(chan struct{})
	got := w.Acquire(func() kv.Seq {
		go asksForKeeper(w, 8, merge) // 5 is loaded already, three writes become visible, and a merge begins
		endsOrWaits(t, "asksForKeeper", merge)
		return 5
	})
	<-merge
	equal(t, "number of the reader", kv.Seq(5), got)
	if floor := w.Floor(); floor > got {
		t.Errorf("the merge that began while a reader was coming at %d got the watermark %d", got, floor)
	}
}

// asksForKeeper has a merge begin.
func asksForKeeper(w *mvcc.Watermark, visible kv.Seq, done chan<- struct{}) {
	defer close(done)
	w.Keeper(visible)
}

// Who releases a number at which nobody reads has counted wrongly, and may have taken the protection of somebody else
// already. That is a mistake in a program and no condition that it could handle: a panic.
//
//lab:task 1 points=1
func TestWatermark_PanicsAtReleaseOfUnreadNumber(t *testing.T) {
	w := mvcc.NewCollector(0)
	w.Acquire(at(9))
	require.NotPanics(t, func() { w.Release(9) })
	require.Panics(t, func() { w.Release(9) }, "a second Release, where there was one Acquire")
	w.Acquire(at(12))
	require.Panics(t, func() { w.Release(11) }, "a Release at 11, where somebody reads at 12")
	equal(t, "watermark afterwards", kv.Seq(12), watermarkAt(w, 20))
}

// Who keeps every version has nothing to refuse: the watermark stays where it is, and everybody may read as far back
// as he wants.
//
//lab:task 1 points=1
func TestWatermark_StaysWhereItIsIfEverythingIsKept(t *testing.T) {
	w := mvcc.NewCollector(-1)
	equal(t, "watermark with 20 visible, if all versions are kept", kv.Seq(0), watermarkAt(w, 20))
	require.True(t, w.AcquireAt(1), "a reader at 1")
}

// Four goroutines read and go, while merges begin. As long as a reader is counted in, the watermark is not above its
// number, however they interleave; and the race detector watches.
//
//lab:task 1 points=2 race
func TestWatermark_IsNeverAboveReader(t *testing.T) {
	w := mvcc.NewCollector(0)
	var visible atomic.Uint64
	visible.Store(1)
	var readers, merges sync.WaitGroup
	var stop atomic.Bool
	merges.Go(func() {
		for !stop.Load() {
			w.Keeper(kv.Seq(visible.Add(1) - 1))
		}
	})
	for range 4 {
		readers.Go(func() {
			for range 500 {
				v := w.Acquire(func() kv.Seq { return kv.Seq(visible.Load()) })
				visible.Add(1)
				if floor := w.Floor(); floor > v {
					t.Errorf("watermark %d while somebody reads at %d", floor, v)
				}
				w.Release(v)
			}
		})
	}
	readers.Wait()
	stop.Store(true)
	merges.Wait()
	equal(t, "watermark when all have gone", kv.Seq(1<<40), watermarkAt(w, 1<<40))
}

// Readers come and go at random, at the visible number or before it, and merges begin. The watermark is compared with
// that of a list in which every reader stands for itself.
//
//lab:task 1 points=2 random
func TestWatermark_AgreesWithListOfReaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := mvcc.NewCollector(0)
		var list []kv.Seq // the model: each reader once
		var visible, floor kv.Seq = 1, 0
		watermark := func() {
			oldest := visible
			for _, v := range list {
				oldest = min(oldest, v)
			}
			floor = max(floor, oldest)
			equal(t, "watermark", floor, watermarkAt(w, visible))
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) { visible += kv.Seq(rapid.IntRange(1, 3).Draw(t, "writes")) },
			"come":  func(t *rapid.T) { list = append(list, w.Acquire(at(visible))) },
			"come at": func(t *rapid.T) {
				v := kv.Seq(rapid.Uint64Range(0, uint64(visible)).Draw(t, "number"))
				granted := w.AcquireAt(v)
				equal(t, "granted", v >= floor, granted)
				if granted {
					list = append(list, v)
				}
			},
			"go": func(t *rapid.T) {
				if len(list) == 0 {
					t.Skip("nobody reads")
				}
				i := rapid.IntRange(0, len(list)-1).Draw(t, "who")
				w.Release(list[i])
				list = append(list[:i], list[i+1:]...)
			},
			"merge": func(*rapid.T) { watermark() },
		})
		watermark()
	})
}

// 1,000 readers come, two at each number, and go in an order that chance has drawn once and for all. At each moment
// the oldest that is left decides, and when all are gone, nothing of them is: the watermark is what is visible.
//
//lab:task 1 points=1
func TestWatermark_ForgetsThoseWhoHaveGone(t *testing.T) {
	w := mvcc.NewCollector(0)
	order := rand.New(rand.NewPCG(3, 3)).Perm(1000)
	for i := range order {
		w.Acquire(at(kv.Seq(i/2 + 1))) // two each
	}
	gone := map[kv.Seq]int{}
	for _, i := range order {
		v := kv.Seq(i/2 + 1)
		w.Release(v)
		gone[v]++
		oldest := kv.Seq(1)
		for gone[oldest] == 2 {
			oldest++
		}
		equal(t, fmt.Sprintf("watermark after the reader at %d has gone", v), oldest, watermarkAt(w, 501))
	}
}
