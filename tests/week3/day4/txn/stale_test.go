package txn_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/txn"
)

// The transaction has read "limit", and writes "total" because of what it has read there. Meanwhile somebody has
// changed the limit. Under snapshot isolation that is allowed: nobody else has written the total. Serializable means:
// what was read still holds.
//
//lab:task 3 points=3
func TestSerializable_ReadKeyHasChanged(t *testing.T) {
	for _, change := range []string{"limit", "-limit"} {
		c := newCourt()
		c.put(t, "limit", "total")
		weak, strict := c.begin(txn.SnapshotIsolation), c.begin(txn.Serializable).reads("total", "limit")
		c.put(t, change)
		refused(t, "serializable: a commit of total, after limit was changed by a write of "+change, "limit", strict.commit("total"))
		admitted(t, "snapshot isolation: the same", weak.reads("limit").commit("total"))
	}
}

// "Is the name taken?" It was not found, so the transaction takes it. That it was not there is a thing that was read
// as well, and it is out of date as soon as somebody else has taken the name. Who tracks only what was found lets
// both have it.
//
//lab:task 3 points=4
func TestSerializable_MissingKeyHasCome(t *testing.T) {
	c := newCourt()
	c.put(t, "x")
	p := c.begin(txn.Serializable).reads("x", "-name")
	c.put(t, "name")
	refused(t, "a commit of x, after a key that it did not find has come", "name", p.commit("x"))
}

// The transaction has counted what is between "d" and "m". A key that comes, goes or changes there makes the count
// wrong, also one that it had never heard of: a phantom. One that lies outside does not. At the ends it depends on
// the bound.
//
//lab:task 3 points=5
func TestSerializable_RangeHasChanged(t *testing.T) {
	for name, bounds := range atBounds("d", "m") {
		for _, key := range []string{"a", "cz", "d", "d\x00", "f", "lz", "m", "m\x00", "z"} {
			for _, change := range []string{key, "-" + key} {
				c := newCourt()
				c.put(t, "f", "g", "x")
				p := c.begin(txn.Serializable).walks(bounds[0], bounds[1])
				c.put(t, change)
				what := fmt.Sprintf("a commit of x, which has walked %s, after a write of %q", name, change)
				if kv.Within(bounds[0], bounds[1], []byte(key)) {
					refused(t, what, key, p.commit("x"))
				} else {
					admitted(t, what, p.commit("x"))
				}
			}
		}
	}
}

// Nothing was there: the walk has seen no key at all. Two such transactions each put one in, at different places, and
// each believes to be the only one. No key that was read has changed, and no key was written twice; the range alone
// tells.
//
//lab:task 3 points=4
func TestSerializable_EmptyRangeIsRead(t *testing.T) {
	c := newCourt()
	a := c.begin(txn.Serializable).walks(kv.Included([]byte("room/1/")), kv.Excluded([]byte("room/10")))
	b := c.begin(txn.Serializable).walks(kv.Included([]byte("room/1/")), kv.Excluded([]byte("room/10")))
	admitted(t, "the first booking", a.commit("room/1/monday"))
	refused(t, "the second booking", "room/1/monday", b.commit("room/1/tuesday"))
}

// Bounds may be open to one side, or to both.
//
//lab:task 3 points=2
func TestSerializable_UnboundedRange(t *testing.T) {
	m := []byte("m")
	for _, r := range []struct {
		name            string
		lower, upper    kv.Bound
		inside, outside string
	}{
		{"everything", kv.Unbounded(), kv.Unbounded(), "anything", ""},
		{"from m on", kv.Included(m), kv.Unbounded(), "zzz", "a"},
		{"behind m", kv.Excluded(m), kv.Unbounded(), "m\x00", "m"},
		{"up to m", kv.Unbounded(), kv.Included(m), "\x00", "m\x00"},
		{"before m", kv.Unbounded(), kv.Excluded(m), "lz", "m"},
	} {
		if r.outside != "" {
			c := newCourt()
			p := c.begin(txn.Serializable).walks(r.lower, r.upper)
			c.put(t, r.outside)
			admitted(t, r.name+": a commit after a write outside", p.commit("x"))
		}
		c := newCourt()
		p := c.begin(txn.Serializable).walks(r.lower, r.upper)
		c.put(t, r.inside)
		refused(t, r.name+": a commit after a write inside", r.inside, p.commit("x"))
	}
}

// Each key that was read counts, and each range: not only the first, or the last.
//
//lab:task 3 points=2
func TestSerializable_EveryReadCounts(t *testing.T) {
	for _, changed := range []string{"a", "b", "c", "p3", "q3", "r3"} {
		c := newCourt()
		p := c.begin(txn.Serializable).reads("a", "b", "-c")
		for _, from := range []string{"p", "q", "r"} {
			p.walks(kv.Included([]byte(from)), kv.Excluded([]byte(from+"9")))
		}
		c.put(t, "unrelated")
		c.put(t, changed)
		c.put(t, "unrelated too")
		refused(t, "a commit of x, after a write of "+changed, changed, p.commit("x"))
	}
}

// "a" was written before "b", and once more after it. Who looks at the newest writes first must meet "a" before "b":
// where it stood when it was new for the first time is of no interest.
//
//lab:task 3 points=2
func TestSerializable_WrittenAgainIsWrittenLast(t *testing.T) {
	c := newCourt()
	old := c.begin(txn.Serializable) // so that nothing is forgotten
	c.put(t, "a")
	c.put(t, "b")
	p := c.begin(txn.Serializable).walks(kv.Unbounded(), kv.Excluded([]byte("b")))
	c.put(t, "a")
	refused(t, "a commit of x, which has walked everything before b, after a was written once more", "a", p.commit("x"))
	old.end()
}

// What was written before the snapshot was taken, the transaction has seen. It is no reason to refuse it, not even if
// it was written a moment before: at the snapshot's own number.
//
//lab:task 3 points=3
func TestSerializable_ChangesBeforeTheSnapshotDoNotCount(t *testing.T) {
	c := newCourt()
	old := c.begin(txn.Serializable) // so that nothing is forgotten
	c.put(t, "a")
	c.put(t, "x", "-gone")
	p := c.begin(txn.Serializable).reads("x", "a", "-gone").walks(kv.Unbounded(), kv.Unbounded())
	admitted(t, "a commit of x, of which all reads still hold", p.commit("x"))
	old.end()
}

// The moment of the verdict is the same for reads as for writes: that at which the batch gets its number. "limit" is
// written after Commit was called and before the batch is admitted. Who looks at what was read in Commit already has
// looked too early.
//
//lab:task 3 points=3
func TestSerializable_DecidesWhenTheNumberIsGiven(t *testing.T) {
	for _, how := range []string{"key", "missing key", "range"} {
		c := newCourt()
		p := c.begin(txn.Serializable)
		switch how {
		case "key":
			p.reads("limit")
		case "missing key":
			p.reads("-limit")
		default:
			p.walks(kv.Included([]byte("l")), kv.Excluded([]byte("m")))
		}
		b := writing("total")
		err := c.oracle.Commit(b, p.f, func() error {
			c.put(t, "limit") // after Commit was called, before the batch is admitted
			return c.admit(b)
		})
		refused(t, "a commit of total, which has read limit as a "+how+" that was put while the commit was on its way", "limit", err)
		p.end()
	}
}

// "limit" was admitted, and waits for the disk, when the transaction begins and reads the old one. That is a change
// after its snapshot, though it got its number before Begin was called.
//
//lab:task 3 points=3
func TestSerializable_AdmittedBeforeBeginCounts(t *testing.T) {
	for _, how := range []string{"key", "range"} {
		c := newCourt()
		c.put(t, "limit")
		require.NoError(t, c.admit(writing("limit")))
		p := c.begin(txn.Serializable)
		if how == "key" {
			p.reads("limit")
		} else {
			p.walks(kv.Included([]byte("l")), kv.Excluded([]byte("m")))
		}
		c.publish()
		c.puts(t, 1)
		refused(t, "a commit of total, which has read limit by its "+how, "limit", p.commit("total"))
	}
}

// The rule, over random histories: a serializable commit is refused exactly if something that it has read or writes
// was written since its snapshot, a commit under snapshot isolation exactly if something that it writes was. A list
// of all writes knows.
//
//lab:task 3 points=4 random
func TestSerializable_AgreesWithAListOfAllWrites(t *testing.T) {
	type write struct {
		key string
		at  kv.Seq
	}
	rapid.Check(t, func(t *rapid.T) {
		c := newCourt()
		var writes []write
		key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		drawBound := func(t *rapid.T) kv.Bound {
			k := []byte(key.Draw(t, "bound"))
			return []kv.Bound{kv.Unbounded(), kv.Included(k), kv.Excluded(k)}[rapid.IntRange(0, 2).Draw(t, "kind")]
		}
		var open []*party
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := key.Draw(t, "key")
			switch do := rapid.IntRange(0, 3).Draw(t, "do"); {
			case do == 0:
				p := c.begin(rapid.SampledFrom([]txn.Isolation{txn.SnapshotIsolation, txn.Serializable}).Draw(t, "level"))
				for range rapid.IntRange(0, 2).Draw(t, "reads") {
					p.reads(rapid.SampledFrom([]string{"", "-"}).Draw(t, "miss") + key.Draw(t, "read"))
				}
				for range rapid.IntRange(0, 1).Draw(t, "walks") {
					p.walks(drawBound(t), drawBound(t))
				}
				open = append(open, p)
			case do == 1:
				c.publish()
			case do == 2 || len(open) == 0:
				require.NoError(t, c.admit(writing(name)))
				writes = append(writes, write{name, c.last})
			default:
				i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
				p := open[i]
				conflict := false
				for _, w := range writes {
					_, read := p.f.Keys[w.key]
					for _, r := range p.f.Ranges {
						read = read || kv.Within(r.Lower, r.Upper, []byte(w.key))
					}
					conflict = conflict || w.at > p.f.At && (w.key == name || read && p.f.Level == txn.Serializable)
				}
				err := p.commit(name)
				require.Equal(t, conflict, errors.Is(err, kv.ErrConflict), "conflict of a commit of %s: %v", name, err)
				if err == nil {
					writes = append(writes, write{name, c.last})
				}
				open = append(open[:i], open[i+1:]...)
			}
		}
	})
}
