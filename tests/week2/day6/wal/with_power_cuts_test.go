package wal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/wal"
)

// step is one write of a scripted life.
type step struct {
	b    *kv.Batch
	sync bool
}

// life makes the steps in a store, and returns how many were acknowledged, and how many up to the last synced one.
func life(s store, steps []step) (acknowledged, durable int) {
	for i, step := range steps {
		if _, err := s.Write(step.b, step.sync); err != nil {
			return i, durable
		}
		if step.sync {
			durable = i + 1
		}
	}
	return len(steps), durable
}

// script is a life with batches, big values that change logs, and a sync now and then.
func script() []step {
	return []step{
		{batch("a=1"), false}, {batch("b=1", "c=1"), true}, {batch("d=1" + filler), false}, {batch("-a", "e="+filler), false},
		{batch("f=1"), false}, {batch("g=1" + filler), true}, {batch("b=2", "c=2", "-d"), false}, {batch("h=1"), true}, {batch("a=3"), false},
	}
}

// prefixes returns the contents of a store after each number of steps.
func prefixes(steps []step) [][]string {
	m, next := labtest.NewModel(), kv.Seq(1)
	all := [][]string{modelContents(m)}
	for _, s := range steps {
		m.Apply(next, s.b)
		next += kv.Seq(s.b.Len())
		all = append(all, modelContents(m))
	}
	return all
}

// The store is stopped at each of its operations on the disk, one after the other, and begun again over what may be
// left. What it shows then is what it showed after some number of batches: whole batches, none missing in between. No
// synced write is missing; if only the process died, no acknowledged one. Then it goes on, and ends, and begins once
// more.
//
//lab:task 4 points=4
func TestEngine_CrashAtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	steps := script()
	states := prefixes(steps)
	for at := 1; ; at++ {
		d := newDisk(t)
		d.mem.CrashAt(d.mem.Ops() + at)
		acknowledged, durable := 0, 0
		if s, err := tryOpenStore(t, d, wal.Options{}); err == nil {
			acknowledged, durable = life(s, steps)
		}
		if !d.mem.Crashed() {
			require.Greater(t, at, 20, "operations of this life")
			return
		}
		for i, policy := range vfs.Policies(4) {
			least := durable
			if policy == vfs.KeepUnsynced {
				least = acknowledged
			}
			after := overMem(t, d.mem.Crash(policy))
			what := fmt.Sprintf("crash at operation %d, outcome %d, %d acknowledged, %d of them durable", at, i, acknowledged, durable)
			checkPrefix(t, what, after, states, least)
		}
	}
}

// checkPrefix opens a store over what a crash has left, compares, goes on with one write, and opens it again.
func checkPrefix(t labtest.TB, what string, after *disk, states [][]string, least int) {
	t.Helper()
	s := openStore(t, after, wal.Options{})
	got := s.contents(t)
	found := -1
	for i, state := range states {
		if strings.Join(state, "|") == strings.Join(got, "|") {
			found = i
		}
	}
	if found < least {
		t.Fatalf("%s: the store shows %q, which is not what it was after batch %d or a later one", what, got, least)
	}
	_, err := s.Write(batch("z=new"), true)
	require.NoError(t, err, "%s: write in the next life", what)
	again := openStore(t, overMem(t, after.mem.Crash(vfs.LoseUnsynced)), wal.Options{})
	same(t, what+": after one more write and one more crash", append(got, "z=new"), again.contents(t))
}

// Random lives, one after the other, over one disk: random batches, synced or not, and at the end of each life the
// store is closed, or killed, or the power fails. What the next life finds is what the simplest store there is holds
// after some number of batches.
//
//lab:task 4 points=3 random
func TestEngine_RandomLives(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		d := newDisk(t)
		var past []step // what the store holds for certain
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			s := openStore(t, d, wal.Options{LoseOnKill: rapid.Bool().Draw(t, "lose on kill")})
			steps := randomSteps(t)
			_, durable := life(s, steps)
			policy, least := vfs.LoseUnsynced, durable
			switch rapid.IntRange(0, 2).Draw(t, "end") {
			case 0:
				require.NoError(t, s.Close())
				least = len(steps)
			case 1:
				policy = vfs.Tear(rapid.Uint64Range(1, 100).Draw(t, "dice"))
			}
			d = overMem(t, d.mem.Crash(policy))
			past = append(past, survivors(t, d, past, steps, least)...)
		}
	})
}

// randomSteps returns some batches, of which some are large and some are synced.
func randomSteps(t *rapid.T) []step {
	var steps []step
	for _, w := range labtest.Ops(8).Draw(t, "batches") {
		b := &kv.Batch{}
		w.AddTo(b)
		if rapid.IntRange(0, 3).Draw(t, "big") == 0 {
			b.Set([]byte("big"), []byte(filler))
		}
		steps = append(steps, step{b: b, sync: rapid.IntRange(0, 3).Draw(t, "sync") == 0})
	}
	return steps
}

// survivors opens a store over a disk, checks that it holds the past and the first steps, at least so many, and returns
// these.
func survivors(t *rapid.T, d *disk, past, steps []step, least int) []step {
	s := openStore(t, overMem(t, d.mem.Clone()), wal.Options{})
	m, next := labtest.NewModel(), kv.Seq(1)
	n := -len(past)
	for _, step := range append(append([]step{}, past...), steps...) {
		if n >= least && next > s.found.Last {
			break
		}
		m.Apply(next, step.b)
		next += kv.Seq(step.b.Len())
		n++
	}
	same(t, "last write", next-1, s.found.Last)
	same(t, fmt.Sprintf("contents with %d of %d batches of this life, at least %d", n, len(steps), least), modelContents(m), s.contents(t))
	return steps[:max(n, 0)]
}
