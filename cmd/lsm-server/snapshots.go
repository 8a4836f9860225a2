package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
)

// view is what can be read from: the store as it is, or a snapshot.
type view interface {
	Scan(lower, upper kv.Bound) *subject.Scan
}

// maxHeld is how many snapshots clients may hold at a time.
const maxHeld = 64

// held holds the snapshots that clients have taken and not given back. There is no clock that ends them: who holds one
// for hours is to be seen in the metrics, and to be spoken with. The zero held is ready to use.
type held struct {
	mu   sync.Mutex
	byID map[string]*heldSnapshot // guarded by mu
}

// heldSnapshot is one of them.
type heldSnapshot struct {
	*subject.Snapshot
	since time.Time
}

// add takes a snapshot in and returns its name, which nobody can guess. It returns false if there are too many.
func (h *held) add(s *subject.Snapshot, now time.Time) (id string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.byID) >= maxHeld {
		return "", false
	}
	if h.byID == nil {
		h.byID = map[string]*heldSnapshot{}
	}
	id = rand.Text()
	h.byID[id] = &heldSnapshot{s, now}
	return id, true
}

// find returns a snapshot by its name, and with take set takes it out.
func (h *held) find(id string, take bool) (*heldSnapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.byID[id]
	if s == nil {
		return nil, fmt.Errorf("%w: %q", errNoSnapshot, id)
	}
	if take {
		delete(h.byID, id)
	}
	return s, nil
}

// snapshotReply describes a snapshot that a client holds.
type snapshotReply struct {
	ID      string  `json:"id"`
	Version kv.Seq  `json:"version"`
	Age     float64 `json:"age_seconds"`
}

// takeSnapshot takes a snapshot of the whole store. Reads that name it all show the same moment; it must be given back.
func (s *server) takeSnapshot(w http.ResponseWriter, r *http.Request) {
	if s.db.versions == nil {
		fail(w, errNoVersions)
		return
	}
	snapshot := s.db.versions.Snapshot()
	id, ok := s.held.add(snapshot, s.now())
	if !ok {
		snapshot.Close()
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("%d snapshots are open, which is the most", maxHeld))
		return
	}
	w.Header().Set("Location", "/snapshots/"+id)
	reply(w, http.StatusCreated, snapshotReply{ID: id, Version: snapshot.Seq()})
}

// listSnapshots lists the snapshots that clients hold, the oldest version first.
func (s *server) listSnapshots(w http.ResponseWriter, r *http.Request) {
	list := []snapshotReply{}
	s.held.mu.Lock()
	for id, h := range s.held.byID {
		list = append(list, snapshotReply{id, h.Seq(), s.now().Sub(h.since).Seconds()})
	}
	s.held.mu.Unlock()
	slices.SortFunc(list, func(a, b snapshotReply) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.ID, b.ID))
	})
	reply(w, http.StatusOK, list)
}

// dropSnapshot gives a snapshot back.
func (s *server) dropSnapshot(w http.ResponseWriter, r *http.Request) {
	h, err := s.held.find(strings.TrimPrefix(r.URL.Path, "/snapshots/"), true)
	if err == nil {
		err = h.Close()
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// view returns the snapshot of that name, or the store as it is for none.
func (s *server) view(id string) (view, error) {
	if id == "" {
		return s.db, nil
	}
	return s.held.find(id, false)
}
