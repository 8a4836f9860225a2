//lab:day 2.7

package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// A store is written, closed and opened again, and everything is there.
func Example() {
	disk := vfs.NewMem() // a program leaves FS out, and gets the operating system's
	o := &store.Options{}
	o.FS = disk

	s, err := store.Open("data/db", o)
	if err != nil {
		log.Fatal(err)
	}
	var b kv.Batch
	b.Set([]byte("apple"), []byte("red"))
	b.Set([]byte("banana"), []byte("yellow"))
	if _, err := s.Write(&b, true); err != nil { // both or none, and on the disk
		log.Fatal(err)
	}
	if err := s.Close(); err != nil {
		log.Fatal(err)
	}

	s, err = store.Open("data/db", o)
	if err != nil {
		log.Fatal(err)
	}
	value, err := s.Get([]byte("banana"))
	fmt.Printf("%s %v\n", value, err)
	_, err = s.Get([]byte("cherry"))
	fmt.Println(errors.Is(err, kv.ErrNotFound), s.Close())
	// Output:
	// yellow <nil>
	// true <nil>
}

// A copy of a running store takes names and no bytes, and lives its own life.
func ExampleStore_Checkpoint() {
	o := &store.Options{}
	o.FS = vfs.NewMem()
	s, err := store.Open("db", o)
	if err != nil {
		log.Fatal(err)
	}
	err = errors.Join(
		s.Put([]byte("apple"), []byte("red")),
		s.Checkpoint(context.Background(), "monday"),
		s.Put([]byte("apple"), []byte("brown")),
		s.Close(),
	)
	if err != nil {
		log.Fatal(err)
	}
	monday, err := store.Open("monday", o)
	if err != nil {
		log.Fatal(err)
	}
	value, err := monday.Get([]byte("apple"))
	fmt.Printf("%s %v %v\n", value, err, monday.Close())
	// Output: red <nil> <nil>
}
