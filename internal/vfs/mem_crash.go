package vfs

import (
	"math/rand/v2"
	"path"
	"slices"
)

// Policy decides what a crash leaves of that which was not synced. What was synced is always left.
type Policy struct {
	keep bool
	seed uint64
	tear bool
}

var (
	// LoseUnsynced is the policy under which nothing survives that was not synced.
	LoseUnsynced = Policy{}
	// KeepUnsynced is the policy under which everything survives, as when a process dies and its machine does not.
	KeepUnsynced = Policy{keep: true}
)

// Tear returns a policy that rolls dice. Of each file a prefix of the unsynced bytes survives, sometimes with a tail of
// zeros, as when a file's length reached the disk before its contents; of the unsynced changes of directories each
// survives or does not. The same seed gives the same outcome for the same history.
func Tear(seed uint64) Policy { return Policy{tear: true, seed: seed} }

// Policies returns the outcomes worth trying for one crash: all is lost, all is kept, and n torn ones.
func Policies(n int) []Policy {
	all := []Policy{LoseUnsynced, KeepUnsynced}
	for seed := range uint64(n) {
		all = append(all, Tear(seed+1))
	}
	return all
}

// Crash stops m for good, if it has not crashed already, and returns what is found on its disk afterwards: a new file
// system in which everything is durable and no lock is held. It may be called again, to see what another policy leaves.
func (m *Mem) Crash(p Policy) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.crashed = true
	return m.imageLocked(p)
}

// Preview returns what Crash would, and m goes on.
func (m *Mem) Preview(p Policy) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.imageLocked(p)
}

// Clone returns a copy of the file system as programs see it now, everything in it durable. m goes on.
func (m *Mem) Clone() *Mem { return m.Preview(KeepUnsynced) }

// imageLocked returns what a crash now would leave.
func (m *Mem) imageLocked(p Policy) *Mem {
	s := survivor{policy: p, dice: rand.New(rand.NewPCG(p.seed, 0x6c736d)), files: map[*node]*node{}, dirs: map[*node]map[string]*node{}}
	s.collect(m.root)
	for _, c := range m.pending {
		if s.survives() {
			for _, e := range c {
				s.set(e)
			}
		}
	}
	after := NewMem()
	after.root = s.copyDir(m.root)
	return after
}

// survivor builds the image that a crash leaves.
type survivor struct {
	policy Policy
	dice   *rand.Rand
	files  map[*node]*node            // copies made so far: a file with two names stays one file
	dirs   map[*node]map[string]*node // surviving entries of each directory
}

// collect takes over the durable entries of dir and of all durable directories below.
func (s *survivor) collect(dir *node) {
	if s.dirs[dir] != nil {
		return
	}
	entries := map[string]*node{}
	s.dirs[dir] = entries
	for base, n := range dir.kept {
		entries[base] = n
		if n.isDir() {
			s.collect(n)
		}
	}
}

// survives rolls the dice for one change that was not synced.
func (s *survivor) survives() bool {
	return s.policy.keep || s.policy.tear && s.dice.IntN(2) == 0
}

// set makes an entry survive.
func (s *survivor) set(e entry) {
	s.collect(e.dir)
	if e.n != nil && e.n.isDir() {
		s.collect(e.n)
	}
	set(s.dirs[e.dir], e.base, e.n)
}

// copyDir copies what survives of a directory, in sorted order, so that the dice fall the same way each time.
func (s *survivor) copyDir(dir *node) *node {
	after := newDir()
	for _, base := range sortedKeys(s.dirs[dir]) {
		n := s.dirs[dir][base]
		c := s.files[n]
		if c == nil && n.isDir() {
			c = s.copyDir(n)
		} else if c == nil {
			data := s.contents(n)
			c = &node{data: data, durable: data}
			s.files[n] = c
		}
		after.children[base], after.kept[base] = c, c
	}
	return after
}

// contents returns the bytes that survive of a file. Its capacity is cut, so that whoever appends copies.
func (s *survivor) contents(n *node) []byte {
	switch {
	case s.policy.keep:
		return slices.Clip(n.data)
	case !s.policy.tear || !n.dirty():
		return slices.Clip(n.durable)
	case n.cut:
		return s.either(n.durable, n.data) // the cut reached the disk or it did not
	}
	unsynced := len(n.data) - len(n.durable)
	data := slices.Clone(n.data[:len(n.durable)+s.dice.IntN(unsynced+1)])
	if survived := data[len(n.durable):]; s.dice.IntN(4) == 0 && len(survived) > 0 {
		clear(survived[s.dice.IntN(len(survived)):])
	}
	return slices.Clip(data)
}

// either rolls the dice between two images of a file.
func (s *survivor) either(a, b []byte) []byte {
	if s.dice.IntN(2) == 0 {
		return slices.Clip(a)
	}
	return slices.Clip(b)
}

// Unsynced returns, sorted, the names whose loss a crash could bring: files with bytes that are not durable, and entries
// of directories that are not (made, renamed, removed).
func (m *Mem) Unsynced() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := map[string]*node{}
	var walk func(dir *node, at string)
	walk = func(dir *node, at string) {
		for base, n := range dir.children {
			if n.dirty() || dir.kept[base] != n {
				names[path.Join(at, base)] = n
			}
			if n.isDir() {
				walk(n, path.Join(at, base))
			}
		}
		for base, n := range dir.kept {
			if dir.children[base] == nil {
				names[path.Join(at, base)] = n
			}
		}
	}
	walk(m.root, "")
	return sortedKeys(names)
}
