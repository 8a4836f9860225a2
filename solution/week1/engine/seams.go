//lab:day 1.6

package engine

import (
	"context"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// Logs keeps a log of writes for each memtable.
type Logs interface {
	// Create begins the log of the memtable with that number. It is called without any lock.
	Create(number uint64) (Log, error)
	// Remove removes a log whose memtable is in a durable table now. It has been closed, or was never opened by Create.
	Remove(number uint64) error
}

// Log is the log of one memtable.
type Log interface {
	// Append takes a batch into memory, behind those before it, and returns where it ends. It is called under the
	// engine's lock, in the order of sequence numbers, and does no I/O.
	Append(first kv.Seq, b *kv.Batch) (end int64)
	// Commit returns when everything up to end is written, and, if sync is set, durable. It is called without any lock, by
	// any number of goroutines; one of them may write for all. After an error the log takes nothing any more.
	Commit(end int64, sync bool) error
	// Close is called once, when nobody is inside.
	Close() error
}

// Manifest keeps the record of the tree's shape.
type Manifest interface {
	// Append records an edit and is durable when it returns; after is the version that the edit leads to. Calls do not
	// overlap. After an error it is not known whether the edit is recorded.
	Append(e *version.Edit, after *version.Version) error
}

// forgets is the manifest of Week 1.
type forgets struct{}

// Append does nothing.
func (forgets) Append(*version.Edit, *version.Version) error { return nil }

// Compactor merges runs of tables.
type Compactor interface {
	// Compact looks at job.Version and does one piece of work. It returns the edit that puts the result in place, or nil if
	// nothing is to be done. On an error it has removed what it had begun. Calls do not overlap; flushes go on meanwhile.
	Compact(ctx context.Context, job *Job) (*version.Edit, error)
}

// Job is what a Compactor needs to know and to have.
type Job struct {
	// Version is the version to look at.
	Version *version.Version
	// Visible is how far writes were visible when the job began.
	Visible kv.Seq
	// Full asks for everything to be merged, whatever the policy thinks.
	Full bool
	// Keeper says which versions must stay.
	Keeper Keeper
	// Filter may drop more; nil if there is none.
	Filter CompactionFilter
	// Begin is called once, when there is something to do, with the tables that will be read.
	Begin func(inputs []*sstable.Table)
	// NewOutput begins a table.
	NewOutput func() (*Output, error)
	// FreeNumber returns a file number that nothing else has.
	FreeNumber func() uint64
}

// Retention knows which old versions somebody may still read.
type Retention interface {
	// Keeper returns who decides for one flush or merge. visible is how far writes were visible before the call: readers
	// that come from now on read at visible or later.
	Keeper(visible kv.Seq) Keeper
}

// Keeper decides which versions a flush or merge must keep.
type Keeper interface {
	// Keep is asked for every version, user keys ascending, the newest version of each first. newer is the sequence number
	// of the next newer version of the same user key, 0 if this is the newest. bottom tells that nothing older of this user
	// key lies below what is being written: a tombstone that everybody sees has nothing left to hide then.
	Keep(key kv.Key, newer kv.Seq, bottom bool) bool
}

// newestOnly is the default Retention: nobody reads the past.
type newestOnly struct{}

// Keeper returns the keeper for readers at visible and later.
func (newestOnly) Keeper(visible kv.Seq) Keeper { return newestAt(visible) }

// newestAt keeps what a reader at this number or later may see.
type newestAt kv.Seq

// Keep keeps all versions above the number, and the newest at or below it unless that is a tombstone with nothing to hide.
func (n newestAt) Keep(key kv.Key, newer kv.Seq, bottom bool) bool {
	if bottom && key.Kind() == kv.KindDelete && key.Seq() <= kv.Seq(n) {
		return false
	}
	return newer == 0 || newer > kv.Seq(n)
}

// Sieve asks a Keeper about versions in order, and remembers what the Keeper needs to know about the one before.
type Sieve struct {
	keeper Keeper
	user   []byte // of the version before, a copy
	newer  kv.Seq // its number, 0 before the first
}

// NewSieve returns a sieve that stands before the first version.
func NewSieve(k Keeper) *Sieve { return &Sieve{keeper: k} }

// Keep reports whether the next version must stay; bottom is Keeper's. It does not keep key.
func (s *Sieve) Keep(key kv.Key, bottom bool) bool {
	newer := s.newer
	if newer == 0 || string(key.User) != string(s.user) {
		newer = 0
		s.user = append(s.user[:0], key.User...)
	}
	s.newer = key.Seq()
	return s.keeper.Keep(key, newer, bottom)
}

// Gate may refuse batches.
type Gate interface {
	// Admit sees every batch in the order of sequence numbers, under the engine's lock, before the batch is written
	// anywhere. first is the number that its first write will have. An error refuses the batch: its numbers go to the next.
	Admit(first kv.Seq, b *kv.Batch) error
}

// CompactionFilter drops values that nobody wants any more, for instance because they are too old.
type CompactionFilter interface {
	// Discard reports whether the newest version of a key may become a tombstone. It is not asked about what older readers
	// need; who reads at exactly the newest number is not told apart from the present.
	Discard(key kv.Key, value []byte) bool
}

// Listener is told what happens; a function that is nil is not called. The functions are called by the goroutine that did
// it, and must be quick. Changed, Frozen, StallBegin and StallEnd are called under the engine's lock, and must not call the
// engine; the others may call what does not wait for what they are told about. Slices and batches belong to the caller as soon as the function returns.
type Listener struct {
	// Applied: a batch is visible. Its first write has sequence number first.
	Applied func(first kv.Seq, b *kv.Batch)
	// Got: Get has looked for a key.
	Got func(key, value []byte, err error)
	// Frozen: a memtable with that ID takes no more writes.
	Frozen func(id uint64)
	// FlushBegin and FlushEnd: the memtable is being flushed. The table is nil if the flush failed or was of no entries.
	FlushBegin func(id uint64)
	FlushEnd   func(id uint64, t *sstable.Table, err error)
	// CompactionBegin: the compactor has found something to do, and will read these tables.
	CompactionBegin func(inputs []*sstable.Table)
	// CompactionEnd: an edit of the compactor is in place, or why not.
	CompactionEnd func(e *version.Edit, err error)
	// StallBegin and StallEnd: a writer waits because there are so many memtables, or because Options.Throttle says so.
	StallBegin func(memtables int)
	StallEnd   func()
	// BackgroundError: something failed that no caller waits for.
	BackgroundError func(err error)
	// Changed: readers get another version from now on.
	Changed func(before, after *version.Version)
}
