package mvcc_test

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
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// story is a yard beside a model that drops nothing.
type story struct {
	*yard
	mem     *vfs.Mem
	keep    int
	all     *labtest.Model
	open    []*mvcc.Snapshot
	cleaned map[string]kv.Seq // by key, up to where cleanups have let go
}

// tell returns a story that has not begun.
func tell(t *rapid.T, keep int) *story {
	s := &story{mem: vfs.NewMem(), keep: keep, all: labtest.NewModel(), cleaned: map[string]kv.Seq{}}
	s.yard = yardOn(t, s.mem, keep, nil)
	return s
}

// storyKeys are the keys that it is about: few, so that they meet again.
var storyKeys = []string{"a", "b", "b\x00", "c"}

// write applies a random batch.
func (s *story) write(t *rapid.T) {
	b := &kv.Batch{}
	for range rapid.IntRange(1, 3).Draw(t, "writes") {
		key := []byte(rapid.SampledFrom(storyKeys).Draw(t, "key"))
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			b.Delete(key)
		} else {
			b.Set(key, fmt.Appendf(nil, "%d", b.Len()))
		}
	}
	first, err := s.Write(b, false)
	require.NoError(t, err)
	s.all.Apply(first, b)
}

// snapshotAt opens a snapshot at any number: one at or above the watermark is granted, any other refused.
func (s *story) snapshotAt(t *rapid.T) {
	v := kv.Seq(rapid.Uint64Range(0, uint64(s.Visible())).Draw(t, "number"))
	snapshot, err := s.SnapshotAt(v)
	if errors.Is(err, mvcc.ErrCollected) {
		require.Less(t, v, s.collector.Floor(), "the watermark, after a snapshot at %d was refused", v)
		return
	}
	require.NoError(t, err, "a snapshot at %d", v)
	s.open = append(s.open, snapshot)
}

// close closes a snapshot.
func (s *story) close(t *rapid.T) {
	if len(s.open) == 0 {
		t.Skip("no snapshot is open")
	}
	i := rapid.IntRange(0, len(s.open)-1).Draw(t, "which")
	require.NoError(t, s.open[i].Close())
	s.open = slices.Delete(s.open, i, i+1)
}

// reopen closes all snapshots and the store, and opens it again.
func (s *story) reopen(t *rapid.T) {
	for _, snapshot := range s.open {
		require.NoError(t, snapshot.Close())
	}
	s.open = nil
	require.NoError(t, s.Close())
	s.yard = yardOn(t, s.mem, s.keep, nil)
}

// cleanup lets go of versions of a key.
func (s *story) cleanup(t *rapid.T) {
	key, keep := rapid.SampledFrom(storyKeys).Draw(t, "key"), rapid.IntRange(1, 3).Draw(t, "keep")
	s.clean(key, keep)
	mine := slices.DeleteFunc(slices.Clone(s.all.Entries()), func(e labtest.Entry) bool { return string(e.Key.User) != key })
	switch {
	case keep == 1 && len(mine) > 0 && mine[0].Key.Kind() == kv.KindDelete:
		s.cleaned[key] = mine[0].Key.Seq()
	case len(mine) > keep:
		s.cleaned[key] = max(s.cleaned[key], mine[keep].Key.Seq())
	}
}

// check compares what each open snapshot sees, and what everybody else does, with the model.
func (s *story) check(t *rapid.T) {
	s.sees("everybody", s, shown(s.all, s.Visible()))
	for _, snapshot := range s.open {
		s.sees(fmt.Sprintf("the snapshot at %d", snapshot.Seq()), snapshot, shown(s.all, snapshot.Seq()))
	}
	for _, key := range storyKeys {
		v := kv.Seq(rapid.Uint64Range(0, uint64(s.Visible())).Draw(t, "get at"))
		value, kind, found := s.all.Get([]byte(key), v)
		got, err := s.GetAt([]byte(key), v)
		if errors.Is(err, mvcc.ErrCollected) {
			require.Less(t, v, s.collector.Floor(), "the watermark, after a read at %d was refused", v)
			continue
		}
		if !found || kind == kv.KindDelete {
			require.ErrorIs(t, err, kv.ErrNotFound, "%q at %d", key, v)
			continue
		}
		require.NoError(t, err, "%q at %d", key, v)
		equal(t, fmt.Sprintf("%q at %d", key, v), string(value), string(got))
	}
}

// shown returns what a reader of the model sees, in the words of sees.
func shown(m *labtest.Model, at kv.Seq) string {
	var out []string
	for _, e := range m.Scan(kv.Unbounded(), kv.Unbounded(), at) {
		out = append(out, fmt.Sprintf("%s=%s", e.Key.User, e.Value))
	}
	return strings.Join(out, " ")
}

// finish closes all snapshots and merges everything; what is left then is what the collector promises, and nothing
// else.
func (s *story) finish(t *rapid.T) {
	for _, snapshot := range s.open {
		require.NoError(t, snapshot.Close())
	}
	s.open = nil
	s.do("compact")
	s.check(t)
	var want []string
	rank, user := 0, ""
	for _, e := range s.all.Entries() {
		if string(e.Key.User) != user {
			rank, user = 0, string(e.Key.User)
		}
		rank++
		current := rank == 1 && e.Key.Kind() == kv.KindSet
		stays := s.keep < 0 || s.keep >= 2 && rank <= s.keep
		if current || stays && e.Key.Seq() > s.cleaned[user] {
			want = append(want, nameOf(e.Key)+valueOf(e))
		}
	}
	s.holds("when all snapshots are closed and everything is merged", strings.Join(want, " "))
}

// steps are those of every story.
func (s *story) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"write":       s.write,
		"write more":  s.write,
		"snapshot":    func(*rapid.T) { s.open = append(s.open, s.Snapshot()) },
		"snapshot at": s.snapshotAt,
		"close":       s.close,
		"flush":       func(t *rapid.T) { s.do("flush") },
		"compact": func(t *rapid.T) {
			s.do("compact")
			s.check(t)
		},
	}
}

// Batches, flushes, merges, restarts, and snapshots at any number that is granted: at each merge, every snapshot
// shows what it showed when it was made, and reads at numbers are right or refused. At the end one version of each
// key is left that exists.
//
//lab:task 2 points=3 random
func TestCollector_EverySnapshotStaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := tell(t, 0)
		steps := s.steps()
		steps["reopen"] = s.reopen
		t.Repeat(steps)
		s.finish(t)
	})
}

// The same with cleanups, in a store that keeps all versions, or the newest two or three. Readers lose nothing, and
// at the end the versions are left that were asked for, less those that cleanups have let go.
//
//lab:task 4 points=3 random
func TestCleanup_TakesNothingFromReaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := tell(t, rapid.SampledFrom([]int{-1, 0, 2, 3}).Draw(t, "keep"))
		steps := s.steps()
		steps["cleanup"] = s.cleanup
		t.Repeat(steps)
		s.finish(t)
	})
}
