package crashlab_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	iofs "io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
)

// bugs are what the little store does wrong on purpose.
type bugs struct{ noSync, halfBatches, ackFailed, eager bool }

// little is the smallest store that survives a crash: a map, and a log of batches.
type little struct {
	bugs
	mu   sync.Mutex
	file vfs.File
	lock io.Closer
	data map[string]string
	err  error
}

// open returns the opener of a lab.
func open(b bugs) func(fs vfs.FS) (crashlab.Store, error) {
	return func(fs vfs.FS) (crashlab.Store, error) {
		lock, err := fs.Lock("LOCK")
		if err != nil {
			return nil, err
		}
		s := &little{bugs: b, lock: lock, data: map[string]string{}}
		if err := s.replay(fs); err != nil {
			lock.Close()
			return nil, err
		}
		return s, nil
	}
}

// replay reads the log, and cuts a torn tail.
func (s *little) replay(fs vfs.FS) error {
	f, err := fs.OpenAppend("log")
	if errors.Is(err, iofs.ErrNotExist) {
		if f, err = fs.Create("log"); err == nil {
			err = fs.SyncDir(".")
		}
	}
	if err != nil {
		return err
	}
	s.file = f
	log, err := vfs.ReadFile(fs, "log")
	if err != nil {
		return err
	}
	at := 0
	for len(log)-at >= 12 {
		size, count := int(binary.LittleEndian.Uint32(log[at:])), int(binary.LittleEndian.Uint32(log[at+4:]))
		if size > len(log)-at-12 || crc32.ChecksumIEEE(log[at+12:at+12+size]) != binary.LittleEndian.Uint32(log[at+8:]) || count == 0 {
			break
		}
		b, err := kv.DecodeBatch(log[at+12:at+12+size], count)
		if err != nil {
			break
		}
		s.apply(b)
		at += 12 + size
	}
	if err := f.Truncate(int64(at)); err != nil {
		return err
	}
	return f.Sync()
}

func (s *little) apply(b *kv.Batch) {
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			delete(s.data, string(op.Key))
		} else {
			s.data[string(op.Key)] = string(op.Value)
		}
	}
}

func (s *little) Write(b *kv.Batch, sync bool) (kv.Seq, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	if s.eager {
		s.apply(b)
	}
	err := s.log(b, sync)
	if err != nil && !s.ackFailed {
		s.err = err
		return 0, err
	}
	s.apply(b)
	return 0, nil
}

func (s *little) log(b *kv.Batch, sync bool) error {
	batches := []*kv.Batch{b}
	if s.halfBatches {
		batches = nil
		for op := range b.Ops() {
			one := &kv.Batch{}
			if op.Kind == kv.KindDelete {
				one.Delete(op.Key)
			} else {
				one.Set(op.Key, op.Value)
			}
			batches = append(batches, one)
		}
	}
	for _, b := range batches {
		record := binary.LittleEndian.AppendUint32(nil, uint32(len(b.Encoded())))
		record = binary.LittleEndian.AppendUint32(record, uint32(b.Len()))
		record = binary.LittleEndian.AppendUint32(record, crc32.ChecksumIEEE(b.Encoded()))
		if _, err := s.file.Write(append(record, b.Encoded()...)); err != nil {
			return err
		}
	}
	if sync && !s.noSync {
		return s.file.Sync()
	}
	return nil
}

func (s *little) Get(key []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.data[string(key)]; ok {
		return []byte(v), nil
	}
	return nil, kv.ErrNotFound
}

func (s *little) Dump() (pairs []crashlab.Pair, err error) {
	for _, k := range slices.Sorted(maps.Keys(s.data)) {
		pairs = append(pairs, crashlab.Pair{Key: k, Value: s.data[k]})
	}
	return pairs, nil
}

func (s *little) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && !s.noSync {
		s.err = s.file.Sync()
	}
	return s.err
}

func (s *little) Flush(context.Context) error   { return s.Sync() }
func (s *little) Compact(context.Context) error { return s.Sync() }

func (s *little) Close() error {
	err := s.Sync()
	s.file.Close()
	s.lock.Close()
	return err
}

func TestLab_PassesAStoreThatIsRight(t *testing.T) {
	lab := crashlab.Lab{Open: open(bugs{})}
	var all crashlab.Report
	for seed := range uint64(5) {
		s := crashlab.Random(seed, 30)
		report, err := lab.Crash(s)
		require.NoError(t, err)
		all.Add(report)
		for _, with := range []error{syscall.ENOSPC, syscall.EIO} {
			report, err = lab.Fail(s, with)
			require.NoError(t, err)
			all.Add(report)
		}
		report, err = lab.Storm(seed, 4, 30)
		require.NoError(t, err)
		all.Add(report)
	}
	t.Log(all)
	require.Greater(t, all.Points, 300)
}

func TestLab_FindsWhatIsWrong(t *testing.T) {
	script := crashlab.Parse("put:a=1 batch!:b=2,c=3,-a put:a=4 reopen del:b put:c=5 sync put:d=6")
	for name, test := range map[string]struct {
		bugs  bugs
		crash bool
	}{
		"acknowledged before the sync":      {bugs{noSync: true}, true},
		"half a batch":                      {bugs{halfBatches: true}, true},
		"an error is taken for success":     {bugs{ackFailed: true}, false},
		"visible before it is in the log":   {bugs{eager: true}, false},
		"an error is taken for success too": {bugs{ackFailed: true, eager: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			lab := crashlab.Lab{Open: open(test.bugs)}
			var err error
			if test.crash {
				_, err = lab.Crash(script)
			} else {
				_, err = lab.Fail(script, syscall.EIO)
			}
			require.Error(t, err)
			t.Log(err)
		})
	}
}

func TestParse_RoundsTrip(t *testing.T) {
	require.Equal(t, "   1  write set \"a\" = \"1\"\n   2  write and sync set \"b\" = \"2\", delete \"c\"\n   3  compact\n   4  reopen\n",
		crashlab.Parse("put:a=1 batch!:b=2,-c compact reopen").String())
	require.Panics(t, func() { crashlab.Parse("pot:a=1") })
	require.Panics(t, func() { crashlab.Parse("put:a") })
}

// childEnv tells a process of this test that it is the child of a kill, and in which directory it works.
const childEnv = "CRASHLAB_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		store, err := open(bugs{})(inDir{vfs.OS(), dir})
		if err == nil {
			err = crashlab.Work(store, 7, 3, os.Stdout)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// inDir is the operating system's file system, with names that begin in a directory.
type inDir struct {
	vfs.FS
	dir string
}

func (d inDir) Create(name string) (vfs.File, error) { return d.FS.Create(filepath.Join(d.dir, name)) }
func (d inDir) Open(name string) (vfs.File, error)   { return d.FS.Open(filepath.Join(d.dir, name)) }
func (d inDir) OpenAppend(name string) (vfs.File, error) {
	return d.FS.OpenAppend(filepath.Join(d.dir, name))
}
func (d inDir) SyncDir(name string) error           { return d.FS.SyncDir(filepath.Join(d.dir, name)) }
func (d inDir) Lock(name string) (io.Closer, error) { return d.FS.Lock(filepath.Join(d.dir, name)) }

func TestKill_FindsAllThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	lab := crashlab.Lab{Open: func(fs vfs.FS) (crashlab.Store, error) { return open(bugs{})(inDir{fs, dir}) }}
	var pairs []crashlab.Pair
	for range 3 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childEnv+"="+dir)
		after, acknowledged, err := lab.Kill(child, 7, 3, pairs)
		require.NoError(t, err)
		require.Positive(t, acknowledged)
		pairs = after
	}
	forgetful := crashlab.Lab{Open: func(vfs.FS) (crashlab.Store, error) { return open(bugs{})(vfs.NewMem()) }}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	_, _, err := forgetful.Kill(child, 7, 3, pairs)
	require.ErrorContains(t, err, "what is found is not what any prefix")
}
