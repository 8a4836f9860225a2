// W1d7 draws the bits of a Bloom filter, measures how often it is wrong, and shows what keys share.
package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/week1/block"
	"lsmlab/week1/filter"
)

func main() { draw.Main(picture) }

// picture draws filters, then keys.
func picture() error {
	if err := small(); err != nil {
		return err
	}
	draw.Title("1,000 keys; then 10,000 others are asked for:")
	fmt.Printf("  %12s  %10s  %8s  %12s  %8s\n", "bits a key", "bytes", "bits set", "wrong answers", "theory")
	for _, n := range []int{2, 5, 10, 15} {
		if err := measure(n); err != nil {
			return err
		}
	}
	return shared()
}

// build returns a filter's bytes, and asks that it remembers its keys.
func build(bitsPerKey int, keys [][]byte) ([]byte, func([]byte) bool, error) {
	p := filter.Bloom(bitsPerKey)
	b := p.NewBuilder()
	for _, k := range keys {
		b.Add(k)
	}
	data := b.Finish()
	f, err := p.Parse(data)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range keys {
		if !f.MayContain(k) {
			return nil, nil, fmt.Errorf("your filter says that it certainly does not hold %q, which was added", k)
		}
	}
	return data, f.MayContain, nil
}

// small draws a filter of a few keys, bit by bit.
func small() error {
	keys := [][]byte{[]byte("apple"), []byte("banana"), []byte("cherry")}
	data, may, err := build(10, keys)
	if err != nil {
		return err
	}
	last := len(data) - 1
	draw.Title(`Your filter of "apple", "banana" and "cherry", 10 bits a key; bit 0 of each byte on the left:`)
	for i, b := range data[:last] {
		fmt.Printf("  %s", strings.NewReplacer("0", "·", "1", "█").Replace(fmt.Sprintf("%08b", bits.Reverse8(b))))
		if i%8 == 7 {
			fmt.Println()
		}
	}
	fmt.Printf("\n\n  and the last byte: each key sets %d bits\n\n", data[last])
	for _, k := range []string{"apple", "date", "fig", "grape"} {
		answer := "certainly not"
		if may([]byte(k)) {
			answer = "perhaps"
		}
		fmt.Printf("  %-8q %s\n", k, answer)
	}
	return nil
}

// measure prints how often a filter is wrong.
func measure(bitsPerKey int) error {
	var keys [][]byte
	for i := range 1000 {
		keys = append(keys, fmt.Appendf(nil, "key%d", i))
	}
	data, may, err := build(bitsPerKey, keys)
	if err != nil {
		return err
	}
	wrong, on := 0, 0
	for i := range 10_000 {
		if may(fmt.Appendf(nil, "other%d", i)) {
			wrong++
		}
	}
	for _, b := range data {
		on += bits.OnesCount8(b)
	}
	k := math.Round(float64(bitsPerKey) * math.Ln2)
	theory := math.Pow(1-math.Exp(-k/float64(bitsPerKey)), k)
	fmt.Printf("  %12d  %10d  %7.0f%%  %12.2f%%  %7.2f%%\n", bitsPerKey, len(data), 100*float64(on)/float64(8*len(data)), float64(wrong)/100, 100*theory)
	return nil
}

// shared prints what keys share with the first of their block, and what that saves.
func shared() error {
	keys := []string{"user:1000:cart", "user:1000:name", "user:1001:cart", "user:2000:name", "visit:7"}
	draw.Title("Keys in a block, as your codec writes them:")
	first := []byte(nil)
	for _, k := range keys {
		enc := block.Prefix().Append(nil, first, []byte(k))
		n, _ := binary.Uvarint(enc)
		n = min(n, uint64(len(k)))
		fmt.Printf("  %-40s %s\n", fmt.Sprintf("% x", enc), strings.Repeat("·", int(n))+k[n:])
		if first == nil {
			first = []byte(k)
		}
	}
	fmt.Println()
	for _, c := range []struct {
		name  string
		codec block.Codec
	}{{"plain", block.Plain()}, {"prefix", block.Prefix()}} {
		b := block.NewBuilder(c.codec, 1<<20)
		for i := range 100 {
			if !b.Add(kv.MakeKey(fmt.Appendf(nil, "user:%06d:name", i), kv.Seq(i+1), kv.KindSet), []byte("x")) {
				return fmt.Errorf("your builder has no room for entry %d", i)
			}
		}
		fmt.Printf("  100 entries user:000000:name … user:000099:name, codec %-6s  %s\n", c.name, draw.Bytes(int64(len(b.Finish()))))
	}
	return nil
}
