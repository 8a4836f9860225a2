//lab:day 3.1

package mvcc_test

import (
	"errors"
	"fmt"
	"log"
	"os"

	"lsmlab/solution/week3/mvcc"
)

// A key is written three times. The newest value is the latest; the others are there to be read.
func Example() {
	dir, err := os.MkdirTemp("", "mvcc")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := mvcc.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	key := []byte("key")
	var first error
	for i := 1; i <= 3; i++ {
		_, err := db.Put(key, fmt.Append(nil, "version", i))
		first = errors.Join(first, err)
	}
	latest, err := db.Latest(key)
	fmt.Printf("latest: %s\n", latest.Value)
	history, more := db.History(key)
	for _, v := range history {
		fmt.Printf("%d: %s\n", v.Seq, v.Value)
	}
	if err := errors.Join(first, err, more, db.Close()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// latest: version3
	// 1: version1
	// 2: version2
	// 3: version3
}

// A snapshot goes on showing the moment at which it was taken.
func ExampleDB_Snapshot() {
	dir, err := os.MkdirTemp("", "mvcc")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := mvcc.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	_, put := db.Put([]byte("apple"), []byte("green"))
	s := db.Snapshot()
	_, deleted := db.Delete([]byte("apple"))
	then, err := s.Get([]byte("apple"))
	_, now := db.Get([]byte("apple"))
	fmt.Printf("at version %d: %s; now: %v\n", s.Seq(), then, now)
	if err := errors.Join(put, deleted, err, s.Close(), db.Close()); err != nil {
		log.Fatal(err)
	}
	// Output: at version 1: green; now: key not found
}
