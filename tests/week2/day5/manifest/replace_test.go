package manifest_test

import (
	"encoding/hex"
	"errors"
	iofs "io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
)

// goldenFields is a manifest of a snapshot, field by field. It is testdata/w2d5_golden.manifest, too. The checksums were
// computed by another program.
var goldenFields = []struct{ name, hex string }{
	{"header: magic", "4c 53 4d 4c 61 62 52 b5"},
	{"header: format version", "01 00 00 00"},
	{"header: file number 1", "01 00 00 00 00 00 00 00"},
	{"header: CRC-32C of the 20 bytes before", "b3 f0 ea 14"},
	{"frame: length of the body", "21 00 00 00"},
	{"frame: CRC-32C of number 1, offset 24, length 33", "d2 10 ad 16"},
	{"frame: CRC-32C of the same and the body", "aa 8e 6c a0"},
	{"min log: 0, a copy has no logs", "00"},
	{"next: 300, a uvarint of two bytes", "ac 02"},
	{"last: 71", "47"},
	{"dropped tables: none", "00"},
	{"added tables: 2", "02"},
	{"level 0, epoch 5, number 9", "00 05 09"},
	{"level 1, epoch 0, number 3", "01 00 03"},
	{"options: 2", "02"},
	{"name: size 5, codec", "05 63 6f 64 65 63"},
	{"value: size 6, prefix", "06 70 72 65 66 69 78"},
	{"name: size 4, keys", "04 6b 65 79 73"},
	{"value: size 0", "00"},
	{"kind: s, a snapshot", "73"},
}

// goldenVersion returns the version that the golden manifest is of, with tables in a file system of their own.
func goldenVersion(t labtest.TB) *version.Version {
	t.Helper()
	mem := newMem(t, nil)
	return &version.Version{Runs: []*version.Run{
		version.NewRun(0, 5, []*sstable.Table{openTable(t, mem, 9, "apple")}),
		version.NewRun(1, 0, []*sstable.Table{openTable(t, mem, 3, "banana")}),
	}}
}

// openTable writes a table and opens it. It is closed at clean-up.
func openTable(t labtest.TB, fs vfs.FS, number uint64, users ...string) *sstable.Table {
	t.Helper()
	writeTable(t, fs, number, users...)
	f, err := fs.Open(path(sstable.FileName(number)))
	require.NoError(t, err)
	table, err := sstable.Open(f, sstable.FileName(number), number, sstable.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { table.Close() })
	return table
}

// goldenFormat are the options in the golden manifest.
func goldenFormat() map[string]string { return map[string]string{"keys": "", "codec": "prefix"} }

// A manifest is read by programs that are not written yet. Its bytes are laid down here, one field a line.
//
//lab:task 4 points=3
func TestCreate_GoldenBytes(t *testing.T) {
	mem := newMem(t, nil)
	require.NoError(t, manifest.Create(mem, dir, goldenFormat(), goldenVersion(t), 300, 71))
	got, err := vfs.ReadFile(mem, path(manifest.FileName))
	require.NoError(t, err)
	offset := 0
	for _, f := range goldenFields {
		size := (len(f.hex) + 1) / 3
		field := got[min(offset, len(got)):min(offset+size, len(got))]
		want := strings.ReplaceAll(f.hex, " ", "")
		if diff := cmp.Diff(want, hex.EncodeToString(field)); diff != "" {
			t.Errorf("%s, offset %d (-want +got)\n%s", f.name, offset, diff)
		}
		offset += size
	}
	require.Len(t, got, offset, "bytes in all")
	onDisk, err := os.ReadFile("testdata/w2d5_golden.manifest")
	require.NoError(t, err)
	labtest.DiffBytes(t, "testdata/w2d5_golden.manifest", onDisk, got)
	same(t, "what it says", []string{"L0@5 9", "L1 3", "min log 0, next 300, last 71, options map[codec:prefix keys:]"}, readState(t, mem))
}

// What Create leaves behind is one file, under one name, durable: the power may go the moment it returns.
//
//lab:task 4 points=2
func TestCreate_DurableWhenItReturns(t *testing.T) {
	mem := newMem(t, nil)
	require.NoError(t, manifest.Create(mem, dir, nil, goldenVersion(t), 10, 7))
	for _, p := range vfs.Policies(5) {
		after := mem.Preview(p)
		labtest.NoStrayFiles(t, after, dir, manifest.FileName)
		same(t, "what is left after a crash", []string{"L0@5 9", "L1 3", "min log 0, next 10, last 7, options map[]"}, readState(t, after))
	}
}

// Three orders hold. The file is written and synced under another name before it is given the name MANIFEST: a crash in between must
// not leave a name without contents. The directory is synced after the rename: before it, there is nothing to make durable.
// And nothing is written once it has the name.
//
//lab:task 4 points=3
func TestCreate_OrderOfOperations(t *testing.T) {
	fault := vfs.NewFault(newMem(t, nil))
	require.NoError(t, manifest.Create(fault, dir, nil, goldenVersion(t), 10, 7))
	log := fault.Log()
	index := func(op vfs.Op) int { return slices.IndexFunc(log, func(c vfs.Call) bool { return c.Op == op }) }
	lastWrite := len(log) - 1 - slices.IndexFunc(reversed(log), func(c vfs.Call) bool { return c.Op == vfs.OpWrite })
	lastSync := len(log) - 1 - slices.IndexFunc(reversed(log), func(c vfs.Call) bool { return c.Op == vfs.OpSync })
	sync, rename, syncDir := index(vfs.OpSync), index(vfs.OpRename), index(vfs.OpSyncDir)
	require.Equal(t, vfs.Call{Op: vfs.OpCreate, Name: path("MANIFEST.tmp")}, log[max(0, index(vfs.OpCreate))], "what is created; all operations are %v", log)
	require.Equal(t, 1, fault.Count(vfs.OpCreate, ""), "files that are created, in %v", log)
	require.NotEqual(t, -1, rename, "no rename in %v", log)
	require.NotEqual(t, -1, sync, "the file is not synced: %v", log)
	require.NotEqual(t, -1, syncDir, "the directory is not synced: %v", log)
	require.Equal(t, vfs.Call{Op: vfs.OpRename, Name: path("MANIFEST.tmp"), To: path("MANIFEST")}, log[rename])
	require.Greater(t, lastSync, lastWrite, "no sync of the file behind its last write: %v", log)
	require.Greater(t, rename, lastSync, "rename before the file is synced: %v", log)
	require.Greater(t, syncDir, rename, "directory synced before the rename: %v", log)
	require.Zero(t, handles(fault, "MANIFEST*"), "files that are still open: %v", log)
}

// reversed returns calls from the last to the first.
func reversed(calls []vfs.Call) []vfs.Call {
	back := slices.Clone(calls)
	slices.Reverse(back)
	return back
}

// The machine stops at each operation in turn, and of what was not synced all is lost, or all kept, or some of it. Under the name
// MANIFEST there is nothing, or there is all of it. The same holds when an operation fails, and Create says so.
//
//lab:task 4 points=4
func TestCreate_StoppedAnywhere(t *testing.T) {
	v := goldenVersion(t)
	probe := newMem(t, nil)
	before := probe.Ops()
	require.NoError(t, manifest.Create(probe, dir, nil, v, 10, 7))
	for n := before + 1; n <= probe.Ops(); n++ {
		mem := newMem(t, nil)
		mem.CrashAt(n)
		err := manifest.Create(mem, dir, nil, v, 10, 7)
		require.Error(t, err, "the machine stopped at operation %d of %d", n-before, probe.Ops()-before)
		for _, p := range vfs.Policies(8) {
			after := mem.Crash(p)
			if _, err := after.Size(path(manifest.FileName)); errors.Is(err, iofs.ErrNotExist) {
				continue
			}
			_, err := manifest.Read(after, path(manifest.FileName))
			require.NoError(t, err, "the manifest after the machine stopped at operation %d", n-before)
		}
	}
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir} {
		fault := vfs.NewFault(newMem(t, nil))
		fault.FailNext(op, "", nil)
		require.ErrorIs(t, manifest.Create(fault, dir, nil, v, 10, 7), vfs.ErrInjected, "%s fails", op)
		if op != vfs.OpCreate { // which has opened nothing
			require.Zero(t, handles(fault, "MANIFEST*"), "files still open after %s has failed", op)
		}
	}
}

// A file system may write less than it was given. What is missing then is the end of the record, and the file must not be
// given its name.
//
//lab:task 4 points=1
func TestCreate_ShortWrite(t *testing.T) {
	mem := newMem(t, nil)
	fault := vfs.NewFault(mem)
	fault.ShortWrite("MANIFEST*", 30, nil)
	require.Error(t, manifest.Create(fault, dir, nil, goldenVersion(t), 10, 7), "Create, with a write that stops after 30 bytes")
	_, err := mem.Size(path(manifest.FileName))
	require.ErrorIs(t, err, iofs.ErrNotExist, "the size of MANIFEST: no half file may have that name")
}

// An earlier attempt was interrupted, and has left its file, which is longer than ours and says something else. Nothing of it
// remains.
//
//lab:task 4 points=1
func TestCreate_OverAnInterruptedOne(t *testing.T) {
	long, _ := fileOf(1, append(history(), manifest.Record{MinLog: 90, Next: 91, Last: 92})...)
	mem := newMem(t, map[string][]byte{"MANIFEST.tmp": long})
	require.NoError(t, manifest.Create(mem, dir, nil, &version.Version{}, 10, kv.Seq(7)))
	same(t, "what it says", []string{"min log 0, next 10, last 7, options map[]"}, readState(t, mem))
}
