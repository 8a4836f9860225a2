package compaction_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
)

// TargetSize is 2,000 bytes. Every table of the output ends as soon as it has reached the target, so it is at most a
// version larger (index, filter and properties come on top). Only the last may be smaller. Tables of equal size are
// what makes the next merge a small one. It is the same with small blocks and plain keys, and with large blocks and
// keys that are put together in a buffer as they are read.
//
//lab:task 3 points=3
func TestSplit_TablesEndAtTarget(t *testing.T) {
	const target = 2000
	for name, o := range map[string]engine.Options{
		"blocks of 100 bytes": {BlockSize: 100},
		"prefix codec":        {BlockSize: 4096, Codec: block.Prefix()},
	} {
		t.Run(name, func(t *testing.T) {
			r := openRig(t, setup{full: "1 2 into L1", target: target, engine: o},
				many("L0@9", 300, strings.Repeat("x", 20)), many("L1", 300, "white"))
			r.compact(t)
			tables := r.current().Runs[0].Tables()
			require.Greater(t, len(tables), 3, "about 12,000 bytes are cut into too few tables; the first has %d", tables[0].Size())
			for i, table := range tables {
				data := table.Properties().DataSize
				require.LessOrEqual(t, data, uint64(target+200), "bytes of data in table %d of %d", i, len(tables))
				if i < len(tables)-1 {
					require.GreaterOrEqual(t, table.Size(), int64(target), "bytes of table %d of %d, which is not the last", i, len(tables))
				}
			}
			require.Len(t, r.scan(t), 300)
			r.clean(t)
		})
	}
}

// Snapshots keep forty versions of "k", which are far more than one table's target. All of them belong into one table:
// a reader asks one table of a run, and goes on to the next run if what it looks for is not in there. The table ends
// behind them, and the next key begins another.
//
//lab:task 3 points=3
func TestSplit_VersionsOfOneKeyStayTogether(t *testing.T) {
	versions := ""
	for seq := 50; seq > 10; seq-- {
		versions += fmt.Sprintf(" k#%d=%s", seq, strings.Repeat("x", 20))
	}
	r := openRig(t, setup{full: "1 2 into L1", target: 300, engine: engine.Options{BlockSize: 100, Retention: fakeRetention(keepsAll)}},
		"L0@9: a#9=x"+versions, "L1: k#8=x k#7=x l#6=x m#1=x")
	r.compact(t)
	var got []string
	for _, table := range r.current().Runs[0].Tables() {
		got = append(got, fmt.Sprintf("%s … %s, %d versions", table.First(), table.Last(), table.Properties().Entries))
	}
	same(t, "tables", []string{"a … k, 43 versions", "l … m, 2 versions"}, got)
	for seq := kv.Seq(7); seq <= 50; seq++ {
		if seq == 9 || seq == 10 {
			continue
		}
		value, err := r.current().Get([]byte("k"), seq)
		require.NoError(t, err, "k at %d", seq)
		require.NotEmpty(t, value, "k at %d", seq)
	}
}

// What is dropped does not count, and does not end a table either: of 200 keys 190 are dropped, and the rest fits into
// one table.
//
//lab:task 3 points=1
func TestSplit_CountsWhatIsWritten(t *testing.T) {
	r := openRig(t, setup{full: "1 into L1", target: 1000, engine: engine.Options{BlockSize: 100, Retention: fakeRetention(
		func(key kv.Key, _ kv.Seq, _ bool) bool {
			return strings.HasSuffix(string(key.User), "7") && key.User[4] == '1'
		})}},
		many("L0@9", 200, strings.Repeat("x", 20)))
	r.compact(t)
	same(t, "tables", 1, len(r.current().Runs[0].Tables()))
	same(t, "keys", 2, len(r.scan(t)))
}

// The target is reached with the very last version, or with the only one. Then there is nothing to begin another table
// with, and a table of no versions does not exist.
//
//lab:task 3 points=1
func TestSplit_MakesNoTableBehindTheLastKey(t *testing.T) {
	for n := 1; n <= 3; n++ {
		r := openRig(t, setup{full: "1 into L1", target: 1}, many("L0@9", n, "red"))
		r.compact(t)
		same(t, fmt.Sprintf("tables of %d keys, when each key reaches the target", n), n, len(r.current().Runs[0].Tables()))
		same(t, "keys", n, len(r.scan(t)))
		r.clean(t)
	}
}

// Options that say nothing mean a target that is larger than what is merged here: there is one table.
//
//lab:task 3 points=1
func TestSplit_DefaultTargetIsLarge(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1"}, many("L0@9", 3000, strings.Repeat("x", 50)), "L1: k01000#9=a k02000#9=b")
	r.compact(t)
	same(t, "tables", 1, len(r.current().Runs[0].Tables()))
}

// Random keys with random numbers of versions, and a random target. All versions are there afterwards, in order; no
// user key is in two tables; and every table but the last has reached the target.
//
//lab:task 3 points=3 random
func TestSplit_RulesHoldForAnyTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, n := "L0@9:", 0
		for i := range rapid.IntRange(1, 12).Draw(t, "keys") {
			for seq := rapid.IntRange(1, 6).Draw(t, "versions"); seq > 0; seq-- {
				line += fmt.Sprintf(" k%02d#%d=%s", i, seq, strings.Repeat("x", rapid.IntRange(0, 60).Draw(t, "value")))
				n++
			}
		}
		target := rapid.Int64Range(1, 1000).Draw(t, "target")
		r := openRig(t, setup{full: "1 into L1", target: target, engine: engine.Options{BlockSize: 64, Retention: fakeRetention(keepsAll)}}, line)
		before := r.tree(t)
		r.compact(t)
		after := r.tree(t)
		require.Equal(t, strings.TrimPrefix(before[0], "L0@9: "), strings.ReplaceAll(strings.TrimPrefix(after[0], "L1: "), " | ", " "))
		tables := r.current().Runs[0].Tables()
		for i, table := range tables[1:] {
			before := tables[i]
			require.Less(t, string(before.Last()), string(table.First()), "table %d of %d goes on with the key of the one before", i+1, len(tables))
			require.GreaterOrEqual(t, before.Size(), target, "table %d of %d", i, len(tables))
		}
		labtest.NoStrayFiles(t, r.mem, rigDir, r.files()...)
		require.NoError(t, r.Close())
	})
}
