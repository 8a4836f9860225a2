//lab:day 3.4

package txn_test

import (
	"errors"
	"fmt"
	"log"
	"strconv"
	"sync"

	"lsmlab/internal/history"
	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// withOracle opens a new store, in memory, with an oracle.
func withOracle() *txn.DB {
	o := &txn.Options{Validator: txn.NewOracle()}
	o.FS = vfs.NewMem()
	db, err := txn.Open("db", o)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// Eight goroutines add one to the same counter, five hundred times each. Nobody's increment is lost, and who was too
// late has tried again.
func ExampleOracle_increments() {
	db := withOracle()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				err := db.Update(func(tx *txn.Txn) error {
					value, err := tx.Get([]byte("counter"))
					if err != nil && !errors.Is(err, kv.ErrNotFound) {
						return err
					}
					n, _ := strconv.Atoi(string(value))
					return tx.Put([]byte("counter"), []byte(strconv.Itoa(n+1)))
				})
				if err != nil {
					log.Print(err)
				}
			}
		})
	}
	all.Wait()
	value, _ := db.Get([]byte("counter"))
	stats := db.TxnStats()
	fmt.Printf("counter %s, commits %d\n", value, stats.Committed)
	fmt.Printf("as many tries again as conflicts: %t\n", stats.Retries == stats.Conflicts)
	fmt.Println(db.Close())
	// Output:
	// counter 4000, commits 4000
	// as many tries again as conflicts: true
	// <nil>
}

// Two doctors are on call. Each sees that there are two, and goes home. Under snapshot isolation both may: they write
// different keys. A serializable transaction is refused if what it has read has changed.
func ExampleOracle() {
	for _, level := range []txn.Isolation{txn.SnapshotIsolation, txn.Serializable} {
		db := withOracle()
		_, err1 := db.Put([]byte("ann"), []byte("on call"))
		_, err2 := db.Put([]byte("bob"), []byte("on call"))
		rec := history.NewRecorder(map[string]string{"ann": "on call", "bob": "on call"})
		ann, err3 := db.Begin(level)
		bob, err4 := db.Begin(level)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			log.Fatal(err)
		}
		seen := []*history.Txn{rec.Begin("Ann"), rec.Begin("Bob")}
		for i, tx := range []*txn.Txn{ann, bob} {
			for _, name := range []string{"ann", "bob"} {
				value, err := tx.Get([]byte(name))
				seen[i].Get(name, string(value), err == nil)
			}
			me := []string{"ann", "bob"}[i]
			seen[i].Put(me, me+" went home")
			if err := tx.Put([]byte(me), []byte(me+" went home")); err != nil {
				log.Fatal(err)
			}
		}
		fmt.Println(level)
		for i, tx := range []*txn.Txn{ann, bob} {
			if err := tx.Commit(); err != nil {
				fmt.Println("  ", err)
				seen[i].Aborted()
			} else {
				seen[i].Committed()
			}
		}
		fmt.Println(rec.Check())
		if err := db.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// snapshot isolation
	// write skew: no order of these explains what they have read
	//     Ann must come before Bob: Ann has read bob = "on call", which Bob has replaced by "bob went home"
	//     Bob must come before Ann: Bob has read ann = "on call", which Ann has replaced by "ann went home"
	// serializable
	//    conflict: "ann", which it has looked for, was written at 3, after the snapshot of this transaction at 2
	// serializable: Ann
}
