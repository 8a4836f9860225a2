package main

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"lsmlab/internal/todo"
)

// unfinished is the error of a task that is not done yet, in the words of its stub. The process that guards this one
// tells of it; see guard.
type unfinished string

// Error returns the stub's words.
func (u unfinished) Error() string { return string(u) }

// recoverTODO is deferred. It turns the panic of a task that is not done yet into an error; any other panic goes on.
func recoverTODO(err *error) {
	if text, ok := todo.Recovered(recover()); ok {
		*err = unfinished(text)
	}
}

// catch answers for a handler that panics: 501 for a task that is not done yet, 500 for a bug. Either way the server
// stops then. A panic in the middle of the store may have left a lock taken, and who came next would wait for ever.
func (s *server) catch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if text, ok := p.(string); ok && strings.HasPrefix(text, "not implemented yet: ") {
				refuse(w, http.StatusNotImplemented, text)
				s.breakDown(unfinished(text))
				return
			}
			refuse(w, http.StatusInternalServerError, fmt.Sprint("panic: ", p))
			s.breakDown(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// breakDown makes serve end with err.
func (s *server) breakDown(err error) {
	s.once.Do(func() {
		s.err = err
		close(s.broken)
	})
}

// failure returns the error of a handler that has panicked, nil if none has.
func (s *server) failure() error {
	select {
	case <-s.broken:
		return s.err
	default:
		return nil
	}
}
