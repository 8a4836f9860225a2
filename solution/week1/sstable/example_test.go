//lab:day 1.4

package sstable_test

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
)

func Example() {
	fs, cache := vfs.NewMem(), sstable.NewCache(1<<20)
	name := sstable.FileName(7)

	file, _ := fs.Create(name)
	w := sstable.NewWriter(file, sstable.Options{})
	w.Add(kv.MakeKey([]byte("apple"), 5, kv.KindSet), []byte("red"))
	w.Add(kv.MakeKey([]byte("apple"), 2, kv.KindSet), []byte("green"))
	w.Add(kv.MakeKey([]byte("banana"), 4, kv.KindDelete), nil)
	if _, err := w.Finish(); err != nil {
		fmt.Println(err)
	}

	file, _ = fs.Open(name)
	t, err := sstable.Open(file, name, 7, sstable.Options{Cache: cache})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer t.Close()
	fmt.Println(t)

	value, _, _, _ := t.Get([]byte("apple"), 4)
	fmt.Printf("apple at 4: %s\n", value)
	_, kind, found, _ := t.Get([]byte("banana"), 4)
	fmt.Println("banana at 4:", kind, found)

	it := t.NewIterator()
	defer it.Close()
	for it.SeekGE(kv.SeekKey([]byte("apple"), 4)); it.Valid(); it.Next() {
		fmt.Println(it.Key())
	}
	// Output:
	// 000007.sst [apple … banana]
	// apple at 4: green
	// banana at 4: delete true
	// "apple"#2,set
	// "banana"#4,delete
}
