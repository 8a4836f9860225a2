// Package engine is the write path, and the store that users open. Writes go to the active memtable; a full one is frozen
// and a new one takes its place; frozen ones are flushed, oldest first, to sorted tables on disk:
//
//	write → active memtable → frozen memtables → level 0
//	read  ← all of these, newest first: package version
//
//	e, err := engine.Open(dir, nil)
//	err = e.Put([]byte("apple"), []byte("red"))
//	value, err := e.Get([]byte("apple"))
//	scan := e.Scan(kv.Included([]byte("a")), kv.Excluded([]byte("b")))
//	for key, value := range scan.All() { … }
//	err = errors.Join(scan.Err(), scan.Close(), e.Close())
//
// The engine of Week 1 forgets everything at Close: it keeps no log of its writes and no record of its tables. What would
// make it remember (logs, a manifest, a compactor …) is plugged into the seams of [Options] later.
//
// What readers see is one atomic pointer to an immutable version, and one number: how far writes are visible. Readers
// take no lock. The locks of writers, in the order in which they may be held together:
//
//	flushMu     one flush at a time, through its I/O
//	compactMu   one compaction at a time, through its I/O
//	installMu   one edit of the version at a time, through the manifest's I/O
//	mu          short things in memory only: numbers, reservations, swapping the version
package engine
