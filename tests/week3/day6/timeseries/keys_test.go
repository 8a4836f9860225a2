package timeseries_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/timeseries"
)

// names are names of series that are easily mixed up, in the order of their bytes.
var names = []string{"", "\x00", "\x00\x00", "\x00\x01", "\x00\xff", "a", "a\x00", "a\x00\x01", "a\x00\x01\x7f",
	"a\x00\xff", "a\x01", "a/", "a/b", "ab",
	"ts/", "\u00e9", "\xff", "\xff\xff"}

// times are times that are easily put into a wrong order, in the right one. 10¹⁷ has 18 digits.
var times = []int64{math.MinInt64, math.MinInt64 + 1, -1e17, -1e9, -256, -1, 0, 1, 255, 256, 1e9, 1e16, 1e17,
	math.MaxInt64 - 1, math.MaxInt64}

// bare returns series without a store, for what needs none.
func bare() *timeseries.DB { return timeseries.New(nil, nil) }

// The bytes of a key are a format: a store that was written yesterday is read tomorrow, and perhaps by somebody
// else's code. Prefix, escaped name, 00 01, and the time with all bits but the sign flipped, the highest byte first.
//
//lab:task 1 points=2
func TestKey_BytesAreFixed(t *testing.T) {
	for _, c := range []struct {
		series string
		at     int64
		want   []byte
	}{
		{"cpu", 0, []byte("ts/cpu\x00\x01" + "\x7f\xff\xff\xff\xff\xff\xff\xff")},
		{"cpu", 1, []byte("ts/cpu\x00\x01" + "\x7f\xff\xff\xff\xff\xff\xff\xfe")},
		{"cpu", -1, []byte("ts/cpu\x00\x01" + "\x80\x00\x00\x00\x00\x00\x00\x00")},
		{"a\x00b", math.MaxInt64, []byte("ts/a\x00\xffb\x00\x01" + "\x00\x00\x00\x00\x00\x00\x00\x00")},
		{"", math.MinInt64, []byte("ts/\x00\x01" + "\xff\xff\xff\xff\xff\xff\xff\xff")},
	} {
		labtest.DiffBytes(t, fmt.Sprintf("Key(%q, %d)", c.series, c.at), c.want, bare().Key(c.series, c.at))
	}
	prefix := []byte{0xff, 0}
	other := timeseries.New(nil, &timeseries.Options{Prefix: prefix})
	prefix[0] = 'x' // the options are not kept
	labtest.DiffBytes(t, "a key with the prefix ff 00", []byte("\xff\x00m\x00\x01\x7f\xff\xff\xff\xff\xff\xff\xff"),
		other.Key("m", 0))
}

// The store knows nothing of numbers: it compares bytes. So a later time must have the smaller key, also where the sign
// changes, and where a number gets another digit. The newest point is then the first that a scan meets.
//
//lab:task 1 points=3
func TestKey_LaterTimesComeFirst(t *testing.T) {
	for i := 1; i < len(times); i++ {
		earlier, later := bare().Key("cpu", times[i-1]), bare().Key("cpu", times[i])
		if bytes.Compare(later, earlier) >= 0 {
			t.Errorf("the key at %d should be before the key at %d:\n%x\n%x", times[i], times[i-1], later, earlier)
		}
		require.Len(t, later, len(earlier), "bytes of a key of the same series")
	}
}

// A name may have any byte, and may be the beginning of another name. All keys of one series stand together all the
// same, and the series in the order of their names: the last key of "a" comes before the first of "a\x00", whatever
// the times.
//
//lab:task 1 points=3
func TestKey_SeriesStandApart(t *testing.T) {
	for i := 1; i < len(names); i++ {
		last, first := bare().Key(names[i-1], math.MinInt64), bare().Key(names[i], math.MaxInt64)
		if bytes.Compare(last, first) >= 0 {
			t.Errorf("every key of %q should be before every key of %q:\n%x\n%x", names[i-1], names[i], last, first)
		}
	}
	for _, a := range names {
		head := bare().Key(a, 0)
		head = head[:len(head)-8]
		for _, b := range names {
			if a != b && bytes.HasPrefix(bare().Key(b, 0), head) {
				t.Errorf("what the keys of %q begin with, the keys of %q begin with as well: %x", a, b, head)
			}
		}
	}
}

// Who finds a key must know again what it stands for: each name, each time.
//
//lab:task 1 points=2
func TestParseKey_UndoesKey(t *testing.T) {
	for _, name := range names {
		for _, at := range times {
			key := bare().Key(name, at)
			series, got, ok := bare().ParseKey(key)
			require.True(t, ok, "ParseKey(%q), the key of %q at %d", key, name, at)
			require.Equal(t, fmt.Sprintf("%q at %d", name, at), fmt.Sprintf("%q at %d", series, got),
				"ParseKey(%q)", key)
		}
	}
}

// Keys come from the disk, and not all of them are ours. What has another beginning, a name that does not end, an
// escape that means nothing, or a time that is too short or too long, is no key of a point, and no reason to panic.
//
//lab:task 1 points=2
func TestParseKey_RefusesOtherKeys(t *testing.T) {
	eight := "\x00\x00\x00\x00\x00\x00\x00\x00"
	for _, key := range []string{"", "t", "ts/", "tscpu\x00\x01" + eight, "users/cpu\x00\x01" + eight, "ts/cpu",
		"ts/cpu\x00", "ts/cpu\x00\x01",
		"ts/cpu\x00\x01" + eight[1:], "ts/cpu\x00\x01" + eight + "\x00", "ts/c\x00\x02pu\x00\x01" + eight,
		"ts/c\x00\x00\x01" + eight, "ts/cpu\x00\xff" + eight} {
		series, at, ok := bare().ParseKey([]byte(key))
		if ok {
			t.Errorf("ParseKey(%q) should be refused, and is %q at %d", key, series, at)
		}
	}
}

// Any two points: their keys are in the order of names, and in one series the later one comes first. And each is read
// back.
//
//lab:task 1 points=3 random
func TestKey_OrderOfAnyTwo(t *testing.T) {
	series := rapid.OneOf(rapid.SampledFrom(names),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0xfe, 0xff, 'a'}), 0, 6),
			func(b []byte) string { return string(b) }))
	at := rapid.OneOf(rapid.SampledFrom(times), rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		a, b := series.Draw(t, "first name"), series.Draw(t, "second name")
		s, u := at.Draw(t, "first time"), at.Draw(t, "second time")
		want := cmp.Or(cmp.Compare(a, b), cmp.Compare(u, s))
		k, l := bare().Key(a, s), bare().Key(b, u)
		require.Equal(t, want, bytes.Compare(k, l), "the order of %q at %d and %q at %d: their keys are %x and %x",
			a, s, b, u, k, l)
		name, time, ok := bare().ParseKey(k)
		require.True(t, ok && name == a && time == s, "ParseKey of the key of %q at %d is %q at %d, %t", a, s,
			name, time, ok)
	})
}

// FuzzParseKey looks whether any bytes make it panic, and whether what is taken for a key is one: there is one key
// for a point.
//
//lab:task 1 points=1
func FuzzParseKey(f *testing.F) {
	for _, name := range names {
		f.Add(slices.Concat([]byte("ts/"), []byte(name), []byte("\x00\x01timetime")))
	}
	f.Add([]byte("ts/a\x00\xffb\x00\x01timetime"))
	f.Fuzz(func(t *testing.T, key []byte) {
		if series, at, ok := bare().ParseKey(key); ok {
			labtest.DiffBytes(t, fmt.Sprintf("the key of %q at %d", series, at), key, bare().Key(series, at))
		}
	})
}
