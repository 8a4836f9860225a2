package manifest_test

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
)

// rig is an open manifest with the version that it should describe, and does by hand what an engine does: tables are durable before
// they are recorded, and the version changes after.
type rig struct {
	t    labtest.TB
	mem  *vfs.Mem
	fs   *vfs.Fault // over mem
	o    manifest.Options
	m    *manifest.Manifest
	v    *version.Version
	next uint64
	last kv.Seq
	log  uint64 // number of the oldest log
}

// newRig opens a manifest in a new directory.
func newRig(t labtest.TB, o manifest.Options) *rig {
	t.Helper()
	r := &rig{t: t, mem: newMem(t, nil), o: o}
	r.reopen(vfs.KeepUnsynced)
	return r
}

// reopen stops the machine, and opens the manifest on what is left.
func (r *rig) reopen(p vfs.Policy) {
	r.t.Helper()
	if r.m != nil {
		require.NoError(r.t, r.m.Close())
		r.mem = r.mem.Crash(p)
	}
	r.fs = vfs.NewFault(r.mem)
	m, rec := open(r.t, r.fs, r.o)
	r.m, r.v, r.next, r.last, r.log = m, &version.Version{}, rec.Next, rec.Last, rec.MinLog
	r.v = r.v.Apply(&version.Edit{Add: rec.Runs})
}

// table writes and opens a table with these user keys.
func (r *rig) table(users ...string) *sstable.Table {
	r.t.Helper()
	number := r.next
	r.next++
	return openTable(r.t, r.fs, number, users...)
}

// edit returns an edit with the numbers of the moment.
func (r *rig) edit(drop []*version.Run, add ...*version.Run) *version.Edit {
	r.last++
	return &version.Edit{Drop: drop, Add: add, MinLog: r.log, Next: r.next, Last: r.last}
}

// flush returns the edit of a flush: a new run of one table above all others of level 0.
func (r *rig) flush(users ...string) *version.Edit {
	r.t.Helper()
	r.log = r.next
	r.next++
	return r.edit(nil, version.NewRun(0, r.log, []*sstable.Table{r.table(users...)}))
}

// run returns the run at a place of the version.
func (r *rig) run(level int, epoch uint64) *version.Run {
	r.t.Helper()
	i := slices.IndexFunc(r.v.Runs, func(run *version.Run) bool { return run.Level() == level && run.Epoch() == epoch })
	require.GreaterOrEqual(r.t, i, 0, "the version has no run %v", shape.Place{Level: level, Epoch: epoch})
	return r.v.Runs[i]
}

// append records an edit and installs it.
func (r *rig) append(e *version.Edit) {
	r.t.Helper()
	after := r.v.Apply(e)
	require.NoError(r.t, r.m.Append(e, after), "append")
	r.v = after
}

// lines returns what the manifest should say.
func (r *rig) lines() []string {
	s := manifest.State{Tables: map[uint64]shape.Place{}, Format: r.o.Format, MinLog: r.log, Next: r.next, Last: r.last}
	for _, run := range r.v.Runs {
		for _, t := range run.Tables() {
			s.Tables[t.Number()] = shape.Place{Level: run.Level(), Epoch: run.Epoch()}
		}
	}
	return stateLines(s)
}

// lastRecord returns the last record of the manifest, without its offset.
func (r *rig) lastRecord() manifest.Record {
	r.t.Helper()
	f, err := manifest.Read(r.mem, path(manifest.FileName))
	require.NoError(r.t, err)
	require.NotEmpty(r.t, f.Records)
	last := f.Records[len(f.Records)-1]
	last.Offset = 0
	return last
}

// number returns the number of the manifest that is in place.
func (r *rig) number() uint64 {
	r.t.Helper()
	f, err := manifest.Read(r.mem, path(manifest.FileName))
	require.NoError(r.t, err)
	return f.Number
}

// key returns the i-th user key.
func key(i int) string { return fmt.Sprintf("k%03d", i) }
