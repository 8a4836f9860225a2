package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"lsmlab/internal/kv"
)

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // an & in the path of the next page stays one
	e.Encode(body)         // what fails here is the connection, and nobody is left to be told
}

// refusal is the body of every answer that is an error.
type refusal struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, reason string) {
	reply(w, status, refusal{status, reason})
}

// badRequest is an error of the client's, in what it sent.
type badRequest struct{ error }

// fail answers with the error of a read, or of work that was asked for.
func fail(w http.ResponseWriter, err error) {
	reason := err.Error()
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		reason = fmt.Sprintf("body is too large: more than %d bytes", tooLong.Limit)
	}
	refuse(w, statusOf(err, http.StatusInternalServerError), reason)
}

// failWrite answers with the error of a write. One that is none of the others means that the store refuses writes,
// because of something that failed before: the same request may do well later, on a store that was mended.
func failWrite(w http.ResponseWriter, err error) {
	refuse(w, statusOf(err, http.StatusServiceUnavailable), err.Error())
}

// statusLeft is what is counted for a client that went away before its work was done. Nobody reads it; as 503 it would
// look like a fault of the server's. HTTP has no number for it, and nginx uses this one.
const statusLeft = 499

// statusOf returns the status that an error calls for, or otherwise if it is none of the known ones.
func statusOf(err error, otherwise int) int {
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &badRequest{}), errors.Is(err, kv.ErrEmptyKey):
		return http.StatusBadRequest
	case errors.As(err, &tooLong), errors.Is(err, kv.ErrBatchTooLarge),
		errors.Is(err, kv.ErrKeyTooLarge), errors.Is(err, kv.ErrValueTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, kv.ErrNotFound), errors.Is(err, errNoSnapshot):
		return http.StatusNotFound
	case errors.Is(err, kv.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, errNoVersions):
		return http.StatusNotImplemented
	case errors.Is(err, context.Canceled):
		return statusLeft
	case errors.Is(err, kv.ErrReadOnly), errors.Is(err, kv.ErrClosed):
		return http.StatusServiceUnavailable
	}
	return otherwise
}
