//lab:day 2.5

package manifest

import (
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/record"
)

// File is what a manifest file holds.
type File struct {
	// Number counts the manifests of a directory: each has a number of its own, though all have one name.
	Number uint64
	// Records are the good records, in order.
	Records []Record
	// State is what they say together.
	State State
	// Size is the length of the file in bytes, End where the good records end, and Torn tells that behind them a record was
	// begun and never finished.
	Size, End int64
	Torn      bool
}

// Read reads the manifest in a file, and changes nothing. With an error it returns what it has read until then: damage, which is
// a *kv.CorruptionError, ends the records. Two things that another log may forgive are damage here: a file without even its first
// record, since such a one was never given the name of a manifest; and a last record that cannot be read though all of it is there
// (record.Reader.Unfinished), since to forget it is to remove the tables that it has added.
func Read(fs vfs.FS, name string) (*File, error) {
	f := &File{}
	data, err := vfs.ReadFile(fs, name)
	if err != nil {
		return f, err
	}
	base := filepath.Base(name)
	f.Size = int64(len(data))
	if f.Number, err = record.ReadHeader(base, data); err != nil {
		return f, err
	}
	// #region read
	r := record.NewReader(base, f.Number, data)
	for r.Next() {
		rec, wrong := decode(r.Body())
		if wrong == "" {
			wrong = f.State.apply(rec)
		}
		if wrong != "" {
			return f, &kv.CorruptionError{File: base, Offset: r.Offset(), Reason: "record: " + wrong}
		}
		rec.Offset = r.Offset()
		f.Records = append(f.Records, rec)
		f.End = r.End()
	}
	// #endregion
	f.Torn = r.Torn()
	switch {
	case r.Err() == nil && len(f.Records) == 0:
		return f, &kv.CorruptionError{File: base, Offset: r.End(), Reason: "the first record is missing"}
	case f.Torn && !r.Unfinished():
		return f, &kv.CorruptionError{File: base, Offset: r.End(), Reason: "the last record was finished, and is damaged"}
	}
	return f, r.Err()
}
