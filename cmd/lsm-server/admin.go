package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"lsmlab/internal/subject"
)

// flush writes all memtables to tables.
func (s *server) flush(w http.ResponseWriter, r *http.Request) { work(w, r, s.db.Flush) }

// compact merges all tables into one run.
func (s *server) compact(w http.ResponseWriter, r *http.Request) { work(w, r, s.db.Compact) }

// workReply says how long a piece of work took.
type workReply struct {
	Seconds float64 `json:"seconds"`
}

// work does what may take long. It is not cut off by the time limit of other answers, and ends when the client goes
// away.
func work(w http.ResponseWriter, r *http.Request, do func(ctx context.Context) error) {
	c := http.NewResponseController(w)
	c.SetReadDeadline(time.Time{}) // both may not be supported, which leaves the limit as it is
	c.SetWriteDeadline(time.Time{})
	begin := time.Now()
	if err := do(r.Context()); err != nil {
		failWrite(w, err)
		return
	}
	reply(w, http.StatusOK, workReply{time.Since(begin).Seconds()})
}

// statsReply is the answer of GET /stats: what the parts of the store say, under the names that they have in Go. Keys
// in it are base64.
type statsReply struct {
	subject.Stats
	Err          string                 `json:",omitempty"` // why writes are refused
	Snapshots    *subject.SnapshotStats `json:",omitempty"`
	Transactions *subject.TxnStats      `json:",omitempty"`
}

// stats answers with what the store says about itself.
func (s *server) stats(w http.ResponseWriter, r *http.Request) {
	body := statsReply{Stats: s.db.Stats()}
	if err := body.Stats.Err; err != nil {
		body.Err = err.Error()
	}
	if s.db.versions != nil {
		snapshots, txns := s.db.versions.Snapshots(), s.db.txns.TxnStats()
		body.Snapshots, body.Transactions = &snapshots, &txns
	}
	reply(w, http.StatusOK, body)
}

// health answers 200 as long as the store takes writes, and 503 with the reason when it does not. For who decides where
// to send requests, a server that only reads is not well.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.db.Stats().Err; err != nil {
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("writes are refused: %v", err))
		return
	}
	reply(w, http.StatusOK, map[string]string{"status": "ok"})
}
