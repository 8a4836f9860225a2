//lab:day 1.3

package block

import (
	"fmt"
	"testing"

	"lsmlab/internal/kv"
)

// benchKey is the user key of the i-th entry of the benchmarks' block: 16 bytes.
func benchKey(i int) []byte { return fmt.Appendf(nil, "user%012d", i) }

// benchBlock returns a block of 4 KiB with keys of 16 and values of 100 bytes, each key once.
func benchBlock(b *testing.B, codec Codec) *Block {
	builder, value := NewBuilder(codec, 4<<10), make([]byte, 100)
	for i := 0; builder.Add(kv.MakeKey(benchKey(2*i), kv.Seq(i+1), kv.KindSet), value); i++ {
	}
	blk, err := Parse(builder.Finish(), codec)
	if err != nil {
		b.Fatal(err)
	}
	return blk
}

// codecs are what each benchmark runs with.
var codecs = map[string]Codec{"plain": Plain()}

// BenchmarkBuilder measures one Add, blocks of 4 KiB finished and begun in between.
func BenchmarkBuilder(b *testing.B) {
	for name, codec := range codecs {
		b.Run(name, func(b *testing.B) {
			builder, value := NewBuilder(codec, 4<<10), make([]byte, 100)
			keys := make([][]byte, 1000)
			for i := range keys {
				keys[i] = benchKey(i)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				key := kv.MakeKey(keys[i%1000], 1, kv.KindSet)
				if !builder.Add(key, value) {
					builder.Finish()
					builder.Reset()
					builder.Add(key, value)
				}
			}
		})
	}
}

// BenchmarkParse measures the checking of a block of 4 KiB.
func BenchmarkParse(b *testing.B) {
	for name, codec := range codecs {
		b.Run(name, func(b *testing.B) {
			data := benchBlock(b, codec).data
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data, codec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSeek measures SeekGE in a block of 4 KiB, half of the targets between two entries.
func BenchmarkSeek(b *testing.B) {
	for name, codec := range codecs {
		b.Run(name, func(b *testing.B) {
			blk := benchBlock(b, codec)
			targets := make([]kv.Key, 2*blk.Len())
			for i := range targets {
				targets[i] = kv.SeekKey(benchKey(i), kv.MaxSeq)
			}
			var it Iterator
			it.Init(blk)
			b.ReportAllocs()
			for i, n := 0, 0; b.Loop(); i += 7 {
				if i >= len(targets) {
					i -= len(targets)
				}
				it.SeekGE(targets[i])
				n += it.next
			}
		})
	}
}

// BenchmarkGet measures Get in a block of 4 KiB, half of the keys not in it.
func BenchmarkGet(b *testing.B) {
	for name, codec := range codecs {
		b.Run(name, func(b *testing.B) {
			blk := benchBlock(b, codec)
			keys := make([][]byte, 2*blk.Len())
			for i := range keys {
				keys[i] = benchKey(i)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i += 7 {
				if i >= len(keys) {
					i -= len(keys)
				}
				blk.Get(keys[i], kv.MaxSeq)
			}
		})
	}
}

// BenchmarkStep measures Next, with a First at each end.
func BenchmarkStep(b *testing.B) {
	for name, codec := range codecs {
		b.Run(name, func(b *testing.B) {
			var it Iterator
			it.Init(benchBlock(b, codec))
			it.First()
			b.ReportAllocs()
			for b.Loop() {
				if it.Next(); !it.Valid() {
					it.First()
				}
			}
		})
	}
}
