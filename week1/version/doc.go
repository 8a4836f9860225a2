// Package version is the read path. A version of the tree is an immutable stack of sorted runs, newest first:
//
//	active memtable        the newest writes
//	frozen memtables       newest first
//	runs of level 0        one table each, highest epoch first
//	runs of levels 1, 2 …  many tables each, side by side, none overlapping another
//
// Two rules carry everything else. Of two runs, the newer one holds the newer versions of every user key that both
// hold. And neither a run nor a version is ever changed: who wants another tree makes another [Version].
//
//	value, err := v.Get([]byte("apple"), kv.MaxSeq)    // asks from the top, stops at the first answer
//	it := v.Scan(lower, upper, at)                     // merges all runs, shows one moment
//	next := v.Apply(&version.Edit{Add: runs, Flushed: oldest})
//
// A reader takes a version once and keeps it as long as it reads. No reference is counted: the garbage collector keeps
// an old version, and what only it holds, alive for as long as somebody looks at it.
package version
