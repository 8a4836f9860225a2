package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/shape"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// manifestReport is all that is to be said about a manifest.
type manifestReport struct {
	File    string            `json:"file"`
	Size    int64             `json:"size"`
	Number  uint64            `json:"number"`
	Records []manifestLine    `json:"records"`
	Runs    []manifestRun     `json:"runs"`
	Format  map[string]string `json:"format,omitempty"`
	MinLog  uint64            `json:"min_log"`
	Next    uint64            `json:"next"`
	Last    uint64            `json:"last"`
	Cut     *place            `json:"cut,omitempty"`
	Damage  *damage           `json:"damage,omitempty"`
}

// manifestLine is one record.
type manifestLine struct {
	Offset   int64    `json:"offset"`
	Snapshot bool     `json:"snapshot,omitempty"`
	Drop     []string `json:"drop,omitempty"`
	Add      []string `json:"add,omitempty"`
	MinLog   uint64   `json:"min_log"`
	Next     uint64   `json:"next"`
	Last     uint64   `json:"last"`
}

// manifestRun is a run of the tree that the records make.
type manifestRun struct {
	place  shape.Place
	Place  string   `json:"place"`
	Tables []uint64 `json:"tables"`
}

// damaged reports whether the manifest is not what was written.
func (r *manifestReport) damaged() bool { return r.Damage != nil }

// inspectManifest reads a manifest: the file of that name, or the one in the directory of that name.
func inspectManifest(fs vfs.FS, name string) (*manifestReport, error) {
	if inside := filepath.Join(name, subject.ManifestName); exists(fs, inside) {
		name = inside
	}
	size, err := fs.Size(name)
	if err != nil {
		return nil, err
	}
	r := &manifestReport{File: name, Size: size, Records: []manifestLine{}}
	m, err := subject.ReadManifest(fs, name)
	if r.Damage, err = asDamage(err); err != nil || m == nil {
		return r, err
	}
	r.describe(m)
	return r, nil
}

// exists reports whether there is such a file.
func exists(fs vfs.FS, name string) bool {
	_, err := fs.Size(name)
	return err == nil
}

// describe fills in what the file says.
func (r *manifestReport) describe(m *subject.Manifest) {
	r.Number = m.Number
	for _, rec := range m.Records {
		line := manifestLine{Offset: rec.Offset, Snapshot: rec.Snapshot, MinLog: rec.MinLog, Next: rec.Next, Last: uint64(rec.Last)}
		for _, e := range rec.Drop {
			line.Drop = append(line.Drop, fmt.Sprintf("%s %d", e.Place, e.Number))
		}
		for _, e := range rec.Add {
			line.Add = append(line.Add, fmt.Sprintf("%s %d", e.Place, e.Number))
		}
		r.Records = append(r.Records, line)
	}
	s := m.State
	r.Format, r.MinLog, r.Next, r.Last = s.Format, s.MinLog, s.Next, uint64(s.Last)
	for _, number := range slices.Sorted(maps.Keys(s.Tables)) {
		at := s.Tables[number]
		i := slices.IndexFunc(r.Runs, func(run manifestRun) bool { return run.place == at })
		if i < 0 {
			i, r.Runs = len(r.Runs), append(r.Runs, manifestRun{place: at, Place: at.String()})
		}
		r.Runs[i].Tables = append(r.Runs[i].Tables, number)
	}
	slices.SortFunc(r.Runs, func(a, b manifestRun) int { return a.place.Compare(b.place) })
	if m.Torn {
		r.Cut = &place{Offset: m.End, Size: m.Size - m.End}
	}
}

// writeText writes the report for people.
func (r *manifestReport) writeText(p *printer) {
	p.line("%s: %d bytes, manifest %d of its directory", r.File, r.Size, r.Number)
	p.line("\noffset\trecord\toldest log\tnext file\tlast write\t")
	for _, rec := range r.Records {
		kind := "edit"
		if rec.Snapshot {
			kind = "snapshot"
		}
		p.line("%d\t%s\t%d\t%d\t%d\t%s", rec.Offset, kind, rec.MinLog, rec.Next, rec.Last, changes(rec))
	}
	if r.Damage == nil {
		p.line("\nthe tree that they make")
		for _, run := range r.Runs {
			p.line("  %s\t%s", run.Place, strings.Trim(fmt.Sprint(run.Tables), "[]"))
		}
		if len(r.Runs) == 0 {
			p.line("  no tables")
		}
		for _, name := range slices.Sorted(maps.Keys(r.Format)) {
			p.line("  %s\t%s", name, r.Format[name])
		}
	}
	p.line("")
	switch {
	case r.Damage != nil:
		p.line("DAMAGED at offset %d: %s", r.Damage.Offset, r.Damage.Reason)
	case r.Cut != nil:
		p.line("torn: %d bytes from offset %d on were never finished, and are gone when the store has been opened", r.Cut.Size, r.Cut.Offset)
	default:
		p.line("undamaged: every checksum of %s", count(len(r.Records), "record"))
	}
}

// changes returns what a record drops and adds.
func changes(rec manifestLine) string {
	var all []string
	for _, e := range rec.Drop {
		all = append(all, "-"+e)
	}
	for _, e := range rec.Add {
		all = append(all, "+"+e)
	}
	return strings.Join(all, ", ")
}
