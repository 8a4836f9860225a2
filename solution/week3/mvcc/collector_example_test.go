//lab:day 3.3

package mvcc_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"lsmlab/solution/week3/mvcc"
)

// A snapshot holds the versions that it needs. When it is closed, the next merge leaves what is kept in any case: here the newest
// two of each key.
func ExampleNewCollector() {
	dir, err := os.MkdirTemp("", "example-")
	check(err)
	defer os.RemoveAll(dir)
	db, err := mvcc.Open(dir, &mvcc.Options{Collector: mvcc.NewCollector(2)})
	check(err)
	defer db.Close()

	key := []byte("price")
	show := func(when string) {
		check(db.Compact(context.Background()))
		history, err := db.History(key)
		check(err)
		fmt.Print(when)
		for _, v := range history {
			fmt.Printf("  %d: %s", v.Seq, v.Value)
		}
		fmt.Println()
	}
	_, err = db.Put(key, []byte("10"))
	check(err)
	s := db.Snapshot()
	for _, price := range []string{"11", "12", "13"} {
		_, err = db.Put(key, []byte(price))
		check(err)
	}
	show("with a snapshot at 1 ")
	check(s.Close())
	show("when it is closed    ")
	_, err = db.GetAt(key, 1)
	fmt.Println(err)
	check(db.Cleanup(key, 1))
	show("after Cleanup(key, 1)")
	// Output:
	// with a snapshot at 1   1: 10  2: 11  3: 12  4: 13
	// when it is closed      3: 12  4: 13
	// get at 1: this version is not kept any more: the oldest is 4
	// after Cleanup(key, 1)  4: 13
}

// check ends the example if there is an error.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
