package story

import (
	"errors"
	"strconv"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/txn"
)

// How many goroutines count visitors, and how many each.
const counters, visitors = 8, 500

// money pays, changes its mind, lets two transactions collide, and has many goroutines count at one key.
func (s *story) money() error {
	for _, step := range []func() error{s.pay, s.collide, s.count} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// balance reads an account.
func balance(t *txn.Txn, account string) (int, error) {
	text, err := t.Get([]byte(account))
	if errors.Is(err, kv.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}

// add changes an account.
func add(t *txn.Txn, account string, amount int) error {
	have, err := balance(t, account)
	if err != nil {
		return err
	}
	return t.Put([]byte(account), []byte(strconv.Itoa(have+amount)))
}

// pay opens two accounts in one transaction, and rolls a second one back.
func (s *story) pay() error {
	err := s.db.Update(func(t *txn.Txn) error {
		return errors.Join(add(t, "account/shop", 1000), add(t, "account/baker", 500))
	})
	if err != nil {
		return err
	}
	t, err := s.db.Begin(txn.SnapshotIsolation)
	if err != nil {
		return err
	}
	if err := errors.Join(add(t, "account/shop", -700), add(t, "account/baker", 700)); err != nil {
		return err
	}
	inside, err := balance(t, "account/baker")
	if err = errors.Join(err, t.Rollback()); err != nil {
		return err
	}
	return s.db.View(func(t *txn.Txn) error {
		shop, err := balance(t, "account/shop")
		if err != nil {
			return err
		}
		baker, err := balance(t, "account/baker")
		if err != nil {
			return err
		}
		s.say("one transaction pays in: shop %d, baker %d; in a second the baker has %d, and it is rolled back", shop, baker, inside)
		return errors.Join(want("shop", 1000, shop), want("baker", 500, baker), want("baker, inside", 1200, inside))
	})
}

// collide has two doctors go off duty at once: each sees the other, and both may go, or not.
func (s *story) collide() error {
	for _, level := range []txn.Isolation{txn.SnapshotIsolation, txn.Serializable} {
		refused, left, err := s.offDuty(level)
		if err != nil {
			return err
		}
		s.say("two go off duty at once, each since the other stays; under %s %d of them is told to try again, and %d stay", level, refused, left)
		if err := want("on duty", int(level), left); err != nil {
			return err
		}
	}
	return nil
}

// offDuty runs both transactions side by side, and returns how many were refused, and how many are on duty in the end.
func (s *story) offDuty(level txn.Isolation) (refused, left int, err error) {
	people := []string{"duty/ann", "duty/bob"}
	var open []*txn.Txn
	for _, p := range people {
		if _, err := s.db.Put([]byte(p), []byte("1")); err != nil {
			return 0, 0, err
		}
	}
	for _, p := range people {
		t, err := s.db.Begin(level)
		if err != nil {
			return 0, 0, err
		}
		defer t.Rollback()
		ann, err1 := balance(t, people[0])
		bob, err2 := balance(t, people[1])
		if err := errors.Join(err1, err2, want("on duty at first", 2, ann+bob), t.Put([]byte(p), []byte("0"))); err != nil {
			return 0, 0, err
		}
		open = append(open, t)
	}
	for _, t := range open {
		if err := t.Commit(); errors.Is(err, kv.ErrConflict) {
			refused++
		} else if err != nil {
			return 0, 0, err
		}
	}
	err = s.db.View(func(t *txn.Txn) error {
		ann, err1 := balance(t, people[0])
		bob, err2 := balance(t, people[1])
		left = ann + bob
		return errors.Join(err1, err2)
	})
	return refused, left, err
}

// count has several goroutines add one to the same key, many times.
func (s *story) count() error {
	before := s.db.TxnStats()
	errs := make([]error, counters)
	var wg sync.WaitGroup
	for i := range counters {
		wg.Go(func() {
			for range visitors {
				errs[i] = errors.Join(errs[i], s.db.Update(func(t *txn.Txn) error { return add(t, "visitors", 1) }))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.db.View(func(t *txn.Txn) error {
		n, err := balance(t, "visitors")
		if err != nil {
			return err
		}
		s.say("%d doors count %d visitors each, in transactions: %d, after %d retries", counters, visitors, n, s.db.TxnStats().Retries-before.Retries)
		return want("visitors", counters*visitors, n)
	})
}
