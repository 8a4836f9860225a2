// Package workspace keeps what the lab remembers of a learner, in the directory .lab/ of the clone: that they have
// started, what the skeleton looked like when they got it, which hints they have seen, what they have had spoiled; and
// backups of their files, made before any command changes one.
package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Dir is the directory of the lab's state, below the root of the clone. Git ignores it.
const Dir = ".lab"

// State is what the lab remembers. The zero State is that of a fresh clone.
type State struct {
	// Started says when the learner ran start for the first time, or another command that writes into their tree.
	Started time.Time `json:"started,omitzero"`
	// Edition holds, for each file of the student's tree, the digest of the skeleton that the learner got. A file that
	// still has it is untouched.
	Edition map[string]string `json:"edition,omitempty"`
	// Filled holds, for each file that solve or update wrote, the digest of what was written. A file that still has it is
	// not the learner's work.
	Filled map[string]string `json:"filled,omitempty"`
	// Hints holds, for each task ("1.6/3", "1.6/bonus"), how many levels have been shown.
	Hints map[string]int `json:"hints,omitempty"`
	// Spoils lists what the learner has had shown or filled in, oldest first. Reports carry it.
	Spoils []Spoil `json:"spoils,omitempty"`
}

// Spoil is one look at the reference before the learner's own work was done.
type Spoil struct {
	Time time.Time `json:"time"`
	Day  string    `json:"day"`  // as in "1.6"
	What string    `json:"what"` // the command: "diff -spoil", "solve", "solve -through", "break -reveal"
}

// HasStarted reports whether the clone is a learner's.
func (s *State) HasStarted() bool { return !s.Started.IsZero() }

// Load reads the state of the clone at root. Without one, it returns a zero State.
func Load(root string) (*State, error) {
	s := &State{}
	data, err := os.ReadFile(statePath(root))
	if err == nil {
		err = json.Unmarshal(data, s)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lab's state: %w (if it is beyond repair, remove %s)", err, statePath(root))
	}
	if s.Edition == nil {
		s.Edition = map[string]string{}
	}
	if s.Filled == nil {
		s.Filled = map[string]string{}
	}
	if s.Hints == nil {
		s.Hints = map[string]int{}
	}
	return s, nil
}

// Save writes the state, in one step, so that an interrupted command leaves the old one.
func (s *State) Save(root string) error {
	if err := s.save(root); err != nil {
		return fmt.Errorf("write the lab's state: %w", err)
	}
	return nil
}

// save writes beside the old state and renames.
func (s *State) save(root string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	name := statePath(root)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", append(data, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// Spoiled adds a line to the log of spoils.
func (s *State) Spoiled(day, what string) {
	s.Spoils = append(s.Spoils, Spoil{Time: time.Now().UTC().Truncate(time.Second), Day: day, What: what})
}

// statePath returns the name of the state's file.
func statePath(root string) string { return filepath.Join(root, Dir, "state.json") }
