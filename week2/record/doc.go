// Package record frames the records of files that only grow: the manifest and the logs of writes.
//
//	000012.log   [header] [frame: record 1] [frame: record 2] [frame: record 3] …
//
// Such a file is written while the machine may stop at any moment. So its reader has one question that a table's reader has
// not: do the bytes that make no sense come from a write that was cut off, or has a disk damaged what was written long ago? The
// first is daily life, and the records before it are all that was ever promised. The second must be reported. The answer:
// behind a write that was cut off there is nothing. Behind damage there are, sooner or later, intact frames.
//
// For that a frame must be known when it is seen, at any byte. Its checksum covers where it stands: the file's number and the
// offset. So a frame that lies inside somebody's value, or was left on the disk by an older file, is not one of this file.
//
//	data := record.Append(record.AppendHeader(nil, 12), 12, record.HeaderSize, []byte("hello"))
//
//	r := record.NewReader("000012.log", 12, data)
//	for r.Next() {
//		fmt.Println(r.Offset(), r.Body())
//	}
//	if r.Err() == nil && r.Torn() {
//		// what begins at r.End() was never finished: cut it off before anything is appended
//	}
//
// The format stands in format.go, byte by byte.
package record
