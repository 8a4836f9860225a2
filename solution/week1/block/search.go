//lab:day 1.3

package block

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"lsmlab/internal/kv"
)

// Search returns the index of the first entry at or after target, Len if there is none. It looks at about log2(Len)
// entries, where they lie, and copies nothing.
//
//lab:todo 3 blocks#search
//lab:hint Keep two numbers so that every entry before lo is below target, and no entry from hi on is.
//lab:hint The loop ends when lo and hi meet. Can that be at 0? At Len?
func (b *Block) Search(target kv.Key) int {
	// #region search
	lo, hi := 0, b.Len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if b.compare(mid, target) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
	// #endregion
}

// compare orders entry i against target as kv.Key.Compare does, without putting the entry's key together.
//
//lab:todo 3 blocks#compare
//lab:hint b.split gives the key in two pieces: first[:shared], then rest. Compare the pieces one after the other.
//lab:hint If the user keys are equal, the trailer decides: it stands right behind the key, and the larger one comes first.
func (b *Block) compare(i int, target kv.Key) int {
	// #region compare
	src := b.entries[b.Offset(i):]
	shared, rest, n := b.split(src)
	user := target.User
	if shared > 0 {
		head := min(shared, len(user))
		if c := bytes.Compare(b.first[:shared], user[:head]); c != 0 {
			return c
		}
		user = user[head:]
	}
	if c := bytes.Compare(rest, user); c != 0 {
		return c
	}
	return cmp.Compare(uint64(target.Trailer), binary.LittleEndian.Uint64(src[n:]))
	// #endregion
}

// Get returns the newest version of user with a sequence number of at most at, if the block holds one. The value is a
// slice of the block.
//
//lab:todo 3 blocks#get
//lab:hint kv.SeekKey is the place before which no version that the reader may see can stand.
//lab:hint Search finds the first entry at or after that place. Whose entry may that be?
func (b *Block) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool) {
	// #region get
	i := b.Search(kv.SeekKey(user, at))
	if i == b.Len() {
		return nil, 0, false
	}
	src := b.entries[b.Offset(i):]
	shared, rest, n := b.split(src)
	if shared+len(rest) != len(user) || !bytes.Equal(b.first[:shared], user[:shared]) || !bytes.Equal(rest, user[shared:]) {
		return nil, 0, false
	}
	kind = kv.Trailer(binary.LittleEndian.Uint64(src[n:])).Kind()
	value, _ = valueAt(src, n+kv.TrailerSize)
	return value, kind, true
	// #endregion
}
