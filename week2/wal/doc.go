// Package wal is the write-ahead log: every write goes into a file before it goes into the memtable, so that it can be
// replayed when the memory is gone. There is one log a memtable, under the memtable's number, and it is removed when
// the memtable has become a durable table:
//
//	memtable 14 (active)   000014.log   grows
//	memtable 12 (frozen)   000012.log   waits for the flush
//	memtable 9  (flushed)  000009.log   removed: table 000013.sst has it all
//
// A log is a file of records (package record). The first says what came before. The others are batches, and one of them
// may vouch for the logs before:
//
//	opening   after       uvarint   number of the log that holds the write before this log's first; 0: none ever
//	          after last  uvarint   sequence number of that write
//
//	batch     first       uvarint   sequence number of the batch's first write; its others follow
//	          count       uvarint   how many writes
//	          writes                as kv.Batch encodes them
//
//	vouch     0         1 byte      every log before this one was on the disk, to its end, when this was written
//
// A log that never got a write is a file of no bytes.
//
// What a log promises depends on who dies. A write that has returned is in the hands of the operating system, so that
// it outlives the process; a synced one is on the disk, so that it outlives the machine, and with it all writes before
// it.
//
//	logs, found, err := wal.Open(dir, wal.Options{}, minLog)
//	e, err := engine.Open(dir, &engine.Options{
//		Logs:  logs,
//		State: &engine.State{Memtables: found.Memtables, Next: found.Next, Last: found.Last},
//	})
package wal
