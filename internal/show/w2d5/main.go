// W2d5 draws a manifest: its records, its bytes, and what a loss of power at each operation of a flush leaves of it.
package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"strings"

	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/engine"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
	"lsmlab/week2/manifest"
	"lsmlab/week2/record"
)

func main() { draw.Main(picture) }

// store is an engine over a manifest.
type store struct {
	*engine.Engine
	m   *manifest.Manifest
	rec *manifest.Recovered
}

// open opens the store in "db".
func open(fs vfs.FS) (*store, error) {
	m, rec, err := manifest.Open("db", manifest.Options{FS: fs, Format: map[string]string{"codec": "plain"}})
	if err != nil {
		return nil, err
	}
	e, err := engine.Open("db", &engine.Options{
		FS: fs, MemtableSize: 8 << 10, MaxMemtables: 100, Manifest: m, Compactor: down{},
		State: &engine.State{Runs: rec.Runs, Next: rec.Next, Last: rec.Last},
	})
	return &store{e, m, rec}, err
}

// flush writes one key and flushes it.
func (s *store) flush(key string) error {
	if err := s.Put([]byte(key), []byte("value")); err != nil {
		return err
	}
	return s.Flush(context.Background())
}

// close closes engine and manifest.
func (s *store) close() error { return errors.Join(s.Close(), s.m.Close()) }

// down is a compactor that moves the oldest table of level 0 to level 1 when it is asked to, and nothing else.
type down struct{}

// Compact moves the table.
func (down) Compact(_ context.Context, job *engine.Job) (*version.Edit, error) {
	runs := job.Version.Runs
	if !job.Full || len(runs) == 0 || runs[len(runs)-1].Level() > 0 {
		return nil, nil
	}
	oldest := runs[len(runs)-1]
	return &version.Edit{Drop: []*version.Run{oldest}, Add: []*version.Run{version.NewRun(1, 0, oldest.Tables())}}, nil
}

// picture makes a small history, and shows its manifest.
func picture() error {
	mem := vfs.NewMem()
	s, err := open(mem)
	if err != nil {
		return err
	}
	for _, key := range []string{"apple", "banana", "cherry"} {
		if err := s.flush(key); err != nil {
			return err
		}
	}
	if err := errors.Join(s.Compact(context.Background()), s.close()); err != nil {
		return err
	}
	draw.Title("A new store, three flushes, and a table that moves down. Your manifest, record by record:")
	if err := records(mem); err != nil {
		return err
	}
	draw.Title("Its bytes:")
	if err := hexdump(mem); err != nil {
		return err
	}
	draw.Title("It is opened again, and \"date\" is flushed. At each operation in turn the power fails. What is found afterwards:")
	return crashes(mem)
}

// records prints what the manifest says.
func records(fs vfs.FS) error {
	f, err := manifest.Read(fs, "db/MANIFEST")
	if err != nil {
		return err
	}
	for _, r := range f.Records {
		kind := "edit"
		if r.Snapshot {
			kind = "snapshot"
		}
		fmt.Printf("  %4d  %-9s", r.Offset, kind)
		for _, e := range r.Drop {
			fmt.Printf(" -%v %s", e.Place, sstable.FileName(e.Number))
		}
		for _, e := range r.Add {
			fmt.Printf(" +%v %s", e.Place, sstable.FileName(e.Number))
		}
		fmt.Printf("  min log %d, next %d, last %d", r.MinLog, r.Next, r.Last)
		if len(r.Format) > 0 {
			fmt.Printf(", options %v", r.Format)
		}
		fmt.Println()
	}
	return nil
}

// hexdump prints header and frames, field by field.
func hexdump(fs vfs.FS) error {
	data, err := vfs.ReadFile(fs, "db/MANIFEST")
	if err != nil {
		return err
	}
	number, err := record.ReadHeader("MANIFEST", data)
	if err != nil {
		return err
	}
	draw.Field(0, data[:8], "magic")
	draw.Field(8, data[8:12], "format version")
	draw.Field(12, data[12:20], "number of the file: %d", number)
	draw.Field(20, data[20:24], "checksum of the header")
	r := record.NewReader("MANIFEST", number, data)
	for i := 0; r.Next(); i++ {
		at := int(r.Offset())
		draw.Field(at, data[at:at+4], "record %d: a body of %d bytes", i, len(r.Body()))
		draw.Field(at+4, data[at+4:at+8], "checksum of the place and the length")
		draw.Field(at+8, data[at+8:at+12], "checksum of all that, and the body")
		for from := 0; from < len(r.Body()); from += 16 {
			meaning := "…"
			if from == 0 {
				meaning = "body"
			}
			draw.Field(at+record.FrameSize+from, r.Body()[from:min(from+16, len(r.Body()))], "%s", meaning)
		}
	}
	return r.Err()
}

// crashes lets the power fail at each operation of a flush, and shows which tree is found afterwards.
func crashes(before *vfs.Mem) error {
	fmt.Printf("  %-30s %-30s %s\n", "the power fails at", "what was not synced is lost", "it is kept")
	for n := 1; ; n++ {
		mem := before.Clone()
		s, err := open(mem)
		if err != nil {
			return err
		}
		mem.CrashAt(mem.Ops() + n)
		where := "nothing: all is done"
		stopped := s.flush("date")
		if at := (*iofs.PathError)(nil); errors.As(stopped, &at) {
			where = fmt.Sprintf("%-9s %s", at.Op, strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(at.Path), "db/"), ".tmp"))
		} else if stopped != nil {
			return stopped
		}
		s.close() // which does what is left to do with a file system that is gone
		lost, err := found(mem.Crash(vfs.LoseUnsynced))
		if err != nil {
			return err
		}
		kept, err := found(mem.Crash(vfs.KeepUnsynced))
		if err != nil {
			return err
		}
		fmt.Printf("  %-30s %-30s %s\n", where, lost, kept)
		if stopped == nil {
			return nil
		}
	}
}

// found opens the store after a crash and says what there is.
func found(mem *vfs.Mem) (string, error) {
	s, err := open(mem)
	if err != nil {
		return "", err
	}
	defer s.close()
	what := "as before the flush"
	if _, err := s.Get([]byte("date")); err == nil {
		what = "with the new table"
	}
	if n := len(s.rec.Orphans); n > 0 {
		what += fmt.Sprintf(", %d orphan", n)
	}
	if s.rec.Torn {
		what += ", torn"
	}
	return what, nil
}
