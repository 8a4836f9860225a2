//lab:day 2.4

package leveled

import "lsmlab/internal/shape"

// choose returns the table of a level, of which there is one at least, that is to be merged into the level below.
func (p Policy) choose(tables, below []shape.Table) shape.Table {
	if p.LeastOverlap {
		return leastOverlap(tables, below)
	}
	return oldest(tables)
}

// oldest returns the table with the lowest number: it has waited longest. Its merge gives tables with higher numbers, so
// every table's turn comes, and the whole range of keys is gone through. No pointer has to be kept for that, as LevelDB's
// compact_pointer.
//
//lab:todo 4 leveled#fair
//lab:hint Table.Number: what was made later has a higher one.
func oldest(tables []shape.Table) shape.Table {
	// #region oldest
	best := tables[0]
	for _, table := range tables[1:] {
		if table.Number < best.Number {
			best = table
		}
	}
	return best
	// #endregion
}

// leastOverlap returns the table for which the least has to be rewritten below, for each byte of its own; of several the one
// with the lowest number. This is RocksDB's kMinOverlappingRatio.
//
//lab:todo bonus leveled#least
//lab:hint overlapping gives what a table meets, shape.Size how much that is.
//lab:hint The ratio decides, not the bytes: a table of twice the size may meet twice as much.
//lab:stub return oldest(tables)
func leastOverlap(tables, below []shape.Table) shape.Table {
	// #region least
	best, cost := tables[0], ratio(tables[0], below)
	for _, table := range tables[1:] {
		c := ratio(table, below)
		if c < cost || c == cost && table.Number < best.Number {
			best, cost = table, c
		}
	}
	return best
	// #endregion
}

// ratio returns the bytes that a table meets below for each byte of its own.
//
//lab:omit
func ratio(table shape.Table, below []shape.Table) float64 {
	return float64(shape.Size(overlapping(below, table.First, table.Last))) / float64(table.Size)
}
