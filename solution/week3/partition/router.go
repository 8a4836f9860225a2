//lab:day 3.7

package partition

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Router says to which partition a key belongs. It may be used by any number of goroutines.
type Router interface {
	// Route returns the number of the key's partition: 0 or more, and less than Count. For one key it is always the
	// same, in every process and on every machine.
	Route(key []byte) int
	// Count returns how many partitions there are, at least 1.
	Count() int
	// String returns the router's name and all that its routes depend on. It is stored, and two routers that say the
	// same here must route the same.
	String() string
}

// router is a Router of this package.
type router struct {
	name  string // what String returns
	count int
	route func(key []byte) int
}

// Route returns the number of the key's partition.
func (r *router) Route(key []byte) int { return r.route(key) }

// Count returns the number of partitions.
func (r *router) Count() int { return r.count }

// String returns the router's name and its parameters, as in hash(4) and ranges(["g" "p"]).
func (r *router) String() string { return r.name }

// Hash returns the router that spreads keys over n partitions by a hash. With another n nearly every key belongs
// elsewhere.
func Hash(n int) Router {
	return &router{fmt.Sprintf("hash(%d)", n), n, func(key []byte) int { return modulo(sum(key), n) }}
}

// Consistent returns a router by consistent hashing (Karger and others 1997). All hashes form a ring, on which each
// partition has many points, the same ones whatever n is. A key belongs to the partition of the first point at or
// behind its hash. So a partition that is added takes from each of the others a little, about one key in n+1
// altogether, and no key moves between two old ones.
func Consistent(n int) Router {
	points := ringOf(n)
	return &router{fmt.Sprintf("consistent(%d)", n), n, func(key []byte) int { return owner(points, sum(key)) }}
}

// Ranges returns the router that divides keys by their order: the first partition has the keys below the first split,
// the second those from there on and below the second, and so on. So n-1 splits make n partitions. They may be given
// in any order, and two that are equal count once.
func Ranges(splits ...string) Router {
	splits = slices.Clone(splits)
	slices.Sort(splits)
	splits = slices.Compact(splits)
	return &router{fmt.Sprintf("ranges(%q)", splits), len(splits) + 1, func(key []byte) int { return rangeOf(splits, key) }}
}

// Jump returns a router by jump consistent hashing (Lamping and Veach 2014): as Consistent, but without a ring, and as
// even as Hash. A partition can be added or taken away at the end only.
func Jump(n int) Router {
	return &router{fmt.Sprintf("jump(%d)", n), n, func(key []byte) int { return jump(sum(key), n) }}
}

// The constants of FNV-1a with 64 bits (Fowler, Noll, Vo).
const (
	fnvOffset uint64 = 14695981039346656037
	fnvPrime  uint64 = 1099511628211
)

// sum returns the hash of a key: mix of its FNV-1a hash. That begins with fnvOffset, and for each byte takes the
// exclusive or with it, and then multiplies by fnvPrime. What does not fit into 64 bits is cut off. It is part of the
// format: keys lie where it has put them.
//
//lab:todo 1 partitions#hash
//lab:hint In Go, uint64 arithmetic wraps around: that is the cutting off.
//lab:hint FNV-1a: first the byte, then the prime. (FNV-1 does it the other way round, and is another hash.)
func sum(key []byte) uint64 {
	// #region sum
	h := fnvOffset
	for _, b := range key {
		h = (h ^ uint64(b)) * fnvPrime
	}
	return mix(h)
	// #endregion
}

// mix spreads what distinguishes two numbers over all of their bits, and gives different numbers different results. It
// is the last step of MurmurHash3 (Appleby). FNV alone is weak in its upper bits where keys are short and differ at
// their ends.
func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// modulo returns what is left when a hash is divided by the number of partitions.
//
//lab:todo 1 partitions#hash
//lab:hint The hash has 64 bits, and half of all hashes are no positive int. On a 32-bit machine an int cannot even hold them. When do you convert?
func modulo(hash uint64, n int) int {
	// #region modulo
	return int(hash % uint64(n))
	// #endregion
}

// pointsEach is how many points of the ring a partition has. The more there are, the more even are the shares: they
// differ from each other by about one part in √512, which is 4 %. It is part of the format.
const pointsEach = 512

// point is a place on the ring, where some keys of a partition end.
type point struct {
	hash      uint64
	partition int
}

// pointOf returns point i of a partition.
func pointOf(partition, i int) point {
	return point{hash: mix(uint64(partition)<<32 | uint64(i)), partition: partition}
}

// ringOf returns the points of n partitions, pointsEach for each, ascending by their hashes.
//
//lab:todo 1 partitions#consistent
//lab:hint pointOf(partition, i), for i below pointsEach. slices.SortFunc and cmp.Compare put them in order.
func ringOf(n int) []point {
	// #region ring
	var points []point
	for partition := range n {
		for i := range pointsEach {
			points = append(points, pointOf(partition, i))
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.hash, b.hash) })
	return points
	// #endregion
}

// owner returns the partition of the first point at or behind a hash. Behind the last point the ring begins again.
//
//lab:todo 1 partitions#consistent
//lab:hint sort.Search returns where the first point is for which something holds. That may be len(points).
func owner(points []point, hash uint64) int {
	// #region owner
	i := sort.Search(len(points), func(i int) bool { return points[i].hash >= hash })
	return points[i%len(points)].partition
	// #endregion
}

// rangeOf returns the number of the range that the key lies in. The splits ascend.
//
//lab:todo 1 partitions#ranges
//lab:hint How many splits are at or below the key? A key that equals a split belongs to the range that begins there.
//lab:hint sort.Search finds the first of many for which something holds. There may be thousands of splits.
func rangeOf(splits []string, key []byte) int {
	// #region ranges
	return sort.Search(len(splits), func(i int) bool { return splits[i] > string(key) })
	// #endregion
}

// jump follows a key while partitions are added, one after the other. It begins in partition 0, and each time it
// moves, it moves to the one that has just been added; the last of these moves that n partitions allow is where it is.
// The dice are a sequence of states: the first is the hash, and the next state is state · 2862933555777941757 + 1.
// With a new state a key in partition b moves when partition ⌊(b+1) · 2³¹ / (the state's upper 31 bits + 1)⌋ is added.
//
//lab:todo bonus partitions#jump
//lab:hint Keep two numbers: where the key is, and where it would move next. As long as that is below n, it moves.
//lab:hint float64(b+1) * (float64(1<<31) / float64(state>>33+1)): each step is rounded in the same way on every machine.
func jump(state uint64, n int) int {
	// #region jump
	var at int64
	for next := at; next < int64(n); {
		at = next
		state = state*2862933555777941757 + 1
		next = int64(float64(at+1) * (float64(1<<31) / float64(state>>33+1)))
	}
	return int(at)
	// #endregion
}
