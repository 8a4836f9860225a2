//lab:day 3.2

package txn_test

import (
	"errors"
	"fmt"
	"log"
	"strconv"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// Example moves money between two accounts. What is committed stays, what is rolled back never was.
func Example() {
	o := &txn.Options{}
	o.FS = vfs.NewMem() // a program leaves FS out, and gets the operating system's
	db, err := txn.Open("bank", o)
	if err != nil {
		log.Fatal(err)
	}
	opening, err := db.Begin(txn.SnapshotIsolation)
	if err != nil {
		log.Fatal(err)
	}
	err = errors.Join(
		opening.Put([]byte("alice"), []byte("1000")),
		opening.Put([]byte("bob"), []byte("500")),
		opening.Commit(),
	)
	if err != nil {
		log.Fatal(err)
	}

	transfer, err := db.Begin(txn.SnapshotIsolation)
	if err != nil {
		log.Fatal(err)
	}
	err = errors.Join(
		transfer.Put([]byte("alice"), []byte("800")),
		transfer.Put([]byte("bob"), []byte("700")),
	)
	if err != nil {
		log.Fatal(err)
	}
	inside, _ := transfer.Get([]byte("alice"))
	outside, _ := db.Get([]byte("alice"))
	fmt.Printf("%d writes: the transaction sees %s, everybody else %s\n", transfer.Ops(), inside, outside)
	if err := transfer.Rollback(); err != nil {
		log.Fatal(err)
	}

	for _, name := range []string{"alice", "bob"} {
		balance, _ := db.Get([]byte(name))
		fmt.Printf("%s %s\n", name, balance)
	}
	fmt.Println(transfer.Commit())
	fmt.Println(db.Close())
	// Output:
	// 2 writes: the transaction sees 800, everybody else 1000
	// alice 1000
	// bob 500
	// transaction has ended
	// <nil>
}

// Update commits if the function returns nil, and leaves nothing if it does not.
func ExampleDB_Update() {
	o := &txn.Options{}
	o.FS = vfs.NewMem()
	db, err := txn.Open("bank", o)
	if err != nil {
		log.Fatal(err)
	}
	deposit := func(amount int) error {
		return db.Update(func(t *txn.Txn) error {
			if err := t.Put([]byte("last"), strconv.AppendInt(nil, int64(amount), 10)); err != nil {
				return err
			}
			if amount < 0 {
				return fmt.Errorf("a deposit of %d", amount)
			}
			return nil
		})
	}
	fmt.Println(deposit(20))
	fmt.Println(deposit(-5))
	last, err := db.Get([]byte("last"))
	fmt.Printf("%s %v\n", last, err)
	fmt.Println(db.Close())
	// Output:
	// <nil>
	// a deposit of -5
	// 20 <nil>
	// <nil>
}
