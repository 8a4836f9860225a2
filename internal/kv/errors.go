package kv

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound is returned for a key that has no value: never written, or deleted.
	ErrNotFound = errors.New("key not found")
	// ErrClosed is returned by every operation on something that has been closed.
	ErrClosed = errors.New("closed")
	// ErrConflict is returned when a batch may not commit beside what others have committed meanwhile.
	ErrConflict = errors.New("conflict")
	// ErrCorrupt is what every CorruptionError unwraps to: bytes read back are not the bytes written.
	ErrCorrupt = errors.New("corrupt data")
	// ErrReadOnly is wrapped by every write that is refused because the store's state on disk is in doubt.
	ErrReadOnly = errors.New("read-only until it is opened again")
	// ErrEmptyKey is returned for a write with a key of no bytes.
	ErrEmptyKey = errors.New("key is empty")
	// ErrKeyTooLarge is returned for a write with a key longer than MaxKeySize.
	ErrKeyTooLarge = errors.New("key is too large")
	// ErrValueTooLarge is returned for a write with a value longer than the store allows.
	ErrValueTooLarge = errors.New("value is too large")
	// ErrBatchTooLarge is returned for a batch whose writes together do not fit into one memtable.
	ErrBatchTooLarge = errors.New("batch is too large")
)

// CorruptionError reports bytes that cannot be what was written. It unwraps to ErrCorrupt.
type CorruptionError struct {
	File   string // name of the file, or what else the bytes came from
	Offset int64  // of the first byte in doubt, from the beginning of the file; -1 if not known
	Reason string // what is wrong, in words: "block checksum: stored 0x…, computed 0x…"
}

// Error returns file, offset and reason in one line.
func (e *CorruptionError) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("%s: corrupt: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s: corrupt at offset %d: %s", e.File, e.Offset, e.Reason)
}

// Unwrap returns ErrCorrupt.
func (e *CorruptionError) Unwrap() error { return ErrCorrupt }
