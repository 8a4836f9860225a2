//lab:day 2.4

package leveled

import (
	"slices"

	"lsmlab/internal/shape"
)

// Targets returns how many bytes each level should have at most, by level, and the base level, into which level 0 is
// merged. The target of a level that should be empty is 0, and so is that of level 0, which goes by its number of runs.
//
// With B the base size, M the multiplier, and S the size of the largest level but level 0, of levels 1 … b:
//
//	target(b) = max(S, B)
//	target(l) = target(l+1) / M     rounded down, as long as l ≥ 1 and target(l+1) > B
//
// The last level that gets a target so is where the plan begins, and its target is B, whatever the division gave. It is
// the base level; but if a level above it still has tables, the highest such level is: what is merged below it would
// come to lie under older versions of the same keys. Pick empties such levels.
//
// This is RocksDB's level_compaction_dynamic_level_bytes (VersionStorageInfo::CalculateBaseBytes in db/version_set.cc).
// Why S is the largest level and not the bottom: after many deletes, or in a tree of another policy, the bottom may be
// nearly empty. Why B for the base level: a target below the size of what comes down from level 0 at once would only
// send it on, at once. The two differ by rounding, and if even level 1 would be larger than B: RocksDB then counts down
// again from level 1.
//
//lab:todo 1 leveled#targets
//lab:hint p.withDefaults().sizes(t) gives the bytes of every level. The bottom is the last of them.
//lab:hint Go up from the bottom. When does the plan need one level more, and where must it end at the latest?
//lab:hint Then look down from level 1: which levels must the base level not be below?
func (p Policy) Targets(t shape.Tree) (targets []int64, base int) {
	p = p.withDefaults()
	sizes := p.sizes(t)
	// #region targets
	targets, base = make([]int64, len(sizes)), len(sizes)-1
	targets[base] = slices.Max(sizes[1:])
	for base > 1 && targets[base] > p.BaseSize {
		base--
		targets[base] = targets[base+1] / int64(p.Multiplier)
	}
	targets[base] = p.BaseSize
	// #endregion
	// #region base
	for level := 1; level < base; level++ {
		if sizes[level] > 0 {
			return targets, level
		}
	}
	return targets, base
	// #endregion
}
