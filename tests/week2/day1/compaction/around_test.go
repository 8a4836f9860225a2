package compaction_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// The merge stands still at its Create, at a Write, at the Sync, at the Open. Nobody else may notice: others write,
// delete, read, scan and even flush, for a merge takes minutes, and no lock that they need is held. The run that was
// flushed meanwhile is there afterwards, on top.
//
//lab:task 2 points=3 race
func TestMerge_NobodyWaitsForIt(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpOpen} {
		t.Run(string(op), func(t *testing.T) {
			labtest.NoLeaks(t)
			r := openRig(t, setup{full: "1 2 into L1"}, "L0@9: apple#9=red fig#8=blue", "L1: apple#1=white kiwi#2=green")
			reached, release := r.fault.BlockAt(op, "*.sst")
			defer release()
			done := inBackground(func() error { return r.Compact(context.Background()) })
			reaches(t, "the merge's "+string(op), reached)
			require.NoError(t, reaches(t, "the end of writes and a flush around the merge", inBackground(func() error {
				return errors.Join(
					r.Put([]byte("apple"), []byte("meanwhile")), r.Delete([]byte("kiwi")), r.Put([]byte("lime"), nil),
					r.Flush(context.Background()), r.Put([]byte("fig"), []byte("later")))
			})))
			answers := []string{"apple", "meanwhile", "fig", "later", "kiwi", "not found", "lime", ""}
			r.expect(t, "during the merge", answers...)
			same(t, "a scan during the merge", []string{"apple=meanwhile", "fig=later", "lime="}, r.scan(t))
			release()
			require.NoError(t, reaches(t, "the end of the merge", done))
			r.expect(t, "after the merge", answers...)
			tree := r.tree(t)
			require.Len(t, tree, 2, "runs: %q", tree)
			require.Contains(t, tree[0], ": apple#10=meanwhile kiwi#11- lime#12=", "the run that was flushed meanwhile")
			require.Equal(t, "L1: apple#9=red fig#8=blue kiwi#2=green", tree[1])
			r.clean(t)
		})
	}
}

// A scan has begun when the merge comes, and goes on afterwards. It holds the old version, and that the old tables:
// their files have lost their names, but the data can still be read. Whoever closed the inputs as soon as they are
// merged would take them away from under it.
//
//lab:task 2 points=2
func TestMerge_LeavesInputsToThoseWhoReadThem(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{BlockSize: 256}}, many("L0@9", 100, "red"), many("L1", 100, "white"))
	scan := r.Scan(kv.Unbounded(), kv.Unbounded())
	scan.First()
	r.compact(t)
	r.clean(t)
	lines := scanned(t, scan)
	require.Len(t, lines, 100, "keys of the scan")
	require.Equal(t, "k00099=red", lines[99])
}

// When the manifest is asked to record the edit, a crash may follow at once. The outputs must be durable by then,
// contents and names. And the inputs must still be there, as nobody knows yet that they are not needed.
//
//lab:task 2 points=3
func TestMerge_OutputsAreDurableAndInputsThereWhenEditIsRecorded(t *testing.T) {
	var r *rig
	asked := 0
	r = openRig(t, setup{full: "1 2 into L1", target: 600, engine: engine.Options{BlockSize: 128, Manifest: fakeManifest(
		func(edit *version.Edit, after *version.Version) error {
			asked++
			disk := r.mem.Preview(vfs.LoseUnsynced)
			require.Subset(t, labtest.Files(t, disk, rigDir), []string{"000001.sst", "000002.sst"}, "files while the manifest writes")
			for _, table := range after.Runs[0].Tables() {
				name := sstable.FileName(table.Number())
				f, err := disk.Open(rigDir + "/" + name)
				require.NoError(t, err, "an output, after a crash")
				onDisk, err := sstable.Open(f, name, table.Number(), sstable.Options{})
				require.NoError(t, err, "an output, after a crash")
				require.NoError(t, onDisk.Verify(context.Background()))
				require.NoError(t, onDisk.Close())
			}
			return nil
		})}}, many("L0@9", 60, "red"), many("L1", 60, "white"))
	r.compact(t)
	require.Equal(t, 1, asked, "edits that the manifest was asked to record")
	r.clean(t)
}

// The manifest fails. Whether the edit is on the disk is not known, so neither inputs nor outputs may be removed: one
// of the two is what the next start will look for.
//
//lab:task 2 points=1
func TestMerge_RemovesNothingWhenManifestFails(t *testing.T) {
	broken := errors.New("manifest: input/output error")
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{Manifest: fakeManifest(
		func(*version.Edit, *version.Version) error { return broken })}},
		"L0@9: apple#9=red", "L1: apple#1=white")
	require.ErrorIs(t, r.Compact(context.Background()), broken)
	require.Len(t, labtest.Files(t, r.mem, rigDir), 3, "files: two inputs and one output")
	r.expect(t, "afterwards", "apple", "red")
}

// A merge handles millions of versions. One allocation for each would cost more than the merging, and keep the
// collector busy for everybody. Blocks and tables may allocate; keys and values may not, nor may the question what lies
// below. The key that outputs.add keeps for a comparison is copied into one buffer, the same each time: bytes.Clone
// would make a new one for each version that stays.
//
//lab:task 4 points=1
func TestMerge_AllocatesNothingPerVersion(t *testing.T) {
	const n = 4000
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{BlockSize: 16 << 10}}, many("L0@9", n, "red"), many("L1", n, "white"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.compact(t)
	runtime.ReadMemStats(&after)
	if made := after.Mallocs - before.Mallocs; made > n/4 {
		t.Errorf("a merge of %d versions, of which %d stay, made %d allocations; %d are enough for its blocks and tables", 2*n, n, made, n/4)
	}
}

// What is merged is read once, and is gone afterwards. Were it put into the block cache, it would drive out what
// readers ask for again and again. A block that is in the cache already may be used.
//
//lab:task 2 points=1
func TestMerge_LeavesCacheToReaders(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{BlockSize: 256, Cache: sstable.NewCache(16 << 10)}},
		many("L0@9", 2000, "red"), many("L1", 2000, "white"), "L2: zebra#1=x")
	r.expect(t, "before", "zebra", "x")
	require.EqualValues(t, 1, r.Stats().Cache.Blocks, "blocks in the cache, before")
	r.compact(t)
	require.EqualValues(t, 1, r.Stats().Cache.Blocks, "blocks in the cache, after")
	require.Zero(t, r.Stats().Cache.Evictions, "blocks that had to make room for what is merged")
}

// Whoever watches the engine hears once what is going to be read, before it is read.
//
//lab:task 2 points=1
func TestMerge_TellsWhatItWillRead(t *testing.T) {
	var events []string
	var r *rig
	r = openRig(t, setup{full: "1 3 into L1", engine: engine.Options{Listener: engine.Listener{
		CompactionBegin: func(inputs []*sstable.Table) {
			for _, table := range inputs {
				events = append(events, fmt.Sprint("will read ", table.Number()))
			}
			events = append(events, fmt.Sprintf("%d blocks read", r.Stats().BlockReads))
		},
		CompactionEnd: func(e *version.Edit, err error) {
			events = append(events, fmt.Sprintf("%d runs go, %d come: %v", len(e.Drop), len(e.Add), err))
		},
	}}}, "L0@9: apple#9=red", "L1: aaa#1=x | apple#2=white")
	r.compact(t)
	same(t, "events", []string{"will read 1", "will read 3", "0 blocks read", "2 runs go, 1 come: <nil>"}, events)
}
