// W1d3 draws the bytes of a block, field by field.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/show/draw"
	"lsmlab/week1/block"
)

// entries is what goes into the block.
var entries = []labtest.Entry{
	labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("banana", 3, ""), labtest.E("cherry", 5, "dark red"),
}

func main() { draw.Main(picture) }

// picture builds a block, decodes its bytes by hand, and reads it back.
func picture() error {
	b := block.NewBuilder(block.Plain(), 4096)
	for _, e := range entries {
		if !b.Add(e.Key, e.Value) {
			return fmt.Errorf("your block has no room for %v", e)
		}
	}
	data := b.Finish()
	draw.Title("Your block of %d entries, %d bytes:", len(entries), len(data))
	if err := fields(data); err != nil {
		fmt.Printf("  … and here it stops to follow the format: %v\n", err)
	}
	parsed, err := block.Parse(data, block.Plain())
	if err != nil {
		return err
	}
	draw.Title("The first entry at or after a key, found by your own search:")
	for _, key := range []kv.Key{kv.SeekKey([]byte("apple"), kv.MaxSeq), kv.SeekKey([]byte("apple"), 5), kv.SeekKey([]byte("b"), 9), kv.SeekKey([]byte("zoo"), 9)} {
		i := parsed.Search(key)
		where := "behind the last"
		if i < parsed.Len() {
			where = fmt.Sprintf("at %d", parsed.Offset(i))
		}
		moment := fmt.Sprintf("at %d", key.Seq())
		if key.Seq() == kv.MaxSeq {
			moment = "newest"
		}
		fmt.Printf("  %-8q %-7s → entry %d, %s\n", key.User, moment, i, where)
	}
	return nil
}

// errShort says that a block ends too early.
var errShort = errors.New("too few bytes")

// fields prints the fields of a block in the plain codec.
func fields(data []byte) error {
	if len(data) < 4 {
		return errShort
	}
	n := int(binary.LittleEndian.Uint32(data[len(data)-4:]))
	end := len(data) - 4 - 4*n
	if n > len(data) || end < 0 {
		return fmt.Errorf("the last 4 bytes say that there are %d entries", n)
	}
	at := 0
	for i := range n {
		size, err := entry(data[:end], at)
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		at += size
	}
	if at < end {
		draw.Field(at, data[at:end], "bytes that belong to no entry")
	}
	for i := range n {
		p := end + 4*i
		draw.Field(p, data[p:p+4], "entry %d begins at %d", i, binary.LittleEndian.Uint32(data[p:]))
	}
	draw.Field(len(data)-4, data[len(data)-4:], "%d entries", n)
	return nil
}

// entry prints the fields of the entry at an offset, and returns its length.
func entry(data []byte, at int) (int, error) {
	p := at
	take := func(size uint64) ([]byte, error) {
		if size > uint64(len(data)-p) {
			return nil, errShort
		}
		b := data[p : p+int(size)]
		p += int(size)
		return b, nil
	}
	length := func(what string) (uint64, error) {
		v, n := binary.Uvarint(data[p:])
		if n <= 0 {
			return 0, errShort
		}
		draw.Field(p, data[p:p+n], "%s size %d", what, v)
		p += n
		return v, nil
	}
	size, err := length("key")
	if err != nil {
		return 0, err
	}
	key, err := take(size)
	if err != nil {
		return 0, err
	}
	draw.Field(p-len(key), key, "%q", key)
	trailer, err := take(kv.TrailerSize)
	if err != nil {
		return 0, err
	}
	t := kv.Trailer(binary.LittleEndian.Uint64(trailer))
	draw.Field(p-kv.TrailerSize, trailer, "%s, sequence number %d", t.Kind(), t.Seq())
	if size, err = length("value"); err != nil {
		return 0, err
	}
	value, err := take(size)
	if err != nil {
		return 0, err
	}
	if len(value) > 0 {
		draw.Field(p-len(value), value, "%q", value)
	}
	return p - at, nil
}
