package plugin_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/plugin"
)

// keeper is a probe that keeps the events themselves.
type keeper struct {
	probe
	events []plugin.Event
}

// newKeeper returns a plugin that keeps every event. It is asked when it has been shut down.
func newKeeper(name string) *keeper {
	k := &keeper{}
	k.name = name
	k.handle = func(e plugin.Event) { k.events = append(k.events, e) }
	return k
}

// A batch of one write is a Put or a Delete, whoever made it. A batch of several is one event: its writes are visible together, and a
// plugin that saw them one by one would see states that never were. The numbers tell the order of everything.
//
//lab:task 3 points=3
func TestEvents_OfWrites(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, p := newRig(t, plugin.Options{}), &probe{name: "p"}
		r.register(p)
		r.l.Applied(7, batch("a=1"))
		r.l.Applied(8, batch("-a"))
		r.l.Applied(9, batch("b=2", "-c", "b=", "d=4"))
		r.l.Applied(13, batch("-x", "-y"))
		r.l.Applied(15, batch("e="))
		require.NoError(t, r.Shutdown())
		calls(t, p, lifeOf([]string{
			"put #7 a = 1", "delete #8 a", "batch #9 b=2 -c b= d=4", "batch #13 -x -y", "put #15 e = ",
		})...)
	})
}

// The engine uses a batch's memory again as soon as the listener has returned. The plugin reads its event a minute later, and must find
// what was written then. The same with the key and the value of a read.
//
//lab:task 3 points=4
func TestEvents_KeepNothingOfTheCallers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		b := newBlocker("late", "event 0")
		r.register(b)
		r.tell(0)
		synctest.Wait()
		writes := batch("apple=red")
		r.l.Applied(1, writes)
		overwrite(writes)
		writes = batch("banana=yellow", "-cherry")
		r.l.Applied(2, writes)
		overwrite(writes)
		writes = batch("-damson")
		r.l.Applied(4, writes)
		overwrite(writes)
		key, value := []byte("elder"), []byte("black")
		r.l.Got(key, value, nil)
		copy(key, "-----")
		copy(value, "-----")
		close(b.gate)
		require.NoError(t, r.Shutdown())
		calls(t, &b.probe, lifeOf(events(0, 0), []string{
			"put #1 apple = red", "batch #2 banana=yellow -cherry", "delete #4 damson", "get elder = black, <nil>",
		})...)
	})
}

// overwrite spoils the memory of a batch.
func overwrite(b *kv.Batch) {
	enc := b.Encoded()
	for i := range enc {
		enc[i] = '-'
	}
	b.Reset()
}

// A plugin may do with its event what it likes: sort it, overwrite it, append to a key. The next plugin has a copy of its own, and
// within one event a key does not run over into the value behind it.
//
//lab:task 3 points=3
func TestEvents_EachPluginHasItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		vandal, p := &probe{name: "vandal"}, newBlocker("p", "event 0")
		vandal.handle = func(e plugin.Event) {
			for _, piece := range pieces(e) {
				_ = append(piece, "overflow"...)
			}
			vandal.note(words(e)) // its own pieces are still what they were
			for _, piece := range pieces(e) {
				clear(piece)
			}
			if b, ok := e.(plugin.Batch); ok {
				clear(b.Ops)
			}
		}
		r.register(vandal, p)
		r.tell(0)
		synctest.Wait()
		r.l.Applied(1, batch("apple=red"))
		r.l.Applied(2, batch("banana=yellow", "-cherry", "date=brown"))
		r.l.Got([]byte("elder"), []byte("black"), nil)
		synctest.Wait() // the vandal has been there
		close(p.gate)
		require.NoError(t, r.Shutdown())
		want := []string{"put #1 apple = red", "batch #2 banana=yellow -cherry date=brown", "get elder = black, <nil>"}
		calls(t, &p.probe, lifeOf(events(0, 0), want)...)
		twice := []string{}
		for _, line := range want {
			twice = append(twice, line, line)
		}
		calls(t, vandal, lifeOf([]string{"event 0", "event 0"}, twice)...)
	})
}

// pieces returns the slices of an event.
func pieces(e plugin.Event) (all [][]byte) {
	switch e := e.(type) {
	case plugin.Put:
		return [][]byte{e.Key, e.Value}
	case plugin.Get:
		return [][]byte{e.Key, e.Value}
	case plugin.Batch:
		for _, op := range e.Ops {
			all = append(all, op.Key, op.Value)
		}
	}
	return all
}

// A read that finds nothing is an event too, with its error. Nothing found and an empty value found are two things.
//
//lab:task 3 points=2
func TestEvents_OfReads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, k := newRig(t, plugin.Options{}), newKeeper("k")
		r.register(k)
		r.l.Got([]byte("a"), nil, kv.ErrNotFound)
		r.l.Got([]byte("b"), []byte{}, nil)
		r.l.Got([]byte("c"), []byte("3"), nil)
		r.l.Got([]byte("d"), nil, errPlanned)
		require.NoError(t, r.Shutdown())
		same(t, "events", fmt.Sprintf("%#v", []plugin.Event{
			plugin.Get{Key: []byte("a"), Err: kv.ErrNotFound},
			plugin.Get{Key: []byte("b"), Value: []byte{}},
			plugin.Get{Key: []byte("c"), Value: []byte("3")},
			plugin.Get{Key: []byte("d"), Err: errPlanned},
		}[:3]), fmt.Sprintf("%#v", k.events[:3]))
		require.ErrorIs(t, k.events[3].(plugin.Get).Err, errPlanned)
	})
}
