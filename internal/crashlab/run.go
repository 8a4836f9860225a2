package crashlab

import (
	"context"
	"errors"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
)

// run is a script on its way.
type run struct {
	lab   Lab
	fs    vfs.FS
	store Store // nil if it is not open
	history
}

// do does one step. The error is the store's.
func (r *run) do(step Step) error {
	ctx := context.Background()
	switch step.Kind {
	case Write, SyncedWrite:
		return r.write(step.Ops, step.Kind == SyncedWrite)
	case Sync:
		return r.durably(r.store.Sync())
	case Flush:
		return r.durably(r.store.Flush(ctx))
	case Compact:
		return r.durably(r.store.Compact(ctx))
	}
	err := r.close()
	if err != nil {
		return err
	}
	return r.open()
}

// write writes a batch.
func (r *run) write(ops labtest.Write, synced bool) error {
	var b kv.Batch
	ops.AddTo(&b)
	r.began(ops)
	if _, err := r.store.Write(&b, synced); err != nil {
		return err
	}
	r.acknowledged(synced)
	return nil
}

// durably notes that everything is durable, if err is nil, and returns err.
func (r *run) durably(err error) error {
	if err == nil {
		r.allDurable()
	}
	return err
}

// open opens the store.
func (r *run) open() error {
	store, err := r.lab.Open(r.fs)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	r.store = store
	return nil
}

// close closes the store, if it is open.
func (r *run) close() error {
	if r.store == nil {
		return nil
	}
	store := r.store
	r.store = nil
	return r.durably(store.Close())
}

// play runs the whole script until a step fails.
func (r *run) play(s Script) error {
	if err := r.open(); err != nil {
		return err
	}
	for i, step := range s {
		if err := r.do(step); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step, err)
		}
	}
	return nil
}

// dump returns what an open store holds, and checks that Get says the same.
func dump(s Store) ([]Pair, error) {
	pairs, err := s.Dump()
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		value, err := s.Get([]byte(p.Key))
		if err != nil {
			return nil, fmt.Errorf("get %q, which the scan has found: %w", p.Key, err)
		}
		if string(value) != p.Value {
			return nil, fmt.Errorf("get %q is %q, and the scan says %q", p.Key, shorten(string(value)), shorten(p.Value))
		}
	}
	return pairs, nil
}

// look opens the store of a file system, and returns what it holds.
func (l Lab) look(fs vfs.FS) (pairs []Pair, err error) {
	store, err := l.Open(fs)
	if err != nil {
		return nil, fmt.Errorf("it does not open: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return dump(store)
}

// goOn opens the store once more, writes to it, closes it, and checks that what it held and what was written is there.
func (l Lab) goOn(fs vfs.FS, held []Pair) error {
	r := &run{lab: l, fs: fs}
	all := labtest.Write{}
	for _, p := range held {
		all = append(all, kv.Op{Kind: kv.KindSet, Key: []byte(p.Key), Value: []byte(p.Value)})
	}
	r.writes = []write{{ops: all, acked: true}}
	err := r.play(Parse("put:key00=more put!:new=1 batch:key01=more,-key02,key03=more flush put:last=1"))
	if err = errors.Join(err, r.close()); err != nil {
		return fmt.Errorf("writing on: %w", err)
	}
	pairs, err := l.look(fs)
	if err == nil {
		_, err = r.prefix(pairs, len(r.writes))
	}
	if err != nil {
		return fmt.Errorf("after writing on, and a second reopening: %w", err)
	}
	return nil
}

// lastCalls returns the last operations of a file system, for people.
func lastCalls(f *vfs.Fault) string {
	calls := f.Log()
	text := ""
	for _, c := range calls[max(0, len(calls)-8):] {
		text += fmt.Sprintf("      %s %s %s\n", c.Op, c.Name, c.To)
	}
	return text
}
