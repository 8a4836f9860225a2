package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// logReport is all that is to be said about a log.
type logReport struct {
	File      string      `json:"file"`
	Size      int64       `json:"size"`
	Number    uint64      `json:"number"`
	After     uint64      `json:"after,omitempty"`      // the log with the write before
	AfterLast uint64      `json:"after_last,omitempty"` // and that write's sequence number
	Records   []logRecord `json:"records"`
	Cut       *place      `json:"cut,omitempty"` // what was begun and never finished
	Damage    *damage     `json:"damage,omitempty"`
}

// logRecord is one batch.
type logRecord struct {
	Offset int64    `json:"offset"`
	First  uint64   `json:"first"` // sequence number of its first write
	Last   uint64   `json:"last"`
	Writes []string `json:"writes"`
}

// damaged reports whether the log is not what was written.
func (r *logReport) damaged() bool { return r.Damage != nil }

// inspectLog reads a log. Which one it is stands in its name.
func inspectLog(fs vfs.FS, name string) (*logReport, error) {
	number, ok := subject.ParseLogName(filepath.Base(name))
	if !ok {
		return nil, fmt.Errorf("%s: a log is named by its number, as 000012.log", name)
	}
	size, err := fs.Size(name)
	if err != nil {
		return nil, err
	}
	r := &logReport{File: name, Size: size, Number: number, Records: []logRecord{}}
	log, err := subject.ReadLog(fs, filepath.Dir(name), number)
	if r.Damage, err = asDamage(err); err != nil || r.Damage != nil {
		return r, err
	}
	r.After, r.AfterLast = log.After, uint64(log.AfterLast)
	for _, rec := range log.Records {
		line := logRecord{Offset: rec.Offset, First: uint64(rec.First), Last: uint64(rec.First) + uint64(rec.Batch.Len()) - 1}
		for op := range rec.Batch.Ops() {
			line.Writes = append(line.Writes, writeText(op))
		}
		r.Records = append(r.Records, line)
	}
	if log.End < size {
		r.Cut = &place{Offset: log.End, Size: size - log.End}
	}
	return r, nil
}

// asDamage takes an error for damage, if it is that. Other errors it returns.
func asDamage(err error) (*damage, error) {
	var d *kv.CorruptionError
	if errors.As(err, &d) {
		return &damage{Offset: d.Offset, Reason: d.Reason}, nil
	}
	return nil, err
}

// writeText returns a write for people, a long value cut.
func writeText(op kv.Op) string {
	const most = 40
	if op.Kind == kv.KindDelete {
		return "delete " + escaped(op.Key)
	}
	value := escaped(op.Value)
	if len(value) > most {
		value = fmt.Sprintf("%s… (%d bytes)", value[:most], len(op.Value))
	}
	return fmt.Sprintf("%s = %s", escaped(op.Key), value)
}

// writeText writes the report for people.
func (r *logReport) writeText(p *printer) {
	p.line("%s: %d bytes, log of memtable %d", r.File, r.Size, r.Number)
	if r.Damage == nil && r.Size > 0 {
		if r.After == 0 {
			p.line("the first log of its store")
		} else {
			p.line("follows write %d, which is in log %d", r.AfterLast, r.After)
		}
		p.line("\noffset\twrites\t")
	}
	for _, rec := range r.Records {
		p.line("%d\t%s\t%s", rec.Offset, numbers(rec.First, rec.Last), strings.Join(rec.Writes, ", "))
	}
	p.line("")
	switch {
	case r.Damage != nil:
		p.line("DAMAGED at offset %d: %s", r.Damage.Offset, r.Damage.Reason)
	case r.Cut != nil:
		p.line("torn: %d bytes from offset %d on were never finished, and are cut off when the store is opened", r.Cut.Size, r.Cut.Offset)
	default:
		p.line("undamaged: every checksum of %s", count(len(r.Records), "record"))
	}
}

// numbers returns a range of sequence numbers for people.
func numbers(first, last uint64) string {
	if first == last {
		return fmt.Sprintf("#%d", first)
	}
	return fmt.Sprintf("#%d … #%d", first, last)
}
