// Package memtable holds the newest writes of a store, sorted, in memory.
//
// A [Table] is a skip list in an arena. Readers take no lock, writers neither; many of both may be at work at once:
//
//	level 3  head ------------------------> "cherry"#4 ---------------------------------> end
//	level 2  head ------------------------> "cherry"#4 ----------> "fig"#2 -------------> end
//	level 1  head ---> "apple"#5 ---------> "cherry"#4 ----------> "fig"#2 -------------> end
//	level 0  head ---> "apple"#5 -> "apple"#1 -> "cherry"#4 -> "date"#3 -> "fig"#2 -----> end
//
// Nothing is ever changed in place or taken out. A second write of "apple" is a second version with a higher sequence
// number, which stands before the first; a delete is a version of kind delete.
//
// A [Stack] is one table that is being written, and below it those that are full and wait to be written to disk, newest
// first. It is an immutable value: freezing a table gives a new Stack.
//
//	t := memtable.New(1, 4<<20)
//	t.Put(1, []byte("apple"), []byte("green"))
//	t.Put(5, []byte("apple"), []byte("red"))
//	value, kind, found := t.Get([]byte("apple"), 4) // "green", kv.KindSet, true: at 4 there was no red one yet
package memtable
