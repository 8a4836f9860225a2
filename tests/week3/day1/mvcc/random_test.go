package mvcc_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/mvcc"
)

// play applies a random history to a DB and to a model, with flushes, merges and restarts in between.
func play(t *rapid.T, a *archive) (*archive, *labtest.Model) {
	model := labtest.NewModel()
	for _, step := range labtest.Ops(25).Draw(t, "history") {
		b := &kv.Batch{}
		step.AddTo(b)
		first, err := a.Write(b, false)
		require.NoError(t, err, "write %v", step)
		model.Apply(first, b)
		switch rapid.IntRange(0, 19).Draw(t, "then") {
		case 0, 1, 2:
			a.flush(t)
		case 3, 4:
			a.compact(t)
		case 5:
			a = a.again(t, nil)
		}
	}
	return a, model
}

// asked returns the user keys to ask for: all of the model, and one that it has not.
func asked(model *labtest.Model) [][]byte {
	keys := [][]byte{[]byte("none")}
	for _, e := range model.Entries() {
		if !bytes.Equal(e.Key.User, keys[len(keys)-1]) {
			keys = append(keys, e.Key.User)
		}
	}
	return keys
}

// A random history, flushed, merged and reopened at random. Every key, at every version, has the value that a simple
// list of all writes says.
//
//lab:task 1 points=3 random
func TestGetAt_LikeAListOfAllWrites(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		a, model := play(t, openArchive(t, quiet(nil)))
		for _, key := range asked(model) {
			for v := range a.Visible() + 1 {
				want := "not found"
				if value, kind, found := model.Get(key, v); found && kind == kv.KindSet {
					want = fmt.Sprintf("%q", value)
				}
				require.Equal(t, want, a.getAt(string(key), v), "%q at version %d", key, v)
			}
		}
	})
}

// A random history, flushed, merged and reopened at random. The history of every key, each of its versions by number,
// and the latest one are those of a simple list of all writes.
//
//lab:task 2 points=3 random
func TestHistory_LikeAListOfAllWrites(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		a, model := play(t, openArchive(t, quiet(nil)))
		for _, key := range asked(model) {
			want, byNumber, latest := []string{}, map[kv.Seq]string{}, "not found"
			for _, e := range slices.Backward(model.Entries()) {
				if !bytes.Equal(e.Key.User, key) {
					continue
				}
				v := mvcc.Version{Seq: e.Key.Seq(), Deleted: e.Key.Kind() == kv.KindDelete, Value: e.Value}
				byNumber[v.Seq] = versionWords(v, nil)
				want, latest = append(want, byNumber[v.Seq]), byNumber[v.Seq]
				if v.Deleted {
					latest = "not found"
				}
			}
			alike(t, fmt.Sprintf("history of %q", key), want, a.history(t, string(key)))
			require.Equal(t, latest, versionWords(a.Latest(key)), "the latest version of %q", key)
			for v := range a.Visible() + 1 {
				if byNumber[v] == "" {
					byNumber[v] = "not found"
				}
				require.Equal(t, byNumber[v], versionWords(a.GetVersion(key, v)), "version %d of %q", v, key)
			}
		}
	})
}

// Snapshots come and go at random while a random history is written, flushed and merged, and the collector drops what
// it may. Each of them shows at its end what it showed at its beginning; those that are open are in the statistics.
//
//lab:task 3 points=3 random
func TestSnapshot_LikeAListOfAllWrites(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		a, model := openArchive(t, quiet(newDesk())), labtest.NewModel()
		var open []*mvcc.Snapshot
		check := func(s *mvcc.Snapshot, lower, upper kv.Bound) {
			entries, err := labtest.Collect(s.Iterator(lower, upper))
			require.NoError(t, err)
			what := fmt.Sprintf("snapshot at %d, from %v to %v", s.Seq(), lower, upper)
			labtest.Diff(t, what, model.Scan(lower, upper, s.Seq()), entries)
		}
		for _, step := range labtest.Ops(30).Draw(t, "history") {
			b := &kv.Batch{}
			step.AddTo(b)
			first, err := a.Write(b, false)
			require.NoError(t, err)
			model.Apply(first, b)
			switch rapid.IntRange(0, 9).Draw(t, "then") {
			case 0, 1, 2:
				open = append(open, a.Snapshot())
			case 3, 4:
				a.flush(t)
			case 5:
				a.compact(t)
			case 6, 7:
				if len(open) > 0 {
					i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
					check(open[i], kv.Unbounded(), kv.Unbounded())
					require.NoError(t, open[i].Close())
					open = slices.Delete(open, i, i+1)
				}
			}
		}
		for _, s := range open {
			check(s, labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper"))
		}
	})
}

// Snapshots of random versions are taken and closed at random. The statistics list those that are open, in the order
// of their versions.
//
//lab:task 4 points=2 random
func TestSnapshots_LikeAList(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		a := openArchive(t, quiet(nil))
		for range 9 {
			a.put(t, "apple", "green")
		}
		var open []*mvcc.Snapshot
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			if i := rapid.IntRange(-3, len(open)-1).Draw(t, "close"); i >= 0 {
				require.NoError(t, open[i].Close())
				open = slices.Delete(open, i, i+1)
				continue
			}
			s, err := a.SnapshotAt(kv.Seq(rapid.IntRange(0, 9).Draw(t, "version")))
			require.NoError(t, err)
			open = append(open, s)
		}
		want, got := []kv.Seq{}, []kv.Seq{}
		for _, s := range open {
			want = append(want, s.Seq())
		}
		slices.Sort(want)
		stats := a.Snapshots()
		for _, info := range stats.List {
			got = append(got, info.Seq)
		}
		alike(t, "versions of the open snapshots", want, got)
		require.Equal(t, len(want), stats.Open, "how many are open")
		if len(want) > 0 {
			require.Equal(t, want[0], stats.Oldest, "the oldest")
		}
	})
}
