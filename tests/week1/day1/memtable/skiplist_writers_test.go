package memtable_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/memtable"
)

// Four writers at once insert keys that lie between each other: a1 b1 c1 d1 a2 … Each has its own keys, and at the end all
// must be there, in order, once.
//
//lab:task 1 points=2 race
func TestInsert_LosesNothingAmongManyWriters(t *testing.T) {
	const writers, each = 4, 400
	table := memtable.New(1, memtable.Capacity(writers*each, writers*each*16))
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := table.Put(kv.Seq(i*writers+w+1), fmt.Appendf(nil, "%04d-%d", i, w), []byte{byte(w)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var want []labtest.Entry
	for i := range each {
		for w := range writers {
			want = append(want, labtest.E(fmt.Sprintf("%04d-%d", i, w), kv.Seq(i*writers+w+1), string(byte(w))))
		}
	}
	labtest.Diff(t, "all entries", want, contents(t, table))
}

// overtaken has "m" put between "a" and "z", stops its writer when it has read the link to "z", puts other there in the
// meantime, and lets it go on. From then on after is told each entry that is about to be compared.
func overtaken(t *testing.T, table *memtable.Table, other string, after func(user string)) {
	var ready, stopped, goesOn bool // touched by one goroutine at a time
	at, goOn, done := make(chan bool), make(chan bool), make(chan error, 1)
	table.OnCompare(func(user []byte) {
		switch {
		case goesOn:
			after(string(user))
		case ready && !stopped && string(user) == "z":
			stopped = true
			at <- true
			<-goOn
			goesOn = true
		}
	})
	put(t, table, 1, "z", "")
	put(t, table, 2, "a", "")
	ready = true
	go func() { done <- table.Put(3, []byte("m"), nil) }()
	select {
	case <-at:
	case err := <-done:
		t.Fatalf("\"m\" was put between \"a\" and \"z\" (%v), and before() was never asked about \"z\": use it for each comparison, "+
			"since the test stops the writer there", err)
	}
	put(t, table, 4, other, "")
	goOn <- true
	require.NoError(t, <-done)
}

// One writer looks for the place of "m", between "a" and "z", and is stopped when it has read the link to "z". Meanwhile
// another one puts "n" there, or "k". The first goes on with what it has read, which is out of date: it must notice, and
// look again. If it bends the link all the same, one of the two keys is gone, and nobody has heard a sound. And nobody waits for
// the one who was stopped: with a lock around the insert, the second writer would, for ever.
//
//lab:task 1 points=3
func TestInsert_LooksAgainWhenAnotherWriterWasFaster(t *testing.T) {
	for round := range 40 { // towers are thrown by dice: three rounds in four meet on level 0
		other := []string{"n", "k"}[round%2]
		table := memtable.New(1, 1<<12)
		overtaken(t, table, other, func(string) {})
		want := []labtest.Entry{labtest.E("a", 2, ""), labtest.E("m", 3, ""), labtest.E("n", 4, ""), labtest.E("z", 1, "")}
		if other == "k" {
			want = []labtest.Entry{labtest.E("a", 2, ""), labtest.E("k", 4, ""), labtest.E("m", 3, ""), labtest.E("z", 1, "")}
		}
		labtest.Diff(t, "entries after "+other+" came between", want, contents(t, table))
		for _, e := range want {
			if rest := from(t, table.NewIterator(), e.Key); len(rest) == 0 || string(rest[0].Key.User) != string(e.Key.User) {
				t.Errorf("%s is in the list, and a seek does not find it: some level has lost it", e.Key.User)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// Level 0 decides what is in the list, so it is linked first. Here the writer of "m" was overtaken by "n", has lost its
// swaps, and looks again; each time it does, a reader seeks "n", which is written and acknowledged. If "m" is on an upper
// level already and not yet on level 0, that reader comes down from it to where nothing leads to "n".
//
//lab:task 1 points=2
func TestInsert_LinksLowestLevelFirst(t *testing.T) {
	for range 400 { // towers are thrown by dice: one round in thirteen has them as the mistake needs them
		table := memtable.New(1, 1<<12)
		seeking := false
		overtaken(t, table, "n", func(user string) {
			if seeking || user != "n" {
				return
			}
			seeking = true // the reader compares, too
			it := table.NewIterator()
			it.SeekGE(kv.SeekKey([]byte("n"), kv.MaxSeq))
			if !it.Valid() || string(it.Key().User) != "n" {
				t.Error(`"n" is in the list, and a reader that seeks it while "m" is being linked does not find it`)
			}
			seeking = false
		})
		if t.Failed() {
			return
		}
	}
}

// Readers take no lock, so one may come by between any two steps of an insert. Here one comes whenever the writer is about to
// compare an entry with its own key, and walks the whole list. It must meet every key that was written before: a node that
// can be reached before its own link is set ends the list where it stands.
//
//lab:task 1 points=2
func TestInsert_NeverCutsTheListOff(t *testing.T) {
	table := memtable.New(1, 1<<12)
	var there []string // keys that were written, in order
	writing, looking := "", false
	table.OnCompare(func([]byte) {
		if looking || t.Failed() {
			return
		}
		looking = true // a reader that compares sends no other
		var met []string
		for _, e := range contents(t, table) {
			if key := string(e.Key.User); key != writing {
				met = append(met, key)
			}
		}
		looking = false
		if diff := cmp.Diff(there, met); diff != "" {
			t.Errorf("keys that a reader met while %q was written, without that one (-want +got)\n%s", writing, diff)
		}
	})
	for i, key := range []string{"m", "f", "t", "c", "h", "p", "x"} {
		writing = key
		put(t, table, kv.Seq(i+1), key, "")
		there = append(there, key)
		slices.Sort(there)
	}
}

// Readers take no lock, so they may come by in the middle of an insert. They must find a list in order whose every node is
// whole: a node that is linked before its own links are set cuts off everything behind it.
//
//lab:task 1 points=3 race
func TestInsert_ShowsReadersOnlyWholeNodes(t *testing.T) {
	const stable, writes = 64, 600
	table := memtable.New(1, memtable.Capacity(stable+writes, (stable+writes)*32))
	for i := range stable {
		put(t, table, kv.Seq(i+1), fmt.Sprintf("stable%03d", i), "s")
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { watchReaders(t, table, stable, done) })
	}
	for i := range writes {
		key := fmt.Sprintf("stable%03d-%03d", i*37%stable, i)
		put(t, table, kv.Seq(stable+i+1), key, "value of "+key)
	}
	close(done)
	wg.Wait()
}

// Each put of "apple" stands in front of all before it, and nothing ever comes between two versions. So whoever stands on
// version 9 finds version 8 behind it, however fast it looks: a node that is linked before its own link is set has nothing
// behind it for a moment.
//
//lab:task 1 points=2 race
func TestInsert_HasItsOwnLinkFirst(t *testing.T) {
	const writes = 10_000
	table := memtable.New(1, memtable.Capacity(writes, writes*8))
	put(t, table, 1, "apple", "")
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { watchFront(t, table, done) })
	}
	for seq := kv.Seq(2); seq <= writes; seq++ {
		put(t, table, seq, "apple", "")
	}
	close(done)
	wg.Wait()
}

// watchFront looks at the first two versions again and again until done: their numbers must follow each other.
func watchFront(t *testing.T, table *memtable.Table, done <-chan struct{}) {
	it := table.NewIterator()
	for {
		it.First()
		first := it.Key().Seq()
		if it.Next(); first > 1 && (!it.Valid() || it.Key().Seq() != first-1) {
			t.Errorf("a reader on version %d of \"apple\" did not find version %d behind it", first, first-1)
			return
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

// watchReaders walks the table again and again until done, and checks what each walk meets.
func watchReaders(t *testing.T, table *memtable.Table, stable int, done <-chan struct{}) {
	for n := 0; ; n++ {
		it := table.NewIterator()
		found, last := 0, kv.Key{}
		for it.First(); it.Valid(); it.Next() {
			key, value := it.Key(), string(it.Value())
			if last.User != nil && last.Compare(key) >= 0 {
				t.Errorf("%v stands behind %v", key, last)
				return
			}
			last = key
			if value == "s" {
				found++
			} else if value != "value of "+string(key.User) {
				t.Errorf("%v holds %q, which nobody wrote", key, value)
				return
			}
		}
		if found != stable {
			t.Errorf("a reader met %d of %d keys that were there all the time", found, stable)
			return
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
