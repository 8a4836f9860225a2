// W3d2 draws what a transaction sees and what everybody else does, and what a loss of power at each operation of a commit
// leaves of it.
package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/engine"
	"lsmlab/week3/txn"
)

func main() { draw.Main(picture) }

// picture draws all three.
func picture() error {
	return errors.Join(layers(), walks(), crashes())
}

// open opens a store.
func open(fs vfs.FS, validator txn.Validator) (*txn.DB, error) {
	o := &txn.Options{Validator: validator}
	o.FS, o.MemtableSize, o.CacheSize, o.NoCompaction = fs, 8<<10, -1, true
	return txn.Open("bank", o)
}

// keys are the accounts of the pictures.
var keys = []string{"alice", "bob", "carol", "dave"}

// fund opens a store and gives some of the accounts their first money.
func fund(fs vfs.FS, validator txn.Validator) (*txn.DB, error) {
	db, err := open(fs, validator)
	if err != nil {
		return nil, err
	}
	for _, key := range keys[:3] {
		if _, err := db.Put([]byte(key), []byte("500")); err != nil {
			return nil, err
		}
	}
	return db, nil
}

// layers prints, step by step, what a transaction finds and what everybody else does.
func layers() error {
	db, err := fund(vfs.NewMem(), nil)
	if err != nil {
		return err
	}
	t, err := db.Begin(txn.SnapshotIsolation)
	if err != nil {
		return err
	}
	draw.Title("A transaction that reads at %d. What it finds after each step, and what everybody else does:", t.Seq())
	fmt.Printf("  %-34s %-32s %s\n", "", "the transaction", "everybody else")
	fmt.Printf("  %-34s %-32s %s\n", "", strings.Join(keys, "   "), strings.Join(keys, "   "))
	steps := []struct {
		what string
		do   func() error
	}{
		{"it puts alice = 400", func() error { return t.Put([]byte("alice"), []byte("400")) }},
		{"it puts dave = 100", func() error { return t.Put([]byte("dave"), []byte("100")) }},
		{"it deletes carol", func() error { return t.Delete([]byte("carol")) }},
		{"somebody else puts bob = 7", func() error { _, err := db.Put([]byte("bob"), []byte("7")); return err }},
		{"somebody else puts carol = 8", func() error { _, err := db.Put([]byte("carol"), []byte("8")); return err }},
	}
	own := t.Seq()
	for _, step := range steps {
		before := t.Ops()
		if err := step.do(); err != nil {
			return err
		}
		number := fmt.Sprint("   number ", db.Visible())
		if t.Ops() > before {
			own++
			number = fmt.Sprint("   own number ", own)
		}
		fmt.Printf("  %-34s %-32s %s\n", step.what, row(t), row(db)+number)
	}
	if err := t.Commit(); err != nil {
		return err
	}
	fmt.Printf("  %-34s %-32s %s\n", "commit", "", row(db))
	_, err = t.Get([]byte("alice"))
	fmt.Printf("  %-34s %v\n", "it looks for alice once more", err)
	return db.Close()
}

// row returns what is found under each key.
func row(g interface {
	Get(key []byte) ([]byte, error)
}) string {
	var cells []string
	for _, key := range keys {
		cell := "-"
		if value, err := g.Get([]byte(key)); err == nil {
			cell = string(value)
		}
		cells = append(cells, fmt.Sprintf("%-*s", len(key)+2, cell))
	}
	return strings.TrimRight(strings.Join(cells, " "), " ")
}

// recorder is a Validator that lets everything pass, and keeps the last footprint.
type recorder struct{ last *txn.Footprint }

func (*recorder) Admit(kv.Seq, *kv.Batch) error   { return nil }
func (*recorder) Opened(func() kv.Seq)            {}
func (*recorder) Begin(take func() kv.Seq) kv.Seq { return take() }
func (*recorder) End(kv.Seq)                      {}
func (r *recorder) Commit(_ *kv.Batch, f *txn.Footprint, write func() error) error {
	r.last = f
	return write()
}

// walks prints what a transaction shows and what it then depends on.
func walks() error {
	r := &recorder{}
	db, err := fund(vfs.NewMem(), r)
	if err != nil {
		return err
	}
	t, err := db.Begin(txn.Serializable)
	if err != nil {
		return err
	}
	draw.Title("A serializable transaction, and what it depends on:")
	if err := errors.Join(t.Put([]byte("aaron"), []byte("1")), t.Delete([]byte("bob"))); err != nil {
		return err
	}
	fmt.Println("  puts aaron, deletes bob")
	for _, key := range []string{"zoe", "aaron"} {
		_, err := t.Get([]byte(key))
		fmt.Printf("  get %-22s %s\n", key, map[bool]string{true: "found", false: "not there"}[err == nil])
	}
	fmt.Printf("  scan all                   %s\n", strings.Join(walk(t.Scan(kv.Unbounded(), kv.Unbounded()), 100), " "))
	from := kv.Included([]byte("b"))
	fmt.Printf("  scan from b, stops at once %s\n", strings.Join(walk(t.Scan(from, kv.Unbounded()), 1), " "))
	if err := t.Commit(); err != nil {
		return err
	}
	if r.last == nil {
		return errors.New("the Validator has not been told of the commit")
	}
	for key, hit := range r.last.Keys {
		fmt.Printf("  depends on key   %q, %s\n", key, map[bool]string{true: "which was there", false: "which was not there"}[hit])
	}
	for _, w := range r.last.Ranges {
		fmt.Printf("  depends on range %v to %v\n", w.Lower, w.Upper)
	}
	return db.Close()
}

// walk returns the first n keys of a scan.
func walk(scan *engine.Scan, n int) (keys []string) {
	defer scan.Close()
	for key := range scan.All() {
		if keys = append(keys, string(key)); len(keys) == n {
			break
		}
	}
	return keys
}

// transfer moves 100 from alice to bob, in a transaction.
func transfer(db *txn.DB) error {
	t, err := db.Begin(txn.SnapshotIsolation)
	if err != nil {
		return err
	}
	return errors.Join(t.Put([]byte("alice"), []byte("400")), t.Put([]byte("bob"), []byte("600")), t.Commit())
}

// crashes prints what is found after a power cut at each operation of a commit.
func crashes() error {
	mem := vfs.NewMem()
	db, err := fund(mem, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Sync(), db.Close()); err != nil {
		return err
	}
	calm := vfs.NewFault(mem.Clone())
	if db, err = open(calm, nil); err != nil {
		return err
	}
	before := len(calm.Log())
	if err := transfer(db); err != nil {
		return err
	}
	calls := calm.Log()[before:]
	draw.Title("alice gives bob 100, and the power goes at each operation of the commit. What is found:")
	fmt.Printf("  %-26s %-28s %s\n", "", "what was not synced is lost", "kept")
	for i := range len(calls) + 1 {
		where := "after it"
		if i < len(calls) {
			where = fmt.Sprintf("%s %s", calls[i].Op, filepath.Base(calls[i].Name))
		}
		lost, err := foundAfter(mem.Clone(), i, vfs.LoseUnsynced)
		if err != nil {
			return err
		}
		kept, err := foundAfter(mem.Clone(), i, vfs.KeepUnsynced)
		if err != nil {
			return err
		}
		fmt.Printf("  %-26s %-28s %s\n", where, lost, kept)
	}
	return db.Close()
}

// foundAfter returns the balances after a power cut at the i-th operation of the transfer.
func foundAfter(mem *vfs.Mem, i int, policy vfs.Policy) (string, error) {
	db, err := open(mem, nil)
	if err != nil {
		return "", err
	}
	mem.CrashAt(mem.Ops() + 1 + i)
	_ = transfer(db) // it ends with the power
	after, err := open(mem.Crash(policy), nil)
	if err != nil {
		return "", fmt.Errorf("after a power cut at operation %d it does not open: %w", i, err)
	}
	_ = db.Close() // it has no disk any more
	return strings.Join(strings.Fields(row(after))[:2], " "), after.Close()
}
