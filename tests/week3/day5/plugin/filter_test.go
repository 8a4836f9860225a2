package plugin_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week3/plugin"
	refplugin "lsmlab/solution/week3/plugin"
)

// discarded returns which of the keys a filter discards, all with one value.
func discarded(f engine.CompactionFilter, value string, keys ...string) string {
	out := ""
	for _, key := range keys {
		if f.Discard(kv.MakeKey([]byte(key), 1, kv.KindSet), []byte(value)) {
			out += key + " "
		}
	}
	return out
}

// A prefix is discarded with the key that equals it, and nothing else: not what is shorter, and not what stands beside it in the
// order. Without prefixes nothing is discarded; the empty prefix is one of every key.
//
//lab:task 5 points=2
func TestDropPrefix_DropsWhatBeginsWithIt(t *testing.T) {
	keys := []string{"a", "tmp", "tmp/", "tmp/1", "tmp0", "tmp\xff", "x/tmp/", "old", "old\x00"}
	require.Equal(t, "tmp/ tmp/1 ", discarded(plugin.DropPrefix([]byte("tmp/")), "v", keys...))
	require.Equal(t, "tmp/ tmp/1 old old\x00 ", discarded(plugin.DropPrefix([]byte("tmp/"), []byte("old")), "v", keys...))
	require.Empty(t, discarded(plugin.DropPrefix(), "v", keys...), "no prefixes")
	require.Equal(t, "a b ", discarded(plugin.DropPrefix([]byte{}), "v", "a", "b"), "the empty prefix")
}

// A filter is asked for as long as the store is open. Who made it has long used the memory of its prefixes for something else.
//
//lab:task 5 points=2
func TestFilters_KeepNoPrefixOfTheCallers(t *testing.T) {
	prefix := []byte("tmp/")
	list := [][]byte{prefix}
	drop, ttl := plugin.DropPrefix(list...), plugin.TimeToLive(time.Hour, list...)
	copy(prefix, "oops")
	list[0] = []byte("b")
	old := string(plugin.Stamp(time.Unix(0, 0), nil))
	require.Equal(t, "tmp/1 ", discarded(drop, "v", "tmp/1", "oops1", "b"))
	require.Equal(t, "tmp/1 ", discarded(ttl, old, "tmp/1", "oops1", "b"))
}

// Several filters together discard what any of them discards. None at all discards nothing.
//
//lab:task 5 points=2
func TestFilters_DiscardWhatAnyDiscards(t *testing.T) {
	both := plugin.Filters(plugin.DropPrefix([]byte("a")), plugin.DropPrefix([]byte("b")))
	require.Equal(t, "a1 b1 ", discarded(both, "v", "a1", "b1", "c1"))
	require.Empty(t, discarded(plugin.Filters(), "v", "a1"), "no filters")
	require.Equal(t, "a1 b1 c1 ", discarded(plugin.Filters(both, plugin.DropPrefix([]byte("c"))), "v", "a1", "b1", "c1", "d1"))
}

// The stamp is a format: 8 bytes of nanoseconds and 4 of checksum, both little-endian. Stores that were written today are read in a
// year. 2 October 2026, 12:00:00.000000001 UTC is 1,790,942,400,000,000,001 nanoseconds after 1970.
//
//lab:task 5 points=2
func TestStamp_Bytes(t *testing.T) {
	at := time.Date(2026, 10, 2, 12, 0, 0, 1, time.UTC)
	labtest.DiffBytes(t, "stamped value", append([]byte{
		0x01, 0x80, 0x2f, 0xbd, 0x9f, 0xb4, 0xda, 0x18, // nanoseconds since 1970
		0x50, 0xbf, 0x82, 0x7f, // CRC-32C of the eight bytes before
	}, "red"...), plugin.Stamp(at, []byte("red")))
	before := time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)
	labtest.DiffBytes(t, "stamped value from before 1970", []byte{
		0x00, 0x36, 0x65, 0xc4, 0xff, 0xff, 0xff, 0xff,
		0xa2, 0xf3, 0xd5, 0x80,
	}, plugin.Stamp(before, nil))
}

// Any bytes may stand where a stamp is expected: a value from before there were stamps, a short one, an empty one, one of zeros. None
// of them has a stamp, and each comes back as it is. Neither does one whose stamp has lost a bit.
//
//lab:task 5 points=2
func TestUnstamp_TellsStampsFromOtherValues(t *testing.T) {
	at := time.Unix(1700000000, 5)
	stamped := plugin.Stamp(at, []byte("red"))
	got, value, ok := plugin.Unstamp(stamped)
	require.True(t, ok)
	require.True(t, at.Equal(got), "stamped at %v, read %v", at, got)
	require.Equal(t, "red", string(value))
	_, value, ok = plugin.Unstamp(plugin.Stamp(at, nil))
	require.True(t, ok, "the stamp of an empty value")
	require.Empty(t, value)
	for _, plain := range [][]byte{nil, {}, []byte("red"), stamped[:11], make([]byte, 12), make([]byte, 40), bytes.Repeat([]byte{0xff}, 12)} {
		_, value, ok := plugin.Unstamp(plain)
		require.False(t, ok, "%q", plain)
		require.Equal(t, string(plain), string(value))
	}
	for bit := range 12 * 8 {
		damaged := bytes.Clone(stamped)
		damaged[bit/8] ^= 1 << (bit % 8)
		_, _, ok := plugin.Unstamp(damaged)
		require.False(t, ok, "bit %d of the stamp is flipped", bit)
	}
}

// An hour to live, and the clock goes on: a value is kept up to the last nanosecond, and discarded when the hour is over. A stamp of
// tomorrow, from a clock that was wrong, is not old. What has no stamp lives for ever.
//
//lab:task 5 points=3
func TestTimeToLive_CountsToTheNanosecond(t *testing.T) {
	bubble(t, func(t *testing.T) {
		time.Sleep(time.Second / 2) // the hour does not begin with a second
		f := plugin.TimeToLive(time.Hour)
		value := string(plugin.Stamp(time.Now(), []byte("v")))
		future := string(plugin.Stamp(time.Now().Add(24*time.Hour), []byte("v")))
		require.Empty(t, discarded(f, value, "k"), "at once")
		time.Sleep(time.Hour - 1)
		require.Empty(t, discarded(f, value, "k"), "a nanosecond before the hour is over")
		time.Sleep(time.Nanosecond)
		require.Equal(t, "k ", discarded(f, value, "k"), "when the hour is over")
		require.Empty(t, discarded(f, future, "k"), "stamped with the time of tomorrow")
		time.Sleep(100 * 365 * 24 * time.Hour)
		require.Empty(t, discarded(f, "v", "k"), "without a stamp")
		require.Empty(t, discarded(f, "twelve bytes, and more", "k"), "without a stamp")
	})
}

// With prefixes, only their keys grow old.
//
//lab:task 5 points=1
func TestTimeToLive_OfSomePrefixesOnly(t *testing.T) {
	old := string(plugin.Stamp(time.Unix(0, 0), []byte("v")))
	f := plugin.TimeToLive(time.Hour, []byte("session/"), []byte("cache/"))
	require.Equal(t, "session/1 cache/2 ", discarded(f, old, "session/1", "cache/2", "user/3", "session"))
	require.Equal(t, "a b ", discarded(plugin.TimeToLive(time.Hour), old, "a", "b"))
}

// Random times and values: what was stamped comes back, byte for byte the same as the reference's stamps, and appending to the result
// changes nothing of the caller's.
//
//lab:task 5 points=2 random
func TestStamp_RandomRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(0, rapid.Int64().Draw(t, "time"))
		value := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "value")
		room := append(make([]byte, 0, 100), value...)
		stamped := plugin.Stamp(at, room)
		labtest.DiffBytes(t, "stamped value", refplugin.Stamp(at, value), stamped)
		labtest.DiffBytes(t, "the caller's value", value, room)
		got, back, ok := plugin.Unstamp(stamped)
		require.True(t, ok && at.Equal(got), "stamped at %v, read %v", at, got)
		labtest.DiffBytes(t, "value", value, back)
	})
}

// Any bytes at all: Unstamp returns them as they are, or what Stamp makes the same bytes from.
//
//lab:task 5 points=1
func FuzzUnstamp(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 12))
	f.Add(plugin.Stamp(time.Unix(1700000000, 0), []byte("red")))
	f.Fuzz(func(t *testing.T, stamped []byte) {
		at, value, ok := plugin.Unstamp(stamped)
		want := stamped
		if ok {
			value = plugin.Stamp(at, value)
		}
		labtest.DiffBytes(t, "put together again", want, value)
	})
}
