// Package iterator turns many sorted sources into the one sequence that a reader wants to see.
//
// An engine holds the versions of its keys in several places at once: the active memtable, frozen ones, tables on disk.
// Three iterators, one around the other, make a scan of them. With a reader at sequence number 8 who asks for all keys
// from "apple", included, to "cherry", excluded:
//
//	source 0 (newest)  apple#9,set   banana#6,delete
//	source 1           apple#7,set   apple#2,set   cherry#5,set
//	source 2 (oldest)  aloe#3,set    banana#1,set
//
//	Merging            aloe#3  apple#9  apple#7  apple#2  banana#6,delete  banana#1  cherry#5      everything, in order
//	Visible at 8       aloe#3  apple#7  cherry#5                                                   what the reader may see
//	Bounded            apple#7                                                                     what the reader asked for
//
// All three keep the contract of [kv.Iterator], own the iterators that they are made of, and allocate nothing when they
// move. They promise one thing more: Next on an iterator that has ended does nothing.
//
//	it := iterator.NewBounded(iterator.NewVisible(iterator.NewMerging(newest, older, oldest), 8), lower, upper)
//	defer it.Close()
//	for it.First(); it.Valid(); it.Next() {
//		fmt.Printf("%s = %s\n", it.Key().User, it.Value())
//	}
//	return it.Err()
package iterator
