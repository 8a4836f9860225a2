package kv_test

import (
	"fmt"

	"lsmlab/internal/kv"
)

// A seek to SeekKey lands on the newest version that a reader may see.
func ExampleSeekKey() {
	versions := []kv.Key{
		kv.MakeKey([]byte("apple"), 7, kv.KindSet), kv.MakeKey([]byte("apple"), 4, kv.KindDelete), kv.MakeKey([]byte("apple"), 2, kv.KindSet),
	}
	target := kv.SeekKey([]byte("apple"), 5)
	for _, v := range versions {
		if v.Compare(target) >= 0 {
			fmt.Println("a reader at 5 meets", v)
			break
		}
	}
	// Output: a reader at 5 meets "apple"#4,delete
}
