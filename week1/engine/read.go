package engine

import (
	"errors"

	"lsmlab/internal/kv"
)

// Get returns the value of key, in memory of its own, or kv.ErrNotFound. Any other error means that the answer is not known.
func (e *Engine) Get(key []byte) ([]byte, error) {
	value, err := e.get(key)
	if err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(value)), value...), nil
}

// GetTo is Get, but appends the value to dst. With room in dst it allocates nothing. After an error it returns dst as it was.
func (e *Engine) GetTo(dst, key []byte) ([]byte, error) {
	value, err := e.get(key)
	if err != nil {
		return dst, err
	}
	return append(dst, value...), nil
}

// get returns the value of key, borrowed from the memtable or block that holds it.
func (e *Engine) get(key []byte) ([]byte, error) {
	if e.closed.Load() {
		return nil, kv.ErrClosed
	}
	v, at := e.View()
	value, err := v.Get(key, at)
	if err != nil && !errors.Is(err, kv.ErrNotFound) && e.closed.Load() {
		err = kv.ErrClosed // the file was closed under the reader
	}
	if e.opts.Listener.Got != nil {
		e.opts.Listener.Got(key, value, err)
	}
	return value, err
}
