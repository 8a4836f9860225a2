//lab:day 3.5

package plugin

import (
	"time"

	"lsmlab/internal/kv"
)

// Event is something that has happened: one of the types below. All its slices belong to the plugin that gets it.
//
// A queue holds events in the order in which the engine told them. Writes of different goroutines may overtake each other
// after they have become visible; their sequence numbers say in which order that was.
type Event any

type (
	// Put: a batch of one value is visible, whether it came from Put, from a batch or from a transaction.
	Put struct {
		Seq        kv.Seq
		Key, Value []byte
	}
	// Delete: a batch of one tombstone is visible.
	Delete struct {
		Seq kv.Seq
		Key []byte
	}
	// Batch: a batch of several writes is visible, all of them at once. The first has number First, the others follow.
	Batch struct {
		First kv.Seq
		Ops   []kv.Op
	}
	// Get: somebody has looked for a key. Err is kv.ErrNotFound if there was none.
	Get struct {
		Key, Value []byte
		Err        error
	}
	// FlushBegin: a memtable is being written to a table.
	FlushBegin struct{ Memtable uint64 }
	// FlushEnd: that has ended. Table is zero if it failed, or there was nothing to write.
	FlushEnd struct {
		Memtable uint64
		Table    Table
		Took     time.Duration
		Err      error
	}
	// CompactionBegin: tables are being merged, or moved.
	CompactionBegin struct{ Inputs []Table }
	// CompactionEnd: that has ended. A table that was moved is neither added nor dropped. Took is 0 if it failed before it began.
	CompactionEnd struct {
		Added, Dropped []Table
		Took           time.Duration
		Err            error
	}
	// StallBegin: a writer waits, since there are so many memtables, or since compaction has fallen behind.
	StallBegin struct{ Memtables int }
	// StallEnd: one waits no more. Waiting is how many still do; Took is how long it is since the first of them began.
	StallEnd struct {
		Waiting int
		Took    time.Duration
	}
	// BackgroundError: something failed that no caller waits for.
	BackgroundError struct{ Err error }
	// Missed stands where so many events should be that this plugin was not told, because its queue was full.
	Missed struct{ Events int64 }
)

// Table is what an event says about a table.
type Table struct {
	Number uint64
	Bytes  int64
}

// written returns the event of a batch, in memory of its own: Put or Delete if it is one write, Batch if there are more.
//
//lab:todo 3 plugins#copies
//lab:hint The batch and its slices belong to the engine's caller again as soon as the listener returns. Who reads the event, and when?
//lab:hint One buffer of b.Payload() bytes has room for all keys and values: owned cuts pieces from it.
//lab:hint A batch with one write says nothing about who made it: Put, Apply and a transaction look the same.
func written(first kv.Seq, b *kv.Batch) Event {
	// #region written
	buf := make([]byte, 0, b.Payload())
	var ops []kv.Op
	for op := range b.Ops() {
		op.Key, op.Value = owned(&buf, op.Key), owned(&buf, op.Value)
		switch {
		case b.Len() > 1:
			ops = append(ops, op)
		case op.Kind == kv.KindDelete:
			return Delete{Seq: first, Key: op.Key}
		default:
			return Put{Seq: first, Key: op.Key, Value: op.Value}
		}
	}
	return Batch{First: first, Ops: ops}
	// #endregion
}

// owned appends a copy of piece to buf, which has room for it, and returns the copy. Who appends to that does not write into
// the next one.
//
//lab:todo 3 plugins#copies
//lab:hint buf[from:to:max] is a slice that ends its capacity where it ends.
func owned(buf *[]byte, piece []byte) []byte {
	// #region owned
	from := len(*buf)
	*buf = append(*buf, piece...)
	return (*buf)[from:len(*buf):len(*buf)]
	// #endregion
}
