//lab:day 1.7

package filter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lsmlab/solution/week1/filter"
)

// TestHash_IsTheSameForEver fixes the hash: filters on disk are made of it, and a change would turn their "perhaps" into a
// false "no".
func TestHash_IsTheSameForEver(t *testing.T) {
	want := map[string]uint64{
		"a":                0x7bbccaed965e0eda,
		"apple":            0x31baceec5a62bd91,
		"12345678":         0x08fceafd190f11a4,
		"123456789":        0x5945602dfdfd1955,
		"0123456789abcdef": 0x9bff3d21c21de686,
		"user000000000001": 0x416b6b91989abed3,
	}
	got := map[string]uint64{}
	for key := range want {
		got[key] = filter.Hash([]byte(key))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hashes (-want +got)\n%s", diff)
	}
}
