package workspace

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"lsmlab/internal/skeleton"
)

// editionDir is where the skeleton is kept that the learner began with, so that an update can show what has changed in it.
const editionDir = Dir + "/edition"

// Begin marks the clone as a learner's and keeps the skeleton as it is now, if that has not been done yet.
func Begin(root string) (*State, error) {
	s, err := Load(root)
	if err != nil || s.HasStarted() && len(s.Edition) > 0 {
		return s, err
	}
	src, err := skeleton.Load(root)
	if err != nil {
		return nil, err
	}
	fresh, err := src.Skeleton()
	if err != nil {
		return nil, err
	}
	if !s.HasStarted() {
		s.Started = time.Now().UTC().Truncate(time.Second)
	}
	if err := s.keepEdition(root, fresh); err != nil {
		return nil, err
	}
	return s, s.Save(root)
}

// keepEdition stores a skeleton as the one that the learner has.
func (s *State) keepEdition(root string, fresh map[string][]byte) error {
	if err := os.RemoveAll(abs(root, editionDir)); err != nil {
		return err
	}
	s.Edition = map[string]string{}
	for path, text := range fresh {
		s.Edition[path] = skeleton.Digest(text)
		if err := write(abs(root, editionDir+"/"+path), text); err != nil {
			return err
		}
	}
	return nil
}

// oldSkeleton returns a file as it was in the skeleton that the learner has, nil if that is not known.
func oldSkeleton(root, path string) []byte {
	text, err := os.ReadFile(abs(root, editionDir+"/"+path))
	if err != nil {
		return nil
	}
	return text
}

// tree is the student's tree while a command changes it.
type tree struct {
	root   string
	src    *skeleton.Source
	fresh  map[string][]byte // the skeleton
	state  *State
	backup *Backup

	written []string // files that were changed, slash-separated below the root
}

// open reads what a command needs that changes the student's tree.
func open(root string) (*tree, error) {
	state, err := Begin(root)
	if err != nil {
		return nil, err
	}
	src, err := skeleton.Load(root)
	if err != nil {
		return nil, err
	}
	fresh, err := src.Skeleton()
	if err != nil {
		return nil, err
	}
	return &tree{root: root, src: src, fresh: fresh, state: state, backup: NewBackup(root, time.Now())}, nil
}

// read returns a file with lines that end in \n, nil if there is none.
func (t *tree) read(path string) ([]byte, error) {
	text, err := os.ReadFile(abs(t.root, path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), err
}

// put makes a file hold text. What stands there is kept first, if it is somebody's work. filled tells that the text is
// the reference's.
func (t *tree) put(path string, text []byte, filled bool) error {
	have, err := t.read(path)
	if err != nil {
		return err
	}
	if have == nil || !bytes.Equal(have, text) {
		if have != nil && t.isWork(path, have) {
			if err := t.backup.Keep(path); err != nil {
				return err
			}
		}
		if err := write(abs(t.root, path), text); err != nil {
			return err
		}
		t.written = append(t.written, path)
	}
	delete(t.state.Filled, path)
	if filled {
		t.state.Filled[path] = skeleton.Digest(text)
	}
	return nil
}

// isWork reports whether what stands in a file would be lost with it: it is neither a skeleton, of this edition or the
// one that the learner began with, nor the reference.
func (t *tree) isWork(path string, have []byte) bool {
	digest := skeleton.Digest(have)
	if bytes.Equal(have, t.fresh[path]) || digest == t.state.Edition[path] || digest == t.state.Filled[path] {
		return false
	}
	f := t.src.Find(path)
	if f == nil {
		return true
	}
	ref, err := f.Reference()
	return err != nil || !bytes.Equal(have, ref)
}

// remove takes a file away, after keeping it.
func (t *tree) remove(path string) error {
	if err := t.backup.Keep(path); err != nil {
		return err
	}
	return os.Remove(filepath.Join(t.root, filepath.FromSlash(path)))
}
