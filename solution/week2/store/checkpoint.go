//lab:day 2.7

package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
)

// Checkpoint makes a copy of the store in dir, which must not exist, or be empty, and lie on the same disk. It has everything
// that was written before Checkpoint was called, and is a store of its own: both are opened and written from then on without
// knowing of each other. It takes hardly any time and space, whatever the store's size, since tables never change: the copy
// gets a second name for each file, and a manifest.
//
//  1. The flush comes first: what is in tables needs no log.
//  2. Nothing may be removed while the names are made: Engine.Hold. Of two checkpoints to one dir it lets the first finish, so
//     that the second finds it not empty, and removes nothing.
//  3. The manifest comes last, when the tables' names are durable. So a copy that was interrupted has no manifest, and Open
//     refuses a directory with tables and without one.
//  4. After an error dir is empty again.
//
//lab:todo bonus batches-and-crashes#copy
//lab:hint Flush, then under Hold: s.prepare, s.copyTables and manifest.Create.
//lab:hint What does a crash leave between two steps? Draw the directory after each of them.
//lab:hint discard empties the directory again.
func (s *Store) Checkpoint(ctx context.Context, dir string) error {
	// #region checkpoint
	err := s.Flush(ctx)
	if err == nil {
		err = s.Hold(func(v *version.Version) error {
			if err := s.prepare(dir); err != nil {
				return err
			}
			next, err := s.copyTables(ctx, dir, v)
			if err == nil {
				err = manifest.Create(s.opts.FS, dir, s.opts.Format, v, next, s.Visible())
			}
			if err != nil {
				return errors.Join(err, s.discard(dir))
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
	// #endregion
}

// prepare makes dir and what is missing above it, or finds it empty, and makes its name durable.
func (s *Store) prepare(dir string) error {
	fs := s.opts.FS
	if err := manifest.MakeDir(fs, dir); err != nil {
		return err
	}
	names, err := fs.List(dir)
	if err == nil && len(names) > 0 {
		err = fmt.Errorf("%s is not empty: %s lies there", dir, names[0])
	}
	if err != nil {
		return err
	}
	return fs.SyncDir(filepath.Dir(dir)) // whoever made it may have died before this
}

// copyTables gives each table of v a second name in dir, and makes these names durable. It returns a file number above theirs.
//
//lab:todo bonus batches-and-crashes#copy
//lab:hint FS.Link, for sstable.FileName(t.Number()) in s.dir and in dir.
//lab:hint A file's name is an entry of its directory.
//lab:hint ctx may end. There may be thousands of tables.
func (s *Store) copyTables(ctx context.Context, dir string, v *version.Version) (next uint64, err error) {
	// #region copy
	for _, r := range v.Runs {
		for _, t := range r.Tables() {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			name := sstable.FileName(t.Number())
			if err := s.opts.FS.Link(filepath.Join(s.dir, name), filepath.Join(dir, name)); err != nil {
				return 0, err
			}
			next = max(next, t.Number())
		}
	}
	return next + 1, s.opts.FS.SyncDir(dir)
	// #endregion
}

// discard removes what Checkpoint has put into dir; the manifest first, whose name comes last.
func (s *Store) discard(dir string) error {
	names, err := s.opts.FS.List(dir)
	for _, name := range slices.Backward(names) {
		err = errors.Join(err, s.opts.FS.Remove(filepath.Join(dir, name)))
	}
	return err
}
