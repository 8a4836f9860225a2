package kv

// Iterator walks versions in the order of Key.Compare. A new iterator stands nowhere: First or SeekGE positions it.
//
// Contract, which every implementation keeps and every caller may rely on (labtest.Check watches both sides):
//
//  1. Key, Value and Next require Valid.
//  2. The slices of Key and Value belong to the iterator and stay unchanged until it moves or is closed.
//  3. An iterator that has ended stays ended: Valid is false until it is positioned anew.
//  4. An error ends it: Valid is false, and Err returns the error until it is positioned anew. Err is nil at a normal end.
//  5. Close may be called once, in any state. It returns what cleaning up cost, not Err again.
//
// An Iterator is used by one goroutine at a time.
type Iterator interface {
	// First moves to the first entry.
	First()
	// SeekGE moves to the first entry at or after target. It does not keep target.
	SeekGE(target Key)
	// Next moves to the following entry. Requires Valid.
	Next()
	// Valid reports whether the iterator stands on an entry.
	Valid() bool
	// Key returns the current entry's key. Requires Valid.
	Key() Key
	// Value returns the current entry's value. Requires Valid.
	Value() []byte
	// Err returns the error that ended the iterator, nil if there was none.
	Err() error
	// Close releases what the iterator holds.
	Close() error
}

// Empty returns an iterator over nothing. If err is not nil, it is what Err returns once the iterator is positioned.
func Empty(err error) Iterator { return &empty{err: err} }

// empty is an iterator over nothing.
type empty struct{ err error }

func (e *empty) First()        {}
func (e *empty) SeekGE(Key)    {}
func (e *empty) Next()         { panic("kv: Next on an iterator that is not valid") }
func (e *empty) Valid() bool   { return false }
func (e *empty) Key() Key      { panic("kv: Key of an iterator that is not valid") }
func (e *empty) Value() []byte { panic("kv: Value of an iterator that is not valid") }
func (e *empty) Err() error    { return e.err }
func (e *empty) Close() error  { return nil }
