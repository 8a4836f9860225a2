package story

import (
	"context"
	"errors"
	"fmt"
)

// prices writes three versions of a price, reads an old one through a flush and a merge, and lists its history.
func (s *story) prices() error {
	tomato := []byte("price/tomato")
	if _, err := s.db.Put(tomato, []byte("1.00")); err != nil {
		return err
	}
	monday := s.db.Snapshot()
	for _, price := range []string{"1.20", "0.90"} {
		if _, err := s.db.Put(tomato, []byte(price)); err != nil {
			return err
		}
		if err := s.db.Flush(context.Background()); err != nil {
			return err
		}
	}
	if err := s.db.Compact(context.Background()); err != nil {
		return err
	}
	then, err := monday.Get(tomato)
	if err = errors.Join(err, monday.Close()); err != nil {
		return err
	}
	now, err := s.db.Get(tomato)
	if err != nil {
		return err
	}
	s.say("a tomato costs %s; the snapshot of Monday still says %s, after two flushes and a merge", now, then)
	if err := errors.Join(want("price now", "0.90", string(now)), want("price on Monday", "1.00", string(then))); err != nil {
		return err
	}
	history, err := s.db.History(tomato)
	if err != nil {
		return err
	}
	line := ""
	for _, v := range history {
		line += fmt.Sprintf("  version %d: %s", v.Seq, v.Value)
	}
	s.say("its history:%s", line)
	return want("versions", 3, len(history))
}
