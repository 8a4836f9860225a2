package txn_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/txn"
)

// court is an oracle, and in place of an engine somebody who gives out numbers and makes visible what the test says.
type court struct {
	oracle  *txn.Oracle
	last    kv.Seq        // the last number that was given out
	visible atomic.Uint64 // up to here writes are visible
}

// newCourt returns a court before which nothing was written.
func newCourt() *court {
	c := &court{oracle: txn.NewOracle()}
	c.oracle.Opened(func() kv.Seq { return kv.Seq(c.visible.Load()) })
	return c
}

// writing returns a batch that writes these keys; "-a" deletes a.
func writing(keys ...string) *kv.Batch {
	b := &kv.Batch{}
	for _, key := range keys {
		if name, deleted := strings.CutPrefix(key, "-"); deleted {
			b.Delete([]byte(name))
		} else {
			b.Set([]byte(key), []byte("v"))
		}
	}
	return b
}

// admit gives a batch the next numbers, if the oracle admits it. It is not visible yet.
func (c *court) admit(b *kv.Batch) error {
	err := c.oracle.Admit(c.last+1, b)
	if err == nil {
		c.last += kv.Seq(b.Len())
	}
	return err
}

// publish makes everything visible that was admitted.
func (c *court) publish() { c.visible.Store(uint64(c.last)) }

// put admits a plain batch, and makes it visible.
func (c *court) put(t labtest.TB, keys ...string) {
	t.Helper()
	require.NoError(t, c.admit(writing(keys...)), "a plain write of %q", keys)
	c.publish()
}

// puts makes n plain writes of keys that nobody else writes.
func (c *court) puts(t labtest.TB, n int) {
	t.Helper()
	for range n {
		c.put(t, fmt.Sprintf("other%d", c.last))
	}
}

// party is an open transaction.
type party struct {
	court *court
	f     *txn.Footprint
}

// begin begins a transaction that reads at the visible number.
func (c *court) begin(level txn.Isolation) *party {
	at := c.oracle.Begin(func() kv.Seq { return kv.Seq(c.visible.Load()) })
	return &party{c, &txn.Footprint{At: at, Level: level}}
}

// reads notes that the transaction has found these keys; "-a" says that it has looked for a and not found it.
func (p *party) reads(keys ...string) *party {
	if p.f.Keys == nil {
		p.f.Keys = map[string]bool{}
	}
	for _, key := range keys {
		name, missed := strings.CutPrefix(key, "-")
		p.f.Keys[name] = !missed
	}
	return p
}

// walks notes that the transaction has walked this range.
func (p *party) walks(lower, upper kv.Bound) *party {
	p.f.Ranges = append(p.f.Ranges, &txn.Range{Lower: lower, Upper: upper})
	return p
}

// commit commits a batch of these writes, and makes it visible if it is admitted. The transaction has ended then.
func (p *party) commit(keys ...string) error {
	b := writing(keys...)
	err := p.court.oracle.Commit(b, p.f, func() error { return p.court.admit(b) })
	if err == nil {
		p.court.publish()
	}
	p.end()
	return err
}

// end ends the transaction.
func (p *party) end() { p.court.oracle.End(p.f.At) }

// refused fails the test unless a commit was refused because of a key.
func refused(t labtest.TB, what string, key string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: want a conflict about %q\ngot no error", what, key)
		return
	}
	require.ErrorIs(t, err, kv.ErrConflict, what)
	require.ErrorContains(t, err, fmt.Sprintf("%q", key), "%s: the error tells which key it is about", what)
}

// admitted fails the test unless a commit went through.
func admitted(t labtest.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: want no error\ngot %v", what, err)
	}
}

// remembers fails the test unless the oracle holds so many records.
func (c *court) remembers(t labtest.TB, what string, want int) {
	t.Helper()
	if got := c.oracle.Stats().Records; got != want {
		t.Errorf("%s: want %d records\ngot %d", what, want, got)
	}
}

// atBounds returns the four bounds at two keys, in words too.
func atBounds(lower, upper string) map[string][2]kv.Bound {
	l, u := []byte(lower), []byte(upper)
	return map[string][2]kv.Bound{
		"[" + lower + ", " + upper + "]": {kv.Included(l), kv.Included(u)},
		"[" + lower + ", " + upper + ")": {kv.Included(l), kv.Excluded(u)},
		"(" + lower + ", " + upper + "]": {kv.Excluded(l), kv.Included(u)},
		"(" + lower + ", " + upper + ")": {kv.Excluded(l), kv.Excluded(u)},
	}
}

// longest is how long a test waits that would otherwise wait for ever. Only a test that fails ever spends it.
const longest = 5 * time.Second

// returnsOrWaits calls f in a goroutine of its own, and comes back when f has returned or stands in front of a lock.
// It does not depend on how fast anything is: it asks the runtime where the goroutine is. done is closed when f has
// returned.
func returnsOrWaits(t *testing.T, f func()) (done <-chan struct{}) {
	t.Helper()
	names, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 64)
		names <- strings.Join(strings.Fields(string(buf[:runtime.Stack(buf, false)]))[:2], " ") + " [" // "goroutine 7 ["
		f()
	}()
	name := <-names
	for deadline := time.Now().Add(longest); time.Now().Before(deadline); runtime.Gosched() {
		select {
		case <-ended:
			return ended
		default:
		}
		all := make([]byte, 1<<20)
		_, state, _ := strings.Cut(string(all[:runtime.Stack(all, true)]), name)
		for _, waiting := range []string{"sync.", "chan ", "select", "semacquire"} {
			if strings.HasPrefix(state, waiting) {
				return ended
			}
		}
	}
	t.Fatal("a goroutine neither ends nor waits")
	return nil
}

// comes waits until something has happened, and fails the test if it never does.
func comes(t labtest.TB, what string, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(longest):
		t.Fatalf("%s: it never happens", what)
	}
}
