//lab:day 3.5

package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/plugin"
)

// A hundred puts and ten gets, counted by a plugin.
func Example() {
	dir, err := os.MkdirTemp("", "plugin-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	host := plugin.NewHost(plugin.Options{})
	if err := host.Register(plugin.NewMetrics(os.Stdout, 30*time.Second)); err != nil {
		log.Fatal(err)
	}
	o := &store.Options{}
	o.Listener = host.Listener(o.Listener)
	s, err := store.Open(dir, o)
	if err != nil {
		log.Fatal(err)
	}
	for i := range 100 {
		if err := s.Put(fmt.Appendf(nil, "key%02d", i), []byte("value")); err != nil {
			log.Fatal(err)
		}
	}
	for i := range 10 {
		if _, err := s.Get(fmt.Appendf(nil, "key%02d", i)); err != nil {
			log.Fatal(err)
		}
	}
	if err := errors.Join(s.Close(), host.Shutdown()); err != nil {
		log.Fatal(err)
	}
	// Output: PUT: 100, GET: 10, DELETE: 0
}

// audit is a plugin that prints deletes, and gives up when it has seen enough.
type audit struct {
	host *plugin.Host
	left int
}

func (a *audit) Name() string      { return "audit" }
func (a *audit) Initialize() error { fmt.Println("audit begins"); return nil }
func (a *audit) Shutdown() error   { fmt.Println("audit ends"); return nil }

// Handle looks at what matters to it.
func (a *audit) Handle(e plugin.Event) {
	switch e := e.(type) {
	case plugin.Delete:
		fmt.Printf("%s was deleted by write %d\n", e.Key, e.Seq)
	case plugin.Batch:
		fmt.Printf("%d writes at once, from %d on\n", len(e.Ops), e.First)
	}
	if a.left--; a.left == 0 {
		fmt.Println("audit has seen enough")
		_ = a.host.Unregister("audit") // kv.ErrClosed if the host is being shut down already
	}
}

// A plugin of one's own: four methods, and it may take itself out in the middle of an event.
func ExamplePlugin() {
	host := plugin.NewHost(plugin.Options{})
	if err := host.Register(&audit{host: host, left: 3}); err != nil {
		log.Fatal(err)
	}
	o := &store.Options{}
	o.FS, o.Listener = vfs.NewMem(), host.Listener(engine.Listener{})
	s, err := store.Open("db", o)
	if err != nil {
		log.Fatal(err)
	}
	var b kv.Batch
	b.Set([]byte("pear"), []byte("green"))
	b.Delete([]byte("apple"))
	err = errors.Join(s.Put([]byte("apple"), []byte("red")), s.Delete([]byte("apple")), s.Apply(&b), s.Close(), host.Shutdown())
	fmt.Println("closed:", err)
	// Output:
	// audit begins
	// apple was deleted by write 2
	// 2 writes at once, from 3 on
	// audit has seen enough
	// audit ends
	// closed: <nil>
}

// Sessions live for an hour, and go when a merge meets them, unless a snapshot still sees them.
func ExampleTimeToLive() {
	o := &mvcc.Options{Collector: mvcc.NewCollector(0)}
	o.FS, o.CompactionFilter = vfs.NewMem(), plugin.TimeToLive(time.Hour, []byte("session/"))
	db, err := mvcc.Open("db", o)
	if err != nil {
		log.Fatal(err)
	}
	_, err = db.Put([]byte("session/ann"), plugin.Stamp(time.Now().Add(-2*time.Hour), []byte("logged in")))
	before := db.Snapshot()
	err = errors.Join(err, db.Compact(context.Background()))

	stamped, seen := before.Get([]byte("session/ann"))
	_, value, _ := plugin.Unstamp(stamped)
	_, missing := db.Get([]byte("session/ann"))
	fmt.Printf("the snapshot sees: %s, %v\n", value, seen)
	fmt.Println("everybody else:", missing)
	fmt.Println(errors.Join(err, before.Close(), db.Close()))
	// Output:
	// the snapshot sees: logged in, <nil>
	// everybody else: key not found
	// <nil>
}
