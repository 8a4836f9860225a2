package crashlab

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// Kind is what a step does.
type Kind int

// The kinds of steps. Reopen closes the store and opens it again.
const (
	Write Kind = iota
	SyncedWrite
	Sync
	Flush
	Compact
	Reopen
)

// Step is one step of a script.
type Step struct {
	Kind Kind
	Ops  labtest.Write // of a write
}

// String returns the step for people.
func (s Step) String() string {
	switch s.Kind {
	case Write:
		return "write " + s.Ops.String()
	case SyncedWrite:
		return "write and sync " + s.Ops.String()
	}
	return [...]string{Sync: "sync", Flush: "flush", Compact: "compact", Reopen: "reopen"}[s.Kind]
}

// Script is what is done to a store. It begins with an open store and ends with Close.
type Script []Step

// String returns the script, a step a line.
func (s Script) String() string {
	var b strings.Builder
	for i, step := range s {
		fmt.Fprintf(&b, "%4d  %s\n", i+1, step)
	}
	return b.String()
}

// Parse returns the script that a text describes: words divided by spaces, for people who write tests.
//
//	put:a=1   a write           put!:a=1   a write that is synced
//	del:a     a delete          batch:a=1,b=2,-c   several writes that belong together, synced as batch!:…
//	sync  flush  compact  reopen
//
// A mistake in it is the programmer's, and a panic.
func Parse(text string) Script {
	var s Script
	kinds := map[string]Kind{"put": Write, "del": Write, "batch": Write, "sync": Sync, "flush": Flush, "compact": Compact, "reopen": Reopen}
	for _, word := range strings.Fields(text) {
		name, rest, _ := strings.Cut(word, ":")
		name, synced := strings.CutSuffix(name, "!")
		kind, ok := kinds[name]
		if !ok {
			panic("crashlab: unknown step " + word)
		}
		step := Step{Kind: kind}
		if kind == Write {
			step.Ops = parseOps(name, rest)
			if synced {
				step.Kind = SyncedWrite
			}
		}
		s = append(s, step)
	}
	return s
}

// parseOps reads what stands behind the colon.
func parseOps(name, text string) labtest.Write {
	var w labtest.Write
	for _, word := range strings.Split(text, ",") {
		key, value, set := strings.Cut(word, "=")
		switch {
		case set:
			w = append(w, kv.Op{Kind: kv.KindSet, Key: []byte(key), Value: []byte(value)})
		case name == "del" || strings.HasPrefix(key, "-"):
			w = append(w, kv.Op{Kind: kv.KindDelete, Key: []byte(strings.TrimPrefix(key, "-"))})
		default:
			panic("crashlab: " + word + " is neither key=value nor a delete")
		}
	}
	return w
}

// Random returns a script of n steps: mostly writes to few keys, so that they meet again, a third of them deletes, some
// batches, some synced; now and then a sync, a flush, a compaction, a reopening.
func Random(seed uint64, n int) Script {
	dice := rand.New(rand.NewPCG(seed, 0xc4a54))
	var s Script
	for i := range n {
		switch roll := dice.IntN(100); {
		case roll < 4:
			s = append(s, Step{Kind: Sync})
		case roll < 12:
			s = append(s, Step{Kind: Flush})
		case roll < 16:
			s = append(s, Step{Kind: Compact})
		case roll < 20:
			s = append(s, Step{Kind: Reopen})
		case roll < 35:
			s = append(s, Step{Kind: SyncedWrite, Ops: randomOps(dice, i)})
		default:
			s = append(s, Step{Kind: Write, Ops: randomOps(dice, i)})
		}
	}
	return s
}

// randomOps returns one write, or now and then a batch. Values tell the step that wrote them.
func randomOps(dice *rand.Rand, step int) labtest.Write {
	n := 1
	if dice.IntN(4) == 0 {
		n = 2 + dice.IntN(4)
	}
	var w labtest.Write
	for i := range n {
		op := kv.Op{Kind: kv.KindDelete, Key: fmt.Appendf(nil, "key%02d", dice.IntN(24))}
		if dice.IntN(3) > 0 {
			op.Kind = kv.KindSet
			op.Value = fmt.Appendf(nil, "%d.%d", step, i)
			if dice.IntN(8) == 0 {
				op.Value = append(op.Value, strings.Repeat("x", dice.IntN(600))...)
			}
		}
		w = append(w, op)
	}
	return w
}
