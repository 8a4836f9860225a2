package main

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/todo"
)

// recoverTODO is deferred. It turns the panic of a task that is not done yet into an error in a sentence; any other
// panic goes on.
func recoverTODO(err *error) {
	if text, ok := todo.Recovered(recover()); ok {
		*err = fmt.Errorf("%s%s", text, whereToRead(text))
	}
}

// whereToRead returns what follows a stub's sentence: the chapter, and how it will be.
func whereToRead(text string) string {
	var week, day int
	task := strings.TrimPrefix(text, "not implemented yet: ")
	if _, err := fmt.Sscanf(task, "week %d day %d", &week, &day); err != nil {
		return ""
	}
	d, err := course.Find(week, day)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("\nWhere to begin: %s. What it will be like: go run -tags reference ./cmd/lsm-server", d.Chapter())
}

// guard answers for a handler that panics: 501 for a task that is not done yet, 500 for a bug. Either way the server
// stops then. A panic in the middle of the store may have left a lock taken, and who came next would wait for ever.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			status := http.StatusInternalServerError
			if text, ok := p.(string); ok && strings.HasPrefix(text, "not implemented yet: ") {
				err, status = fmt.Errorf("%s%s", text, whereToRead(text)), http.StatusNotImplemented
			}
			refuse(w, status, fmt.Sprint(p))
			s.breakDown(err)
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
