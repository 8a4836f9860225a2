// Package mvcc is the store with its past: every write has a number, its version, and can be read at it later.
//
//	db, err := mvcc.Open(dir, nil)
//	v1, err := db.Put([]byte("apple"), []byte("green"))
//	v2, err := db.Put([]byte("apple"), []byte("red"))
//	value, err := db.GetAt([]byte("apple"), v1) // "green"
//
//	s := db.Snapshot() // everything as it is now
//	value, err = s.Get([]byte("apple"))
//	err = s.Close()
//
// There is nothing to store for that: a version of the engine has carried its number since Week 1, and reads have
// always been at a number. What is new is that somebody may keep the number, and read at it again. So it has to be
// known who does: the [Collector] says which versions a flush or merge may drop. The default one keeps all of them.
package mvcc
