package wal_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	refrecord "lsmlab/solution/week2/record"
	"lsmlab/solution/week2/wal"
	refwal "lsmlab/solution/week2/wal"
)

// fruit is a small log: 300 to 302 in two batches, as goldenLog has them, and one more.
func fruit() []*kv.Batch {
	return []*kv.Batch{batch("apple=red", "-fig"), batch("member="), batch("apple=green", "apple=blue")}
}

// refBytes returns the bytes of a log, as the reference writes it.
func refBytes(t labtest.TB, number uint64, first kv.Seq, batches ...*kv.Batch) []byte {
	t.Helper()
	d := newDisk(t)
	l, err := refwal.New(walDir, refwal.Options{FS: d}).Create(number)
	require.NoError(t, err)
	put(t, l, first, false, batches...)
	return d.contents(t, number)
}

// read reads the bytes of a log with the subject.
func read(t labtest.TB, number uint64, data []byte) (*wal.Contents, error) {
	t.Helper()
	d := newDisk(t)
	d.replace(t, number, data)
	return wal.Read(d, walDir, number)
}

// mustRead is read, which must succeed.
func mustRead(t labtest.TB, number uint64, data []byte) *wal.Contents {
	t.Helper()
	c, err := read(t, number, data)
	require.NoError(t, err, "read of log %d", number)
	return c
}

// recordsOf returns the records of a log in words, each with its offset.
func recordsOf(c *wal.Contents) []string {
	lines := []string{}
	for _, r := range c.Records {
		lines = append(lines, fmt.Sprintf("%d: %s", r.Offset, inWords(r.First, r.Batch)))
	}
	return lines
}

// What a log holds, from bytes that are fixed for ever: which write came before, and each batch with its place and its
// numbers. An empty value is a value, and a delete is a delete.
//
//lab:task 3 points=2
func TestRead_GoldenBytes(t *testing.T) {
	c := mustRead(t, 12, goldenLog())
	same(t, "log 12", []string{"38: #300 apple=red -fig", "69: #302 member="}, recordsOf(c))
	kinds := []kv.Kind{}
	for _, r := range c.Records {
		for op := range r.Batch.Ops() {
			kinds = append(kinds, op.Kind)
		}
	}
	same(t, "kinds of its writes", []kv.Kind{kv.KindSet, kv.KindDelete, kv.KindSet}, kinds)
	same(t, "number, end and size", []int64{12, 93, 93}, []int64{int64(c.Number), c.End, c.Size})
	same(t, "what came before", "after nothing", opens(c.After, c.AfterLast))
}

// The opening of a later log names the write before its first: the log, and the number.
//
//lab:task 3 points=1
func TestRead_Opening(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, logOf(1, batch("a=1", "b=1")), logOf(5, batch("a=2")))
	c, err := wal.Read(d, walDir, 5)
	require.NoError(t, err)
	same(t, "log 5", "after write 2 of log 1", opens(c.After, c.AfterLast))
	same(t, "its last write, and that of log 1", []kv.Seq{3, 2}, []kv.Seq{c.Last(), mustRead(t, 1, d.contents(t, 1)).Last()})
}

// A machine may stop at any byte of a write. So a log that is cut anywhere is a good log: it holds every record that is
// complete, and End says where the rest begins. That holds down to a file of no bytes, whose log was created and never
// written. A torn tail that takes the good records with it loses acknowledged writes; one that is refused makes the
// store unopenable.
//
//lab:task 3 points=3
func TestRead_CutAtEveryByte(t *testing.T) {
	data := refBytes(t, 7, 300, fruit()...)
	whole := mustRead(t, 7, data)
	starts := []int64{}
	for _, r := range whole.Records {
		starts = append(starts, r.Offset)
	}
	for size := range len(data) {
		c, err := read(t, 7, data[:size])
		require.NoError(t, err, "the first %d of %d bytes", size, len(data))
		complete := 0
		for complete < len(starts)-1 && starts[complete+1] <= int64(size) {
			complete++
		}
		what := fmt.Sprintf("the first %d bytes; records begin at %v", size, starts)
		same(t, what, recordsOf(whole)[:complete], recordsOf(c))
		if complete > 0 {
			same(t, what+": good prefix ends", starts[complete], c.End)
		}
		same(t, what+": size", int64(size), c.Size)
	}
}

// Some file systems make a file longer first and fill it in later. After a crash the end of the log may be a stretch of
// zeros. They are no records, and no damage.
//
//lab:task 3 points=1
func TestRead_ZerosAtTheEnd(t *testing.T) {
	data := refBytes(t, 7, 300, fruit()...)
	for _, zeros := range []int{1, 12, 13, 4096} {
		c := mustRead(t, 7, append(slices.Clone(data), make([]byte, zeros)...))
		same(t, fmt.Sprintf("records before %d zeros", zeros), 3, len(c.Records))
		same(t, "good prefix", int64(len(data)), c.End)
	}
	same(t, "a file of zeros", 0, len(mustRead(t, 7, make([]byte, 100)).Records))
}

// Flip any byte of a log. Inside, with good records behind it, that is damage: the error names the file and the place,
// and nothing is made up. In the last record it cannot be told from a write that was cut off: then exactly the records
// before it are there.
//
//lab:task 3 points=3
func TestRead_EachByteFlipped(t *testing.T) {
	data := refBytes(t, 7, 300, fruit()...)
	whole := recordsOf(mustRead(t, 7, data))
	last := mustRead(t, 7, data).Records[2].Offset
	for at := range data {
		flipped := slices.Clone(data)
		flipped[at] ^= 0x40
		c, err := read(t, 7, flipped)
		if int64(at) >= last {
			require.NoError(t, err, "byte %d, in the last record", at)
			same(t, fmt.Sprintf("byte %d flipped, in the last record", at), whole[:2], recordsOf(c))
			continue
		}
		var damage *kv.CorruptionError
		require.ErrorAs(t, err, &damage, "byte %d flipped, with good records behind it", at)
		same(t, "file", "000007.log", damage.File)
		if damage.Offset < 0 || damage.Offset > max(int64(at), refrecord.HeaderSize-1) {
			t.Errorf("byte %d flipped: the error names offset %d", at, damage.Offset)
		}
	}
}

// forge returns the bytes of log 7 with an opening and these bodies, with right checksums.
func forge(opening []byte, bodies ...[]byte) []byte {
	data := refrecord.AppendHeader(nil, 7)
	for _, body := range slices.Insert(bodies, 0, opening) {
		data = refrecord.Append(data, 7, int64(len(data)), body)
	}
	return data
}

// body returns the body of a batch's record with these numbers.
func body(first, count uint64, writes []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, first), count), writes...)
}

// A right checksum says that the bytes are those that were written. It does not say that they make sense: the program
// that wrote them may have had a bug. What makes no sense is damage, with the offset of its record; it is never a
// panic, and never half a batch.
//
//lab:task 3 points=3
func TestRead_RightChecksumWrongContents(t *testing.T) {
	none := []byte{0, 0}
	good := batch("a=1").Encoded()
	big := slices.Repeat([]byte{0xff}, 9)
	for what, data := range map[string][]byte{
		"an opening of one number":            forge([]byte{0}),
		"an opening with more than that":      forge([]byte{0, 0, 0}),
		"an opening that is no number":        forge(big),
		"a batch without numbers":             forge(none, big),
		"a batch with one number":             forge(none, []byte{1}),
		"a batch of no writes":                forge(none, body(1, 0, nil)),
		"a batch that says 2 and has 1":       forge(none, body(1, 2, good)),
		"a batch that says 1 and has 2":       forge(none, body(1, 1, batch("a=1", "b=1").Encoded())),
		"a batch of 2^63 writes":              forge(none, body(1, 1<<63, good)),
		"a batch with a number beyond MaxSeq": forge(none, body(uint64(kv.MaxSeq)+1, 1, good)),
		"a batch that goes beyond MaxSeq":     forge(none, body(uint64(kv.MaxSeq), 2, batch("a=1", "b=1").Encoded())),
		"numbers that go round":               forge(none, body(math.MaxUint64, 2, batch("a=1", "b=1").Encoded())),
		"a batch cut short":                   forge(none, body(1, 1, good[:3])),
		"a batch with number 0":               forge(none, body(0, 1, good)),
		"a number that comes twice":           forge(none, body(1, 1, good), body(1, 1, good)),
		"a number that was left out":          forge(none, body(1, 1, good), body(3, 1, good)),
		"numbers that overlap":                forge(none, body(1, 2, batch("a=1", "b=1").Encoded()), body(2, 1, good)),
		"a number that the log before it has": forge([]byte{3, 9}, body(9, 1, good)),
	} {
		_, err := read(t, 7, data)
		var damage *kv.CorruptionError
		if !errors.As(err, &damage) {
			t.Errorf("%s: want a *kv.CorruptionError, got %v", what, err)
			continue
		}
		same(t, what+": file", "000007.log", damage.File)
		same(t, what+": offset of the record, which is the log's last", lastFrame(data), damage.Offset)
	}
	require.NoError(t, errOf(read(t, 7, forge([]byte{3, 9}, body(11, 1, good)))), "a log that leaves numbers out: a run may have given some away that no log has")
}

// lastFrame returns where the last record of a whole log begins.
func lastFrame(data []byte) (at int64) {
	for next := int64(refrecord.HeaderSize); next < int64(len(data)); {
		at, next = next, next+refrecord.FrameSize+int64(binary.LittleEndian.Uint32(data[next:]))
	}
	return at
}

// errOf returns the error of a read.
func errOf(_ *wal.Contents, err error) error { return err }

// A log knows its number. A file that was copied over another one's name is not what it says, and is refused.
//
//lab:task 3 points=1
func TestRead_ForeignFile(t *testing.T) {
	require.ErrorIs(t, errOf(read(t, 8, refBytes(t, 7, 300, fruit()...))), kv.ErrCorrupt)
	require.Error(t, errOf(wal.Read(newDisk(t), walDir, 9)), "a log that is not there")
}
