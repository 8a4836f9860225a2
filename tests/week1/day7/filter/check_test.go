package filter_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/filter"
	reffilter "lsmlab/solution/week1/filter"
)

// "No" must be certain: the store then does not look, and a key that is there is gone for the reader. One false "no" in a
// million is a lost key in a million. So each of these keys is asked for, in
// filters of many sizes, of the reference's making and of yours.
//
//lab:task 2 points=3
func TestMayContain_NeverDeniesAKeyThatIsThere(t *testing.T) {
	for _, bits := range []int{1, 3, 7, 10, 16, 50} {
		for _, n := range []int{1, 2, 7, 63, 64, 65, 1000} {
			keys := keysOf("key%d", 0, n)
			for who, data := range map[string][]byte{"the reference": refBuild(bits, keys...), "you": build(bits, keys...)} {
				f := parse(t, data)
				for _, key := range keys {
					if !f.MayContain([]byte(key)) {
						t.Fatalf("filter of %d bits a key over %d keys, built by %s: %q was added, and MayContain says no", bits, n, who, key)
					}
				}
			}
		}
	}
}

// "Perhaps" costs a read, and may be wrong now and then; theory says how often. 10 bits a key: 8 absent keys in 1,000. If yours
// lets through half as many again, its probes are not as independent as they should be, or there are too few.
//
//lab:task 2 points=3
func TestMayContain_DeniesAlmostAllAbsentKeys(t *testing.T) {
	const present, asked = 10_000, 100_000
	for _, pattern := range []string{"user%08d", "%d", "key-%x-suffix"} {
		for bits, probes := range map[int]float64{1: 1, 5: 3, 10: 7, 16: 11} {
			f := parse(t, build(bits, keysOf(pattern, 0, present)...))
			passed := 0
			for _, key := range keysOf(pattern, present, asked) {
				if f.MayContain([]byte(key)) {
					passed++
				}
			}
			theory := asked * math.Pow(1-math.Exp(-probes/float64(bits)), probes)
			if float64(passed) > 1.5*theory {
				t.Errorf("keys like %q, %d bits a key: of %d absent keys %d passed, theory says %.0f", pattern, bits, asked, passed, theory)
			}
		}
	}
}

// The filter of a single key has seven bits set. Take any one of them away, and the key cannot have been added. A check
// that is content with the first few probes gives the advantage of the others away.
//
//lab:task 2 points=2
func TestMayContain_NeedsEveryBit(t *testing.T) {
	sound := refBuild(10, "apple")
	require.True(t, parse(t, sound).MayContain([]byte("apple")))
	for bit := range 64 {
		data := bytes.Clone(sound)
		data[bit/8] &^= 1 << (bit % 8)
		if changed := !bytes.Equal(data, sound); parse(t, data).MayContain([]byte("apple")) == changed {
			t.Errorf("the filter of apple without bit %d: MayContain(apple) says %v", bit, changed)
		}
	}
}

// The number of probes stands in the block. A filter that was written with 16 bits a key is read correctly by a policy of 5,
// so that the setting can be changed without rewriting every table.
//
//lab:task 2 points=2
func TestMayContain_UsesTheNumberOfProbesInTheBlock(t *testing.T) {
	keys := keysOf("key%d", 0, 500)
	for written, read := range map[int]int{16: 5, 5: 16, 1: 10, 10: 1} {
		f, err := filter.Bloom(read).Parse(refBuild(written, keys...))
		require.NoError(t, err)
		ref, err := reffilter.Bloom(read).Parse(refBuild(written, keys...))
		require.NoError(t, err)
		for _, key := range keysOf("key%d", 0, 3000) {
			if got, want := f.MayContain([]byte(key)), ref.MayContain([]byte(key)); got != want {
				t.Fatalf("written with %d bits a key, read with %d: MayContain(%q): want %v, got %v", written, read, key, want, got)
			}
		}
	}
}

// Bytes that are no filter are refused when the table is opened, with a reason. Zero probes would say "perhaps" to everybody for
// ever, and no bits at all would divide by zero or reach into nothing at the first question.
//
//lab:task 2 points=2
func TestBloomParse_RefusesWhatIsNoFilter(t *testing.T) {
	parse(t, goldenFilter)
	parse(t, []byte{0, 30})
	for name, data := range map[string][]byte{
		"no bytes": {}, "probes without bits": {7}, "no probes": {1, 2, 3, 0}, "31 probes": {1, 2, 3, 31}, "255 probes": {1, 2, 3, 255},
	} {
		_, err := filter.Bloom(10).Parse(data)
		var corrupt *kv.CorruptionError
		require.ErrorAs(t, err, &corrupt, "Parse of %s, % x", name, data)
		require.NotEmpty(t, corrupt.Reason, "the reason why %s are no filter", name)
		require.True(t, -1 <= corrupt.Offset && corrupt.Offset <= int64(len(data)), "%s: offset %d is neither in the %d bytes nor -1, not known", name, corrupt.Offset, len(data))
	}
}

// A get asks the filter of every table on its way, before anything else. It must not cost an allocation.
//
//lab:task 2 points=1
func TestMayContain_DoesNotAllocate(t *testing.T) {
	f, key := parse(t, refBuild(10, keysOf("key%d", 0, 100)...)), []byte("key50")
	require.Zero(t, testing.AllocsPerRun(100, func() { f.MayContain(key) }))
}

// sameFilter parses data with the subject and the reference, which must agree about the bytes and about some keys.
func sameFilter(t testing.TB, data, key []byte) {
	t.Helper()
	f, err := filter.Bloom(10).Parse(data)
	ref, refErr := reffilter.Bloom(10).Parse(data)
	if (err == nil) != (refErr == nil) {
		t.Fatalf("the reference says %v, you say %v, of the filter % x", refErr, err, data)
	}
	if err != nil {
		return
	}
	if got, want := f.MayContain(key), ref.MayContain(key); got != want {
		t.Fatalf("filter % x: MayContain(%q): want %v, got %v", data, key, want, got)
	}
}

// Any bytes may stand where a filter should, and any key may be asked for. `go test -fuzz FuzzFilter` looks further.
//
//lab:task 2 points=2
func FuzzFilter(f *testing.F) {
	f.Add(goldenFilter, []byte("apple"))
	f.Add(goldenFilter, []byte("plum"))
	f.Add([]byte{}, []byte("apple"))
	f.Add([]byte{7}, []byte("apple"))
	f.Add([]byte{0xff, 1}, []byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 30}, bytes.Repeat([]byte{0xff}, 100))
	f.Add([]byte{1, 2, 3, 0}, []byte("a"))
	f.Fuzz(func(t *testing.T, data, key []byte) { sameFilter(t, data, key) })
}

// Filters that the reference has written, for random keys: your answers must be the reference's, for keys that are there and for
// those that are not, right or wrong.
//
//lab:task 2 points=3 random
func TestMayContain_AgreesWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(1, 20).Draw(t, "bits a key")
		var keys []string
		for _, key := range rapid.SliceOfN(labtest.Keys(), 0, 30).Draw(t, "keys") {
			keys = append(keys, string(key))
		}
		data := refBuild(bits, keys...)
		f := parse(t, data)
		ref, err := reffilter.Bloom(bits).Parse(data)
		require.NoError(t, err)
		for _, key := range append(keysOf("absent%d", 0, 50), keys...) {
			if got, want := f.MayContain([]byte(key)), ref.MayContain([]byte(key)); got != want {
				t.Fatalf("%d bits a key over %q: MayContain(%q): want %v, got %v", bits, keys, key, want, got)
			}
		}
	})
}
