//lab:day 1.4

package sstable

import (
	"lsmlab/internal/kv"
	"lsmlab/solution/week1/block"
)

// index says which data block can hold a key. The open table keeps it in memory.
type index struct {
	last   []kv.Key // the last key of each data block, ascending; they borrow the index block's bytes
	blocks []Handle // where each data block is; they lie one behind the other from the beginning of the file
}

// parseIndex returns the index in b, the index block of a file that has data blocks from 0 to dataEnd. It reports the
// number of the first entry that makes no sense, and why: keys must ascend, and the blocks fill the space from 0 to
// dataEnd without gap and overlap. So no handle points outside of the file, or at something else than its own block.
//
//lab:todo 2 sstables#index
//lab:hint Walk b with an iterator. A value that is not handleSize bytes long is no handle.
//lab:hint Keep where the last block ended: the next one has to begin there. Handle.within guards against huge numbers.
//lab:hint Keys of a block with the plain codec borrow the block's bytes: they may be kept without copying.
//lab:hint And at the end: is there a block at all? Does the last one end at dataEnd?
func parseIndex(b *block.Block, dataEnd int64) (x index, entry int, wrong string) {
	// #region parse
	x = index{last: make([]kv.Key, 0, b.Len()), blocks: make([]Handle, 0, b.Len())}
	end := int64(0)
	it := b.NewIterator()
	for it.First(); it.Valid(); it.Next() {
		if len(it.Value()) != handleSize {
			return index{}, len(x.last), "value is no handle"
		}
		h := decodeHandle(it.Value())
		if h.Offset != end || !h.within(dataEnd) {
			return index{}, len(x.last), "block is not where the one before ends"
		}
		if n := len(x.last); n > 0 && it.Key().Compare(x.last[n-1]) <= 0 {
			return index{}, n, "key does not stand behind the one before"
		}
		end = h.end()
		x.last = append(x.last, it.Key())
		x.blocks = append(x.blocks, h)
	}
	if len(x.last) == 0 || end != dataEnd {
		return index{}, len(x.last), "blocks do not fill the space before filter and index"
	}
	return x, 0, ""
	// #endregion
}

// search returns the number of the block that holds the first entry at or after target, if the table has one; the number
// of blocks if it has none.
//
//lab:todo 3 sstables#search
//lab:hint Block i ends with last[i]. If last[i] is before target, so is all of block i. If it is not, what can block i+1 tell?
//lab:hint A target in the gap between block 2's last key and block 3's first: which block's first entry is the answer?
func (x *index) search(target kv.Key) int {
	// #region search
	lo, hi := 0, len(x.last) // blocks before lo end before target; blocks from hi on do not
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if x.last[mid].Compare(target) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
	// #endregion
}
