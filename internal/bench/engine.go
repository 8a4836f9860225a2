package bench

import (
	"context"
	"errors"
	"time"

	"lsmlab/internal/kv"
)

// Scanner is a scan of one of this lab's engines.
type Scanner interface {
	First()
	Next()
	Valid() bool
	Key() []byte
	Value() []byte
	Err() error
	Close() error
}

// Engine is one of this lab's engines: the student's, or the reference's. They are of different types, and so are
// their scans, but they have the same methods.
type Engine[S Scanner] interface {
	Put(key, value []byte) error
	Get(key []byte) ([]byte, error)
	Scan(lower, upper kv.Bound) S
	Flush(ctx context.Context) error
	Close() error
}

// engineStore is an Engine behind Store.
type engineStore[S Scanner] struct{ Engine[S] }

// Over returns the store that an engine is.
func Over[S Scanner](e Engine[S]) Store { return engineStore[S]{e} }

// Get reads a value; the engine copies it.
func (s engineStore[S]) Get(key []byte) (bool, error) {
	_, err := s.Engine.Get(key)
	if errors.Is(err, kv.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Scan reads keys and values.
func (s engineStore[S]) Scan(from []byte, limit int) (n int, err error) {
	it := s.Engine.Scan(kv.Included(from), kv.Unbounded())
	total := 0
	for it.First(); it.Valid() && n < limit; it.Next() {
		total += len(it.Key()) + len(it.Value())
		n++
	}
	return n, errors.Join(it.Err(), it.Close())
}

// compactingStore is an Engine with a compactor behind Store and Compacter.
type compactingStore[S Scanner] struct {
	engineStore[S]
	compact func(ctx context.Context) error
	busy    func() bool
}

// OverCompacting returns the store that an engine with a compactor is. busy reports whether that still has work to do.
func OverCompacting[S Scanner](e interface {
	Engine[S]
	Compact(ctx context.Context) error
}, busy func() bool) Store {
	return compactingStore[S]{engineStore[S]{e}, e.Compact, busy}
}

// Settle flushes everything, and waits for the compactor.
func (s compactingStore[S]) Settle() error {
	if err := s.Flush(context.Background()); err != nil {
		return err
	}
	for s.busy() {
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

// Compact merges everything.
func (s compactingStore[S]) Compact() error { return s.compact(context.Background()) }

// Settle flushes everything.
func (s engineStore[S]) Settle() error { return s.Flush(context.Background()) }
