package memtable

// The engine of day 1.6 has many writers and may freeze a table at any moment. Two questions then need an answer before
// anybody inserts: is there room for the whole batch, and is somebody still inside? Both are answered here, by promise:
// a writer reserves its room and counts in under the engine's lock, inserts without it, and counts out.

// Capacity returns the size of an arena that surely has room for so many writes with so many bytes of keys and values.
func Capacity(writes, payload int) int { return minCapacity + writes*maxNode + payload }

// Reserve promises room for so many writes with so many bytes of keys and values, and counts the caller in as a writer,
// who must call Done. It returns false, and does neither, if the room is not there. Calls must not overlap: the engine
// holds its lock.
//
// Heights are thrown later, so each entry is promised the highest tower. While nobody is inside, what was promised too
// much is known, and given back.
func (t *Table) Reserve(writes, payload int) bool {
	if t.inside.Load() == 0 {
		t.reserved = t.list.used.Load()
	}
	need := uint64(writes)*uint64(maxNode) + uint64(payload)
	if t.reserved+need > t.list.capacity {
		return false
	}
	t.reserved += need
	t.inside.Add(1)
	t.writers.Add(1)
	return true
}

// Done counts a writer out.
func (t *Table) Done() {
	t.inside.Add(-1)
	t.writers.Done()
}

// WaitWriters returns when no writer is inside any more. It is for a frozen table, in which nobody reserves.
func (t *Table) WaitWriters() { t.writers.Wait() }
