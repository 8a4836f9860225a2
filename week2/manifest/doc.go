// Package manifest keeps the record of a tree's shape: which tables there are, and on which place each stands.
//
//	MANIFEST   [snapshot: L1 3 4, next 9] [edit: +L0@9 11] [edit: +L0@12 14] [edit: -L0@9 11 -L0@12 14 -L1 3 +L1 15 16] …
//
// It is one file of records (package record). The first record is a snapshot of everything, each further one an edit; who reads
// them in order gets the tree as it was after the last. When the file has grown large, a new one that begins with the present
// state takes its place, in one step, by a rename. So the name MANIFEST always stands for a whole manifest.
//
// What is in the manifest exists; what is not does not, whatever files lie in the directory. A table that no record names is
// what a crash has left of a flush or a merge, and is removed by Open.
//
//	lock, err := manifest.Lock(fs, "db")
//	m, recovered, err := manifest.Open("db", manifest.Options{FS: fs})
//	e, err := engine.Open("db", &engine.Options{
//		FS:       fs,
//		Manifest: m,
//		State:    &engine.State{Runs: recovered.Runs, Next: recovered.Next, Last: recovered.Last},
//	})
//
// The format of a record stands in codec.go, byte by byte.
package manifest
