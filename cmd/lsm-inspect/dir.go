package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// dirReport is all that is to be said about a store's directory.
type dirReport struct {
	Dir     string    `json:"dir"`
	Files   []dirFile `json:"files"`
	Missing []string  `json:"missing,omitempty"` // tables that the manifest names
	Bad     int       `json:"bad"`               // files that are damaged or missing
}

// dirFile is one file.
type dirFile struct {
	Name  string `json:"name"`
	Size  int64  `json:"size"`
	What  string `json:"what"`  // "table of L0@12"
	State string `json:"state"` // "whole"
}

// damaged reports whether any file is.
func (r *dirReport) damaged() bool { return r.Bad > 0 }

// inspectDir reads every file of a store.
func inspectDir(fs vfs.FS, dir string) (*dirReport, error) {
	names, err := fs.List(dir)
	if err != nil {
		return nil, err
	}
	r := &dirReport{Dir: dir}
	m := &manifestReport{}
	if slices.Contains(names, subject.ManifestName) {
		if m, err = inspectManifest(fs, filepath.Join(dir, subject.ManifestName)); err != nil {
			return nil, err
		}
	}
	places := map[uint64]string{}
	for _, run := range m.Runs {
		for _, number := range run.Tables {
			places[number] = run.Place
			if !slices.Contains(names, subject.TableName(number)) {
				r.Missing = append(r.Missing, subject.TableName(number))
			}
		}
	}
	r.Bad = len(r.Missing)
	for _, name := range names {
		f, err := r.look(fs, name, m, places)
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, f)
	}
	isRead := func(f dirFile) bool { return f.State != notRead }
	if len(r.Missing) == 0 && !slices.ContainsFunc(r.Files, isRead) {
		return nil, fmt.Errorf("%s: nothing of a store is in this directory", dir)
	}
	return r, nil
}

// notRead is the state of a file that is none of the store's, or that holds nothing.
const notRead = "not read"

// look says what one file is, and reads it.
func (r *dirReport) look(fs vfs.FS, name string, m *manifestReport, places map[uint64]string) (f dirFile, err error) {
	path := filepath.Join(r.Dir, name)
	f = dirFile{Name: name, What: "none of the store's files", State: notRead}
	if f.Size, err = fs.Size(path); err != nil {
		return f, err
	}
	var d *damage
	switch table, isTable := subject.ParseTableName(name); {
	case isTable:
		f.What = "orphan: the manifest does not name it, and it goes when the store is opened"
		if m.Damage != nil || m.File == "" {
			f.What = "table; there is no manifest that says where it stands"
		}
		if at, ok := places[table]; ok {
			f.What = "table of " + at
		}
		t, err := inspect(fs, sstFlags{File: path, Block: -1})
		if err != nil {
			return f, err
		}
		d = t.Damage
	case name == subject.ManifestName:
		f.What, d = "manifest", m.Damage
		f.State = torn(m.Cut)
	case name == subject.ManifestName+".tmp":
		f.What = "a manifest that was never finished: it goes when the store is opened"
		return f, nil
	case name == "LOCK":
		f.What = "lock"
		return f, nil
	default:
		number, isLog := subject.ParseLogName(name)
		if !isLog {
			return f, nil
		}
		log, err := inspectLog(fs, path)
		if err != nil {
			return f, err
		}
		f.What, d = logWhat(number, m.MinLog, len(log.Records)), log.Damage
		f.State = torn(log.Cut)
	}
	if f.State == notRead {
		f.State = "whole"
	}
	if d != nil {
		f.State = "DAMAGED: " + d.Reason
		r.Bad++
	}
	return f, nil
}

// torn returns the state of a file of which an end may never have been finished.
func torn(cut *place) string {
	if cut == nil {
		return "whole"
	}
	return "torn at its end"
}

// logWhat says what a log is there for.
func logWhat(number, oldest uint64, records int) string {
	switch {
	case number < oldest:
		return "log that is in tables already: it goes when the store is opened"
	case records == 1:
		return "log of 1 batch, to be replayed"
	}
	return fmt.Sprintf("log of %d batches, to be replayed", records)
}

// writeText writes the report for people.
func (r *dirReport) writeText(p *printer) {
	p.line("%s: %s\n", r.Dir, count(len(r.Files), "file"))
	for _, f := range r.Files {
		p.line("%s\t%d\t%s\t%s", f.Name, f.Size, f.What, f.State)
	}
	for _, name := range r.Missing {
		p.line("%s\t\tnamed by the manifest\tMISSING", name)
	}
	p.line("")
	if r.Bad == 0 {
		p.line("undamaged: every file was read, and every checksum is right")
	} else {
		p.line("DAMAGED: %s damaged or missing", count(r.Bad, "file"))
	}
}
