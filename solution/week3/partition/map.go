//lab:day 3.7

package partition

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/record"
)

const (
	// mapName is the name of the file that the map is in. It is a file of records, with number mapNumber, and one
	// record:
	//
	//	"hash(4)" "" 4 0    Router and Target as Go writes strings, Partitions and Leftover
	mapName   = "PARTITIONS"
	mapNumber = 1
	mapFormat = "%q %q %d %d"
	// tempName is the name of a map that is not complete yet.
	tempName = "PARTITIONS.tmp"
	// lockName is the name of the file that manifest.Lock makes.
	lockName = "LOCK"
)

// Map says how the keys of a database are divided.
type Map struct {
	// Router is the String of the router by which all keys lie. It is empty while the database is being made.
	Router string
	// Target is that of the router to which keys are being moved, or for which the database is being made. It is empty
	// when that has ended.
	Target string
	// Partitions is the number of directories, from partition_0 on, that may hold keys.
	Partitions int
	// Leftover is the number of directories behind these that hold nothing any more, and are to be removed.
	Leftover int
}

// encode returns the file's bytes.
func (m Map) encode() []byte {
	body := fmt.Appendf(nil, mapFormat, m.Router, m.Target, m.Partitions, m.Leftover)
	return record.Append(record.AppendHeader(nil, mapNumber), mapNumber, record.HeaderSize, body)
}

// decode undoes encode. Bytes that no encode has made give a *kv.CorruptionError. A map is never appended to, and gets
// its name when it is complete: so one that is torn, or goes on behind its record, is as damaged as any other.
//
//lab:todo 2 partitions#map
//lab:hint record.NewReader checks all checksums. Next returns false for three reasons: which?
//lab:hint fmt.Sscanf(string(body), mapFormat, …) undoes the Appendf of encode.
func decode(data []byte) (m Map, err error) {
	// #region decode
	r := record.NewReader(mapName, mapNumber, data)
	if r.Next() {
		_, err = fmt.Sscanf(string(r.Body()), mapFormat, &m.Router, &m.Target, &m.Partitions, &m.Leftover)
	}
	switch {
	case r.Err() != nil:
		return Map{}, r.Err()
	case err != nil || r.End() <= record.HeaderSize || r.End() < int64(len(data)):
		return Map{}, &kv.CorruptionError{File: mapName, Offset: r.End(), Reason: "not the one record of a map"}
	}
	return m, nil
	// #endregion
}

// ReadMap returns the map of the database in dir. Where there is none the error is fs.ErrNotExist.
func ReadMap(fs vfs.FS, dir string) (Map, error) {
	data, err := vfs.ReadFile(fs, filepath.Join(dir, mapName))
	if err != nil {
		return Map{}, err
	}
	return decode(data)
}

// write puts m in the place of the map of the database in dir. When it returns without error that is durable. After a
// crash the file is the old one or the new one, and whole.
//
//lab:todo 2 partitions#map
//lab:hint Under tempName first. vfs.WriteFile syncs the bytes.
//lab:hint Which two steps follow? A new name is durable when its directory is.
func (m Map) write(fs vfs.FS, dir string) error {
	// #region write
	temp := filepath.Join(dir, tempName)
	if err := vfs.WriteFile(fs, temp, m.encode()); err != nil {
		return err
	}
	if err := fs.Rename(temp, filepath.Join(dir, mapName)); err != nil {
		return err
	}
	return fs.SyncDir(dir)
	// #endregion
}

// commit writes down that all keys lie by the target now, in n partitions, and removes the directories that are left
// over.
func (m Map) commit(fs vfs.FS, dir string, n int) error {
	m = Map{Router: m.Target, Partitions: n, Leftover: m.Partitions + m.Leftover - n}
	if err := m.write(fs, dir); err != nil {
		return err
	}
	return m.sweep(fs, dir)
}

// sweep removes the directories that are left over, those that the map names and no other, and then forgets them. That
// the removal is durable comes first: a directory that comes back must not be taken for a partition one day.
func (m Map) sweep(fs vfs.FS, dir string) error {
	if m.Leftover == 0 {
		return nil
	}
	// #region sweep
	for i := range m.Leftover {
		if err := removeDir(fs, partitionDir(dir, m.Partitions+i)); err != nil {
			return err
		}
	}
	if err := fs.SyncDir(dir); err != nil {
		return err
	}
	m.Leftover = 0
	return m.write(fs, dir)
	// #endregion
}

// removeDir removes a directory and the files in it, if it is there.
func removeDir(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil
	}
	for _, name := range names {
		err = errors.Join(err, fs.Remove(filepath.Join(dir, name)))
	}
	return errors.Join(err, fs.Remove(dir))
}

// partitionDir returns the directory of partition i of the database in dir.
func partitionDir(dir string, i int) string {
	return filepath.Join(dir, fmt.Sprintf("partition_%d", i))
}
