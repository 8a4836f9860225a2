//lab:day 3.7

package partition_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// A thousand users are divided among four partitions, and four of them are looked for at once.
func Example() {
	o := &partition.Options{Router: partition.Hash(4)}
	o.Store.FS = vfs.NewMem() // a program leaves FS out, and gets the operating system's
	db, err := partition.Open("users", o)
	if err != nil {
		log.Fatal(err)
	}
	for i := range 1000 {
		if err := db.Put(fmt.Appendf(nil, "user%04d", i), fmt.Appendf(nil, "name %d", i)); err != nil {
			log.Fatal(err)
		}
	}

	found := 0
	keys := [][]byte{[]byte("user0007"), []byte("user0250"), []byte("user0512"), []byte("user0999")}
	for _, r := range db.GetBatch(keys) {
		if r.Err == nil {
			found++
		}
	}
	fmt.Printf("found %d/%d\n", found, len(keys))

	if err := db.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}
	stats := db.Stats()
	fmt.Println("partition  memtables  tables  keys  bytes")
	print := func(name string, c partition.Counts) {
		fmt.Printf("%-9s  %9d  %6d  %4d  %5d\n", name, c.Memtables, c.Tables, c.Keys, c.Bytes)
	}
	for i, c := range stats.Partitions {
		print(fmt.Sprint(i), c)
	}
	print("total", stats.Total)
	fmt.Println(db.Close())
	// Output:
	// found 4/4
	// partition  memtables  tables  keys  bytes
	// 0                  1       1   254   7314
	// 1                  1       1   254   7307
	// 2                  1       1   236   6820
	// 3                  1       1   256   7344
	// total              4       4  1000  28785
	// <nil>
}

// With one partition more, nearly every key belongs elsewhere by its hash, and a fifth of them by a consistent hash.
func ExampleRebalance() {
	for _, router := range []func(n int) partition.Router{partition.Hash, partition.Consistent} {
		o := &partition.Options{Router: router(4)}
		o.Store.FS = vfs.NewMem()
		db, err := partition.Open("users", o)
		if err != nil {
			log.Fatal(err)
		}
		for i := range 1000 {
			err = errors.Join(err, db.Put(fmt.Appendf(nil, "user%04d", i), nil))
		}
		if err := errors.Join(err, db.Close()); err != nil {
			log.Fatal(err)
		}

		o.Router = router(5)
		moved, err := partition.Rebalance(context.Background(), "users", o)
		fmt.Println(o.Router, "moved", moved, err)
	}
	// Output:
	// hash(5) moved 792 <nil>
	// consistent(5) moved 203 <nil>
}
