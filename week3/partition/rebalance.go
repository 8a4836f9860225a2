package partition

import (
	"context"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week2/store"
)

// Rebalance moves the keys of the database in dir, which nobody has open, to where o.Router wants them, and returns
// how many it has moved. There may be more partitions then, fewer, or as many; directories that are not needed any
// more are removed. Only the newest value of a key is moved.
//
// It refuses what Open refuses, but for another router and for keys that are half-way, and begins nothing then.
//
// It may be interrupted at any moment, by an error, by ctx or by a crash. No key is lost then, but some may be in two
// places: so the database does not open until Rebalance was called again, with the same router or with another one,
// and has finished.
func Rebalance(ctx context.Context, dir string, o *Options) (moved int, err error) {
	opts := o.withDefaults()
	if moved, err = rebalance(ctx, dir, &opts); err != nil {
		err = fmt.Errorf("rebalance %s: %w", dir, err)
	}
	return moved, err
}

// rebalance does what Rebalance does, with all defaults filled in.
//
//  1. The map says that keys are being moved before the first one is. From then on nobody reads or writes by the old
//     router.
//  2. A key is durable in its new place before it is deleted from the old one (ship). In between it is in both, with
//     the same value, since nobody writes. So whoever begins again may copy it once more.
//  3. Where a key lies now is seen by where it is found, and not computed by the old router. So it does not matter how
//     far an earlier attempt came, and for which router it was.
//  4. The map says that all have been moved when the deletes are durable, too. Close has seen to it, if it returned
//     nil.
//  5. Directories are removed after that. Whoever opens the database continues there: Map.Leftover.
func rebalance(ctx context.Context, dir string, o *Options) (moved int, err error) {
	// TODO(week 3, day 7, task 5): implement rebalance. Chapter: book/week3/day7-partitions.md#rebalance
	//
	// Hint: The lock. begin reads the map and writes down what will be done; without a Target in its map nothing is to be done.
	// Hint: openStores for m.Partitions, a mover, empty for each of them, close them all, m.commit.
	// Hint: If anything fails before the commit, closing included, the map must go on saying that this has not ended.
	panic(todo.Reached("week 3 day 7 task 5", "rebalance"))
}

// begin reads the map of the database in dir, and writes down that its keys are being moved. If they need not be, the
// map that it returns has no Target.
func begin(dir string, o *Options) (m Map, err error) {
	// TODO(week 3, day 7, task 5): implement begin. Chapter: book/week3/day7-partitions.md#rebalance
	//
	// Hint: A router that has less than one partition is refused before anything is written.
	// Hint: First what an earlier one has left: checkDirs and m.sweep. Not if that one has not ended: its new directories need not be there yet.
	// Hint: Keys may be in all directories that there are, and in those that there will be. How many are that?
	panic(todo.Reached("week 3 day 7 task 5", "begin"))
}

// shipment is how many bytes of keys and values are copied at once.
const shipment = 1 << 20

// mover carries keys to the partitions that they belong to.
type mover struct {
	ctx    context.Context
	router Router
	stores []*store.Store
	copies []kv.Batch // for each partition, what will be copied to it
	gone   kv.Batch   // the deletes of the same keys, for the partition where they are now
	size   int        // bytes of keys and values in copies
	moved  int        // keys that have been moved
}

// empty moves all keys of partition from that belong elsewhere.
func (v *mover) empty(from int) error {
	// TODO(week 3, day 7, task 5): implement empty. Chapter: book/week3/day7-partitions.md#move
	//
	// Hint: A scan of all keys. What belongs elsewhere goes into v.copies of that partition, and into v.gone.
	// Hint: ship whenever v.size has reached shipment, and at the end.
	// Hint: A scan that has failed looks like one that has come to its end.
	panic(todo.Reached("week 3 day 7 task 5", "mover.empty"))
}

// ship writes the copies to where they belong, and then deletes the keys from where they were.
func (v *mover) ship(from int) error {
	// TODO(week 3, day 7, task 5): implement ship. Chapter: book/week3/day7-partitions.md#move
	//
	// Hint: Store.Write has a parameter for it: the copies must be durable before the first delete is written.
	// Hint: Reset what was written: the next shipment begins with nothing.
	// Hint: This is a good place to look at v.ctx.
	panic(todo.Reached("week 3 day 7 task 5", "mover.ship"))
}
