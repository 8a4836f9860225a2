package skeleton

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Change is one file that a generation changes.
type Change struct {
	// Path is relative to the lab's root, with slashes.
	Path string
	// Text is what the file is to hold; nil if it is to be removed.
	Text []byte
	// Edited tells that the file there now was not written by a generation, or was changed since.
	Edited bool
}

// String says what the change does, and to which file.
func (c Change) String() string {
	if c.Text == nil {
		return "removed " + c.Path
	}
	return "wrote " + c.Path
}

// EditedError is the refusal to replace somebody's work.
type EditedError struct{ Paths []string }

// Error names the files and the way out.
func (e *EditedError) Error() string {
	return fmt.Sprintf("these files were edited since they were generated, and are not replaced:\n    %s\n"+
		"go tool mage generate -force replaces them, and keeps a copy in .lab/backup", strings.Join(e.Paths, "\n    "))
}

// Plan returns what a generation would change in the student's tree, sorted by path; nothing if it is in sync.
func (s *Source) Plan() ([]Change, error) {
	want, err := s.Skeleton()
	if err != nil {
		return nil, err
	}
	last, err := readRecord(s.Root)
	if err != nil {
		return nil, err
	}
	paths := maps.Clone(want)
	for path := range last {
		paths[path] = want[path]
	}
	var out []Change
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		have, err := os.ReadFile(s.abs(path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		text, exists := want[path], err == nil
		if same := exists == (text != nil) && bytes.Equal(unixLines(have), text); same {
			continue
		}
		out = append(out, Change{path, text, exists && Digest(have) != last[path]})
	}
	return out, nil
}

// Generate brings the student's tree, its record, and the chapters' excerpts up to date, and returns what it changed. If
// that would replace somebody's edits, it changes nothing and returns an *EditedError; with force it copies those files
// to .lab/backup/<time>/ first and goes on.
func (s *Source) Generate(force bool) ([]Change, error) {
	plan, err := s.Plan()
	if err != nil {
		return nil, err
	}
	excerpts, err := s.PlanExcerpts()
	if err != nil {
		return nil, err
	}
	var edited []string
	for _, c := range plan {
		if c.Edited {
			edited = append(edited, c.Path)
		}
	}
	if len(edited) > 0 && !force {
		return nil, &EditedError{edited}
	}
	if err := s.backUp(edited, time.Now()); err != nil {
		return nil, err
	}
	changes := append(plan, excerpts...)
	for _, c := range changes {
		if err := s.write(c); err != nil {
			return nil, err
		}
	}
	return changes, s.writeRecord()
}

// backUp copies files to a directory of their own below .lab/backup.
func (s *Source) backUp(paths []string, now time.Time) error {
	dir := filepath.Join(s.Root, ".lab", "backup", now.Format("2006-01-02T15-04-05.000"))
	for _, path := range paths {
		text, err := os.ReadFile(s.abs(path))
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// write makes one change. A directory that has become empty goes with its last file.
func (s *Source) write(c Change) error {
	name := s.abs(c.Path)
	if c.Text != nil {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		return os.WriteFile(name, c.Text, 0o666)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = os.Remove(filepath.Dir(name)) // fails, as it should, unless it is empty
	return nil
}

// writeRecord stores the digests of the student's tree as it must be now.
func (s *Source) writeRecord() error {
	want, err := s.Skeleton()
	if err != nil {
		return err
	}
	r := record{}
	for path, text := range want {
		r[path] = Digest(text)
	}
	name := s.abs(RecordPath)
	if have, err := os.ReadFile(name); err == nil && bytes.Equal(unixLines(have), r.bytes()) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, r.bytes(), 0o666)
}

// InSync returns what is out of date: the excerpts and, unless a learner works there, the student's tree.
func (s *Source) InSync(learner bool) ([]string, error) {
	changes, err := s.PlanExcerpts()
	if err != nil {
		return nil, err
	}
	if !learner {
		plan, err := s.Plan()
		if err != nil {
			return nil, err
		}
		edited, err := Edited(s.Root)
		if err != nil {
			return nil, err
		}
		for _, path := range edited { // in sync with the reference, but not recorded as such
			if !slices.ContainsFunc(plan, func(c Change) bool { return c.Path == path }) {
				changes = append(changes, Change{Path: RecordPath, Text: []byte{}})
				break
			}
		}
		changes = append(changes, plan...)
	}
	var out []string
	for _, c := range changes {
		out = append(out, c.Path)
	}
	return out, nil
}

// abs returns the name of a file that is given from the lab's root, with slashes.
func (s *Source) abs(path string) string { return filepath.Join(s.Root, filepath.FromSlash(path)) }
