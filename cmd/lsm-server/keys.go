package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/kv"
)

// versionHeader tells the version that a write has made, or that a read has found.
const versionHeader = "Lsm-Version"

// query returns the parameters of a request. One that is not known, or comes twice, is a mistake: who misspells "snapshot"
// must not be shown the present.
func query(r *http.Request, known ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest{err}
	}
	for name, values := range q {
		if !slices.Contains(known, name) {
			return nil, badRequest{fmt.Errorf("there is no parameter %q here", name)}
		}
		if len(values) > 1 {
			return nil, badRequest{fmt.Errorf("parameter %q is given %d times", name, len(values))}
		}
	}
	return q, nil
}

// keyOf returns the key that a path names: all that follows /kv/, with %41 for A. Each byte is a byte, a slash too.
func (s *server) keyOf(r *http.Request) ([]byte, error) {
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/kv/"))
	if err != nil {
		return nil, badRequest{fmt.Errorf("key: %w", err)}
	}
	return []byte(key), s.checkKey([]byte(key))
}

// checkKey returns what is wrong with a key.
func (s *server) checkKey(key []byte) error {
	if len(key) > s.limits.key {
		return fmt.Errorf("%w: %d bytes, at most %d", kv.ErrKeyTooLarge, len(key), s.limits.key)
	}
	return kv.CheckKey(key)
}

// get answers with a value, as it is.
func (s *server) get(w http.ResponseWriter, r *http.Request) {
	key, err := s.keyOf(r)
	var q url.Values
	if err == nil {
		q, err = query(r, "snapshot")
	}
	if err != nil {
		fail(w, err)
		return
	}
	value, version, err := s.read(key, q.Get("snapshot"))
	if err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff") // or a browser runs what somebody has stored
	setVersion(h, version)
	if version != 0 && r.Header.Get("If-None-Match") == etag(version) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(value)))
	w.Write(value)
}

// read returns the value of a key and its version, 0 if that is not known: as it is, or as a snapshot shows it.
func (s *server) read(key []byte, id string) ([]byte, kv.Seq, error) {
	if id == "" {
		return s.db.get(key)
	}
	view, err := s.held.find(id, false)
	if err != nil {
		return nil, 0, err
	}
	value, err := view.Get(key)
	return value, 0, err
}

// put stores the body as the value of a key.
func (s *server) put(w http.ResponseWriter, r *http.Request) {
	key, err := s.keyOf(r)
	var value []byte
	if err == nil {
		value, err = io.ReadAll(http.MaxBytesReader(w, r.Body, int64(s.limits.value)))
	}
	if err != nil {
		fail(w, asked(err))
		return
	}
	var b kv.Batch
	b.Set(key, value)
	s.writeKey(w, r, key, &b)
}

// delete deletes a key. Whether there was one is not looked at.
func (s *server) delete(w http.ResponseWriter, r *http.Request) {
	key, err := s.keyOf(r)
	if err != nil {
		fail(w, err)
		return
	}
	var b kv.Batch
	b.Delete(key)
	s.writeKey(w, r, key, &b)
}

// writeKey writes to one key, if what the request says of its version holds.
func (s *server) writeKey(w http.ResponseWriter, r *http.Request, key []byte, b *kv.Batch) {
	conditions, err := conditionsOf(r.Header, key)
	if err == nil {
		_, err = query(r)
	}
	if err != nil {
		fail(w, err)
		return
	}
	version, err := s.db.write(b, conditions)
	switch {
	case errors.Is(err, kv.ErrConflict):
		refuse(w, http.StatusPreconditionFailed, err.Error())
	case err != nil:
		failWrite(w, err)
	default:
		setVersion(w.Header(), version)
		w.WriteHeader(http.StatusNoContent)
	}
}

// asked marks an error of reading a body as the client's, unless it is one of too many bytes.
func asked(err error) error {
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) || statusOf(err, 0) != 0 {
		return err
	}
	return badRequest{fmt.Errorf("body: %w", err)}
}

// etag returns the entity tag of a version.
func etag(version kv.Seq) string { return strconv.Quote(strconv.FormatUint(uint64(version), 10)) }

// setVersion tells a version, if it is known.
func setVersion(h http.Header, version kv.Seq) {
	if version != 0 {
		h.Set("Etag", etag(version))
		h.Set(versionHeader, strconv.FormatUint(uint64(version), 10))
	}
}

// conditionsOf returns what a request wants of a key before it is written: If-Match names the version that it must
// have, and If-None-Match: * says that there must be none. A condition that says nothing, as that of a client that has
// lost its tag, or more than one, is a mistake, and not a write without a condition.
func conditionsOf(h http.Header, key []byte) ([]condition, error) {
	none, match := h.Values("If-None-Match"), h.Values("If-Match")
	switch {
	case len(none)+len(match) == 0:
		return nil, nil
	case len(none)+len(match) > 1:
		return nil, badRequest{errors.New("a write takes one If-Match, or one If-None-Match")}
	case len(none) == 1 && none[0] != "*":
		return nil, badRequest{errors.New("a write takes If-None-Match only with *")}
	case len(none) == 1:
		return []condition{{Key: key}}, nil
	}
	tag := match[0]
	version, err := strconv.ParseUint(strings.Trim(tag, `"`), 10, 64)
	if err != nil || version == 0 || etag(kv.Seq(version)) != tag {
		return nil, badRequest{fmt.Errorf("If-Match: %q is no version; it looks like \"17\", with its quotes", tag)}
	}
	return []condition{{Key: key, Version: kv.Seq(version)}}, nil
}
