package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/shape"
)

// holding returns a simulator whose tree has a run a level, each with one table of the given versions.
func holding(latest []version, runs ...[]version) *sim {
	m := &sim{tables: map[uint64]*table{}, next: 1, latest: latest}
	for level, versions := range runs {
		t := m.newTable(versions, "made by a test")
		m.tree.Runs = append(m.tree.Runs, shape.Run{Place: shape.Place{Level: level}, Tables: []shape.Table{t}})
	}
	return m
}

// Sound tasks and edits do not lead to these trees, and the checks before would see others; so the last check of all has a
// test of its own.
func TestLook_SeesWhatAReadWouldFind(t *testing.T) {
	older, newer := version{key: 0, seq: 5, size: 1}, version{key: 0, seq: 9, size: 1}
	gone := version{key: 0, seq: 12, tombstone: true}
	for name, c := range map[string]struct {
		m    *sim
		want Rule
	}{
		"sound":             {holding([]version{newer}, []version{newer}, []version{older}), ""},
		"deleted":           {holding([]version{gone}, []version{gone}, []version{older}), ""},
		"upside down":       {holding([]version{newer}, []version{older}, []version{newer}), RuleStale},
		"old":               {holding([]version{newer}, []version{older}), RuleStale},
		"lost":              {holding([]version{newer, {key: 1, seq: 10}}, []version{newer}), RuleLost},
		"revived":           {holding([]version{gone}, []version{newer}), RuleRevived},
		"tombstone dropped": {holding([]version{gone}), ""},
	} {
		err := c.m.look()
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		var v *Violation
		require.ErrorAs(t, err, &v, name)
		require.Equal(t, c.want, v.Rule, name)
	}
	forged := holding([]version{newer}, []version{newer})
	forged.tree.Runs[0].Tables[0].Size++
	require.ErrorContains(t, forged.look(), "was never written")
	forged.tree.Runs[0].Tables = nil
	require.ErrorContains(t, forged.look(), "has no tables")
}

func TestStride_VisitsEveryKey(t *testing.T) {
	for n := 1; n < 300; n++ {
		seen := map[int]bool{}
		for i := range n {
			seen[i*stride(n)%n] = true
		}
		require.Len(t, seen, n)
	}
}

// An output ends at its size, or where one entry more would make it overlap too much of the run below.
func TestSplit(t *testing.T) {
	all := make([]version, 10)
	for key := range all {
		all[key] = version{key: key, seq: 1, size: 2}
	}
	// Below: [0 … 3] of 8 bytes, [4 … 4] of 2, [8 … 9] of 4.
	m := holding(nil)
	below := []shape.Run{{Tables: []shape.Table{m.newTable(all[:4], ""), m.newTable(all[4:5], ""), m.newTable(all[8:], "")}}}
	for _, c := range []struct {
		target, most int64
		want         []int // how many entries each table has
	}{
		{6, 0, []int{3, 3, 3, 1}},
		{100, 0, []int{10}},
		{100, 100, []int{10}},
		{100, 10, []int{8, 2}},
		{100, 8, []int{4, 6}},
		{100, 1, []int{1, 1, 1, 1, 1, 3, 1, 1}}, // an entry at least
	} {
		m.TargetSize, m.MaxOverlap = c.target, c.most
		var got []int
		for _, table := range m.split(all, below, "") {
			got = append(got, len(m.tables[table.Number].versions))
		}
		require.Equal(t, c.want, got, "target %d, at most %d of the run below", c.target, c.most)
	}
}

func TestSketch_LeavesOutTheMiddle(t *testing.T) {
	run := shape.Run{Place: shape.Place{Level: 1}}
	for n := range uint64(10) {
		run.Tables = append(run.Tables, shape.Table{Number: n, Size: 1 << 20, First: []byte("a"), Last: []byte("b")})
	}
	got := sketch(shape.Tree{Runs: []shape.Run{run}})
	require.Equal(t, "  L1      10.0 MiB  0[a…b] 1[a…b] 2[a…b] 3[a…b] … 2 more … 6[a…b] 7[a…b] 8[a…b] 9[a…b]\n", got)
	run.Tables = run.Tables[:9]
	require.Equal(t, draw(shape.Tree{Runs: []shape.Run{run}}), sketch(shape.Tree{Runs: []shape.Run{run}}))
	require.Equal(t, "  no tables\n", sketch(shape.Tree{}))
}
