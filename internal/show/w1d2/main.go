// W1d2 draws how sources become one view: merged, visible, bounded.
package main

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/show/draw"
	"lsmlab/week1/iterator"
)

// sources are three sorted sources, newest first.
var sources = [][]labtest.Entry{
	{labtest.E("apple", 9, "red"), labtest.D("banana", 6)},
	{labtest.E("apple", 7, "green"), labtest.E("apple", 2, "small"), labtest.E("cherry", 5, "dark")},
	{labtest.E("aloe", 3, "bitter"), labtest.E("banana", 1, "yellow")},
}

func main() { draw.Main(picture) }

// merged returns your merge of the sources.
func merged() kv.Iterator {
	var children []kv.Iterator
	for _, s := range sources {
		children = append(children, labtest.FromSlice(s))
	}
	return iterator.NewMerging(children...)
}

// picture prints the layers from below.
func picture() error {
	draw.Title("Three sources:")
	for i, s := range sources {
		line("source", fmt.Sprint(i), s)
	}
	lower, upper := kv.Included([]byte("apple")), kv.Excluded([]byte("cherry"))
	draw.Title("Your iterators over them:")
	for _, layer := range []struct {
		name, what string
		it         func() kv.Iterator
	}{
		{"Merging", "everything, in order", merged},
		{"Visible", "at 8: the newest of each key", func() kv.Iterator { return iterator.NewVisible(merged(), 8) }},
		{"Bounded", `["apple", "cherry")`, func() kv.Iterator {
			return iterator.NewBounded(iterator.NewVisible(merged(), 8), lower, upper)
		}},
	} {
		entries, err := labtest.Collect(layer.it())
		if err != nil {
			return err
		}
		line(layer.name, layer.what, entries)
	}
	return nil
}

// line prints one source or layer.
func line(name, what string, entries []labtest.Entry) {
	fmt.Printf("  %-8s %-30s", name, what)
	for _, e := range entries {
		fmt.Printf("  %s", e)
	}
	fmt.Println()
}
