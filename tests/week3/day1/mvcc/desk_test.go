package mvcc_test

import (
	"fmt"
	"maps"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
)

// desk is a collector for tests. It keeps what is needed by the readers that it knows of, and drops everything else
// as soon as something is flushed or merged. And it writes down who came.
type desk struct {
	// asked is called at the beginning of each Acquire, before the visible number is loaded; floored when Floor has
	// made up its mind. Here a test can do what others might do at this moment.
	asked, floored func()

	mu      sync.Mutex
	readers map[kv.Seq]int // guarded by mu, as all below: how many at each number
	floor   kv.Seq
	log     []string
}

// newDesk returns a desk that nobody has come to.
func newDesk() *desk { return &desk{readers: map[kv.Seq]int{}} }

// Keeper keeps what the oldest reader needs, and all that come after it.
func (d *desk) Keeper(visible kv.Seq) engine.Keeper {
	d.mu.Lock()
	defer d.mu.Unlock()
	mark := visible
	for seq := range d.readers {
		mark = min(mark, seq)
	}
	return deskKeeper{d, mark}
}

// Acquire counts a reader in.
func (d *desk) Acquire(visible func() kv.Seq) kv.Seq {
	if d.asked != nil {
		d.asked()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	seq := visible()
	d.readers[seq]++
	d.log = append(d.log, fmt.Sprint("acquire ", seq))
	return seq
}

// AcquireAt counts a reader in, unless it comes too late.
func (d *desk) AcquireAt(v kv.Seq) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, fmt.Sprint("acquire at ", v))
	if v < d.floor {
		return false
	}
	d.readers[v]++
	return true
}

// Release counts a reader out.
func (d *desk) Release(v kv.Seq) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, fmt.Sprint("release ", v))
	if d.readers[v]--; d.readers[v] == 0 {
		delete(d.readers, v)
	}
}

// Floor returns the highest number at which something was dropped that is missing below it. That a keeper was asked for
// does not move it: the engine asks for one each time that it looks whether there is anything to merge, and nobody knows
// when that is.
func (d *desk) Floor() kv.Seq {
	d.mu.Lock()
	floor := d.floor
	d.mu.Unlock()
	if d.floored != nil {
		d.floored()
	}
	return floor
}

// Opened writes that down.
func (d *desk) Opened(last kv.Seq) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, fmt.Sprint("opened ", last))
}

// Cleanup does nothing.
func (d *desk) Cleanup([]byte, kv.Seq, func([]byte, kv.Seq) bool) {}

// calls returns what was written down since the last time.
func (d *desk) calls() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := append([]string{}, d.log...)
	d.log = nil
	return calls
}

// inside returns how many are counted in, by number.
func (d *desk) inside() map[kv.Seq]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.readers)
}

// deskKeeper drops what nobody sees who reads at its number or later.
type deskKeeper struct {
	desk *desk
	at   kv.Seq
}

// Keep keeps what is newer than the number, and the one version that is seen at it.
func (k deskKeeper) Keep(key kv.Key, newer kv.Seq, bottom bool) bool {
	hidden := newer != 0 && newer <= k.at
	if key.Seq() > k.at || !hidden && (key.Kind() == kv.KindSet || !bottom) {
		return true
	}
	k.desk.mu.Lock()
	defer k.desk.mu.Unlock()
	k.desk.floor = max(k.desk.floor, k.at)
	return false
}
