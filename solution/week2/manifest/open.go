//lab:day 2.5

package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// Recovered is what a directory holds.
type Recovered struct {
	// Runs are the runs of tables, which are open. They are the caller's to close.
	Runs []*version.Run
	// MinLog is the number of the oldest log that is still needed.
	MinLog uint64
	// Next is larger than every file number in the directory, and than every one that was ever given out durably.
	Next uint64
	// Last is the highest sequence number in the tables, or a higher one.
	Last kv.Seq
	// Created tells that there was no manifest before.
	Created bool
	// Torn tells that a record was begun and never finished: the machine, or the process, stopped there.
	Torn bool
	// Orphans are the tables that no record names, and that were removed. Left says why some could not be; those take space
	// until the directory is opened again.
	Orphans []string
	Left    error
}

// Open opens the manifest of a directory, and all tables that it names. What is missing is created; a directory with tables or
// logs and without a manifest is refused. The caller has the directory's lock. If Open fails, nothing is left open, no table
// has gone, and what the manifest said is still said.
//
// Every Open begins a new manifest. So a torn record is gone before another is appended; and what was read, which a dead process
// may have written and never synced, is durable before anybody builds on it.
func Open(dir string, o Options) (*Manifest, *Recovered, error) {
	m := &Manifest{dir: dir, opts: o.withDefaults()}
	rec, err := m.recover()
	if err != nil {
		m.Close()
		for _, t := range m.opened {
			t.Close()
		}
		return nil, nil, fmt.Errorf("open manifest of %s: %w", dir, err)
	}
	return m, rec, nil
}

// recover does what Open does. After an error Open closes what is open.
//
//lab:todo 5 manifest#open
//lab:hint In this order: load, checkFormat, openRuns, replace, removeOrphans. Only the last two change the directory. Why are they last?
//lab:hint A table and a log never have the same number, so Next is above both: the state's Next, or one more than highest(names).
//lab:hint The snapshot for replace is that of a version with the recovered runs; its Next is the new one.
func (m *Manifest) recover() (*Recovered, error) {
	// #region recover
	state, rec, names, err := m.load()
	if err != nil {
		return nil, err
	}
	if err := checkFormat(state.Format, m.opts.Format); err != nil {
		return nil, err
	}
	if rec.Runs, err = m.openRuns(state); err != nil {
		return nil, err
	}
	rec.MinLog, rec.Last = state.MinLog, state.Last
	rec.Next = max(state.Next, highest(names)+1)
	if err := m.replace(m.snapshot(&version.Version{Runs: rec.Runs}, rec.MinLog, rec.Next, rec.Last)); err != nil {
		return nil, err
	}
	m.removeOrphans(names, state, rec)
	return rec, nil
	// #endregion
}

// load lists the directory and reads the manifest. If there is none, the directory must be new: without tables and logs. A
// directory that is missing is made.
func (m *Manifest) load() (s State, rec *Recovered, names []string, err error) {
	if err := MakeDir(m.opts.FS, m.dir); err != nil {
		return s, nil, nil, err
	}
	if names, err = m.opts.FS.List(m.dir); err != nil {
		return s, nil, nil, err
	}
	if slices.Contains(names, FileName) {
		f, err := Read(m.opts.FS, filepath.Join(m.dir, FileName))
		m.number = f.Number
		return f.State, &Recovered{Torn: f.Torn}, names, err
	}
	for _, name := range names {
		if _, ok := fileNumber(name); ok {
			return s, nil, nil, fmt.Errorf("%s lies there, and no %s says what it is: Week 1's engine writes none, and then the tables "+
				"cannot be opened again; otherwise it was lost. Take an empty directory, or remove the files if their data is not needed",
				name, FileName)
		}
	}
	err = m.opts.FS.SyncDir(filepath.Dir(m.dir)) // whoever made the directory may have died before this
	return State{Format: m.opts.Format}, &Recovered{Created: true}, names, err
}

// checkFormat returns which option differs between what is stored and what was given.
//
//lab:todo 5 manifest#format
//lab:hint An option that only one side has differs too: look at the names of both.
//lab:hint The error names the option, the stored value and the given one. Sort the names: the same mistake gives the same words.
//lab:stub return nil
func checkFormat(stored, given map[string]string) error {
	// #region format
	names := slices.AppendSeq(slices.Collect(maps.Keys(stored)), maps.Keys(given))
	slices.Sort(names)
	for _, name := range names {
		was, inStore := stored[name]
		is, inOptions := given[name]
		if was != is || inStore != inOptions {
			return fmt.Errorf("option %s was %q when the directory was made, and is %q now", name, was, is)
		}
	}
	return nil
	// #endregion
}

// openRuns opens all tables, and makes runs of those that stand in one place: in the order of their keys, which the manifest
// does not keep, since the tables know it.
func (m *Manifest) openRuns(s State) (runs []*version.Run, err error) {
	places := map[shape.Place][]*sstable.Table{}
	for _, number := range slices.Sorted(maps.Keys(s.Tables)) {
		place := s.Tables[number]
		t, err := m.openTable(number)
		if err != nil {
			return nil, fmt.Errorf("table %d of %v: %w", number, place, err)
		}
		places[place] = append(places[place], t)
	}
	for place, tables := range places {
		slices.SortFunc(tables, func(a, b *sstable.Table) int { return bytes.Compare(a.First(), b.First()) })
		if err := version.CheckOrder(tables); err != nil {
			return nil, &kv.CorruptionError{File: FileName, Offset: -1, Reason: fmt.Sprintf("%v: %v", place, err)}
		}
		runs = append(runs, version.NewRun(place.Level, place.Epoch, tables))
	}
	return runs, nil
}

// openTable opens the table with that number. It is closed if Open fails later.
func (m *Manifest) openTable(number uint64) (*sstable.Table, error) {
	name := sstable.FileName(number)
	f, err := m.opts.FS.Open(filepath.Join(m.dir, name))
	if err != nil {
		return nil, err
	}
	t, err := sstable.Open(f, name, number, m.opts.Tables)
	if err == nil {
		m.opened = append(m.opened, t)
	}
	return t, err
}

// removeOrphans removes the tables in the directory that the manifest does not name: whatever began them has not finished. That
// one cannot be removed harms nobody but the disk's free space.
//
//lab:todo 5 manifest#orphans
//lab:hint sstable.ParseFileName knows tables. Everything else in the directory is none of the manifest's business.
//lab:stub return
func (m *Manifest) removeOrphans(names []string, s State, rec *Recovered) {
	// #region orphans
	for _, name := range names {
		number, ok := sstable.ParseFileName(name)
		if _, named := s.Tables[number]; !ok || named {
			continue
		}
		if err := m.opts.FS.Remove(filepath.Join(m.dir, name)); err != nil {
			rec.Left = errors.Join(rec.Left, err)
			continue
		}
		rec.Orphans = append(rec.Orphans, name)
	}
	// #endregion
}

// fileNumber returns the number of a table or a log, of any file whose name is a number and one of their suffixes.
func fileNumber(name string) (number uint64, ok bool) {
	stem, suffix, _ := strings.Cut(name, ".")
	number, err := strconv.ParseUint(stem, 10, 63)
	return number, err == nil && (suffix == "sst" || suffix == "log")
}

// highest returns the highest number that a table or log in the directory has, 0 if there is none.
func highest(names []string) uint64 {
	var most uint64
	for _, name := range names {
		if number, ok := fileNumber(name); ok {
			most = max(most, number)
		}
	}
	return most
}
