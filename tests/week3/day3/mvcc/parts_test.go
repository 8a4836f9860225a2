package mvcc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week3/mvcc"
)

// heap is a tree without an engine: runs of versions, newest first, the first of which takes what is written. It is
// flushed and merged run by run, in any order that a tree permits, and remembers what was ever written.
type heap struct {
	keep      int
	collector *mvcc.Watermark
	runs      [][]labtest.Entry
	all       *labtest.Model
	last      kv.Seq
	readers   []kv.Seq
}

// newHeap returns an empty heap.
func newHeap(keep int) *heap {
	return &heap{keep: keep, collector: mvcc.NewCollector(keep), runs: [][]labtest.Entry{nil}, all: labtest.NewModel()}
}

// write adds a version to the newest run.
func (h *heap) write(user string, kind kv.Kind) {
	h.last++
	e := labtest.Entry{Key: kv.MakeKey([]byte(user), h.last, kind)}
	if kind == kv.KindSet {
		h.all.Put(h.last, []byte(user), nil)
	} else {
		h.all.Delete(h.last, []byte(user))
	}
	h.runs[0] = append(h.runs[0], e)
	slices.SortFunc(h.runs[0], byKey)
}

// byKey orders entries as they stand in a run.
func byKey(a, b labtest.Entry) int { return a.Key.Compare(b.Key) }

// merge replaces the runs from one to another by one run of what must stay. A single run is a flush, or a table
// written anew.
func (h *heap) merge(from, to int) {
	sieve := engine.NewSieve(h.collector.Keeper(h.last))
	merged := slices.Concat(h.runs[from : to+1]...)
	slices.SortFunc(merged, byKey)
	merged = slices.DeleteFunc(merged, func(e labtest.Entry) bool { return !sieve.Keep(e.Key, to == len(h.runs)-1) })
	h.runs = slices.Replace(h.runs, from, to+1, merged)
	if from == 0 {
		h.runs = slices.Insert(h.runs, 0, nil)
	}
}

// held returns everything that is left, in order.
func (h *heap) held() []labtest.Entry {
	held := slices.Concat(h.runs...)
	slices.SortFunc(held, byKey)
	return held
}

// view returns what a reader sees in entries that are in order.
func view(entries []labtest.Entry, at kv.Seq) string {
	var out []string
	var user string
	for _, e := range entries {
		if e.Key.Seq() > at || string(e.Key.User) == user {
			continue
		}
		if user = string(e.Key.User); e.Key.Kind() == kv.KindSet {
			out = append(out, nameOf(e.Key))
		}
	}
	return strings.Join(out, " ")
}

// newest returns the newest n versions of each key.
func newest(entries []labtest.Entry, n int) []string {
	var out []string
	rank, user := 0, ""
	for _, e := range entries {
		if string(e.Key.User) != user {
			rank, user = 0, string(e.Key.User)
		}
		if rank++; rank <= n || n < 0 {
			out = append(out, nameOf(e.Key))
		}
	}
	return out
}

// check compares what readers see with what they should, and looks for the versions that stay in any case.
func (h *heap) check(t labtest.TB) {
	t.Helper()
	held := h.held()
	for _, at := range append([]kv.Seq{h.last}, h.readers...) {
		equal(t, fmt.Sprintf("a reader at %d sees", at), view(h.all.Entries(), at), view(held, at))
	}
	if h.keep == 1 {
		return // a tombstone may be gone
	}
	here := newest(held, -1)
	for _, name := range newest(h.all.Entries(), h.keep) {
		if !slices.Contains(here, name) {
			t.Errorf("%s is one of the newest %d versions of its key, and gone; held: %v", name, h.keep, here)
		}
	}
}

// finish has every reader go, merges everything, and compares what is left with what should be.
func (h *heap) finish(t labtest.TB) {
	t.Helper()
	for _, v := range h.readers {
		h.collector.Release(v)
	}
	h.readers = nil
	h.merge(0, len(h.runs)-1)
	h.check(t)
	want := strings.Fields(view(h.all.Entries(), h.last))
	if h.keep != 0 && h.keep != 1 {
		want = newest(h.all.Entries(), h.keep)
	}
	equal(t, "left at the end", strings.Join(want, " "), strings.Join(newest(h.held(), -1), " "))
}

// steps returns what may happen to a heap, at random.
func (h *heap) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"put":    func(t *rapid.T) { h.write(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"), kv.KindSet) },
		"delete": func(t *rapid.T) { h.write(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"), kv.KindDelete) },
		"read":   func(t *rapid.T) { h.readers = append(h.readers, h.collector.Acquire(at(h.last))) },
		"read at": func(t *rapid.T) {
			if v := kv.Seq(rapid.Uint64Range(0, uint64(h.last)).Draw(t, "number")); h.collector.AcquireAt(v) {
				h.readers = append(h.readers, v)
			}
		},
		"go": func(t *rapid.T) {
			if len(h.readers) == 0 {
				t.Skip("nobody reads")
			}
			i := rapid.IntRange(0, len(h.readers)-1).Draw(t, "who")
			h.collector.Release(h.readers[i])
			h.readers = slices.Delete(h.readers, i, i+1)
		},
		"flush": func(*rapid.T) { h.merge(0, 0) },
		"merge": func(t *rapid.T) {
			from := rapid.IntRange(0, len(h.runs)-1).Draw(t, "from")
			h.merge(from, rapid.IntRange(from, len(h.runs)-1).Draw(t, "to"))
			h.check(t)
		},
	}
}

// Puts, deletes, flushes, merges of any neighbouring runs, and readers who come and go, also at older numbers: after
// each merge every reader sees what he would see had nothing ever been dropped, and of each key the newest versions
// are there that were asked for. When all readers have gone and everything is merged, nothing else is left.
//
//lab:task 3 points=3 random
func TestNewest_AnyPartsMergedInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHeap(rapid.IntRange(-1, 3).Draw(t, "keep"))
		t.Repeat(h.steps())
		h.finish(t)
	})
}

// One such story, written down: the newest two of k lie in three runs, and are merged with older ones piece by piece.
// A merge in the middle of the tree sees a rank that is lower than the true one, and keeps too much; it never keeps
// too little, and the last merge sets it right.
//
//lab:task 3 points=1
func TestNewest_MergeInTheMiddleKeepsTooMuchNeverTooLittle(t *testing.T) {
	h := newHeap(2)
	for range 3 {
		h.write("a", kv.KindSet)
		h.write("a", kv.KindSet)
		h.write("a", kv.KindSet)
		h.merge(0, 0)
	}
	equal(t, "after three flushes of three versions each", "a#9 a#8 a#6 a#5 a#3 a#2", strings.Join(newest(h.held(), -1), " "))
	h.merge(2, 3)
	equal(t, "after a merge of the two older runs", "a#9 a#8 a#6 a#5", strings.Join(newest(h.held(), -1), " "))
	h.finish(t)
}
