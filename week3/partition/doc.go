// Package partition divides keys among several stores, which stand behind one door.
//
//	db/
//	  LOCK          whoever has the database open
//	  PARTITIONS    how keys are divided; see map.go
//	  partition_0/  a store of its own: MANIFEST, logs, tables
//	  partition_1/
//	  …
//
//	db, err := partition.Open("db", &partition.Options{Router: partition.Hash(4)})
//	err = db.Put([]byte("apple"), []byte("red"))
//	results := db.GetBatch([][]byte{[]byte("apple"), []byte("fig")})
//
// A [Router] says where a key belongs. It must say the same for ever: a key that is looked for elsewhere is lost,
// though nothing has failed. So the router is written down when the database is made, and [Open] refuses another one.
// [Rebalance] moves the keys to where another one wants them.
//
// What the stores promise they promise each for itself: a batch is atomic within a partition ([DB.Apply]), a scan
// shows each partition as it was at one moment, and not all of them at the same one ([DB.Scan]). A partition holds
// values and no history: Rebalance moves the newest value of a key.
package partition
