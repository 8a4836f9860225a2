package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"lsmlab/internal/kv"
)

// batchRequest is the body of POST /batch. All writes take effect, or none; and none if a condition does not hold.
//
//	{"if":     [{"key": "YQ==", "version": 17}, {"key": "Yg=="}],
//	 "writes": [{"key": "YQ==", "value": "MQ=="}, {"key": "Yg==", "delete": true}]}
//
// Keys and values are base64.
type batchRequest struct {
	If     []condition `json:"if"`
	Writes []change    `json:"writes"`
}

// condition says what must be so when a batch is written: that the newest version of a key is this one, or, if it is 0
// or not given, that the key has no value.
type condition struct {
	Key     []byte `json:"key"`
	Version kv.Seq `json:"version"`
}

// change is one write of a batch: a value, or a delete.
type change struct {
	Key    []byte  `json:"key"`
	Value  *[]byte `json:"value"` // a pointer, since an empty value is a value and no value is a mistake
	Delete bool    `json:"delete"`
}

// batchReply says what became of a batch.
type batchReply struct {
	Writes int `json:"writes"`
	// Version is that of the first write; those that follow have the following ones. Left out where it is not known.
	Version kv.Seq `json:"version,omitempty"`
}

// batch writes a batch.
func (s *server) batch(w http.ResponseWriter, r *http.Request) {
	req, err := decodeBatch(http.MaxBytesReader(w, r.Body, s.limits.body))
	var b *kv.Batch
	if err == nil {
		b, err = s.batchOf(req)
	}
	if err != nil {
		fail(w, asked(err))
		return
	}
	version, err := s.db.write(b, req.If)
	if err != nil {
		failWrite(w, err)
		return
	}
	reply(w, http.StatusOK, batchReply{b.Len(), version})
}

// decodeBatch reads a request. What it does not know is a mistake: a misspelt "delete" must not be left out silently.
func decodeBatch(body io.Reader) (req batchRequest, err error) {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(&req); err != nil {
		return req, plainly(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return req, errors.Join(badRequest{errors.New("more follows behind the batch")}, err)
	}
	return req, nil
}

// plainly says of a body what is wrong with it, where the decoder speaks of the types of this program.
func plainly(err error) error {
	wrong := (*json.UnmarshalTypeError)(nil)
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.As(err, &wrong):
		return fmt.Errorf("a %s does not belong at byte %d %s", wrong.Value, wrong.Offset, wrong.Field)
	}
	return err
}

// batchOf checks a request and returns its writes.
func (s *server) batchOf(req batchRequest) (*kv.Batch, error) {
	for i, c := range req.If {
		if err := s.checkKey(c.Key); err != nil {
			return nil, fmt.Errorf("condition %d: %w", i+1, err)
		}
	}
	b := new(kv.Batch)
	for i, c := range req.Writes {
		err := s.checkKey(c.Key)
		switch {
		case err != nil:
		case (c.Value == nil) != c.Delete:
			err = badRequest{errors.New(`either "value" or "delete": true`)}
		case c.Delete:
			b.Delete(c.Key)
		case len(*c.Value) > s.limits.value:
			err = fmt.Errorf("%w: %d bytes, at most %d", kv.ErrValueTooLarge, len(*c.Value), s.limits.value)
		default:
			b.Set(c.Key, *c.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("write %d: %w", i+1, err)
		}
	}
	return b, nil
}
