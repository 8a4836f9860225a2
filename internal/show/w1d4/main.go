// W1d4 draws the layout of a table file, and counts what a lookup reads.
package main

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/sstable"
)

func main() { draw.Main(picture) }

// picture writes a table, draws it, and looks keys up in it.
func picture() error {
	fs := vfs.NewMem()
	name := sstable.FileName(7)
	var metrics sstable.Metrics
	o := sstable.Options{BlockSize: 256, Cache: sstable.NewCache(1 << 20), Metrics: &metrics}
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	w := sstable.NewWriter(f, o)
	for i := range 60 {
		if err := w.Add(kv.MakeKey(fmt.Appendf(nil, "key%03d", 2*i), kv.Seq(i+1), kv.KindSet), fmt.Appendf(nil, "value of %d", 2*i)); err != nil {
			return err
		}
	}
	if _, err := w.Finish(); err != nil {
		return err
	}
	if f, err = fs.Open(name); err != nil {
		return err
	}
	t, err := sstable.Open(f, name, 7, o)
	if err != nil {
		return err
	}
	draw.Title("Your table %s, %s in the file; opening it read %d data blocks:", name, draw.Bytes(t.Size()), metrics.BlockReads.Load())
	if err := layout(t); err != nil {
		return err
	}
	draw.Title("Lookups:")
	for _, key := range []string{"key000", "key002", "key050", "key051", "zoo"} {
		if err := lookUp(t, &metrics, key); err != nil {
			return err
		}
	}
	return t.Close()
}

// layout prints the blocks and the footer.
func layout(t *sstable.Table) error {
	fmt.Printf("  %6s  %5s  %-10s\n", "offset", "bytes", "block")
	end := int64(0)
	for b := range t.Blocks() {
		if b.Err != nil {
			return b.Err
		}
		end = b.Offset + b.Size + 5
		what := b.Kind.String()
		if b.Kind == sstable.BlockData {
			it := b.Entries.NewIterator()
			it.First()
			what = fmt.Sprintf("%-10s  %d: %d entries, %v … %v", what, b.Number, b.Entries.Len(), it.Key(), b.Last)
		} else if b.Entries != nil {
			what = fmt.Sprintf("%-10s  %d entries", what, b.Entries.Len())
		}
		fmt.Printf("  %6d  %5d  %s\n", b.Offset, b.Size, what)
	}
	footer := t.Footer()
	fmt.Printf("  %6d  %5d  footer      index at %d, properties at %d, codec %d\n",
		end, t.Size()-end, footer.Index.Offset, footer.Properties.Offset, footer.Codec)
	fmt.Println("\n  (behind each block stand its kind, 1 byte, and its checksum, 4 bytes)")
	p := t.Properties()
	fmt.Printf("  properties: %d entries, %d deletes, keys %q … %q, sequence numbers %d … %d\n", p.Entries, p.Deletes, t.First(), t.Last(), p.MinSeq, p.MaxSeq)
	return nil
}

// lookUp gets one key and says what that cost.
func lookUp(t *sstable.Table, m *sstable.Metrics, key string) error {
	reads, hits := m.BlockReads.Load(), m.CacheHits.Load()
	value, kind, found, err := t.Get([]byte(key), kv.MaxSeq)
	if err != nil {
		return err
	}
	fmt.Printf("  Get(%q) = %-15s %s read from the file, %d found in the cache\n", key, draw.Version(value, kind, found),
		draw.Count(m.BlockReads.Load()-reads, "block"), m.CacheHits.Load()-hits)
	return nil
}
