package labtest_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
)

// fruit is a small sorted history.
func fruit() []labtest.Entry {
	return []labtest.Entry{labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("banana", 3, "")}
}

// Entries read as they do in the book.
func TestEntry_String(t *testing.T) {
	require.Equal(t, []string{`"apple"#7,set = "red"`, `"apple"#4,delete`, `"banana"#3,set = ""`}, labtest.Lines(fruit()))
}

// An iterator over a slice walks, seeks and ends as the contract says.
func TestFromSlice(t *testing.T) {
	got, err := labtest.Collect(labtest.Check(t, labtest.FromSlice(fruit())))
	require.NoError(t, err)
	labtest.Diff(t, "all", fruit(), got)
	got, err = labtest.CollectFrom(labtest.Check(t, labtest.FromSlice(fruit())), kv.SeekKey([]byte("apple"), 5))
	require.NoError(t, err)
	labtest.Diff(t, "from apple at 5", fruit()[1:], got)
	got, err = labtest.CollectFrom(labtest.FromSlice(fruit()), kv.SeekKey([]byte("cherry"), 5))
	require.NoError(t, err)
	require.Empty(t, got)
	require.Panics(t, func() { labtest.FromSlice([]labtest.Entry{labtest.E("b", 1, ""), labtest.E("a", 1, "")}) })
}

// What an iterator showed is rubbish once it has moved.
func TestFromSlice_SpoilsWhatItShowed(t *testing.T) {
	it := labtest.FromSlice(fruit())
	require.False(t, it.Valid())
	it.First()
	key, value := it.Key(), it.Value()
	it.Next()
	require.NotEqual(t, "apple", string(key.User))
	require.NotEqual(t, "red", string(value))
	require.NoError(t, it.Close())
	require.Panics(t, func() { it.Next() })
}

// A failing iterator has what comes before the bad place, and its error there, however it is reached.
func TestFailing(t *testing.T) {
	bad := errors.New("bad block")
	it := labtest.Failing(fruit(), 1, bad)
	require.NoError(t, it.Err())
	got, err := labtest.Collect(labtest.Check(t, it))
	require.ErrorIs(t, err, bad)
	labtest.Diff(t, "before the bad place", fruit()[:1], got)
	it = labtest.Failing(fruit(), 1, bad)
	it.SeekGE(kv.SeekKey([]byte("banana"), 9))
	require.False(t, it.Valid())
	require.ErrorIs(t, it.Err(), bad)
	it.First()
	require.True(t, it.Valid())
	require.NoError(t, it.Err())
}

// spy is a test that fails without failing.
type spy struct {
	testing.TB
	said    []string
	cleanup []func()
}

// spied runs f in a goroutine of its own, as Fatalf ends it, and returns what it said.
func spied(t *testing.T, f func(t labtest.TB)) []string {
	s := &spy{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(s)
	}()
	<-done
	for _, c := range s.cleanup {
		c()
	}
	return s.said
}

func (s *spy) Helper()                   {}
func (s *spy) Failed() bool              { return len(s.said) > 0 }
func (s *spy) Cleanup(f func())          { s.cleanup = append(s.cleanup, f) }
func (s *spy) Errorf(f string, a ...any) { s.said = append(s.said, fmt.Sprintf(f, a...)) }
func (s *spy) Fatalf(f string, a ...any) { s.Errorf(f, a...); runtime.Goexit() }

// bent is an iterator with a fault of one's choice.
type bent struct {
	kv.Iterator
	next  func(kv.Iterator)
	valid func(kv.Iterator) bool
	err   func(kv.Iterator) error
	seek  func(kv.Iterator, kv.Key)
}

func (b *bent) Next() {
	if b.next != nil {
		b.next(b.Iterator)
		return
	}
	b.Iterator.Next()
}

func (b *bent) Valid() bool {
	if b.valid != nil {
		return b.valid(b.Iterator)
	}
	return b.Iterator.Valid()
}

func (b *bent) Err() error {
	if b.err != nil {
		return b.err(b.Iterator)
	}
	return b.Iterator.Err()
}

func (b *bent) SeekGE(target kv.Key) {
	if b.seek != nil {
		b.seek(b.Iterator, target)
		return
	}
	b.Iterator.SeekGE(target)
}

// Each way to break the contract is noticed, the caller's ways and the iterator's.
func TestCheck_NoticesBrokenContracts(t *testing.T) {
	good := func() kv.Iterator { return labtest.FromSlice(fruit()) }
	walk := func(it kv.Iterator) { labtest.Collect(it) }
	calls := 0
	tests := []struct {
		name string
		it   kv.Iterator
		use  func(it kv.Iterator)
		want string
	}{
		{"nothing wrong", good(), walk, ""},
		{"Key before First", good(), func(it kv.Iterator) { it.Key() }, "Key of an iterator that is not valid"},
		{"Next at the end", good(), func(it kv.Iterator) {
			it.SeekGE(kv.SeekKey([]byte("z"), 1))
			it.Next()
		}, "Next of an iterator that is not valid"},
		{"never closed", good(), func(it kv.Iterator) { it.First() }, "never closed"},
		{"closed twice", good(), func(it kv.Iterator) { it.Close(); it.Close() }, "Close of an iterator that has been closed"},
		{"used after Close", good(), func(it kv.Iterator) { it.Close(); it.First() }, "First of an iterator that has been closed"},
		{"goes back", &bent{Iterator: good(), next: func(it kv.Iterator) {
			if calls++; calls > 1 {
				it.First()
			} else {
				it.Next()
			}
		}}, walk, "Next went backwards"},
		{"seek too early", &bent{Iterator: good(), seek: func(it kv.Iterator, _ kv.Key) { it.First() }}, func(it kv.Iterator) {
			it.SeekGE(kv.SeekKey([]byte("b"), 1))
		}, "which is before it"},
		{"valid from the start", &bent{Iterator: good(), valid: func(kv.Iterator) bool { return true }}, func(it kv.Iterator) { it.Valid() },
			"valid before First or SeekGE"},
		{"error while valid", &bent{Iterator: good(), err: func(kv.Iterator) error { return errors.New("odd") }}, walk, "is valid and has an error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			said := spied(t, func(t labtest.TB) { test.use(labtest.Check(t, test.it)) })
			if test.want == "" {
				require.Empty(t, said)
				return
			}
			require.NotEmpty(t, said)
			require.Contains(t, said[0], test.want)
		})
	}
}

// An iterator that ends and comes back to life is noticed, and so is an error that gets lost.
func TestCheck_NoticesRevivalAndLostErrors(t *testing.T) {
	inner := labtest.FromSlice(nil)
	alive := false
	it := &bent{Iterator: inner, valid: func(kv.Iterator) bool { return alive }}
	said := spied(t, func(t labtest.TB) {
		c := labtest.Check(t, it)
		c.First()
		alive = true
		c.Valid()
	})
	require.Contains(t, said[0], "valid again")

	bad := errors.New("bad block")
	answer := bad
	said = spied(t, func(t labtest.TB) {
		c := labtest.Check(t, &bent{Iterator: labtest.Failing(nil, 0, bad), err: func(kv.Iterator) error { return answer }})
		c.First()
		answer = nil
		c.Err()
	})
	require.Contains(t, said[0], "got lost: bad block")
}

// mutable shows one entry in memory that its test changes.
type mutable struct {
	kv.Iterator
	key []byte
}

func (m *mutable) First()       {}
func (m *mutable) Valid() bool  { return true }
func (m *mutable) Key() kv.Key  { return kv.MakeKey(m.key, 1, kv.KindSet) }
func (m *mutable) Err() error   { return nil }
func (m *mutable) Close() error { return nil }

// A slice that changes under its reader is noticed at the next call.
func TestCheck_NoticesChangedSlices(t *testing.T) {
	inner := &mutable{Iterator: labtest.FromSlice([]labtest.Entry{labtest.E("x", 1, "")}), key: []byte("apple")}
	inner.Iterator.First()
	said := spied(t, func(t labtest.TB) {
		it := labtest.Check(t, inner)
		it.First()
		inner.key[0] = 'b'
		it.Key()
	})
	require.Contains(t, said[0], "changed its entry under the reader")
}

// A goroutine of the lab that outlives its test is named; one that ends in time is not.
func TestNoLeaks(t *testing.T) {
	stop := make(chan struct{})
	said := spied(t, func(t labtest.TB) {
		labtest.NoLeaks(t)
		t.Cleanup(func() {})
		go func() {}()
	})
	require.Empty(t, said)
	said = spied(t, func(t labtest.TB) {
		labtest.NoLeaks(t)
		go wait(stop)
	})
	close(stop)
	require.NotEmpty(t, said)
	require.Contains(t, said[0], "goroutine left behind: started by lsmlab/internal/labtest_test.TestNoLeaks")
}

// wait waits.
func wait(stop chan struct{}) { <-stop }

// Files that no pattern admits are named.
func TestNoStrayFiles(t *testing.T) {
	m := vfs.NewMem()
	for _, name := range []string{"1.sst", "LOCK", "2.tmp"} {
		require.NoError(t, vfs.WriteFile(m, name, nil))
	}
	labtest.NoStrayFiles(t, m, ".", "*.sst", "LOCK", "*.tmp")
	said := spied(t, func(t labtest.TB) { labtest.NoStrayFiles(t, m, ".", "*.sst", "LOCK") })
	require.Len(t, said, 1)
	require.Contains(t, said[0], "stray file in .: 2.tmp")
}

// The model and a scan of all it holds agree with a walk by hand.
func TestModel(t *testing.T) {
	m := labtest.NewModel()
	m.Put(2, []byte("apple"), []byte("green"))
	m.Delete(4, []byte("apple"))
	m.Put(7, []byte("apple"), []byte("red"))
	m.Put(3, []byte("banana"), nil)
	require.Equal(t, []string{`"apple"#7,set = "red"`, `"apple"#4,delete`, `"apple"#2,set = "green"`, `"banana"#3,set = ""`}, labtest.Lines(m.Entries()))
	value, kind, found := m.Get([]byte("apple"), 5)
	require.True(t, found)
	require.Equal(t, kv.KindDelete, kind)
	require.Empty(t, value)
	labtest.Diff(t, "at 5", []labtest.Entry{labtest.E("banana", 3, "")}, m.Scan(kv.Unbounded(), kv.Unbounded(), 5))
	labtest.Diff(t, "up to banana", []labtest.Entry{labtest.E("apple", 7, "red")}, m.Scan(kv.Unbounded(), kv.Excluded([]byte("banana")), kv.MaxSeq))
}

// Random keys are valid, odd, and meet again.
func TestKeys_Collide(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		key := labtest.Keys().Draw(t, "key")
		require.NoError(t, kv.CheckKey(key))
		seen[string(key)]++
	})
	require.Less(t, len(seen), 90)
}
