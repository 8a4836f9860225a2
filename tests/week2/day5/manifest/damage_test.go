package manifest_test

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/manifest"
)

// tornStore returns newStore with a manifest of history and one more record, cut at byte cut of that.
func tornStore(t labtest.TB, cut int64) (mem *vfs.Mem, size int64) {
	t.Helper()
	mem = newStore(t)
	data, ends := fileOf(7, append(history(), manifest.Record{MinLog: 14, Next: 17, Last: 80, Add: []manifest.Entry{at(0, 14, 16)}})...)
	require.NoError(t, vfs.WriteFile(mem, path(manifest.FileName), data[:ends[4]+cut]))
	return mem, ends[5] - ends[4]
}

// The machine stopped in the middle of a record. Its edit was never installed, so nobody has seen it: the store is what it was
// before. Then it is opened again, and once more: what was torn must not be in the way of what comes.
//
//lab:task 5 points=3
func TestOpen_TornRecordIsForgotten(t *testing.T) {
	_, size := tornStore(t, 0)
	for cut := range size {
		mem, _ := tornStore(t, cut)
		writeTable(t, mem, 16, "kiwi")
		for i := range 3 {
			rec, runs := reopen(t, mem, plain())
			same(t, fmt.Sprintf("runs at opening %d; the record was cut at byte %d", i+1, cut), storeRuns(), runs)
			require.Equal(t, i == 0 && cut > 0, rec.Torn, "Torn at opening %d; the record was cut at byte %d", i+1, cut)
			require.GreaterOrEqual(t, rec.Next, uint64(17), "Next: table 16 was there")
		}
		labtest.NoStrayFiles(t, mem, dir, "MANIFEST", "000004.sst", "000013.sst", "000014.sst")
	}
}

// Damage is an error with file and offset, and nothing is changed: what can still be read may be needed to save the rest. In the last
// record as well: a merge whose record is forgotten makes orphans of its outputs, and its inputs are gone.
//
//lab:task 5 points=2
func TestOpen_DamageIsRefusedAndLeftAlone(t *testing.T) {
	for record := range int64(4) {
		data, ends := fileOf(7, history()...)
		mem := newStore(t)
		writeTable(t, mem, 9, "orphan")
		data[ends[record]+15] ^= 0x04
		require.NoError(t, vfs.WriteFile(mem, path(manifest.FileName), data))
		before := contents(t, mem)
		err := openFails(t, mem, plain(), fmt.Sprintf("record %d is damaged", record))
		require.ErrorIs(t, err, kv.ErrCorrupt, "Open; record %d is damaged", record)
		require.ErrorContains(t, err, fmt.Sprintf("MANIFEST: corrupt at offset %d", ends[record]))
		same(t, "files afterwards", before, contents(t, mem))
	}
}

// A table that the manifest names is missing, or damaged, or not the one that it should be. The error says which; all that were
// opened are closed; nothing is removed. With the table back in its place the store opens.
//
//lab:task 5 points=3
func TestOpen_TableMissingOrWrong(t *testing.T) {
	for what, c := range map[string]struct {
		spoil func(mem *vfs.Mem) error
		is    error
		word  string
	}{
		"missing": {func(mem *vfs.Mem) error { return mem.Remove(path("000013.sst")) }, iofs.ErrNotExist, "table 13 of L1"},
		"damaged": {func(mem *vfs.Mem) error { return vfs.WriteFile(mem, path("000013.sst"), []byte("no table")) }, kv.ErrCorrupt, "000013.sst"},
		"another": {func(mem *vfs.Mem) error { return copyFile(mem, "000014.sst", "000013.sst") }, kv.ErrCorrupt, "L1"},
	} {
		mem := newStore(t)
		writeTable(t, mem, 9, "orphan")
		good, err := vfs.ReadFile(mem, path("000013.sst"))
		require.NoError(t, err)
		require.NoError(t, c.spoil(mem))
		before := contents(t, mem)
		fault := vfs.NewFault(mem)
		err = openFails(t, fault, plain(), "table 13 is "+what)
		require.ErrorIs(t, err, c.is, "table 13 is %s", what)
		require.ErrorContains(t, err, c.word, "table 13 is %s", what)
		same(t, "files afterwards; table 13 is "+what, before, contents(t, mem))
		if what != "missing" { // opening it has failed, and is counted as an opening
			require.Zero(t, handles(fault, "*.sst"), "tables that are still open")
		}
		require.NoError(t, vfs.WriteFile(mem, path("000013.sst"), good))
		_, runs := reopen(t, mem, plain())
		same(t, "with the right table", storeRuns(), runs)
	}
}

// copyFile makes one file hold what another does.
func copyFile(fs vfs.FS, from, to string) error {
	data, err := vfs.ReadFile(fs, path(from))
	return errors.Join(err, vfs.WriteFile(fs, path(to), data))
}

// Each operation of Open fails in turn. Open says so, and leaves nothing open; and whatever had been done by then, the next Open
// finds the store. No table is gone that was not an orphan.
//
//lab:task 5 points=3
func TestOpen_FailsAnywhere(t *testing.T) {
	probe := vfs.NewFault(newStore(t))
	reopen(t, probe, plain())
	for i, c := range probe.Log() {
		if c.Op == vfs.OpClose || c.Op == vfs.OpRemove || i == 0 {
			continue // closes a file that was read, or tidies up; or only asks whether the directory is there
		}
		mem := newStore(t)
		fault, n := vfs.NewFault(mem), 0
		fault.FailAt(func(c vfs.Call) bool {
			if c.Op != vfs.OpRead && c.Op != vfs.OpSize {
				n++
			}
			return n == i+1
		}, nil)
		o := plain()
		o.FS = fault
		m, rec, err := manifest.Open(dir, o)
		if err == nil {
			t.Errorf("operation %d of Open, %s of %s, has failed, and Open says nothing", i+1, c.Op, c.Name)
			m.Close()
			closeRuns(rec.Runs)
			continue
		}
		require.ErrorIs(t, err, vfs.ErrInjected)
		fault.Clear()
		failed := 0 // openings that were counted and have opened nothing
		if c.Op == vfs.OpOpen || c.Op == vfs.OpCreate || c.Op == vfs.OpOpenAppend {
			failed = 1
		}
		require.Equal(t, failed, handles(fault, "*.sst")+handles(fault, "MANIFEST*"), "files still open after operation %d, %s of %s, has failed", i+1, c.Op, c.Name)
		_, runs := reopen(t, mem, plain())
		same(t, fmt.Sprintf("runs after operation %d, %s of %s, has failed", i+1, c.Op, c.Name), storeRuns(), runs)
	}
}

// The machine stops at each operation of Open, and the store is opened again. It is the same, and it is the same once more.
// Recovery is work like any other, and is interrupted like any other: by a machine that comes up and goes down.
//
//lab:task 5 points=3
func TestOpen_StoppedAnywhere(t *testing.T) {
	withOrphans := func() *vfs.Mem {
		mem, _ := tornStore(t, 9)
		writeTable(t, mem, 9, "kiwi")
		writeTable(t, mem, 16, "kiwi")
		return mem
	}
	probe := withOrphans()
	before := probe.Ops()
	reopen(t, probe, plain())
	for n := before + 1; n <= probe.Ops(); n++ {
		mem := withOrphans()
		mem.CrashAt(n)
		o := plain()
		o.FS = mem
		if m, rec, err := manifest.Open(dir, o); err == nil {
			m.Close()
			closeRuns(rec.Runs)
		}
		for i, p := range vfs.Policies(3) {
			after := mem.Crash(p)
			for range 2 {
				rec, runs := reopen(t, after, plain())
				same(t, fmt.Sprintf("runs after the machine stopped at operation %d of Open, outcome %d", n-before, i), storeRuns(), runs)
				require.Equal(t, kv.Seq(71), rec.Last, "Last")
				after = after.Crash(p)
			}
		}
	}
}

// A process dies between the write of a record and its sync. The machine goes on, so the record is there to be read, though not on
// the disk. Open reads it, and rests on it: it removes what the record drops. Then, in the middle of that or right after it, the
// power fails. So what was read is made durable before anything is removed.
//
//lab:task 5 points=3
func TestOpen_WhatWasReadIsMadeDurable(t *testing.T) {
	data, ends := fileOf(7, history()...)
	dead := func() *vfs.Mem {
		mem := newStore(t)
		require.NoError(t, vfs.WriteFile(mem, path(manifest.FileName), data[:ends[3]])) // without the merge
		writeTable(t, mem, 3, "apple", "fig")                                           // the inputs of the merge
		writeTable(t, mem, 9, "grape")
		writeTable(t, mem, 12, "grape", "lemon")
		file, err := mem.OpenAppend(path(manifest.FileName))
		require.NoError(t, err)
		_, err = file.Write(data[ends[3]:])
		require.NoError(t, err)
		require.NoError(t, file.Close())
		return mem
	}
	before := []string{"L0@8 12[grape…lemon]", "L0@5 9[grape…grape]", "L1 3[apple…fig] 4[plum…quince]"}
	probe := dead()
	first := probe.Ops()
	_, runs := reopen(t, probe, plain())
	same(t, "runs", storeRuns(), runs)
	for n := first + 1; n <= probe.Ops()+1; n++ {
		mem := dead()
		mem.CrashAt(n)
		o := plain()
		o.FS = mem
		if m, rec, err := manifest.Open(dir, o); err == nil {
			m.Close()
			closeRuns(rec.Runs)
		}
		for i, p := range vfs.Policies(3) {
			_, runs := reopen(t, mem.Crash(p), plain())
			if len(runs) == len(before) {
				same(t, fmt.Sprintf("runs after a stop at operation %d of Open, outcome %d", n-first, i), before, runs)
			} else {
				same(t, fmt.Sprintf("runs after a stop at operation %d of Open, outcome %d", n-first, i), storeRuns(), runs)
			}
		}
	}
}
