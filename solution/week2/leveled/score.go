//lab:day 2.4

package leveled

import "lsmlab/internal/shape"

// Scores returns, by level, how much each needs that something is merged out of it; from 1 on it does.
//
//   - Level 0: its runs, divided by Runs.
//   - A level with a target: its size, divided by the target.
//   - A level that should be empty and is not: its size, divided by BaseSize, but 1 at least: others first.
//   - The bottom: 0, it has nowhere to go.
//
// Level 0 counts runs because every read has to look into each of them; in bytes they may be few. LevelDB and RocksDB
// do so too.
//
//lab:todo 2 leveled#scores
//lab:hint The bottom is the last level of targets, not of the runs that the tree has now.
//lab:hint Divide floats: of 3 runs and a trigger of 4, integers make 0.
func (p Policy) Scores(t shape.Tree) []float64 {
	p = p.withDefaults()
	// #region scores
	sizes := p.sizes(t)
	targets, _ := p.Targets(t)
	scores := make([]float64, len(sizes))
	scores[0] = float64(len(t.Level(0))) / float64(p.Runs)
	for level := 1; level < len(sizes)-1; level++ {
		switch {
		case targets[level] > 0:
			scores[level] = float64(sizes[level]) / float64(targets[level])
		case sizes[level] > 0:
			scores[level] = max(1, float64(sizes[level])/float64(p.BaseSize))
		}
	}
	return scores
	// #endregion
}

// Urgent returns the level with the highest score, and that score. Of several it is the highest up in the tree: what
// leaves level 0 makes every read cheaper, and writers may be waiting for it.
//
//lab:todo 2 leveled#urgent
//lab:hint Greater, or greater or equal? One of the two gives the level that is higher up.
func (p Policy) Urgent(t shape.Tree) (level int, score float64) {
	// #region urgent
	for l, s := range p.Scores(t) {
		if s > score {
			level, score = l, s
		}
	}
	return level, score
	// #endregion
}
