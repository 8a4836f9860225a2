//lab:day 2.5

package record

import (
	"encoding/binary"
	"errors"
	"fmt"

	"lsmlab/internal/kv"
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
//
//lab:todo 1 manifest#reader
//lab:hint The next frame begins at r.end. frameAt says what is there, or what is wrong with it.
//lab:hint At the end of the data nothing is wrong: every record has been read.
//lab:hint r.stop decides what a frame means that is not good.
func (r *Reader) Next() bool {
	// #region next
	if r.done || r.end == int64(len(r.data)) {
		r.done = true
		return false
	}
	body, wrong := r.frameAt(r.end)
	if wrong != "" {
		r.stop(corruptf(r.name, r.end, "record: %s", wrong))
		return false
	}
	r.body, r.offset = body, r.end
	r.end += FrameSize + int64(len(body))
	return true
	// #endregion
}

// frameAt returns the body of the frame at an offset of the data, or what is wrong there. It allocates no more than the words
// for that. The body is clipped: its capacity is its length, so that whoever appends to it gets a copy, and does not write over
// the next frame.
//
//lab:todo 1 manifest#reader
//lab:hint These bytes may be anything: compare with len(r.data) before each slice. A length of 4 GiB is a legal uint32.
//lab:hint headCRC, then whether the length fits, then bodyCRC. A length that its checksum does not vouch for is a random number.
func (r *Reader) frameAt(offset int64) (body []byte, wrong string) {
	// #region frame-at
	frame := r.data[offset:]
	if len(frame) < FrameSize {
		return nil, fmt.Sprintf("%d bytes are too few for a frame", len(frame))
	}
	length := binary.LittleEndian.Uint32(frame)
	head := headCRC(r.file, offset, length)
	if length == 0 || head != binary.LittleEndian.Uint32(frame[frameHeadCRC:]) {
		return nil, "checksum of the length does not match"
	}
	if int64(length) > int64(len(frame)-FrameSize) {
		return nil, fmt.Sprintf("%d bytes, of which the file has %d", length, len(frame)-FrameSize)
	}
	body = frame[FrameSize:][:length:length]
	if bodyCRC(head, body) != binary.LittleEndian.Uint32(frame[frameBodyCRC:]) {
		return nil, "checksum of the body does not match"
	}
	return body, ""
	// #endregion
}

// stop ends the reading at r.end, where nothing good is. If an intact frame of this file lies anywhere behind it, then what
// is missing here was once complete: that is damage, and wrong becomes the error. Otherwise the file is torn here.
//
//lab:todo 2 manifest#torn
//lab:hint The length of what is damaged is not to be trusted: look at every byte behind r.end, up to the end of the data.
//lab:hint A frame is intact if frameAt finds nothing wrong.
func (r *Reader) stop(wrong error) {
	// #region stop
	r.done = true
	for at := r.end + 1; at+FrameSize < int64(len(r.data)); at++ {
		if _, no := r.frameAt(at); no == "" {
			r.err = fmt.Errorf("%w; an intact record follows at %d", wrong, at)
			return
		}
	}
	r.torn = true
	// #endregion
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
