// W3d4 draws who may commit and who may not, write skew at both levels, and what the oracle remembers while somebody reads.
package main

import (
	"errors"
	"fmt"
	"strings"

	"lsmlab/internal/history"
	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week3/txn"
)

func main() { draw.Main(picture) }

// picture draws all three.
func picture() error {
	if err := race(); err != nil {
		return err
	}
	return errors.Join(wards(), memory())
}

// open opens a new store with an oracle, and puts these keys and values.
func open(pairs ...string) (*txn.DB, *txn.Oracle, error) {
	oracle := txn.NewOracle()
	o := &txn.Options{Validator: oracle}
	o.FS, o.CacheSize, o.NoCompaction = vfs.NewMem(), -1, true
	db, err := txn.Open("db", o)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i < len(pairs) && err == nil; i += 2 {
		_, err = db.Put([]byte(pairs[i]), []byte(pairs[i+1]))
	}
	return db, oracle, err
}

// try lets the oracle judge one commit alone. A task that is not done yet says so here, and not under an engine's lock.
func try() error {
	oracle, b := txn.NewOracle(), &kv.Batch{}
	b.Set([]byte("x"), nil)
	return oracle.Commit(b, &txn.Footprint{Level: txn.Serializable}, func() error { return oracle.Admit(1, b) })
}

// race prints what becomes of four who want the same counter.
func race() error {
	if err := try(); err != nil {
		return err
	}
	db, _, err := open("counter", "0", "other", "0")
	if err != nil {
		return err
	}
	draw.Title("Four want to write the counter, and each reads it first:")
	begin := func(name string) *txn.Txn {
		t, failed := db.Begin(txn.Serializable)
		if failed != nil {
			err = errors.Join(err, failed)
			return nil
		}
		value, _ := t.Get([]byte("counter"))
		fmt.Printf("  %s begins at %d, and reads counter = %s\n", name, t.Seq(), value)
		err = errors.Join(err, t.Put([]byte("counter"), fmt.Appendf(nil, "%s's", name)))
		return t
	}
	end := func(name string, t *txn.Txn) {
		if t == nil {
			return
		}
		if refused := t.Commit(); refused != nil {
			fmt.Printf("  %s may not: %v\n", name, refused)
		} else {
			fmt.Printf("  %s commits, and %d is visible\n", name, db.Visible())
		}
	}
	a, b := begin("A"), begin("B")
	end("A", a)
	c := begin("C")
	end("B", b)
	seq, failed := db.Put([]byte("counter"), []byte("a plain put's"))
	fmt.Printf("  a plain put of the counter gets %d\n", seq)
	err = errors.Join(err, failed)
	d := begin("D")
	end("C", c)
	end("D", d)
	return errors.Join(err, db.Close())
}

// wards prints what becomes of two doctors who want to go home, at both levels.
func wards() error {
	for _, level := range []txn.Isolation{txn.SnapshotIsolation, txn.Serializable} {
		db, _, err := open("ann", "on call", "bob", "on call")
		if err != nil {
			return err
		}
		draw.Title("Each of two doctors sees two on call, and goes home: %s.", level)
		rec := history.NewRecorder(map[string]string{"ann": "on call", "bob": "on call"})
		var open []*txn.Txn
		var seen []*history.Txn
		for _, me := range []string{"ann", "bob"} {
			t, err := db.Begin(level)
			if err != nil {
				return err
			}
			record := rec.Begin(strings.ToUpper(me[:1]) + me[1:])
			for _, who := range []string{"ann", "bob"} {
				value, err := t.Get([]byte(who))
				record.Get(who, string(value), err == nil)
			}
			record.Put(me, "gone")
			if err := t.Put([]byte(me), []byte("gone")); err != nil {
				return err
			}
			open, seen = append(open, t), append(seen, record)
		}
		for i, t := range open {
			if err := t.Commit(); err != nil {
				fmt.Printf("  %v\n", err)
				seen[i].Aborted()
			} else {
				seen[i].Committed()
			}
		}
		ann, _ := db.Get([]byte("ann"))
		bob, _ := db.Get([]byte("bob"))
		fmt.Printf("  ann is %s, bob is %s\n  %s\n", ann, bob, strings.ReplaceAll(rec.Check().String(), "\n", "\n  "))
		if err := db.Close(); err != nil {
			return err
		}
	}
	return nil
}

// memory prints how much the oracle remembers while an old transaction is open, and when it has ended.
func memory() error {
	db, oracle, err := open()
	if err != nil {
		return err
	}
	draw.Title("What the oracle remembers, in keys:")
	write := func(n int, what string, key func(i int) string) {
		for i := range n {
			_, failed := db.Put([]byte(key(i)), nil)
			err = errors.Join(err, failed)
		}
		stats := oracle.Stats()
		fmt.Printf("  %-52s %5d  %s\n", what, stats.Records, strings.Repeat("█", (stats.Records+49)/50))
	}
	fresh := func(prefix string) func(int) string {
		return func(i int) string { return fmt.Sprintf("%s%04d", prefix, i) }
	}
	write(1000, "after 1,000 puts, with nobody reading", fresh("a"))
	reader, failed := db.Begin(txn.SnapshotIsolation)
	if failed != nil {
		return errors.Join(err, failed, db.Close())
	}
	write(1000, "a transaction begins, and there are 1,000 more", fresh("b"))
	write(1000, "the same keys once more", fresh("b"))
	write(1000, "and 1,000 puts of one key", func(int) string { return "counter" })
	err = errors.Join(err, reader.Rollback())
	write(0, "the transaction ends", nil)
	return errors.Join(err, db.Close())
}
