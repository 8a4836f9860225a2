package block

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Search returns the index of the first entry at or after target, Len if there is none. It looks at about log2(Len)
// entries, where they lie, and copies nothing.
func (b *Block) Search(target kv.Key) int {
	// TODO(week 1, day 3, task 3): implement Search. Chapter: book/week1/day3-blocks.md#search
	//
	// Hint: Keep two numbers so that every entry before lo is below target, and no entry from hi on is.
	// Hint: The loop ends when lo and hi meet. Can that be at 0? At Len?
	panic(todo.Reached("week 1 day 3 task 3", "Block.Search"))
}

// compare orders entry i against target as kv.Key.Compare does, without putting the entry's key together.
func (b *Block) compare(i int, target kv.Key) int {
	// TODO(week 1, day 3, task 3): implement compare. Chapter: book/week1/day3-blocks.md#compare
	//
	// Hint: b.split gives the key in two pieces: first[:shared], then rest. Compare the pieces one after the other.
	// Hint: If the user keys are equal, the trailer decides: it stands right behind the key, and the larger one comes first.
	panic(todo.Reached("week 1 day 3 task 3", "Block.compare"))
}

// Get returns the newest version of user with a sequence number of at most at, if the block holds one. The value is a
// slice of the block.
func (b *Block) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool) {
	// TODO(week 1, day 3, task 3): implement Get. Chapter: book/week1/day3-blocks.md#get
	//
	// Hint: kv.SeekKey is the place before which no version that the reader may see can stand.
	// Hint: Search finds the first entry at or after that place. Whose entry may that be?
	panic(todo.Reached("week 1 day 3 task 3", "Block.Get"))
}
