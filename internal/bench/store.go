package bench

// Store is what a workload needs of a store.
type Store interface {
	// Put writes a value. It may be called by any number of goroutines.
	Put(key, value []byte) error
	// Get reads a value into memory of the caller and reports whether the key was there.
	Get(key []byte) (found bool, err error)
	// Scan reads at most limit entries, keys and values, from the first key at or after from, and returns how many there were.
	Scan(from []byte, limit int) (entries int, err error)
	// Settle returns when all background work is done that the writes so far have caused.
	Settle() error
	// Close ends the store.
	Close() error
}

// Compacter is a Store that can merge everything it has when it is asked to. Rows about a compacted tree need one.
type Compacter interface{ Compact() error }

// Settings are what all stores of a row have in common.
type Settings struct {
	Memtable int   // bytes of one memtable
	Cache    int64 // bytes of block cache
	Bits     int   // filter bits a key
	Sync     bool  // each put is durable when it returns
}

// Peer is one kind of store.
type Peer struct {
	Name string
	// Open opens the store in a directory, which may be empty.
	Open func(dir string, s Settings) (Store, error)
	// Durable tells that the store has a log that can be synced, and is found again after a crash.
	Durable bool
	// Mapped tells that the store writes through memory maps, into files that are made larger than what they hold. The bytes
	// that it writes, and what its files take, cannot be counted here then, and are not shown.
	Mapped bool
}
