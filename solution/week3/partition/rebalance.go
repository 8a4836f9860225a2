//lab:day 3.7

package partition

import (
	"context"
	"errors"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/solution/week2/manifest"
	"lsmlab/solution/week2/store"
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
//
//lab:todo 5 partitions#rebalance
//lab:hint The lock. begin reads the map and writes down what will be done; without a Target in its map nothing is to be done.
//lab:hint openStores for m.Partitions, a mover, empty for each of them, close them all, m.commit.
//lab:hint If anything fails before the commit, closing included, the map must go on saying that this has not ended.
func rebalance(ctx context.Context, dir string, o *Options) (moved int, err error) {
	// #region rebalance
	lock, err := manifest.Lock(o.Store.FS, dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	m, err := begin(dir, o)
	if err != nil || m.Target == "" {
		return 0, err
	}
	stores, err := openStores(dir, &o.Store, m.Partitions)
	if err != nil {
		return 0, err
	}
	v := &mover{ctx: ctx, router: o.Router, stores: stores, copies: make([]kv.Batch, len(stores))}
	for i := 0; i < len(stores) && err == nil; i++ {
		err = v.empty(i)
	}
	if err = errors.Join(err, each(stores, (*store.Store).Close)); err != nil {
		return v.moved, err
	}
	return v.moved, m.commit(o.Store.FS, dir, o.Router.Count())
	// #endregion
}

// begin reads the map of the database in dir, and writes down that its keys are being moved. If they need not be, the
// map that it returns has no Target.
//
//lab:todo 5 partitions#rebalance
//lab:hint A router that has less than one partition is refused before anything is written.
//lab:hint First what an earlier one has left: checkDirs and m.sweep. Not if that one has not ended: its new directories need not be there yet.
//lab:hint Keys may be in all directories that there are, and in those that there will be. How many are that?
func begin(dir string, o *Options) (m Map, err error) {
	// #region begin
	fs, n := o.Store.FS, o.Router.Count()
	if n < 1 {
		return m, fmt.Errorf("options: %v has no partitions", o.Router)
	}
	if m, err = ReadMap(fs, dir); err != nil {
		return m, err
	}
	if m.Target == "" {
		if err := errors.Join(checkDirs(fs, dir, m.Partitions), m.sweep(fs, dir)); err != nil || m.Router == o.Router.String() {
			return m, err
		}
		m.Leftover = 0
	}
	m = Map{Router: m.Router, Target: o.Router.String(), Partitions: max(m.Partitions+m.Leftover, n)}
	return m, m.write(fs, dir)
	// #endregion
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
//
//lab:todo 5 partitions#move
//lab:hint A scan of all keys. What belongs elsewhere goes into v.copies of that partition, and into v.gone.
//lab:hint ship whenever v.size has reached shipment, and at the end.
//lab:hint A scan that has failed looks like one that has come to its end.
func (v *mover) empty(from int) error {
	// #region empty
	scan := v.stores[from].Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	for key, value := range scan.All() {
		to := v.router.Route(key)
		if to == from {
			continue
		}
		v.copies[to].Set(key, value)
		v.gone.Delete(key)
		if v.size += len(key) + len(value); v.size >= shipment {
			if err := v.ship(from); err != nil {
				return err
			}
		}
	}
	if err := scan.Err(); err != nil {
		return failure(from, err)
	}
	return v.ship(from)
	// #endregion
}

// ship writes the copies to where they belong, and then deletes the keys from where they were.
//
//lab:todo 5 partitions#move
//lab:hint Store.Write has a parameter for it: the copies must be durable before the first delete is written.
//lab:hint Reset what was written: the next shipment begins with nothing.
//lab:hint This is a good place to look at v.ctx.
func (v *mover) ship(from int) error {
	// #region ship
	if err := v.ctx.Err(); err != nil {
		return err
	}
	for to := range v.copies {
		if _, err := v.stores[to].Write(&v.copies[to], true); err != nil {
			return failure(to, err)
		}
		v.copies[to].Reset()
	}
	if err := v.stores[from].Apply(&v.gone); err != nil {
		return failure(from, err)
	}
	v.moved += v.gone.Len()
	v.gone.Reset()
	v.size = 0
	return nil
	// #endregion
}
