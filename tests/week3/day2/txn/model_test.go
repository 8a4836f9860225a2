package txn_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week3/txn"
)

// world is a store and what it should hold.
type world struct {
	db        *txn.DB
	committed map[string]string
	open      []*side
	story     []string // what was done so far
}

// tell adds a line to the story.
func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf(format, args...))
}

// so returns the heading of a difference: the story, and what was looked at then.
func (w *world) so(what string) string {
	return fmt.Sprintf("After\n    %s\n%s", strings.Join(w.story, "\n    "), what)
}

// side is a transaction, and what it should see.
type side struct {
	*world
	id    int
	tx    *txn.Txn
	sees  map[string]string
	wrote map[string]*string // nil: deleted
	scans []walkAhead
}

// walkAhead is a scan that somebody may walk later, and what it must show then.
type walkAhead struct {
	scan *engine.Scan
	what string
	from []byte // nil: from the first key
	want []string
}

// playRandom does random things to a store with transactions, and compares it with maps at each step. what is "get"; "scan", which
// has scans too; or "end", which has commits and rollbacks as well.
func playRandom(t *rapid.T, what string) {
	w := &world{db: openBank(t, vfs.NewMem(), smallBank()), committed: map[string]string{}}
	kinds := []string{"plain", "flush", "begin", "write", "write", "write", "get", "get"}
	if what != "get" {
		kinds = append(kinds, "scan", "scan", "walk")
	}
	if what == "end" {
		kinds = append(kinds, "commit", "commit", "rollback")
	}
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		kind := rapid.SampledFrom(kinds).Draw(t, "step")
		switch {
		case kind == "plain":
			w.plain(t)
		case kind == "flush":
			w.tell("flush")
			require.NoError(t, w.db.Flush(context.Background()))
		case kind == "begin" || len(w.open) == 0:
			w.begin(t)
		default:
			w.step(t, kind, rapid.IntRange(0, len(w.open)-1).Draw(t, "transaction"))
		}
	}
	for _, s := range w.open {
		for len(s.scans) > 0 {
			s.walk(t)
		}
	}
	if what == "end" {
		expect(t, w.so("the store holds"), shown(w.committed, kv.Bound{}, kv.Bound{}, nil), all(t, w.db))
	}
}

// begin begins a transaction.
func (w *world) begin(t *rapid.T) {
	tx := begin(t, w.db)
	s := &side{world: w, id: int(w.db.TxnStats().Begun), tx: tx, sees: maps.Clone(w.committed), wrote: map[string]*string{}}
	w.tell("transaction %d begins", s.id)
	w.open = append(w.open, s)
}

// plain writes outside of any transaction.
func (w *world) plain(t *rapid.T) {
	key := labtest.Keys().Draw(t, "key")
	var err error
	if rapid.Bool().Draw(t, "delete") {
		w.tell("plain delete %q", key)
		delete(w.committed, string(key))
		_, err = w.db.Delete(key)
	} else {
		value := labtest.Values().Draw(t, "value")
		w.tell("plain put %q = %q", key, value)
		w.committed[string(key)] = string(value)
		_, err = w.db.Put(key, value)
	}
	require.NoError(t, err, "plain write")
}

// step does one thing to the i-th transaction.
func (w *world) step(t *rapid.T, kind string, i int) {
	s := w.open[i]
	switch kind {
	case "write":
		s.write(t)
	case "get":
		key := labtest.Keys().Draw(t, "key")
		want := fmt.Sprintf("%s: %v", key, kv.ErrNotFound)
		if value, ok := s.sees[string(key)]; ok {
			want = fmt.Sprintf("%s = %s", key, value)
		}
		expect(t, w.so(fmt.Sprintf("transaction %d: get %q", s.id, key)), lines(want), found(s.tx, string(key)))
	case "scan":
		s.scan(t)
	case "walk":
		s.walk(t)
	case "commit":
		w.tell("transaction %d commits", s.id)
		require.NoError(t, s.tx.Commit())
		for key, value := range s.wrote {
			if delete(w.committed, key); value != nil {
				w.committed[key] = *value
			}
		}
		w.open = slices.Delete(w.open, i, i+1)
		expect(t, w.so("the store holds"), shown(w.committed, kv.Bound{}, kv.Bound{}, nil), all(t, w.db))
	case "rollback":
		w.tell("transaction %d rolls back", s.id)
		require.NoError(t, s.tx.Rollback())
		w.open = slices.Delete(w.open, i, i+1)
		expect(t, w.so("the store holds"), shown(w.committed, kv.Bound{}, kv.Bound{}, nil), all(t, w.db))
	}
}

// write writes in a transaction.
func (s *side) write(t *rapid.T) {
	key := labtest.Keys().Draw(t, "key")
	if rapid.IntRange(0, 2).Draw(t, "delete") == 0 {
		s.tell("transaction %d: delete %q", s.id, key)
		delete(s.sees, string(key))
		s.wrote[string(key)] = nil
		require.NoError(t, s.tx.Delete(key))
		return
	}
	value := string(labtest.Values().Draw(t, "value"))
	s.tell("transaction %d: put %q = %q", s.id, key, value)
	s.sees[string(key)] = value
	s.wrote[string(key)] = &value
	require.NoError(t, s.tx.Put(key, []byte(value)))
}

// scan makes a scan that is walked later.
func (s *side) scan(t *rapid.T) {
	lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
	a := walkAhead{scan: s.tx.Scan(lower, upper), what: fmt.Sprintf("scan from %v to %v", lower, upper)}
	if rapid.Bool().Draw(t, "seek") {
		a.from = labtest.Keys().Draw(t, "from")
	}
	s.tell("transaction %d: %s is made", s.id, a.what)
	a.want = shown(s.sees, lower, upper, a.from)
	s.scans = append(s.scans, a)
}

// walk walks the oldest scan that was not walked yet.
func (s *side) walk(t *rapid.T) {
	if len(s.scans) == 0 {
		return
	}
	a := s.scans[0]
	s.scans = s.scans[1:]
	got := lines()
	if a.from == nil {
		a.scan.First()
	} else {
		a.scan.SeekGE(a.from)
	}
	for ; a.scan.Valid(); a.scan.Next() {
		got = append(got, fmt.Sprintf("%s = %s", a.scan.Key(), a.scan.Value()))
	}
	require.NoError(t, errors.Join(a.scan.Err(), a.scan.Close()), "scan")
	if a.from != nil {
		a.what += fmt.Sprintf(", SeekGE %q", a.from)
	}
	expect(t, s.so(fmt.Sprintf("transaction %d: the %s", s.id, a.what)), a.want, got)
}

// shown returns what a scan of a state shows, from a key on if that is not nil.
func shown(state map[string]string, lower, upper kv.Bound, from []byte) []string {
	got := lines()
	for _, key := range slices.Sorted(maps.Keys(state)) {
		if kv.Within(lower, upper, []byte(key)) && key >= string(from) {
			got = append(got, fmt.Sprintf("%s = %s", key, state[key]))
		}
	}
	return got
}
