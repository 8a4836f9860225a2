package record

import (
	"encoding/binary"
	"errors"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Reader reads the records of a file, in order. It is used by one goroutine at a time.
type Reader struct {
	name string // for errors
	file uint64
	data []byte // the whole file

	body   []byte // of the present record
	offset int64  // of the present record's frame
	end    int64  // of the good prefix: header and frames that have been read
	done   bool   // Next returns nothing any more
	torn   bool   // what begins at end was never finished
	err    error  // damage, or a file that is not what its name says
}

// NewReader returns a reader before the first record of data, which is a whole file. The name is for errors; file is the
// number that the file must have. The reader keeps data.
func NewReader(name string, file uint64, data []byte) *Reader {
	r := &Reader{name: name, file: file, data: data}
	r.header()
	return r
}

// header reads the header. One that is no header may be torn, like any frame.
func (r *Reader) header() {
	number, err := ReadHeader(r.name, r.data)
	switch {
	case err == nil && number == r.file:
		r.end = HeaderSize
	case err == nil:
		r.fail(corruptf(r.name, headerNumber, "header: this is the file with number %d, not %d", number, r.file))
	case !errors.Is(err, kv.ErrCorrupt):
		r.fail(err)
	default:
		r.stop(err)
	}
}

// fail ends the reading with an error.
func (r *Reader) fail(err error) { r.done, r.err = true, err }

// Next moves to the next record. It returns false behind the last one, and at damage: Err tells.
func (r *Reader) Next() bool {
	// TODO(week 2, day 5, task 1): implement Next. Chapter: book/week2/day5-manifest.md#reader
	//
	// Hint: The next frame begins at r.end. frameAt says what is there, or what is wrong with it.
	// Hint: At the end of the data nothing is wrong: every record has been read.
	// Hint: r.stop decides what a frame means that is not good.
	panic(todo.Reached("week 2 day 5 task 1", "Reader.Next"))
}

// frameAt returns the body of the frame at an offset of the data, or what is wrong there. It allocates no more than the words
// for that. The body is clipped: its capacity is its length, so that whoever appends to it gets a copy, and does not write over
// the next frame.
func (r *Reader) frameAt(offset int64) (body []byte, wrong string) {
	// TODO(week 2, day 5, task 1): implement frameAt. Chapter: book/week2/day5-manifest.md#reader
	//
	// Hint: These bytes may be anything: compare with len(r.data) before each slice. A length of 4 GiB is a legal uint32.
	// Hint: headCRC, then whether the length fits, then bodyCRC. A length that its checksum does not vouch for is a random number.
	panic(todo.Reached("week 2 day 5 task 1", "Reader.frameAt"))
}

// stop ends the reading at r.end, where nothing good is. If an intact frame of this file lies anywhere behind it, then what
// is missing here was once complete: that is damage, and wrong becomes the error. Otherwise the file is torn here.
func (r *Reader) stop(wrong error) {
	// TODO(week 2, day 5, task 2): implement stop. Chapter: book/week2/day5-manifest.md#torn
	//
	// Hint: The length of what is damaged is not to be trusted: look at every byte behind r.end, up to the end of the data.
	// Hint: A frame is intact if frameAt finds nothing wrong.
	panic(todo.Reached("week 2 day 5 task 2", "Reader.stop"))
}

// Body returns the present record. It lies in the reader's data, clipped. Requires that Next has returned true.
func (r *Reader) Body() []byte { return r.body }

// Offset returns where the present record's frame begins. Requires that Next has returned true.
func (r *Reader) Offset() int64 { return r.offset }

// End returns where the good prefix of the file ends: behind the records that Next has returned so far. It is 0 if not even
// the header is good.
func (r *Reader) End() int64 { return r.end }

// Torn reports, once Next has returned false, whether something was begun at End and never finished: a record, or, if End is
// 0, the file itself, which may be empty.
func (r *Reader) Torn() bool { return r.torn }

// Unfinished reports, of a torn file, whether what begins at End looks as a write that was cut off does: its end is missing, or is
// zeros; or its beginning is, since a small record may lie across the end of a sector, and the next sector may reach the disk
// first. It holds for small records that do not end with a zero. If it does not look like that, then the last record was
// written to its end, and damaged.
func (r *Reader) Unfinished() bool {
	tail := r.data[r.end:]
	if len(tail) < FrameSize || tail[len(tail)-1] == 0 || binary.LittleEndian.Uint64(tail) == 0 {
		return true
	}
	length := binary.LittleEndian.Uint32(tail)
	vouched := headCRC(r.file, r.end, length) == binary.LittleEndian.Uint32(tail[frameHeadCRC:])
	return vouched && int64(length) > int64(len(tail)-FrameSize)
}

// Err returns what ended the reading, nil if that was the end of the file or a torn record. Damage is a *kv.CorruptionError.
func (r *Reader) Err() error { return r.err }
