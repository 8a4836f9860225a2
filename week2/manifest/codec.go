package manifest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
)

// The body of a record. All numbers are uvarints:
//
//	min log          number of the oldest log that is still needed
//	next             the next free file number
//	last             the highest sequence number in use
//	dropped tables   count, then for each: level, epoch, number
//	added tables     count, then for each: level, epoch, number
//	options          count, then for each: size and bytes of its name, size and bytes of its value; names ascend.
//	                 An edit has 0 of them.
//	kind             1 byte: 's' snapshot, 'e' edit
//
// A snapshot drops nothing. Within a record, tables are dropped first; so one that moves is dropped and added. No record ends with
// a zero, nor does one whose last byte has one bit changed: record.Reader.Unfinished rests on that.
const (
	kindSnapshot = 's'
	kindEdit     = 'e'
)

// Entry is one table in its place.
type Entry struct {
	shape.Place
	Number uint64 // of the file
}

// Record is one record of a manifest.
type Record struct {
	// Snapshot tells that this is the whole state, and not a step from the one before.
	Snapshot bool
	// MinLog is the number of the oldest log that is still needed, Next the next free file number, Last the highest sequence
	// number in use.
	MinLog, Next uint64
	Last         kv.Seq
	// Drop and Add are the tables that go and come.
	Drop, Add []Entry
	// Format are the options that decide how the store's bytes are to be understood. Only a snapshot has them.
	Format map[string]string
	// Offset is where the record's frame begins in its file. It is not part of the encoding.
	Offset int64
}

// encode returns the body of a record.
func (r *Record) encode() []byte {
	var body []byte
	for _, n := range []uint64{r.MinLog, r.Next, uint64(r.Last)} {
		body = binary.AppendUvarint(body, n)
	}
	for _, list := range [][]Entry{r.Drop, r.Add} {
		body = binary.AppendUvarint(body, uint64(len(list)))
		for _, e := range list {
			body = binary.AppendUvarint(body, uint64(e.Level))
			body = binary.AppendUvarint(body, e.Epoch)
			body = binary.AppendUvarint(body, e.Number)
		}
	}
	body = binary.AppendUvarint(body, uint64(len(r.Format)))
	for _, name := range slices.Sorted(maps.Keys(r.Format)) {
		body = appendText(appendText(body, name), r.Format[name])
	}
	if r.Snapshot {
		return append(body, kindSnapshot)
	}
	return append(body, kindEdit)
}

// appendText appends the size of s and its bytes.
func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// decode undoes encode. It returns what is wrong with bytes that no encode has made.
func decode(body []byte) (r Record, wrong string) {
	if len(body) == 0 {
		return r, "is empty"
	}
	kind := body[len(body)-1]
	d := decoder{rest: body[:len(body)-1]}
	r.Snapshot = kind == kindSnapshot
	r.MinLog = d.number(math.MaxUint64, "min log")
	r.Next = d.number(math.MaxUint64, "next")
	r.Last = kv.Seq(d.number(uint64(kv.MaxSeq), "last"))
	r.Drop, r.Add = d.entries("dropped"), d.entries("added")
	for range d.number(uint64(len(d.rest)/2), "options") { // an option takes two bytes at least
		if r.Format == nil {
			r.Format = map[string]string{}
		}
		name := d.text("option name")
		r.Format[name] = d.text("option")
	}
	switch {
	case d.wrong != "":
		return Record{}, d.wrong
	case kind != kindSnapshot && kind != kindEdit:
		return Record{}, fmt.Sprintf("kind %q is not known", kind)
	case len(d.rest) > 0:
		return Record{}, fmt.Sprintf("%d bytes behind the end", len(d.rest))
	}
	return r, ""
}

// decoder takes a record apart. After a mistake it returns zeros, and wrong says what the first one was.
type decoder struct {
	rest  []byte
	wrong string
}

// number takes a number of at most most.
func (d *decoder) number(most uint64, what string) uint64 {
	n, size := binary.Uvarint(d.rest)
	if d.wrong == "" && (size <= 0 || n > most) {
		d.wrong = what + " is missing or makes no sense"
	}
	if d.wrong != "" {
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// entries takes a list of tables, whose size is checked before memory is made for it: an entry takes three bytes at least.
func (d *decoder) entries(what string) []Entry {
	var list []Entry
	for range d.number(uint64(len(d.rest)/3), what+" tables") {
		var e Entry
		e.Level = int(d.number(math.MaxInt32, what+" table"))
		e.Epoch = d.number(math.MaxUint64, what+" table")
		e.Number = d.number(math.MaxUint64, what+" table")
		list = append(list, e)
	}
	return list
}

// text takes a size and that many bytes.
func (d *decoder) text(what string) string {
	size := d.number(uint64(len(d.rest)), what)
	if size > uint64(len(d.rest)) {
		d.wrong = what + " is cut off"
		return ""
	}
	s := string(d.rest[:size])
	d.rest = d.rest[size:]
	return s
}
