// W3d5 draws what a plugin hears of a store, what becomes of one that is stuck, and what a filter takes out of a merge.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/engine"
	"lsmlab/week2/store"
	"lsmlab/week3/mvcc"
	"lsmlab/week3/plugin"
)

func main() { draw.Main(picture) }

// picture draws all three.
func picture() error {
	return errors.Join(day(), stuck(), merges())
}

// watcher is a plugin that keeps a line for each event.
type watcher struct {
	name  string
	stop  func()        // called in the first event
	heard chan struct{} // told of each event, unless it is nil
	mu    sync.Mutex
	said  []string
}

// Name returns the watcher's name.
func (w *watcher) Name() string { return w.name }

// Initialize and Shutdown are part of the story.
func (w *watcher) Initialize() error { w.say("Initialize"); return nil }

// Shutdown ends it.
func (w *watcher) Shutdown() error { w.say("Shutdown"); return nil }

// say keeps a line, and returns how many there are.
func (w *watcher) say(line string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, line)
	return len(w.said)
}

// Handle keeps a line.
func (w *watcher) Handle(e plugin.Event) {
	if w.say(line(e)) == 2 && w.stop != nil {
		w.stop()
	}
	if w.heard != nil {
		w.heard <- struct{}{}
	}
}

// line returns an event for people. Times are left out: each picture should be the same.
func line(e plugin.Event) string {
	switch e := e.(type) {
	case plugin.Put:
		return fmt.Sprintf("Put #%d %s = %s", e.Seq, e.Key, e.Value)
	case plugin.Delete:
		return fmt.Sprintf("Delete #%d %s", e.Seq, e.Key)
	case plugin.Batch:
		return fmt.Sprintf("Batch #%d, %d writes", e.First, len(e.Ops))
	case plugin.Get:
		return fmt.Sprintf("Get %s = %s, %v", e.Key, cmp.Or(string(e.Value), "-"), e.Err)
	case plugin.FlushBegin:
		return fmt.Sprintf("FlushBegin memtable %d", e.Memtable)
	case plugin.FlushEnd:
		return fmt.Sprintf("FlushEnd memtable %d → table %d", e.Memtable, e.Table.Number)
	case plugin.CompactionBegin:
		return fmt.Sprintf("CompactionBegin %d tables", len(e.Inputs))
	case plugin.CompactionEnd:
		return fmt.Sprintf("CompactionEnd +%d −%d tables", len(e.Added), len(e.Dropped))
	case plugin.Missed:
		return fmt.Sprintf("Missed %d", e.Events)
	}
	return fmt.Sprintf("%T", e)
}

// options returns those of every store here.
func options() store.Options {
	o := store.Options{NoCompaction: true}
	o.FS, o.CacheSize = vfs.NewMem(), -1
	return o
}

// day prints what a plugin hears of a small day in a store's life, beside the calls that made it.
func day() error {
	h, w := plugin.NewHost(plugin.Options{}), &watcher{name: "watcher"}
	if err := h.Register(w); err != nil {
		return err
	}
	o := options()
	o.Listener = h.Listener(engine.Listener{})
	s, err := store.Open("db", &o)
	if err != nil {
		return err
	}
	var b kv.Batch
	b.Set([]byte("pear"), []byte("green"))
	b.Delete([]byte("apple"))
	ctx := context.Background()
	err = errors.Join(s.Put([]byte("apple"), []byte("red")), s.Flush(ctx), s.Apply(&b), s.Delete([]byte("fig")))
	_, missing := s.Get([]byte("apple"))
	_, there := s.Get([]byte("pear"))
	if !errors.Is(missing, kv.ErrNotFound) {
		err = errors.Join(err, fmt.Errorf("Get(apple) after its delete: %v", missing))
	}
	err = errors.Join(err, there, s.Compact(ctx), s.Close(), h.Shutdown())
	draw.Title("put, flush, batch, delete, two gets, compact, close: what your host told a plugin")
	for i, text := range w.said {
		fmt.Printf("  %2d  %s\n", i+1, text)
	}
	return err
}

// stuck prints two plugins with queues of four. One stands still in its first event while ten more happen.
func stuck() error {
	h := plugin.NewHost(plugin.Options{Queue: 4})
	inside, release := make(chan struct{}), make(chan struct{})
	slow := &watcher{name: "stuck", stop: func() { close(inside); <-release }}
	fast := &watcher{name: "quick", heard: make(chan struct{}, 1)}
	if err := errors.Join(h.Register(slow), h.Register(fast)); err != nil {
		return err
	}
	l := h.Listener(engine.Listener{})
	tell := func(n int) {
		var b kv.Batch
		b.Set(fmt.Appendf(nil, "k%d", n), []byte("v"))
		l.Applied(kv.Seq(n), &b)
	}
	for n := 1; n <= 11; n++ {
		tell(n)
		<-fast.heard // the quick one is given the time that it needs
		if n == 1 {
			<-inside
		}
	}
	draw.Title("Two plugins with queues for 4 events; one is stuck in the first of 11:")
	table(h.Stats())
	close(release)
	err := h.Shutdown()
	draw.Title("It goes on, and both are shut down:")
	table(h.Stats())
	fmt.Println()
	for _, w := range []*watcher{slow, fast} {
		var short []string
		for _, text := range w.said {
			number, put := strings.CutPrefix(text, "Put #")
			if put {
				text, _, _ = strings.Cut(number, " ")
			}
			short = append(short, text)
		}
		fmt.Printf("  %s was told: %s\n", w.name, strings.Join(short, " "))
	}
	return err
}

// table prints what the host says about its plugins.
func table(all []plugin.Stats) {
	for _, s := range all {
		fmt.Printf("  %-6s delivered %2d, dropped %2d, queued %d\n", s.Name, s.Delivered, s.Dropped, s.Queued)
	}
}

// merges prints what a filter does to a key, with a snapshot open and without.
func merges() error {
	o := &mvcc.Options{Options: options(), Collector: mvcc.NewCollector(0)}
	o.CompactionFilter = plugin.Filters(plugin.DropPrefix([]byte("tmp/")), plugin.TimeToLive(time.Hour, []byte("session/")))
	db, err := mvcc.Open("db", o)
	if err != nil {
		return err
	}
	old, fresh := time.Now().Add(-2*time.Hour), time.Now()
	for _, w := range []struct{ key, value string }{
		{"session/ann", string(plugin.Stamp(old, []byte("two hours old")))},
		{"session/bob", string(plugin.Stamp(fresh, []byte("just written")))},
		{"tmp/1", "scratch"},
		{"user/1", "ann"},
	} {
		if _, err := db.Put([]byte(w.key), []byte(w.value)); err != nil {
			return err
		}
	}
	snapshot := db.Snapshot()
	draw.Title("Four keys, a filter for tmp/ and for sessions of more than an hour:")
	show := func(when string) {
		fmt.Printf("  %-42s store: %-44s snapshot: %s\n", when, keys(db.Scan(kv.Unbounded(), kv.Unbounded())), keys(snapshot.Scan(kv.Unbounded(), kv.Unbounded())))
	}
	show("before")
	err = db.Compact(context.Background())
	show("after a merge, a snapshot is open")
	_, later := db.Put([]byte("tmp/2"), []byte("scratch"))
	err = errors.Join(err, later, db.Compact(context.Background()))
	show("tmp/2 came after the snapshot, a merge")
	err = errors.Join(err, snapshot.Close(), db.Compact(context.Background()))
	fmt.Printf("  %-42s store: %s\n", "the snapshot is closed, a merge", keys(db.Scan(kv.Unbounded(), kv.Unbounded())))
	return errors.Join(err, db.Close())
}

// keys returns what a scan shows, in short.
func keys(s *engine.Scan) string {
	defer s.Close()
	var all []string
	for key := range s.All() {
		all = append(all, string(key))
	}
	return strings.Join(all, " ")
}
