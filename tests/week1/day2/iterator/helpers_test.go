package iterator_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// errBadBlock is what a source fails with in these tests.
var errBadBlock = errors.New("bad block")

// mergeSources returns one checked iterator a list of entries.
func mergeSources(t labtest.TB, lists ...[]labtest.Entry) []kv.Iterator {
	sources := make([]kv.Iterator, len(lists))
	for i, entries := range lists {
		sources[i] = labtest.Check(t, labtest.FromSlice(entries))
	}
	return sources
}

// mergeWalk walks an iterator from front to back and fails the test if it fails.
func mergeWalk(t labtest.TB, it kv.Iterator) []labtest.Entry {
	t.Helper()
	entries, err := labtest.Collect(labtest.Check(t, it))
	require.NoError(t, err)
	return entries
}

// mergeRest returns what is left from where the iterator stands, and does not close it.
func mergeRest(it kv.Iterator) []labtest.Entry {
	var out []labtest.Entry
	for ; it.Valid(); it.Next() {
		out = append(out, labtest.Entry{Key: it.Key().Clone(), Value: slices.Clone(it.Value())})
	}
	return out
}

// mergeMeter is an iterator that counts what is asked of it.
type mergeMeter struct {
	kv.Iterator
	firsts, seeks, nexts, closes int
	closing                      error // what Close returns
}

func (m *mergeMeter) First()               { m.firsts++; m.Iterator.First() }
func (m *mergeMeter) SeekGE(target kv.Key) { m.seeks++; m.Iterator.SeekGE(target) }
func (m *mergeMeter) Next()                { m.nexts++; m.Iterator.Next() }
func (m *mergeMeter) Close() error {
	m.closes++
	return errors.Join(m.Iterator.Close(), m.closing)
}

// mergePlain is an iterator over a slice that allocates nothing.
type mergePlain struct {
	entries []labtest.Entry
	at      int
}

func (p *mergePlain) First() { p.at = 0 }
func (p *mergePlain) SeekGE(target kv.Key) {
	for p.at = 0; p.Valid() && p.Key().Compare(target) < 0; p.at++ {
	}
}
func (p *mergePlain) Next()         { p.at++ }
func (p *mergePlain) Valid() bool   { return p.at < len(p.entries) }
func (p *mergePlain) Key() kv.Key   { return p.entries[p.at].Key }
func (p *mergePlain) Value() []byte { return p.entries[p.at].Value }
func (p *mergePlain) Err() error    { return nil }
func (p *mergePlain) Close() error  { return nil }

// mergeSpread returns n entries spread over k lists in turns; three versions a user key.
func mergeSpread(n, k int) [][]labtest.Entry {
	lists := make([][]labtest.Entry, k)
	for i := range n {
		lists[i%k] = append(lists[i%k], labtest.E(fmt.Sprintf("key%04d", i/3), kv.Seq(9-i%3), "value"))
	}
	return lists
}

// mergeAllocs returns the allocations of a walk over some hundred entries, beyond those that positioning makes.
func mergeAllocs(it kv.Iterator) float64 {
	return testing.AllocsPerRun(5, func() {
		for it.First(); it.Valid(); it.Next() {
		}
	})
}

// mergeState describes where an iterator stands.
func mergeState(it kv.Iterator) string {
	switch {
	case it.Valid():
		return labtest.Entry{Key: it.Key(), Value: it.Value()}.String()
	case it.Err() != nil:
		return "failed: " + it.Err().Error()
	}
	return "at the end"
}

// mergeVersions draws a history of at most n versions, with sequence numbers from 1 up.
func mergeVersions(t *rapid.T, n int) []labtest.Entry {
	var out []labtest.Entry
	for i := range rapid.IntRange(0, n).Draw(t, "versions") {
		key, seq := labtest.Keys().Draw(t, "key"), kv.Seq(i+1)
		if rapid.IntRange(0, 2).Draw(t, "tombstone") == 0 {
			out = append(out, labtest.D(string(key), seq))
		} else {
			out = append(out, labtest.E(string(key), seq, fmt.Sprint("v", seq)))
		}
	}
	return out
}

// mergeSorted sorts a list of entries as an iterator would show them.
func mergeSorted(entries []labtest.Entry) []labtest.Entry {
	out := slices.Clone(entries)
	slices.SortStableFunc(out, func(a, b labtest.Entry) int { return a.Key.Compare(b.Key) })
	return out
}

// mergeDeal deals a history to at most five sorted lists; some entries go to two of them, with values that tell which.
func mergeDeal(t *rapid.T, entries []labtest.Entry) [][]labtest.Entry {
	lists := make([][]labtest.Entry, rapid.IntRange(1, 5).Draw(t, "sources"))
	for _, e := range entries {
		i := rapid.IntRange(0, len(lists)-1).Draw(t, "source")
		lists[i] = append(lists[i], e)
		if j := rapid.IntRange(0, 3*len(lists)).Draw(t, "also in"); j < len(lists) && j != i && e.Key.Kind() == kv.KindSet {
			lists[j] = append(lists[j], labtest.Entry{Key: e.Key, Value: fmt.Appendf(nil, "from %d", j)})
		}
	}
	for i := range lists {
		lists[i] = mergeSorted(lists[i])
	}
	return lists
}

// mergeTarget draws a key to seek: before, on, among or behind the versions of a user key, mostly of one that there is.
func mergeTarget(t *rapid.T, entries []labtest.Entry) kv.Key {
	user, seq := labtest.Keys().Draw(t, "user key"), kv.Seq(rapid.IntRange(0, 25).Draw(t, "seq"))
	if i := rapid.IntRange(-1, len(entries)-1).Draw(t, "at entry"); i >= 0 {
		user = entries[i].Key.User
		if rapid.Bool().Draw(t, "its version") {
			seq = entries[i].Key.Seq()
		}
	}
	return rapid.SampledFrom([]kv.Key{
		kv.SeekKey(user, kv.MaxSeq), kv.SeekKey(user, seq), kv.MakeKey(user, seq, kv.KindSet), kv.MakeKey(user, seq, kv.KindDelete),
	}).Draw(t, "target")
}

// mergeLockstep makes two iterators over entries take the same random steps, and fails at the first difference. Next is called after
// the end too, where it must do nothing.
func mergeLockstep(t *rapid.T, entries []labtest.Entry, got, want kv.Iterator) {
	var steps []string
	for i := range rapid.IntRange(1, 20).Draw(t, "steps") {
		step := rapid.SampledFrom([]string{"First", "SeekGE", "SeekGE", "Next", "Next", "Next", "Next"}).Draw(t, "step")
		if i == 0 && step == "Next" {
			step = "First"
		}
		switch step {
		case "First":
			got.First()
			want.First()
		case "SeekGE":
			target := mergeTarget(t, entries)
			step = fmt.Sprintf("SeekGE(%v)", target)
			got.SeekGE(target.Clone())
			want.SeekGE(target)
		case "Next":
			got.Next()
			want.Next()
		}
		steps = append(steps, step)
		if w, g := mergeState(want), mergeState(got); w != g {
			t.Fatalf("after %s\n  want %s\n  got  %s", strings.Join(steps, ", "), w, g)
		}
	}
	require.NoError(t, got.Close())
	require.NoError(t, want.Close())
}
