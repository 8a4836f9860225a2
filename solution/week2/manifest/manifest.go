//lab:day 2.5

package manifest

import (
	"fmt"
	"io"
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/record"
)

const (
	// FileName is the name of the manifest in its directory.
	FileName = "MANIFEST"
	// tempName is the name of a manifest that is not complete yet.
	tempName = "MANIFEST.tmp"
	// defaultMaxSize is the default of Options.MaxSize.
	defaultMaxSize = 4 << 20
)

// Options says how a manifest works. The zero Options are usable.
type Options struct {
	// FS is the file system. Default vfs.OS().
	FS vfs.FS
	// Tables are the options with which tables are opened. Default: those of sstable.
	Tables sstable.Options
	// Format are the options that decide how the store's bytes are to be understood, by name. They are stored when the directory
	// is new, and compared when it is opened again. Default: none.
	Format map[string]string
	// MaxSize is the length in bytes at which the file is replaced by one that holds only the present state. One that would
	// be replaced at every other edit, because that state alone is as large, may become twice as long as the state.
	// Default 4 MiB.
	MaxSize int64
}

// withDefaults returns o with every default filled in.
func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.OS()
	}
	if o.MaxSize == 0 {
		o.MaxSize = defaultMaxSize
	}
	return o
}

// Manifest is the manifest of an open store. It is the engine's engine.Manifest. Its methods are called by one goroutine at a
// time.
//
//  1. The file under the name MANIFEST is whole at every moment, but for a torn last record: it gets that name when its first
//     record is durable, and after that it only grows.
//  2. A record is appended when the tables that it adds are durable, with their names: the engine has synced both. So what a
//     record names exists.
//  3. Append returns when its record is durable. Only then may readers see the edit, and files go that it drops: what the
//     manifest names is never removed.
//  4. After an error nobody knows whether the record is on the disk. A second one behind it might follow a torn one, and the
//     edit might be there twice. So nothing is appended any more: Open reads what is there, and decides.
type Manifest struct {
	dir    string
	opts   Options
	number uint64           // of the file
	file   vfs.File         // nil before the first and after Close
	size   int64            // of the file, where the next record begins
	limit  int64            // the size that the file may grow to
	err    error            // why the file is in doubt
	opened []*sstable.Table // by Open, which closes them if it fails
}

// Append records an edit that leads to the version after. When it returns without error, the edit is durable; otherwise it is
// not known whether it is, and every later Append fails too.
//
//lab:todo 6 manifest#append
//lab:hint record.Append makes the frame, for this file's number and the offset m.size. diff(e) is the record.
//lab:hint Would the file become longer than m.limit? Then m.replace, with the snapshot of after, takes the edit's place.
//lab:hint What has been written is not on the disk yet.
//lab:hint Which lines may fail? After any of them m.err is set, and the first line of the next Append looks at it.
//lab:hint Close leaves no m.file. Then it is kv.ErrClosed.
func (m *Manifest) Append(e *version.Edit, after *version.Version) error {
	// #region append
	switch {
	case m.err != nil:
		return fmt.Errorf("%s is in doubt: %w", FileName, m.err)
	case m.file == nil:
		return kv.ErrClosed
	}
	edit := diff(e)
	frame := record.Append(nil, m.number, m.size, edit.encode())
	if m.size+int64(len(frame)) > m.limit {
		m.err = m.replace(m.snapshot(after, e.MinLog, e.Next, e.Last))
	} else {
		m.err = m.write(frame)
	}
	return m.err
	// #endregion
}

// write appends bytes to the file and makes them durable.
//
//lab:todo 4 manifest#replace
//lab:hint m.size is where the next record begins, and goes into its checksum.
func (m *Manifest) write(data []byte) error {
	// #region write
	n, err := m.file.Write(data)
	m.size += int64(n)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return err
	}
	return m.file.Sync()
	// #endregion
}

// snapshot returns the record that holds a whole version.
func (m *Manifest) snapshot(v *version.Version, minLog, next uint64, last kv.Seq) Record {
	return Record{Snapshot: true, MinLog: minLog, Next: next, Last: last, Add: entries(v.Runs), Format: m.opts.Format}
}

// replace begins a new manifest with a snapshot, and puts it in the place of the one before, if there is one. When it returns
// without error that is durable, and m appends to the new file. After a crash the name stands for the old file or the new one,
// each of them whole.
//
//lab:todo 4 manifest#replace
//lab:hint Five steps: write the new file under tempName, sync it, close the old one, rename, sync the directory. Which two, exchanged, lose everything?
//lab:hint The new file has the next number: record.AppendHeader and record.Append want to know it.
//lab:hint m.file, m.number, m.size and m.limit belong to the new file from then on. m.limit is never below twice its first size.
func (m *Manifest) replace(snapshot Record) error {
	// #region replace
	fs, temp := m.opts.FS, filepath.Join(m.dir, tempName)
	file, err := fs.Create(temp)
	if err != nil {
		return err
	}
	m.Close()
	m.file, m.number, m.size = file, m.number+1, 0
	data := record.AppendHeader(nil, m.number)
	data = record.Append(data, m.number, record.HeaderSize, snapshot.encode())
	if err := m.write(data); err != nil {
		return err
	}
	if err := fs.Rename(temp, filepath.Join(m.dir, FileName)); err != nil {
		return err
	}
	m.limit = max(m.opts.MaxSize, 2*m.size)
	return fs.SyncDir(m.dir)
	// #endregion
}

// Close closes the file. Everything in it is durable already.
func (m *Manifest) Close() error {
	if m.file == nil {
		return nil
	}
	file := m.file
	m.file = nil
	return file.Close()
}

// Create writes the first manifest of a directory that already holds the tables of v, whose names are durable: a copy of a
// store. next exceeds the number of every file in the directory.
func Create(fs vfs.FS, dir string, format map[string]string, v *version.Version, next uint64, last kv.Seq) error {
	m := &Manifest{dir: dir, opts: Options{FS: fs, Format: format}.withDefaults()}
	err := m.replace(m.snapshot(v, 0, next, last))
	if closeErr := m.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", FileName, err)
	}
	return nil
}
