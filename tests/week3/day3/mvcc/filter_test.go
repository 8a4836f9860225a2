package mvcc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// discardsOld is a compaction filter that discards the value "old".
type discardsOld struct{}

// Discard discards "old".
func (discardsOld) Discard(_ kv.Key, value []byte) bool { return string(value) == "old" }

// A compaction filter discards what is old. It must not touch what a snapshot can see: k = old stays as long as
// somebody reads at 2, also for those who read the present. When the snapshot is closed, it goes, and its older
// version does not come back.
//
//lab:task 2 points=2
func TestCollector_FilterLeavesWhatSnapshotSees(t *testing.T) {
	y := yardOn(t, vfs.NewMem(), 0, discardsOld{})
	y.do("k=first flush k=old")
	s := y.Snapshot()
	y.do("m=new compact")
	y.holds("with a snapshot at 2", "k#2=old m#3=new")
	y.sees("the snapshot", s, "k=old")
	y.sees("everybody else", y, "k=old m=new")
	require.NoError(t, s.Close())
	y.do("compact")
	y.holds("when the snapshot is closed", "m#3=new")
}

// A filter discards what no reader needs. But the newest two versions of each key were asked for, whoever reads, and
// the filter would make a tombstone of one. So it has nothing to say. That must not depend on how many versions the
// key before has.
//
//lab:task 3 points=2
func TestNewest_FilterDiscardsNoneOfThem(t *testing.T) {
	y := yardOn(t, vfs.NewMem(), 2, discardsOld{})
	y.do("a=1 a=2 a=3 a=4 b=old c=1 c=old flush compact")
	y.holds("with the newest two of each key kept", "a#4=4 a#3=3 b#5=old c#7=old c#6=1")
}

// Before a merge asks about a version, a filter may ask about the same one, as if there were another, newer one at
// the visible number. That version does not exist, so nothing is counted: neither must the true question get a rank
// too high, nor the question of the next key.
//
//lab:task 3 points=2
func TestNewest_QuestionOfFilterIsNotCounted(t *testing.T) {
	keeper := mvcc.NewCollector(2).Keeper(50)
	for _, step := range []struct {
		key   string
		newer kv.Seq
		want  bool
	}{
		{"a#9", 50, true}, {"a#9", 0, true}, {"a#7", 9, true}, {"a#5", 7, false}, {"a#3", 5, false},
		{"b#8", 50, true}, {"b#8", 0, true}, {"b#6", 8, true}, {"b#4", 6, false},
		{"c#50", 50, true}, {"c#50", 0, true}, {"d#2", 50, true}, {"d#2", 0, true}, {"d#1", 2, true},
	} {
		got := keeper.Keep(versionOf(step.key), step.newer, false)
		require.Equal(t, step.want, got, "with the newest two kept, is %s kept, whose next newer version is %d?", step.key, step.newer)
	}
}
