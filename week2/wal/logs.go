package wal

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
	"lsmlab/week1/engine"
)

// Options says how logs are written. The zero Options are usable.
type Options struct {
	// FS is the file system. Default vfs.OS().
	FS vfs.FS
	// LoseOnKill keeps writes that need not be synced in the process until there are 32 KiB of them. They cost a tenth
	// then, and the last of them are lost when the process is killed, though the machine goes on. Default false.
	LoseOnKill bool
	// Committer makes what decides, for one log, who of those that wait writes and syncs. Default nil, or one that
	// returns nil: each for itself.
	Committer func(Flusher) Committer
}

// withDefaults returns o with every default filled in.
func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.OS()
	}
	if o.Committer == nil {
		o.Committer = newAlone
	}
	return o
}

// Logs makes and removes the logs of one directory. It is the engine.Logs.
type Logs struct {
	dir    string
	o      Options
	newest atomic.Pointer[log] // the one that has the newest write; nil if there never was one
}

// New returns the logs of a directory in which there are none yet.
func New(dir string, o Options) *Logs { return &Logs{dir: dir, o: o.withDefaults()} }

// suffix ends the name of every log.
const suffix = ".log"

// FileName returns the name of the log with that number: 1 gives "000001.log".
func FileName(number uint64) string { return fmt.Sprintf("%06d%s", number, suffix) }

// ParseFileName undoes FileName. It returns false for every name that FileName does not give.
func ParseFileName(name string) (number uint64, ok bool) {
	number, err := strconv.ParseUint(strings.TrimSuffix(name, suffix), 10, 64)
	return number, err == nil && FileName(number) == name
}

// path returns where the log with that number is.
func (l *Logs) path(number uint64) string { return filepath.Join(l.dir, FileName(number)) }

// Create begins the log of the memtable with that number. Its name is durable when Create returns: a write that is
// synced into a file which nobody finds would be lost all the same. After an error no file is left.
func (l *Logs) Create(number uint64) (engine.Log, error) {
	// TODO(week 2, day 6, task 1): implement Create. Chapter: book/week2/day6-write-ahead-log.md#create
	//
	// Hint: Two steps make a durable name. FS.Create is the first.
	// Hint: newLog makes the log of an open file.
	panic(todo.Reached("week 2 day 6 task 1", "Logs.Create"))
}

// Remove removes a log that nobody needs any more. It need not be durable: what comes back is below the manifest's
// MinLog, and removed once more by Open.
func (l *Logs) Remove(number uint64) error { return l.o.FS.Remove(l.path(number)) }
