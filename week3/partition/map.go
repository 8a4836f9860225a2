package partition

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"

	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
	"lsmlab/week2/record"
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
func decode(data []byte) (m Map, err error) {
	// TODO(week 3, day 7, task 2): implement decode. Chapter: book/week3/day7-partitions.md#map
	//
	// Hint: record.NewReader checks all checksums. Next returns false for three reasons: which?
	// Hint: fmt.Sscanf(string(body), mapFormat, …) undoes the Appendf of encode.
	panic(todo.Reached("week 3 day 7 task 2", "decode"))
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
func (m Map) write(fs vfs.FS, dir string) error {
	// TODO(week 3, day 7, task 2): implement write. Chapter: book/week3/day7-partitions.md#map
	//
	// Hint: Under tempName first. vfs.WriteFile syncs the bytes.
	// Hint: Which two steps follow? A new name is durable when its directory is.
	panic(todo.Reached("week 3 day 7 task 2", "Map.write"))
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
