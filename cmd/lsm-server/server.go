package main

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// limits are what one client may ask for, so that none can take the memory or the time of all.
type limits struct {
	key, value int   // bytes
	body       int64 // bytes of a batch
	scan       int   // entries of a page
	requests   int   // at a time
}

// server answers requests over a store. A request goes through
//
//	route → measure → catch → admit → a method's handler
//
// in this order: whatever is refused is measured as well, and a panic is an answer too.
type server struct {
	db       *database
	limits   limits
	exposed  bool             // other machines may come, under any name
	now      func() time.Time // the clock of ages
	metrics  *metrics
	slots    chan struct{} // holds an element for each request that has begun
	held     held          // the snapshots that clients hold
	patterns map[string]http.Handler

	broken chan struct{} // closed when a handler has panicked
	once   sync.Once     // of closing broken
	err    error         // why; read once broken is closed
}

// newServer returns a server over a store, which it does not close.
func newServer(db *database, l limits) *server {
	s := &server{db: db, limits: l, now: time.Now, slots: make(chan struct{}, l.requests), broken: make(chan struct{})}
	s.metrics = newMetrics(s)
	s.patterns = map[string]http.Handler{}
	for name, m := range s.routes() {
		s.patterns[name] = s.metrics.measure(name, s.catch(s.admit(name, m)))
	}
	return s
}

// methods are what a route answers to.
type methods map[string]http.HandlerFunc

// routes returns all routes by name. A name that ends in a slash stands for all paths below it.
func (s *server) routes() map[string]methods {
	return map[string]methods{
		"/":           {}, // nothing is here: 404
		"/kv":         {"GET": s.scan},
		"/kv/":        {"GET": s.get, "PUT": s.put, "DELETE": s.delete},
		"/batch":      {"POST": s.batch},
		"/snapshots":  {"GET": s.listSnapshots, "POST": s.takeSnapshot},
		"/snapshots/": {"DELETE": s.dropSnapshot},
		"/flush":      {"POST": s.flush},
		"/compact":    {"POST": s.compact},
		"/stats":      {"GET": s.stats},
		"/metrics":    {"GET": s.metrics.serve},
		"/healthz":    {"GET": s.health},
	}
}

// handler returns what answers all requests. It looks at the path as it was sent: http.ServeMux would take out what
// looks like a detour, and send PUT /kv/a//b elsewhere, though a//b is a key like any other.
func (s *server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		if i := strings.IndexByte(path[min(1, len(path)):], '/'); i >= 0 {
			path = path[:i+2]
		}
		h, ok := s.patterns[path]
		if !ok {
			h = s.patterns["/"]
		}
		h.ServeHTTP(w, r)
	})
}

// admit lets a request in that is meant, has a method of this route, and finds a place. Those who ask how the server is
// need no place: when it is full, they are the ones to be heard.
func (s *server) admit(name string, m methods) http.Handler {
	watching := name == "/metrics" || name == "/healthz"
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handle := m.of(r.Method)
		switch err := origins.Check(r); {
		case !s.meant(r.Host):
			refuse(w, http.StatusMisdirectedRequest, fmt.Sprintf("this server is not %q", r.Host))
		case err != nil:
			refuse(w, http.StatusForbidden, err.Error())
		case len(m) == 0:
			refuse(w, http.StatusNotFound, "there is nothing at this path")
		case handle == nil:
			w.Header().Set("Allow", m.String())
			refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s takes %s", name, m))
		case watching:
			handle(w, r)
		case name != "/kv" && name != "/kv/" && r.URL.RawQuery != "":
			refuse(w, http.StatusBadRequest, name+" takes no parameters")
		default:
			s.inPlace(w, r, handle)
		}
	})
}

// of returns the handler of a method, nil if there is none. A HEAD is a GET whose body net/http keeps back.
func (m methods) of(method string) http.HandlerFunc {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return m[method]
}

// String lists the methods, HEAD too where there is a GET.
func (m methods) String() string {
	names := slices.Collect(maps.Keys(m))
	if m[http.MethodGet] != nil {
		names = append(names, http.MethodHead)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// inPlace handles a request if there is a place for it.
func (s *server) inPlace(w http.ResponseWriter, r *http.Request, handle http.HandlerFunc) {
	if !s.take() {
		w.Header().Set("Retry-After", "1")
		s.metrics.rejected.Inc()
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("%d requests are under way, which is the most", s.limits.requests))
		return
	}
	defer s.give()
	handle(w, r)
}

// take takes a place for a request, if there is one.
func (s *server) take() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// give gives a place back.
func (s *server) give() { <-s.slots }

// meant reports whether a request for this host is meant for this server. A page in a browser can make a name of its
// own point to the loopback address, and would read whatever is served there; but it cannot send another name than its
// own.
func (s *server) meant(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return s.exposed || isLoopback(strings.Trim(host, "[]"))
}
