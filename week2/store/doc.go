// Package store is the durable store: the engine of Week 1 with everything that makes it last.
//
//	write → wal ──────→ memtables            a log of the writes, for what is in memory only
//	flush → tables ───→ manifest             a record of the tree's shape
//	merge → compaction, by a policy          so that the tree stays small and reads stay fast
//
//	s, err := store.Open(dir, nil)
//	err = s.Put([]byte("apple"), []byte("red"))
//	err = s.Close()
//	s, err = store.Open(dir, nil)
//	value, err := s.Get([]byte("apple")) // "red"
//
// It composes: each part has its own package, and does not know the others. What this package adds is the order in which
// they are put together ([Open]), one sync for many writers (group), copies of a running store ([Store.Checkpoint]), and a
// common memory limit for many stores ([Budget]).
//
// What it promises, and the crash lab checks: after a crash the store holds the state after some prefix of its batches, each
// of them whole. The prefix has every batch that was acknowledged as durable, and how much more depends on [LogMode].
package store
