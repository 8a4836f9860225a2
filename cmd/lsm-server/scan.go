package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"lsmlab/internal/kv"
)

// entry is a key and its value in a page. JSON has no bytes, so both are base64, as everywhere in bodies here; an entry
// of a page can stand in a batch as it is.
type entry struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

// page is the answer to a scan. One JSON object, and not a line for each entry without end: its length is limited
// anyway, and who has read a page to its last brace knows that nothing is missing.
type page struct {
	Entries []entry `json:"entries"`
	// Next is the path of the page that follows, with its query; empty if this is the last.
	Next string `json:"next,omitempty"`
}

// maxPage is the size in bytes of keys and values at which a page ends, however few its entries are.
const maxPage = 4 << 20

// scan answers with a page of the keys from from to to, both included, or after after. Each page is of its own moment,
// unless all are read from one snapshot.
func (s *server) scan(w http.ResponseWriter, r *http.Request) {
	q, err := query(r, "from", "after", "to", "limit", "snapshot")
	if err != nil {
		fail(w, err)
		return
	}
	if q.Has("from") && q.Has("after") {
		fail(w, badRequest{errors.New("a page begins from a key or after one, not both")})
		return
	}
	limit, err := s.pageSize(q.Get("limit"))
	if err != nil {
		fail(w, err)
		return
	}
	view, err := s.view(q.Get("snapshot"))
	if err != nil {
		fail(w, err)
		return
	}
	p, err := read(view, lowerOf(q), upperOf(q), limit)
	if err != nil {
		fail(w, err)
		return
	}
	if p.Next != "" {
		q.Del("from")
		q.Set("after", p.Next)
		p.Next = "/kv?" + q.Encode()
	}
	reply(w, http.StatusOK, p)
}

// pageSize returns how many entries a page may have: those that are asked for, but no more than the server's limit.
func (s *server) pageSize(text string) (int, error) {
	if text == "" {
		return s.limits.scan, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, badRequest{fmt.Errorf("limit: %q is not a number from 1", text)}
	}
	return min(n, s.limits.scan), nil
}

// lowerOf returns where a scan begins.
func lowerOf(q url.Values) kv.Bound {
	switch {
	case q.Has("after"):
		return kv.Excluded([]byte(q.Get("after")))
	case q.Has("from"):
		return kv.Included([]byte(q.Get("from")))
	}
	return kv.Unbounded()
}

// upperOf returns where a scan ends.
func upperOf(q url.Values) kv.Bound {
	if q.Has("to") {
		return kv.Included([]byte(q.Get("to")))
	}
	return kv.Unbounded()
}

// read reads a page. Next is the last key, if there is more behind it.
func read(view view, lower, upper kv.Bound, limit int) (p page, err error) {
	p.Entries = []entry{}
	scan := view.Scan(lower, upper)
	defer func() { err = errors.Join(err, scan.Close()) }()
	size := 0
	for key, value := range scan.All() {
		if len(p.Entries) == limit || size >= maxPage {
			p.Next = string(p.Entries[len(p.Entries)-1].Key)
			break
		}
		p.Entries = append(p.Entries, entry{bytes.Clone(key), append([]byte{}, value...)})
		size += len(key) + len(value)
	}
	return p, scan.Err()
}
