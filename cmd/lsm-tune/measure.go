package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
)

const (
	keySize, valueSize = 16, 100
	// mostReads is how many reads of a kind are measured at most; as many go before them, to fill the cache.
	mostReads = 50_000
	// scans are begun at random keys, and each walks over scanLength entries.
	scans, scanLength = 500, 100
)

// figures are what came of a run.
type figures struct {
	puts, gets, misses, scanned float64 // a second; of scans, entries a second
	writeAmp, spaceAmp          float64 // bytes of tables, by bytes put and by bytes live; without the log
	readsGet, readsMiss         float64 // blocks read from files for each
	runs                        int     // of the tree when all merges are done
}

// median measures some rounds, and returns the one with the median speed of puts.
func median(f flags) (figures, error) {
	if err := f.check(); err != nil {
		return figures{}, err
	}
	var rounds []figures
	for range f.Rounds {
		m, err := measure(f)
		if err != nil {
			return figures{}, err
		}
		rounds = append(rounds, m)
	}
	slices.SortFunc(rounds, func(a, b figures) int { return cmp.Compare(a.puts, b.puts) })
	return rounds[len(rounds)/2], nil
}

// bench is one run.
type bench struct {
	flags
	db      *subject.Store
	changed chan struct{} // a merge has ended
}

// measure runs everything once, in a directory of its own.
func measure(f flags) (m figures, err error) {
	dir, err := os.MkdirTemp("", "lsm-tune-")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(dir)
	b := &bench{flags: f, changed: make(chan struct{}, 1)}
	if b.db, err = subject.OpenStore(dir, f.options(b.changed)); err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, b.db.Close()) }()
	if m.puts, err = rate(b.fill); err == nil {
		err = b.settle()
	}
	if err != nil {
		return m, err
	}
	b.tree(&m)
	for _, step := range []struct {
		rate, reads *float64
		run         func() (int, error)
	}{
		{nil, nil, func() (int, error) { return b.get(1, true) }}, // fills the cache
		{&m.gets, &m.readsGet, func() (int, error) { return b.get(2, true) }},
		{&m.misses, &m.readsMiss, func() (int, error) { return b.get(3, false) }},
		{&m.scanned, nil, b.scan},
	} {
		before := b.db.Stats().BlockReads
		perSecond, err := rate(step.run)
		if err != nil {
			return m, err
		}
		if step.rate != nil {
			*step.rate = perSecond
		}
		if step.reads != nil {
			*step.reads = float64(b.db.Stats().BlockReads-before) / float64(b.reads())
		}
	}
	return m, nil
}

// rate returns how many operations a second a function does.
func rate(run func() (ops int, err error)) (float64, error) {
	start := time.Now()
	ops, err := run()
	return float64(ops) / time.Since(start).Seconds(), err
}

// fill writes all keys once, and then as many writes to random keys as were asked, by a number of goroutines.
func (b *bench) fill() (int, error) {
	n := b.Entries * (1 + b.Again)
	errs := make([]error, b.Writers)
	var wg sync.WaitGroup
	for w := range b.Writers {
		wg.Go(func() {
			key, value := make([]byte, keySize), make([]byte, valueSize)
			for i := w; i < n && errs[w] == nil; i += b.Writers {
				keyAt(key, b.number(i), true)
				valueAt(value, uint64(i))
				errs[w] = b.db.Put(key, value)
			}
		})
	}
	wg.Wait()
	return n, errors.Join(errs...)
}

// number returns which key the i-th write writes.
func (b *bench) number(i int) uint64 {
	if i < b.Entries {
		return uint64(i)
	}
	return mix(uint64(i)+1<<32) % uint64(b.Entries)
}

// settle flushes, and waits until the policy wants nothing.
func (b *bench) settle() error {
	if err := b.db.Flush(context.Background()); err != nil {
		return err
	}
	policy := b.policy()
	for policy != nil {
		v, _ := b.db.View()
		if _, more := policy.Pick(subject.CompactionTree(v)); !more {
			break
		}
		<-b.changed
		if err := b.db.Stats().Err; err != nil {
			return err
		}
	}
	return nil
}

// tree enters what the tree's shape says.
func (b *bench) tree(m *figures) {
	stats, size := b.db.Stats(), int64(0)
	for _, r := range stats.Runs {
		size += r.Size
	}
	live := float64(b.Entries) * (keySize + valueSize)
	m.runs = len(stats.Runs)
	m.spaceAmp = float64(size) / live
	m.writeAmp = float64(stats.BytesWritten+stats.BytesCompacted) / (live * float64(1+b.Again))
}

// reads returns how many reads of a kind are measured.
func (b *bench) reads() int { return min(mostReads, b.Entries) }

// get reads keys that look random, and are there or are not.
func (b *bench) get(seed uint64, there bool) (int, error) {
	key := make([]byte, keySize)
	for i := range b.reads() {
		keyAt(key, mix(uint64(i)+seed<<32)%uint64(b.Entries), there)
		_, err := b.db.Get(key)
		if found := err == nil; err != nil && !errors.Is(err, kv.ErrNotFound) || found != there {
			return 0, fmt.Errorf("get %x: found %v, want %v: %w", key, found, there, err)
		}
	}
	return b.reads(), nil
}

// scan walks over ranges that begin anywhere.
func (b *bench) scan() (entries int, err error) {
	key := make([]byte, keySize)
	for i := range scans {
		keyAt(key, mix(uint64(i)+4<<32)%uint64(b.Entries), true)
		s := b.db.Scan(kv.Included(key), kv.Unbounded())
		s.First()
		for range scanLength {
			if !s.Valid() {
				break
			}
			entries++
			s.Next()
		}
		if err := errors.Join(s.Err(), s.Close()); err != nil {
			return entries, err
		}
	}
	return entries, nil
}

// keyAt writes the key of a number into dst: eight bytes that look random, and eight with the number itself. One that is not
// there is the neighbour of one that is.
func keyAt(dst []byte, i uint64, there bool) {
	binary.BigEndian.PutUint64(dst, mix(i))
	binary.BigEndian.PutUint64(dst[8:], i)
	if !there {
		dst[8] = 0xff
	}
}

// valueAt fills dst with bytes that look random.
func valueAt(dst []byte, i uint64) {
	for at := 0; at+8 <= len(dst); at += 8 {
		binary.LittleEndian.PutUint64(dst[at:], mix(i+uint64(at)<<40))
	}
}

// mix is a bijection of 64-bit numbers whose values look random: the finaliser of splitmix64 (Steele et al., 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
