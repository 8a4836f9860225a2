package dayzero

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lsmlab/internal/kv"
)

// The newest version of a key stands first: the one rule of order that everything else rests on, seen to work here.
func TestSetUp_OrdersVersions(t *testing.T) {
	keys := []kv.Key{
		kv.MakeKey([]byte("banana"), 3, kv.KindSet),
		kv.MakeKey([]byte("apple"), 4, kv.KindDelete),
		kv.MakeKey([]byte("apple"), 7, kv.KindSet),
	}
	slices.SortFunc(keys, kv.Key.Compare)
	var got []string
	for _, k := range keys {
		got = append(got, k.String())
	}
	want := []string{`"apple"#7,set`, `"apple"#4,delete`, `"banana"#3,set`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order of versions (-want +got)\n%s", diff)
	}
}
