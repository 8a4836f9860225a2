//go:build reference

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// fruitTable writes a table of a few entries, in blocks of 64 bytes, to the file "t.sst" of a new file system.
func fruitTable(t *testing.T, o subject.TableOptions) *vfs.Mem {
	t.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create("t.sst")
	require.NoError(t, err)
	o.BlockSize = 64
	w := subject.NewTableWriter(f, o)
	require.NoError(t, w.Add(kv.MakeKey([]byte("apple"), 7, kv.KindSet), []byte("red")))
	require.NoError(t, w.Add(kv.MakeKey([]byte("apple"), 4, kv.KindDelete), nil))
	require.NoError(t, w.Add(kv.MakeKey([]byte("banana"), 3, kv.KindSet), []byte("a\tb")))
	_, err = w.Finish()
	require.NoError(t, err)
	return fs
}

// contents returns the bytes of "t.sst".
func contents(t *testing.T, fs vfs.FS) []byte {
	t.Helper()
	f, err := fs.Open("t.sst")
	require.NoError(t, err)
	defer f.Close()
	size, err := f.Size()
	require.NoError(t, err)
	data := make([]byte, size)
	_, err = f.ReadAt(data, 0)
	require.NoError(t, err)
	return data
}

// holding returns a file system whose "t.sst" holds data.
func holding(t *testing.T, data []byte) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create("t.sst")
	require.NoError(t, err)
	_, err = f.Write(data)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return fs
}

func TestSst_ShowsEveryField(t *testing.T) {
	var out strings.Builder
	require.NoError(t, show(&out, fruitTable(t, subject.TableOptions{}), "sst", flags{Sst: sstFlags{File: "t.sst", Entries: true}}))
	want := `t.sst: 453 bytes

footer        offset 381  size 72
  filter      none
  index       offset 82   size 75
  properties  offset 162  size 214
  key codec   0
  format      1

properties
  entries           3         of these 1 delete
  keys              16 bytes  apple … banana
  values            6 bytes
  sequence numbers  3 … 7
  data              82 bytes  in 2 blocks

blocks        offset  size  entries
  data 0      0       45    2        apple#7 … apple#4,delete
                                     apple#7 = red
                                     apple#4,delete
  data 1      50      27    1        banana#3 … banana#3
                                     banana#3 = a\tb
  index       82      75    2        apple#4,delete … banana#3
                                     apple#4,delete -> offset 0, size 45
                                     banana#3 -> offset 50, size 27
  properties  162     214   9        data-blocks … value-size
                                     data-blocks = 2
                                     data-size = 82
                                     deletes = 1
                                     entries = 3
                                     first = apple
                                     key-size = 16
                                     max-seq = 7
                                     min-seq = 3
                                     value-size = 6

undamaged: every checksum, the order of the keys, index and properties
`
	if diff := cmp.Diff(want, trimmed(out.String())); diff != "" {
		t.Errorf("output (-want +got)\n%s", diff)
	}
}

// trimmed returns text without spaces at the ends of lines.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func TestSst_ListsOnlyTheBlockAskedFor(t *testing.T) {
	var out strings.Builder
	require.NoError(t, show(&out, fruitTable(t, subject.TableOptions{}), "sst", flags{Sst: sstFlags{File: "t.sst", Block: 1}}))
	require.Contains(t, out.String(), "banana#3 = ")
	require.NotContains(t, out.String(), "apple#7 = ")
}

func TestSst_WritesJSON(t *testing.T) {
	var out bytes.Buffer
	fs := fruitTable(t, subject.TableOptions{Codec: subject.Prefix(), Filter: subject.Bloom(10)})
	require.NoError(t, show(&out, fs, "sst", flags{Sst: sstFlags{File: "t.sst", JSON: true, Block: 0}}))
	var r report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	require.EqualValues(t, 3, r.Properties.Entries)
	require.EqualValues(t, 1, r.Footer.Codec)
	require.NotNil(t, r.Footer.Filter)
	require.Len(t, r.Blocks, 5)
	want := []entry{{"apple", 7, "set", "red"}, {"apple", 4, "delete", ""}}
	if diff := cmp.Diff(want, r.Blocks[0].List); diff != "" {
		t.Errorf("entries of block 0 (-want +got)\n%s", diff)
	}
	require.Nil(t, r.Damage)
}

// Whatever byte of the file is changed, the tool says that it is damaged, and names a place in the same block.
func TestSst_NamesFirstBadOffset(t *testing.T) {
	good := contents(t, fruitTable(t, subject.TableOptions{Filter: subject.Bloom(10)}))
	for at := range good {
		data := bytes.Clone(good)
		data[at] ^= 4
		var out bytes.Buffer
		err := show(&out, holding(t, data), "sst", flags{Sst: sstFlags{File: "t.sst", JSON: true}})
		require.ErrorIs(t, err, errDamaged, "byte %d", at)
		var r report
		require.NoError(t, json.Unmarshal(out.Bytes(), &r))
		require.NotNil(t, r.Damage, "byte %d", at)
		if at < 50 {
			require.Zero(t, r.Damage.Offset, "byte %d is in block 0", at)
			require.NotEmpty(t, r.Blocks[0].Error)
			require.Empty(t, r.Blocks[1].Error, "the other blocks are shown as ever")
		}
		if at >= len(good)-72 {
			require.GreaterOrEqual(t, r.Damage.Offset, int64(len(good)-72), "byte %d is in the footer", at)
		}
	}
	var out strings.Builder
	require.ErrorIs(t, show(&out, holding(t, good[:100]), "sst", flags{Sst: sstFlags{File: "t.sst"}}), errDamaged)
	require.Contains(t, out.String(), "DAMAGED at offset")
}

func TestSst_SaysThatThereIsNoFile(t *testing.T) {
	require.ErrorContains(t, show(&strings.Builder{}, vfs.NewMem(), "sst", flags{Sst: sstFlags{File: "none.sst"}}), "none.sst")
}

// fullDisk takes a few bytes.
type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, fmt.Errorf("no room")
	}
	return len(p), nil
}

func TestSst_ReportsFailedOutput(t *testing.T) {
	fs := fruitTable(t, subject.TableOptions{})
	require.ErrorContains(t, show(&fullDisk{20}, fs, "sst", flags{Sst: sstFlags{File: "t.sst"}}), "no room")
	require.ErrorContains(t, show(&fullDisk{20}, fs, "sst", flags{Sst: sstFlags{File: "t.sst", JSON: true}}), "no room")
}

func TestDoubleDashes_LetsLongFlagsHaveOne(t *testing.T) {
	got := doubleDashes([]string{"sst", "-json", "--entries", "-h", "-", "file-name"})
	if diff := cmp.Diff([]string{"sst", "--json", "--entries", "-h", "-", "file-name"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
