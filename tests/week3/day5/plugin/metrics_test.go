package plugin_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/plugin"
)

// paper is where plugins write. It notices when two goroutines write at a time, and fails where the test wants it to.
type paper struct {
	mu    sync.Mutex
	lines []string
	fail  error
}

// Write takes down a line, with the time that has passed in the bubble.
func (p *paper) Write(line []byte) (int, error) {
	if !p.mu.TryLock() {
		panic("two goroutines write at the same time")
	}
	defer p.mu.Unlock()
	p.lines = append(p.lines, strings.TrimSuffix(string(line), "\n"))
	if p.fail != nil {
		return 0, p.fail
	}
	return len(line), nil
}

// read returns the lines so far.
func (p *paper) read() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.lines...)
}

// A hundred puts and ten gets, through a real store, are exactly that at the end. Not 99, because one was still in the queue.
//
//lab:task 4 points=3
func TestMetrics_CountsExactly(t *testing.T) {
	labtest.NoLeaks(t)
	r, out := newRig(t, plugin.Options{Patience: time.Minute}), &paper{}
	r.register(plugin.NewMetrics(out, 0))
	s := openStore(t, storeOptions(r.Host))
	for i := range 100 {
		require.NoError(t, s.Put(fmt.Appendf(nil, "k%02d", i), []byte("v")))
	}
	for i := range 10 {
		_, err := s.Get(fmt.Appendf(nil, "k%02d", 95+i))
		require.True(t, err == nil || errors.Is(err, kv.ErrNotFound), "Get: %v", err)
	}
	require.NoError(t, errors.Join(s.Close(), r.Shutdown()))
	same(t, "lines", []string{"PUT: 100, GET: 10, DELETE: 0"}, out.read())
}

// A batch of five writes is five writes, whatever way it came.
//
//lab:task 4 points=2
func TestMetrics_CountsEachWriteOfABatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{}), &paper{}
		r.register(plugin.NewMetrics(out, 0))
		r.l.Applied(1, batch("a=1", "b=2", "-a", "c=3", "-c"))
		r.l.Applied(6, batch("a=1"))
		r.l.Applied(7, batch("-a"))
		r.l.Applied(8, batch("-a", "-b"))
		r.tell(1, 2)
		require.NoError(t, r.Shutdown())
		same(t, "lines", []string{"PUT: 4, GET: 0, DELETE: 5"}, out.read())
	})
}

// A line every thirty seconds, to the second, and one at the end. Nothing in between, and nothing after.
//
//lab:task 4 points=3
func TestMetrics_WritesALineEvery30Seconds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{}), &paper{}
		r.register(plugin.NewMetrics(out, 0))
		look := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			same(t, "lines "+when, append([]string{}, want...), out.read())
		}
		r.l.Applied(1, batch("a=1"))
		time.Sleep(30*time.Second - 1)
		look("just before the first 30 seconds are over")
		time.Sleep(time.Nanosecond)
		first := "PUT: 1, GET: 0, DELETE: 0"
		look("after 30 seconds", first)
		r.l.Got([]byte("a"), []byte("1"), nil)
		time.Sleep(30 * time.Second)
		second := "PUT: 1, GET: 1, DELETE: 0"
		look("after a minute", first, second)
		time.Sleep(10 * time.Second)
		r.l.Applied(2, batch("-a"))
		require.NoError(t, r.Shutdown())
		last := "PUT: 1, GET: 1, DELETE: 1"
		look("at the end", first, second, last)
		time.Sleep(time.Hour)
		look("an hour after the end", first, second, last)
	})
}

// Another interval, and a plugin that comes and goes twice: Initialize begins anew what Shutdown has ended.
//
//lab:task 4 points=2
func TestMetrics_IntervalAndSecondLife(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{}), &paper{}
		m := plugin.NewMetrics(out, time.Second)
		require.Equal(t, "metrics", m.Name())
		for life := range 2 {
			r.register(m)
			time.Sleep(2500 * time.Millisecond)
			require.NoError(t, r.Unregister("metrics"))
			synctest.Wait()
			require.Len(t, out.read(), 3*(life+1), "lines of %d lives: two by the clock and one at the end, each", life+1)
		}
	})
}

// The line is written while events come in, from another goroutine than the one that counts. Shutdown writes the last one only when
// the other has put its pen down.
//
//lab:task 4 points=2 race
func TestMetrics_PrintsWhileItCounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{Queue: 10000}), &paper{}
		m := plugin.NewMetrics(slow{out}, time.Millisecond)
		r.register(m)
		for n := range kv.Seq(200) {
			r.l.Applied(n+1, batch("a=1"))
			time.Sleep(100 * time.Microsecond)
		}
		require.NoError(t, r.Shutdown())
		lines := out.read()
		require.Equal(t, "PUT: 200, GET: 0, DELETE: 0", lines[len(lines)-1])
	})
}

// slow is a paper that takes a while.
type slow struct{ *paper }

// Write takes most of the time between two lines.
func (s slow) Write(line []byte) (int, error) {
	if !s.mu.TryLock() {
		panic("two goroutines write at the same time")
	}
	time.Sleep(900 * time.Microsecond)
	s.mu.Unlock()
	return s.paper.Write(line)
}

// What its queue had no room for, a plugin cannot count. The line says so, instead of looking exact.
//
//lab:task 4 points=2
func TestMetrics_SaysWhatItHasMissed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		out := &paper{}
		m := plugin.NewMetrics(out, 0)
		require.NoError(t, m.Initialize())
		m.Handle(plugin.Put{})
		m.Handle(plugin.Missed{Events: 7})
		m.Handle(plugin.Missed{Events: 2})
		require.NoError(t, m.Shutdown())
		same(t, "lines", []string{"PUT: 1, GET: 0, DELETE: 0, MISSED: 9"}, out.read())
	})
}

// The disk of the log is full. Counting goes on, and Shutdown says what went wrong: once, since a disk may be full for a year.
//
//lab:task 4 points=1
func TestMetrics_ReturnsErrorsOfItsWriter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{}), &paper{fail: errPlanned}
		r.register(plugin.NewMetrics(out, 0))
		time.Sleep(75 * time.Second)
		synctest.Wait()
		out.fail = nil
		err := r.Shutdown()
		require.ErrorIs(t, err, errPlanned, "of the first lines; the last one was written")
		require.Equal(t, 1, strings.Count(err.Error(), errPlanned.Error()), "how often it is said")
		require.Len(t, out.read(), 3)
	})
}

// Random events, counted by the plugin and by hand.
//
//lab:task 4 points=3 random
func TestMetrics_RandomEvents(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		out := &paper{}
		m := plugin.NewMetrics(out, 0)
		require.NoError(t, m.Initialize())
		var puts, gets, deletes int
		for range rapid.IntRange(0, 20).Draw(t, "events") {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				m.Handle(plugin.Put{})
				puts++
			case 1:
				m.Handle(plugin.Delete{})
				deletes++
			case 2:
				m.Handle(plugin.Get{})
				gets++
			case 3:
				m.Handle(plugin.FlushEnd{})
			default:
				var b plugin.Batch
				for range rapid.IntRange(2, 5).Draw(t, "writes") {
					kind := rapid.SampledFrom([]kv.Kind{kv.KindSet, kv.KindDelete}).Draw(t, "kind")
					b.Ops = append(b.Ops, kv.Op{Kind: kind})
					if kind == kv.KindSet {
						puts++
					} else {
						deletes++
					}
				}
				m.Handle(b)
			}
		}
		require.NoError(t, m.Shutdown())
		same(t, "lines", []string{fmt.Sprintf("PUT: %d, GET: %d, DELETE: %d", puts, gets, deletes)}, out.read())
	})
}

// What takes as long as the threshold, or longer, is written down. What is faster is not.
//
//lab:task 4 points=2
func TestSlowLog_WritesWhatTakesLong(t *testing.T) {
	var out bytes.Buffer
	s := plugin.NewSlowLog(&out, time.Second)
	require.Equal(t, "slow log", s.Name())
	require.NoError(t, s.Initialize())
	for _, took := range []time.Duration{time.Second - 1, time.Second, 90 * time.Second} {
		s.Handle(plugin.FlushEnd{Memtable: 7, Table: plugin.Table{Number: 10, Bytes: 4096}, Took: took})
		s.Handle(plugin.CompactionEnd{Added: make([]plugin.Table, 2), Dropped: make([]plugin.Table, 5), Took: took})
		s.Handle(plugin.StallEnd{Took: took})
	}
	s.Handle(plugin.FlushBegin{Memtable: 8})
	s.Handle(plugin.Put{})
	require.NoError(t, s.Shutdown())
	same(t, "lines", []string{
		"1s: flush of memtable 7 to table 10, 4096 bytes", "1s: compaction of 5 tables into 2", "1s: writers have waited",
		"1m30s: flush of memtable 7 to table 10, 4096 bytes", "1m30s: compaction of 5 tables into 2", "1m30s: writers have waited",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

// Three writers wait, and are let go one after the other. That is one stall, and its length is known when the last one goes.
//
//lab:task 4 points=2
func TestSlowLog_OneLineForAStall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{}), &paper{}
		r.register(plugin.NewSlowLog(out, time.Second))
		for range 3 {
			r.l.StallBegin(8)
			time.Sleep(time.Second)
		}
		for range 3 {
			r.l.StallEnd()
			time.Sleep(time.Second)
		}
		require.NoError(t, r.Shutdown())
		same(t, "lines", []string{"5s: writers have waited"}, out.read())
	})
}

// The beginning of a flush found no room in the queue; its end did. The end says how long it took, and that is all that is needed. That
// the flush failed does not make it quick.
//
//lab:task 4 points=2
func TestSlowLog_NeedsNoBeginning(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, out := newRig(t, plugin.Options{}), &paper{fail: errPlanned}
		r.l.FlushBegin(7)
		time.Sleep(time.Minute)
		s := plugin.NewSlowLog(out, time.Second)
		r.register(s) // it comes in the middle
		r.l.FlushEnd(7, nil, errPlanned)
		require.ErrorIs(t, r.Shutdown(), errPlanned, "of the paper, which fails")
		same(t, "lines", []string{"1m0s: flush of memtable 7 to table 0, 0 bytes"}, out.read())
	})
}
