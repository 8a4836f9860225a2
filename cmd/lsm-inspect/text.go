package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printer writes lines in columns and keeps the first error.
type printer struct {
	w   *tabwriter.Writer
	err error
}

// line writes one line, its columns separated by tabs.
func (p *printer) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, format+"\n", args...); p.err == nil {
		p.err = err
	}
}

// newPrinter returns a printer to w.
func newPrinter(w io.Writer) *printer { return &printer{w: tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)} }

// flush writes what is kept and returns the first error.
func (p *printer) flush() error {
	if err := p.w.Flush(); p.err == nil {
		p.err = err
	}
	return p.err
}

// writeText writes the report for people.
func (r *report) writeText(p *printer) {
	p.line("%s: %d bytes", r.File, r.Size)
	if r.Footer != nil {
		r.writeFooter(p)
		r.writeProperties(p)
		r.writeBlocks(p)
	}
	p.line("")
	if r.Damage == nil {
		p.line("undamaged: every checksum, the order of the keys, index and properties")
	} else {
		p.line("DAMAGED at offset %d: %s", r.Damage.Offset, r.Damage.Reason)
	}
}

// damaged reports whether something is wrong with the file.
func (r *report) damaged() bool { return r.Damage != nil }

// writeFooter writes the footer's fields.
func (r *report) writeFooter(p *printer) {
	f := r.Footer
	p.line("\nfooter\toffset %d\tsize %d", f.Offset, f.Size)
	if f.Filter != nil {
		p.line("  filter\toffset %d\tsize %d", f.Filter.Offset, f.Filter.Size)
	} else {
		p.line("  filter\tnone")
	}
	p.line("  index\toffset %d\tsize %d", f.Index.Offset, f.Index.Size)
	p.line("  properties\toffset %d\tsize %d", f.Properties.Offset, f.Properties.Size)
	p.line("  key codec\t%d", f.Codec)
	p.line("  format\t%d", r.Format)
}

// writeProperties writes the properties.
func (r *report) writeProperties(p *printer) {
	q := r.Properties
	p.line("\nproperties")
	p.line("  entries\t%d\tof these %s", q.Entries, count(q.Deletes, "delete"))
	p.line("  keys\t%d bytes\t%s … %s", q.KeySize, q.First, q.Last)
	p.line("  values\t%d bytes", q.ValueSize)
	p.line("  sequence numbers\t%d … %d", q.MinSeq, q.MaxSeq)
	p.line("  data\t%d bytes\tin %s", q.DataSize, count(q.DataBlocks, "block"))
	if q.Filter != "" {
		p.line("  filter policy\t%s", q.Filter)
	}
}

// writeBlocks writes one line a block, and those entries that were asked for.
func (r *report) writeBlocks(p *printer) {
	p.line("\nblocks\toffset\tsize\tentries\t")
	for _, b := range r.Blocks {
		name := b.Kind
		if b.Kind == "data" {
			name = fmt.Sprintf("data %d", b.Number)
		}
		switch {
		case b.Error != "":
			p.line("  %s\t%d\t%d\t\tDAMAGED", name, b.Offset, b.Size)
		case b.Entries == 0:
			p.line("  %s\t%d\t%d\t\t", name, b.Offset, b.Size)
		default:
			p.line("  %s\t%d\t%d\t%d\t%s … %s", name, b.Offset, b.Size, b.Entries, b.First, b.Last)
		}
		for _, e := range b.List {
			p.line("\t\t\t\t%s", e.text(b.Kind))
		}
	}
}

// text returns an entry of a block of that kind on one line, a long value cut.
func (e entry) text(kind string) string {
	const most = 60
	key, value := fmt.Sprintf("%s#%d", e.User, e.Seq), e.Value
	if len(value) > most {
		value = value[:most] + "…"
	}
	if e.Kind == "delete" {
		key += ",delete"
	}
	switch {
	case kind == "properties":
		return e.User + " = " + value
	case kind == "index":
		return key + " -> " + value
	case e.Kind == "delete":
		return key
	}
	return key + " = " + value
}
