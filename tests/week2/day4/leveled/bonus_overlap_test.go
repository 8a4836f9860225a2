package leveled_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/simulator"
	"lsmlab/solution/week2/leveled"
)

// least is like five, and chooses the table whose merge rewrites the least.
var least = leveled.Policy{Runs: 4, BaseSize: 100, Multiplier: 10, Levels: 5, LeastOverlap: true}

// Table 21 meets 120 bytes for its 60, table 22 meets 90 for its 30, table 23 meets 100 for its 100. In bytes table 22
// is the cheapest; but a byte that is brought down by table 23 costs one byte that is rewritten, and with the others
// two and three. That those of table 23 are in two tables does not matter.
//
//lab:task bonus points=3
func TestLeastOverlap_BytesMetForEachByteOfItsOwn(t *testing.T) {
	picks(t, least, treeOf(
		level(2, file(21, 60, "a", "c"), file(22, 30, "e", "g"), file(23, 100, "m", "p")),
		level(3, file(11, 120, "a", "d"), file(12, 90, "e", "h"), file(13, 50, "n", "o"), file(14, 50, "oa", "p")),
		level(4, file(1, 9000, "a", "z")),
	), "L2 23, L3 13 14 into L3")
}

// A table that meets nothing costs nothing: it is only moved. However new and however small it is, it goes first.
//
//lab:task bonus points=2
func TestLeastOverlap_NothingMetIsCheapest(t *testing.T) {
	picks(t, least, treeOf(
		level(2, file(21, 100, "a", "c"), file(22, 100, "e", "g"), file(23, 1, "m", "p")),
		level(3, file(11, 1, "a", "d"), file(12, 1, "g", "h"), file(13, 90, "pa", "z")),
		level(4, file(1, 9000, "a", "z")),
	), "L2 23 into L3")
}

// Of two that cost the same, the one that has waited longest goes. Both ends of a table are in it: what it touches, it
// meets.
//
//lab:task bonus points=2
func TestLeastOverlap_TieGoesToTheOldest(t *testing.T) {
	picks(t, least, treeOf(
		level(2, file(23, 50, "a", "c"), file(21, 50, "e", "g"), file(22, 50, "m", "p")),
		level(3, file(11, 50, "c", "d"), file(12, 50, "g", "h"), file(13, 50, "p", "z")),
		level(4, file(1, 9000, "a", "z")),
	), "L2 21, L3 12 into L3")
}

// Table 21 meets a hundred times its size, and is always the worst bargain. It may be passed over for a while; but when
// four times as many files have been made since as its level has tables, it is its turn. It may be full of tombstones,
// which free nothing as long as they stay.
//
//lab:task bonus points=2
func TestLeastOverlap_NobodyWaitsForEver(t *testing.T) {
	for newest, want := range map[uint64]string{33: "L2 33 into L3", 34: "L2 21, L3 11 into L3"} {
		picks(t, least, treeOf(
			level(2, file(21, 5, "a", "c"), file(22, 50, "e", "g"), file(newest, 80, "m", "p")),
			level(3, file(11, 500, "b", "d"), file(12, 50, "g", "h")),
			level(4, file(1, 9000, "a", "z")),
		), want)
	}
}

// Random trees: your choice and the reference's are the same.
//
//lab:task bonus points=2 random
func TestLeastOverlap_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSettings(t)
		mine, ref := set.mine(), set.reference()
		mine.LeastOverlap, ref.LeastOverlap = true, true
		tree := drawTree(t, 1, set.levels-1, 6)
		want, ok := ref.Pick(tree)
		if !ok {
			want.Inputs = nil
		}
		got := text(want)
		if !ok {
			got = ""
		}
		picks(t, mine, tree, got)
	})
}

// Does it pay? Over the same writes, with the same settings, at least a tenth less is written to disk. Nothing is lost
// that way either.
//
//lab:task bonus points=3
func TestLeastOverlap_WritesLess(t *testing.T) {
	for n, workload := range []simulator.Workload{simulator.Uniform, simulator.Mixed} {
		var amp [2]float64
		for i, overlap := range []bool{false, true} {
			p := leveled.Policy{BaseSize: 8 << 20, LeastOverlap: overlap}
			o := simulator.Options{Seed: uint64(n), Steps: 150, Keys: 4000, Workload: workload}
			result, err := simulator.Run(simulator.Subject{Policy: p}, o)
			require.NoError(t, err)
			amp[i] = result.Last().WriteAmp
		}
		if amp[1] > 0.9*amp[0] {
			t.Errorf("workload %s: write amplification %.2f; want a tenth less than the %.2f of the fair choice",
				workload, amp[1], amp[0])
		}
	}
}
