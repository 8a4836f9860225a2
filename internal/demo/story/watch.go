package story

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"lsmlab/solution/week3/plugin"
)

// clumsy is a plugin that panics at every event.
type clumsy struct{}

func (clumsy) Name() string        { return "clumsy" }
func (clumsy) Initialize() error   { return nil }
func (clumsy) Handle(plugin.Event) { panic("stumbled") }
func (clumsy) Shutdown() error     { return nil }

// watch has a plugin count what happens, beside one that panics each time.
func (s *story) watch() error {
	var line strings.Builder
	if err := errors.Join(s.host.Register(plugin.NewMetrics(&line, time.Hour)), s.host.Register(clumsy{})); err != nil {
		return err
	}
	for i := range 100 {
		if _, err := s.db.Put(fmt.Appendf(nil, "order/%03d", i), []byte("3 tomatoes")); err != nil {
			return err
		}
	}
	for i := range 10 {
		if _, err := s.db.Get(fmt.Appendf(nil, "order/%03d", 10*i)); err != nil {
			return err
		}
	}
	if err := s.host.Shutdown(); err != nil {
		return err
	}
	panics := int64(0)
	for _, p := range s.host.Stats() {
		panics += p.Panics
	}
	s.say("a plugin has counted: %s", strings.TrimSpace(line.String()))
	s.say("another one has panicked at each of these events, and nobody but its own counter has noticed: %d", panics)
	return errors.Join(want("the line", "PUT: 100, GET: 10, DELETE: 0\n", line.String()), want("panics", 110, panics))
}
