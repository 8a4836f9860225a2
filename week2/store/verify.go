package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
	"lsmlab/week2/manifest"
)

// Verify reads everything that is on the disk, and returns all that is wrong with it: that the manifest says what the store
// works with, that each of its tables is there, that each block has its checksum, and that all keys are in order. It takes as
// long as the disk needs for all tables; the store is used meanwhile. What is in memory and in logs is not looked at.
func (s *Store) Verify(ctx context.Context) error {
	var tables []*sstable.Table
	err := s.Hold(func(v *version.Version) (err error) {
		tables, err = s.verifyShape(v)
		return err
	})
	errs := []error{err}
	for _, t := range tables {
		if err := t.Verify(ctx); ctx.Err() != nil || errors.Is(err, kv.ErrClosed) {
			return err
		} else if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// verifyShape compares what the manifest says and what lies in the directory with the version in use, and returns its tables.
func (s *Store) verifyShape(v *version.Version) (tables []*sstable.Table, err error) {
	file, err := manifest.Read(s.opts.FS, filepath.Join(s.dir, manifest.FileName))
	errs := []error{err}
	used := map[uint64]shape.Place{}
	for _, r := range v.Runs {
		tables = append(tables, r.Tables()...)
		for _, t := range r.Tables() {
			used[t.Number()] = shape.Place{Level: r.Level(), Epoch: r.Epoch()}
			size, err := s.opts.FS.Size(filepath.Join(s.dir, sstable.FileName(t.Number())))
			if err == nil && size != t.Size() {
				err = &kv.CorruptionError{File: t.Name(), Offset: size, Reason: fmt.Sprintf("it had %d bytes when it was opened", t.Size())}
			}
			errs = append(errs, err)
		}
	}
	if err == nil && !maps.Equal(used, file.State.Tables) {
		errs = append(errs, &kv.CorruptionError{File: manifest.FileName, Offset: -1,
			Reason: fmt.Sprintf("in use are %v, and recorded are %v", used, file.State.Tables)})
	}
	return tables, errors.Join(errs...)
}
