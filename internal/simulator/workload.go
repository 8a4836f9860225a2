package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Workload names a way to choose the keys that are written.
type Workload string

// The workloads.
const (
	// Uniform writes all keys alike; one write in ten is a delete.
	Uniform Workload = "uniform"
	// Hot writes few keys very often and many keys now and then, like Zipf's law; one write in twenty is a delete.
	Hot Workload = "hot"
	// Sequential writes ever higher keys, as a log of events does.
	Sequential Workload = "sequential"
	// Queue writes ever higher keys and deletes the oldest: at most Options.Keys are there at a time.
	Queue Workload = "queue"
	// Shrinking fills the tree in the first half, then deletes nearly all of it.
	Shrinking Workload = "shrinking"
	// Mixed is Uniform with values from an eighth of Options.EntrySize to eight times that.
	Mixed Workload = "mixed"
)

// Workloads returns all of them.
func Workloads() []Workload { return []Workload{Uniform, Hot, Sequential, Queue, Shrinking, Mixed} }

// write is one write: to which key, and how many bytes.
type write struct {
	key       int
	size      int64
	tombstone bool
}

// worker chooses writes.
type worker struct {
	Options
	rand       *rand.Rand
	head, tail int // Sequential and Queue: the next key, and the oldest that is there
}

// newWorker returns the worker of a workload. Its random numbers are its own, so that the same keys are written whatever the
// policy does, and policies can be compared.
func newWorker(o Options) (worker, error) {
	if !slices.Contains(Workloads(), o.Workload) {
		return worker{}, fmt.Errorf("there is no workload %q: choose one of %v", o.Workload, Workloads())
	}
	if new := int64(o.Steps) * (o.FlushSize/o.EntrySize + 1); int64(o.Keys)+new > maxKeys {
		return worker{}, fmt.Errorf("%d steps may need %d keys, more than %d: make the steps fewer or the entries larger",
			o.Steps, int64(o.Keys)+new, maxKeys)
	}
	return worker{Options: o, rand: rand.New(rand.NewPCG(o.Seed, 0x77))}, nil
}

// next returns the next write of a step. Only integers decide, since floating point may differ between platforms.
func (w *worker) next(step int) write {
	switch w.Workload {
	case Hot:
		return w.set(w.hot(), w.rand.IntN(20) == 0)
	case Sequential:
		w.head++
		return w.set(w.head-1, false)
	case Queue:
		if w.head-w.tail >= w.Keys {
			w.tail++
			return w.set(w.tail-1, true)
		}
		w.head++
		return w.set(w.head-1, false)
	case Shrinking:
		if step < w.Steps/2 {
			return w.set(w.rand.IntN(w.Keys), false)
		}
		return w.set(w.rand.IntN(w.Keys), w.rand.IntN(50) > 0)
	case Mixed:
		out := w.set(w.rand.IntN(w.Keys), w.rand.IntN(10) == 0)
		if !out.tombstone {
			out.size = max(1, w.EntrySize>>3<<w.rand.IntN(7))
		}
		return out
	}
	return w.set(w.rand.IntN(w.Keys), w.rand.IntN(10) == 0)
}

// set returns a write of the usual size.
func (w *worker) set(key int, tombstone bool) write {
	if tombstone {
		return write{key: key, size: max(1, w.EntrySize/16), tombstone: true}
	}
	return write{key: key, size: w.EntrySize}
}

// hot chooses a key: four fifths of the writes go to a quarter of the keys, of these four fifths to a quarter of that
// quarter, and so on. The hot keys lie scattered among the others.
func (w *worker) hot() int {
	n := w.Keys
	for n > 4 && w.rand.IntN(5) > 0 {
		n /= 4
	}
	return w.rand.IntN(n) * stride(w.Keys) % w.Keys
}

// stride returns a step that visits all of n keys before it visits one again.
func stride(n int) int {
	gcd := func(a, b int) int {
		for b > 0 {
			a, b = b, a%b
		}
		return a
	}
	s := n*5/8 + 1
	for gcd(s, n) != 1 {
		s++
	}
	return s
}
