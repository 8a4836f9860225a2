package labtest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
)

// TB is what a check needs of a test: *testing.T, *testing.B, *testing.F and *rapid.T all have it.
type TB interface {
	rapid.TB
	Cleanup(func())
}

var (
	_ TB = testing.TB(nil)
	_ TB = (*rapid.T)(nil)
)

// Entry is one version with its value, in memory of its own.
type Entry struct {
	Key   kv.Key
	Value []byte
}

// E returns an entry of kind set.
func E(user string, seq kv.Seq, value string) Entry {
	return Entry{Key: kv.MakeKey([]byte(user), seq, kv.KindSet), Value: []byte(value)}
}

// D returns a tombstone.
func D(user string, seq kv.Seq) Entry {
	return Entry{Key: kv.MakeKey([]byte(user), seq, kv.KindDelete)}
}

// String returns the entry for people, as in "apple"#7,set = "red".
func (e Entry) String() string {
	if e.Key.Kind() == kv.KindDelete && len(e.Value) == 0 {
		return short(e.Key.String())
	}
	return short(fmt.Sprintf("%v = %q", e.Key, e.Value))
}

// short cuts a text that would fill a screen.
func short(s string) string {
	const most = 160
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:most], len(s))
}

// Lines returns the entries for people, one text each, which is how a difference of two lists reads best.
func Lines(entries []Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.String()
	}
	return out
}

// Diff fails the test, and shows the difference, unless got holds the entries wanted, in order.
func Diff(t TB, what string, want, got []Entry) {
	t.Helper()
	if diff := cmp.Diff(Lines(want), Lines(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// Collect walks it from the first entry to the end, copies what it meets, and closes it. It returns the error that ended
// the walk, if there was one, beside what was met before.
func Collect(it kv.Iterator) ([]Entry, error) {
	it.First()
	return rest(it)
}

// CollectFrom is Collect from the first entry at or after target.
func CollectFrom(it kv.Iterator, target kv.Key) ([]Entry, error) {
	it.SeekGE(target)
	return rest(it)
}

// rest walks it to the end and closes it.
func rest(it kv.Iterator) ([]Entry, error) {
	var out []Entry
	for ; it.Valid(); it.Next() {
		out = append(out, Entry{Key: it.Key().Clone(), Value: append([]byte{}, it.Value()...)})
	}
	err := it.Err()
	if closing := it.Close(); err == nil {
		err = closing
	}
	return out, err
}
