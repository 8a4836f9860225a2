package wal

import (
	"encoding/binary"
	"fmt"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
	"lsmlab/week2/record"
)

// bufferSize is how many bytes Options.LoseOnKill may keep in the process.
const bufferSize = 32 << 10

// log is the log of one memtable. It has two buffers, which change places: one takes what is appended while the other
// is being written, so that neither waits for the other and nothing is allocated.
//
//	Append → [ pending ]          the engine holds its lock: memory only
//	          ⇅ swapped by Write
//	         [ spare   ] → file   nobody waits for this but those who want it written
//
// The logs of a directory are one history. So nothing of a log is written before all of the log before it is: a write
// must not outlive an earlier one, even if it is only the process that dies. (That nothing is synced before is the
// engine's care.)
type log struct {
	logs      *Logs
	number    uint64
	file      vfs.File // nil if the log was replayed: nothing is ever pending then
	committer Committer

	io    sync.Mutex // guards all below; held while the file is written and synced
	spare []byte     // the other buffer
	dirty bool       // something is written that is not synced

	mu      sync.Mutex // guards all below; may be taken under io
	before  *log       // with the write before this log's first; nil if there is none, or all of it is written
	older   *log       // the same, until this log says that all of it is on the disk
	pending []byte     // appended and not written yet
	end     int64      // of the log, with what is pending
	last    kv.Seq     // of the newest write
	body    []byte     // of the record in the making, for its memory
	err     error      // the first error of a write or sync; it stays
}

// newLog returns a log over a file of no bytes. If Options.Committer has none for it, each commits for itself.
func newLog(logs *Logs, number uint64, file vfs.File) *log {
	l := &log{logs: logs, number: number, file: file}
	if l.committer = logs.o.Committer(l); l.committer == nil {
		l.committer = newAlone(l)
	}
	return l
}

// Append takes a batch into memory and returns where it ends in the log. The first one opens the log: header, and what
// came before. Nothing is allocated once the buffers have grown.
func (l *log) Append(first kv.Seq, b *kv.Batch) (end int64) {
	// TODO(week 2, day 6, task 1): implement Append. Chapter: book/week2/day6-write-ahead-log.md#append
	//
	// Hint: l.mu keeps Append and Write apart. The engine's lock does not: Write is called without it.
	// Hint: l.openLocked is for a log that never had a byte. An empty buffer does not say that: it is empty after each Write.
	// Hint: l.vouchLocked is called each time. l.last is for the next log's opening.
	// Hint: Build the body in l.body[:0], and remember what append returned: its memory is used again.
	panic(todo.Reached("week 2 day 6 task 1", "log.Append"))
}

// appendBatch appends the body of a batch's record to dst: sequence number of its first write, number of writes, and
// the writes in kv's encoding.
func appendBatch(dst []byte, first kv.Seq, b *kv.Batch) []byte {
	// TODO(week 2, day 6, task 1): implement appendBatch. Chapter: book/week2/day6-write-ahead-log.md#append
	//
	// Hint: binary.AppendUvarint, twice; b.Encoded has the rest.
	panic(todo.Reached("week 2 day 6 task 1", "appendBatch"))
}

// openLocked adds the header and the opening: where the newest write is that any log has got before this one.
func (l *log) openLocked() {
	var log uint64
	var last kv.Seq
	if l.before = l.logs.newest.Swap(l); l.before != nil {
		log, last = l.before.newest()
		l.older = l.before
	}
	l.pending = record.AppendHeader(l.pending, l.number)
	l.end = int64(len(l.pending))
	opening := binary.AppendUvarint(nil, log)
	l.addLocked(binary.AppendUvarint(opening, uint64(last)))
}

// vouch is the body of a record that says: all logs before this one are on the disk, to their ends. No batch has the number 0.
const vouch = "\x00"

// vouchLocked adds such a record, once, when it has become true. Of a hole before it one knows then that it was made by
// damage: what was synced does not go with the power.
func (l *log) vouchLocked() {
	if l.older != nil && l.older.settled() {
		l.older = nil
		l.addLocked([]byte(vouch))
	}
}

// settled reports whether the log, which gets no more writes, and all before it are known to be on the disk. It waits
// for nobody who is writing or syncing: then they are not.
func (l *log) settled() bool {
	if !l.io.TryLock() {
		return false
	}
	defer l.io.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dirty || len(l.pending) > 0 || l.err != nil || l.older != nil && !l.older.settled() {
		return false
	}
	l.older = nil
	return true
}

// addLocked adds a record.
func (l *log) addLocked(body []byte) {
	// TODO(week 2, day 6, task 1): implement addLocked. Chapter: book/week2/day6-write-ahead-log.md#append
	//
	// Hint: record.Append wants the file's number and the offset at which the frame will stand in the file.
	// Hint: That offset counts what was written long ago, too. l.pending begins with 0 after each swap, l.end does not.
	panic(todo.Reached("week 2 day 6 task 1", "log.addLocked"))
}

// newest returns the number of the log and of its newest write.
func (l *log) newest() (log uint64, last kv.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.number, l.last
}

// Commit returns when the log is written up to end and, if sync is set, durable. With Options.LoseOnKill a write that
// need not be durable returns at once, until there is a buffer full of them. The first of a log does not: its log
// before may hold a buffer that is nearly full, and the two together would be more than was said.
func (l *log) Commit(end int64, sync bool) error {
	// TODO(week 2, day 6, task 2): implement Commit. Chapter: book/week2/day6-write-ahead-log.md#lose
	//
	// Hint: The one who fills the buffer pays for all, and so does the one who finds l.before not written: l.committer.
	// Hint: Whoever returns early has not asked the disk. Has it failed before?
	panic(todo.Reached("week 2 day 6 task 2", "log.Commit"))
}

// Write hands what is pending to the operating system, all at once, and what is pending in the log before it first. It
// returns where that ends. Appends go on meanwhile, into the other buffer.
func (l *log) Write() (end int64, err error) {
	// TODO(week 2, day 6, task 1): implement Write. Chapter: book/week2/day6-write-ahead-log.md#write
	//
	// Hint: l.io to the end. Under l.mu, for an instant: change the buffers, take l.end and l.before, leave nil there.
	// Hint: The file is written without l.mu: Append must not wait for a disk. Which buffer may it use meanwhile?
	// Hint: io.Writer promises an error if it writes less than it was given. Do not bet a database on it.
	// Hint: l.fail keeps the first error and returns it. After it nothing is written any more: l.err.
	panic(todo.Reached("week 2 day 6 task 1", "log.Write"))
}

// Sync makes durable what was written. If nothing was written since the last time, there is nothing to do.
func (l *log) Sync() error {
	// TODO(week 2, day 6, task 2): implement Sync. Chapter: book/week2/day6-write-ahead-log.md#sync
	//
	// Hint: l.io, and the first error: l.failed.
	// Hint: A sync that fails may have thrown away what it could not write. Of what use is it if the next succeeds?
	panic(todo.Reached("week 2 day 6 task 2", "log.Sync"))
}

// failed returns the first error, nil if there was none.
func (l *log) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// fail keeps err, if it is one, as the first error, and returns it with what failed.
func (l *log) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = fmt.Errorf("%s %s: %w", what, FileName(l.number), err)
	return l.err
}

// Close writes what is pending, syncs it, and closes the file, also where the first two fail.
func (l *log) Close() error {
	// TODO(week 2, day 6, task 2): implement Close. Chapter: book/week2/day6-write-ahead-log.md#close
	//
	// Hint: Whose writes are still in the buffer, with Options.LoseOnKill?
	panic(todo.Reached("week 2 day 6 task 2", "log.Close"))
}
