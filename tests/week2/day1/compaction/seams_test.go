package compaction_test

import (
	"fmt"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// fakeManifest is a manifest that does what the test says.
type fakeManifest func(e *version.Edit, after *version.Version) error

func (f fakeManifest) Append(e *version.Edit, after *version.Version) error { return f(e, after) }

// fakeRetention is a retention whose keepers do what the test says.
type fakeRetention func(key kv.Key, newer kv.Seq, bottom bool) bool

func (f fakeRetention) Keeper(kv.Seq) engine.Keeper { return f }

func (f fakeRetention) Keep(key kv.Key, newer kv.Seq, bottom bool) bool { return f(key, newer, bottom) }

// snapshotsAt keeps what a reader at one of these numbers can see, or one at the last of them or later.
func snapshotsAt(numbers ...kv.Seq) fakeRetention {
	return func(key kv.Key, newer kv.Seq, bottom bool) bool {
		visible := numbers[len(numbers)-1]
		if newer == 0 || newer > visible {
			return !bottom || key.Kind() != kv.KindDelete || key.Seq() > numbers[0]
		}
		for _, at := range numbers[:len(numbers)-1] {
			if key.Seq() <= at && at < newer {
				return true
			}
		}
		return false
	}
}

// keepsAll keeps every version.
func keepsAll(kv.Key, kv.Seq, bool) bool { return true }

// fakeFilter is a compaction filter that does what the test says.
type fakeFilter func(key kv.Key, value []byte) bool

func (f fakeFilter) Discard(key kv.Key, value []byte) bool { return f(key, value) }

// many returns the line of a run with one table of n versions: k00000#1=value, k00001#1=value …
func many(place string, n int, value string) string {
	var b strings.Builder
	b.WriteString(place + ":")
	for i := range n {
		fmt.Fprintf(&b, " k%05d#1=%s", i, value)
	}
	return b.String()
}
