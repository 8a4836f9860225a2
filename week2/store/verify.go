package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
	"lsmlab/week2/manifest"
)

// Verify reads everything that is on the disk, and returns all that is wrong with it: that the manifest says what the store
// works with, that each of its tables is there, and that each block has its checksum and all keys are in order. It takes as
// long as the disk needs for all tables; the store is used meanwhile. What is in memory and in logs is not looked at.
func (s *Store) Verify(ctx context.Context) error {
	var v *version.Version
	err := s.Hold(func(now *version.Version) error {
		v = now
		return s.verifyShape(now)
	})
	if v == nil {
		return err
	}
	errs := []error{err}
	for _, r := range v.Runs {
		for _, t := range r.Tables() {
			if err := t.Verify(ctx); ctx.Err() != nil || errors.Is(err, kv.ErrClosed) {
				return err
			} else if err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// verifyShape compares what the manifest says and what lies in the directory with the version in use.
func (s *Store) verifyShape(v *version.Version) error {
	file, err := manifest.Read(s.opts.FS, filepath.Join(s.dir, manifest.FileName))
	if err != nil {
		return err
	}
	var errs []error
	wrong := func(file, format string, args ...any) {
		errs = append(errs, &kv.CorruptionError{File: file, Offset: -1, Reason: fmt.Sprintf(format, args...)})
	}
	tables := 0
	for _, r := range v.Runs {
		for _, t := range r.Tables() {
			tables++
			want := shape.Place{Level: r.Level(), Epoch: r.Epoch()}
			if place, ok := file.State.Tables[t.Number()]; !ok || place != want {
				wrong(manifest.FileName, "table %d is in use at %v, and recorded at %v (%t)", t.Number(), want, place, ok)
			}
			if size, err := s.opts.FS.Size(filepath.Join(s.dir, sstable.FileName(t.Number()))); err != nil || size != t.Size() {
				wrong(t.Name(), "the file should have %d bytes, and has %d: %v", t.Size(), size, err)
			}
			if last := t.Properties().MaxSeq; last > s.Visible() {
				wrong(t.Name(), "sequence number %d was never given away", last)
			}
		}
	}
	if n := len(file.State.Tables); n != tables {
		wrong(manifest.FileName, "%d tables are recorded, %d are in use", n, tables)
	}
	return errors.Join(errs...)
}
