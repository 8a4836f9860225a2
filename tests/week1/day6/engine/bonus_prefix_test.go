package engine_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// All keys that begin with "user/", in order: "user/" itself and everything that continues it, but not "user0", whose byte
// '0' comes right behind '/', and not "use".
//
//lab:task bonus points=2
func TestScanPrefix_ShowsKeysThatBeginWithIt(t *testing.T) {
	r := openRig(t, nil)
	for _, key := range []string{"use", "user", "user/", "user/7", "user/7/name", "user/\xff", "user/\xff\xff", "user0", "v"} {
		r.put(t, key, "x")
	}
	r.flush(t)
	r.remove(t, "user/7")
	same(t, `scan of "user/"`, []string{"user/ = x", "user/7/name = x", "user/\xff = x", "user/\xff\xff = x"}, scanned(t, r.ScanPrefix([]byte("user/"))))
	same(t, `scan of "user/7"`, []string{"user/7/name = x"}, scanned(t, r.ScanPrefix([]byte("user/7"))))
	require.Len(t, scanned(t, r.ScanPrefix(nil)), 8, "an empty prefix begins every key")
}

// The prefix "\xff\xff" has no successor of its own length: nothing comes behind the keys that begin with it. And behind those
// that begin with "a\xff" comes "b".
//
//lab:task bonus points=2
func TestScanPrefix_OfHighBytes(t *testing.T) {
	r := openRig(t, nil)
	for _, key := range []string{"a", "a\xff", "a\xff\xff", "a\xffz", "b", "\xff", "\xff\xfe", "\xff\xff", "\xff\xff\xff", "\xff\xffa"} {
		r.put(t, key, "x")
	}
	same(t, `scan of "a\xff"`, []string{"a\xff = x", "a\xffz = x", "a\xff\xff = x"}, scanned(t, r.ScanPrefix([]byte("a\xff"))))
	same(t, `scan of "\xff\xff"`, []string{"\xff\xff = x", "\xff\xffa = x", "\xff\xff\xff = x"}, scanned(t, r.ScanPrefix([]byte("\xff\xff"))))
	same(t, `scan of "\xff"`, []string{"\xff = x", "\xff\xfe = x", "\xff\xff = x", "\xff\xffa = x", "\xff\xff\xff = x"}, scanned(t, r.ScanPrefix([]byte("\xff"))))
	prefix := []byte("a\xff")
	scan := r.ScanPrefix(prefix)
	same(t, "the caller's prefix afterwards", []byte("a\xff"), prefix)
	require.NoError(t, scan.Close())
}

// Four tables, of which one holds keys with the prefix. A scan that only stopped at the first key without it would have opened
// the others too. As a range it lets pruning do its work: one active table, and two block reads at most.
//
//lab:task bonus points=2
func TestScanPrefix_HasFewerActiveTables(t *testing.T) {
	r := shelf(t)
	reads := blockReads(r, func() {
		scan := r.ScanPrefix([]byte("k5"))
		scan.First()
		require.Equal(t, 1, scan.NumActive(), "active tables")
		same(t, "scan of k5", []string{"k500 = k300–k900"}, scanned(t, scan))
	})
	require.LessOrEqual(t, reads, int64(2), "block reads")
	scan := r.ScanPrefix([]byte("k2"))
	defer scan.Close()
	scan.First()
	require.Equal(t, 2, scan.NumActive(), "active tables of k2: [k100 … k200] and [k250 … k400]")
}

// Random keys and a random prefix: the scan must show exactly the keys that bytes.HasPrefix picks from a scan of everything.
//
//lab:task bonus points=2 random
func TestScanPrefix_LikeFilteredScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := openRig(t, nil)
		for i, key := range rapid.SliceOfN(labtest.Keys(), 0, 12).Draw(t, "keys") {
			r.put(t, string(key), "x")
			if i == 5 {
				r.flush(t)
			}
		}
		prefix := labtest.Keys().Draw(t, "prefix")
		want := []string{}
		all := r.Scan(kv.Unbounded(), kv.Unbounded())
		for key := range all.All() {
			if bytes.HasPrefix(key, prefix) {
				want = append(want, fmt.Sprintf("%s = x", key))
			}
		}
		require.NoError(t, all.Close())
		same(t, fmt.Sprintf("scan of %q", prefix), want, scanned(t, r.ScanPrefix(prefix)))
		require.NoError(t, r.Close())
	})
}
