//lab:day 1.4

package sstable

import (
	"bufio"
	"errors"
	"fmt"
	"math"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/block"
)

// ErrEmpty is returned by Finish for a table to which nothing was added: there is no such file.
var ErrEmpty = errors.New("table has no entries")

const (
	// bufferSize is the size of a writer's buffer: one system call for sixteen blocks.
	bufferSize = 64 << 10
	// metaTarget is the target size of blocks that have no other: index and properties.
	metaTarget = math.MaxInt32
)

// Writer writes a table from versions that come in order. It is used by one goroutine at a time, and ends with Finish or
// Abort.
type Writer struct {
	file   vfs.File
	out    *bufio.Writer // in front of file
	offset int64         // bytes written to out: where the next block begins
	opts   Options

	data   *block.Builder // the data block in the making
	index  *block.Builder // one entry for each data block that has been written
	filter FilterBuilder  // nil if the table gets no filter

	props  Properties
	last   kv.Key // the key added last, a copy
	closed bool   // after Finish or Abort
}

// NewWriter returns a writer of a table to f, an empty file, which belongs to the writer from then on.
func NewWriter(f vfs.File, o Options) *Writer {
	o = o.withDefaults()
	w := &Writer{
		file:  f,
		out:   bufio.NewWriterSize(f, bufferSize),
		opts:  o,
		data:  block.NewBuilder(o.Codec, o.BlockSize),
		index: block.NewBuilder(block.Plain(), metaTarget),
	}
	if o.Filter != nil {
		w.filter = o.Filter.NewBuilder()
		w.props.Filter = o.Filter.Name()
	}
	return w
}

// Add appends a version. Key and value are copied. A key that does not stand behind the one before is an error, and so
// is an empty user key (kv.ErrEmptyKey): nothing is added then, and the writer can be used further. After an error of the
// file it cannot, and after Finish or Abort it returns kv.ErrClosed.
//
//lab:todo 1 sstables#add
//lab:hint Compare with w.last before anything else. The first key has nothing before it: w.props.Entries says so.
//lab:hint If the block in the making refuses the entry, finishBlock writes that block, and the next one takes it.
//lab:hint The filter wants each user key once. Versions of one user key come one behind the other.
//lab:hint w.remember(key) keeps a copy for the next comparison; w.props.count(key, value) does the statistics.
func (w *Writer) Add(key kv.Key, value []byte) error {
	// #region add
	if err := w.check(key); err != nil {
		return err
	}
	if !w.data.Add(key, value) {
		if err := w.finishBlock(); err != nil {
			return err
		}
		w.data.Add(key, value)
	}
	if w.filter != nil && string(key.User) != string(w.last.User) {
		w.filter.Add(key.User)
	}
	w.props.count(key, value)
	w.remember(key)
	return nil
	// #endregion
}

// check returns why key may not be added now.
//
//lab:omit
func (w *Writer) check(key kv.Key) error {
	switch {
	case w.closed:
		return fmt.Errorf("add to table: %w", kv.ErrClosed)
	case len(key.User) == 0:
		return fmt.Errorf("add to table: %w", kv.ErrEmptyKey)
	case w.props.Entries > 0 && key.Compare(w.last) <= 0:
		return fmt.Errorf("add to table: key %v does not stand behind %v", key, w.last)
	}
	return nil
}

// remember keeps a copy of key as the one that was added last.
func (w *Writer) remember(key kv.Key) {
	w.last.User = append(w.last.User[:0], key.User...)
	w.last.Trailer = key.Trailer
}

// finishBlock writes the data block in the making and enters it into the index; the next one begins empty. The properties
// count it: DataBlocks, and DataSize, which is where the last of them ends. It requires a block that is not empty. At this
// moment w.last is the block's last key.
//
//lab:todo 1 sstables#add
//lab:hint writeBlock says where the block went. Its handle's encoding is the value of the index entry; its key is w.last.
//lab:hint Builder.Finish lends its memory: write first, Reset afterwards.
func (w *Writer) finishBlock() error {
	// #region finish-block
	h, err := w.writeBlock(w.data.Finish(), BlockData)
	if err != nil {
		return err
	}
	w.data.Reset()
	w.index.Add(w.last, h.append(nil))
	w.props.DataBlocks++
	w.props.DataSize = uint64(h.end())
	return nil
	// #endregion
}

// writeBlock writes one block with its kind and checksum, and returns where it is.
func (w *Writer) writeBlock(contents []byte, kind BlockKind) (Handle, error) {
	h := Handle{Offset: w.offset, Size: int64(len(contents))}
	end := seal(contents, kind)
	w.out.Write(contents) // a bufio.Writer keeps its first error, and returns it from then on
	if _, err := w.out.Write(end[:]); err != nil {
		return Handle{}, fmt.Errorf("write %v block of table: %w", kind, err)
	}
	w.offset = h.end()
	return h, nil
}

// Entries returns the number of versions added so far.
func (w *Writer) Entries() int { return int(w.props.Entries) }

// EstimatedSize returns how many bytes data blocks and index would have if they were finished now.
func (w *Writer) EstimatedSize() int64 {
	return w.offset + int64(w.data.Size()+w.index.Size())
}

// Finish writes what is missing, makes the file durable and closes it. When it returns without error, the file is
// complete, and a crash does not change that; its name is durable once the caller has synced the directory. After an
// error the file is closed, of no use, and the caller's to remove. A table without entries gives ErrEmpty, a writer that is
// closed kv.ErrClosed.
//
//lab:todo 1 sstables#finish
//lab:hint The order in the file: the last data block, filter, index, properties, footer. Each handle goes into the Footer.
//lab:hint w.out is a buffer: what is in it is not in the file yet. And what is in the file is not on the disk yet.
//lab:hint Whatever happens, the file is closed. w.Abort() does that, and marks the writer as closed.
func (w *Writer) Finish() (Properties, error) {
	// #region finish
	if w.closed {
		return Properties{}, fmt.Errorf("finish table: %w", kv.ErrClosed)
	}
	err := w.writeRest()
	if err == nil {
		err = w.file.Sync()
	}
	if closeErr := w.Abort(); err == nil {
		err = closeErr
	}
	if err != nil {
		return Properties{}, fmt.Errorf("finish table: %w", err)
	}
	return w.props, nil
	// #endregion
}

// writeRest writes everything behind the data blocks that are written already, down to the file.
//
//lab:omit
func (w *Writer) writeRest() error {
	if w.props.Entries == 0 {
		return ErrEmpty
	}
	if err := w.finishBlock(); err != nil {
		return err
	}
	footer := Footer{Codec: w.opts.Codec.ID()}
	var err error
	if w.filter != nil {
		if footer.Filter, err = w.writeBlock(w.filter.Finish(), BlockFilter); err != nil {
			return err
		}
	}
	if footer.Index, err = w.writeBlock(w.index.Finish(), BlockIndex); err != nil {
		return err
	}
	if footer.Properties, err = w.writeBlock(w.props.encode(), BlockProperties); err != nil {
		return err
	}
	w.out.Write(footer.append(nil))
	return w.out.Flush()
}

// Abort closes the file, unfinished; removing it is the caller's. After Finish or Abort it does nothing.
func (w *Writer) Abort() error {
	if w.closed {
		return nil
	}
	w.closed = true
	return w.file.Close()
}
