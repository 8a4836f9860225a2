//go:build reference

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
)

// What is not there is not there, and what a route does not do it does not do; both are said in JSON.
func TestRoutes(t *testing.T) {
	c := serving(t, true)
	for _, path := range []string{"/", "/nothing", "/kvx", "/batch/", "/batch/x", "/stats/x", "/snapshots/", "/metrics/", "//", "/%6bv"} {
		a := c.do("GET", path, "")
		require.Contains(t, []int{404, 405}, a.status, path)
		require.NotEmpty(t, decode[refusal](t, a).Reason, path)
	}
	require.Equal(t, "DELETE, GET, HEAD, PUT", c.want(405, "POST", "/kv/a", "").header.Get("Allow"))
	require.Equal(t, "POST", c.want(405, "GET", "/flush", "").header.Get("Allow"))
	c.want(405, "BREW", "/kv", "")
	for _, r := range [][2]string{{"GET", "/kv/a?snapsot=x"}, {"GET", "/kv?limt=1"}, {"PUT", "/kv/a?snapshot=x"}, {"DELETE", "/kv/a?a;b"}} {
		c.want(400, r[0], r[1], "")
	}
	for _, r := range [][2]string{{"DELETE", "/snapshots/x"}, {"GET", "/kv/a?snapshot=x"}, {"GET", "/kv?snapshot=x"}} {
		require.Equal(t, `no such snapshot is open: "x"`, decode[refusal](t, c.want(404, r[0], r[1], "")).Reason)
	}
}

// Flush and compact do what they say, and stats tell of it.
func TestRoutes_Work(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "1")
	c.want(200, "POST", "/flush", "")
	c.want(204, "PUT", "/kv/a", "2")
	c.want(200, "POST", "/flush", "")
	require.Len(t, c.s.db.Stats().Runs, 2)
	c.want(200, "POST", "/compact", "")
	require.Len(t, c.s.db.Stats().Runs, 1)
	var stats struct {
		Visible, Flushes int
		Err              *string
		Runs             []struct {
			Tables []struct{ First, Last []byte }
		}
		Snapshots    struct{ Open int }
		Transactions struct{ Begun int }
	}
	require.NoError(t, json.Unmarshal([]byte(c.want(200, "GET", "/stats", "").body), &stats))
	require.Equal(t, 2, stats.Visible)
	require.Equal(t, 2, stats.Flushes)
	require.Nil(t, stats.Err)
	require.Equal(t, "a", string(stats.Runs[0].Tables[0].First))
	require.Equal(t, "ok", decode[map[string]string](t, c.want(200, "GET", "/healthz", ""))["status"])
}

// A client that does not wait for its compaction is no fault of the server's.
func TestRoutes_WorkForNobody(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	a := httptest.NewRecorder()
	work(a, httptest.NewRequestWithContext(ctx, "POST", "/compact", nil), func(ctx context.Context) error { return ctx.Err() })
	require.Equal(t, statusLeft, a.Code)
}

// When all places are taken, further requests are told so at once, and come in again when there is room. Who asks how
// the server is does not wait behind those who keep it busy.
func TestServer_TooManyRequests(t *testing.T) {
	c := serving(t, true)
	for range small.requests {
		require.True(t, c.s.take())
	}
	a := c.want(503, "GET", "/kv/a", "")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	c.want(503, "PUT", "/kv/a", "1")
	c.want(200, "GET", "/healthz", "")
	m := c.scrape()
	require.Equal(t, float64(small.requests), value(t, m, "lsm_http_requests_in_flight"))
	require.Equal(t, 2.0, value(t, m, "lsm_http_requests_rejected_total"))
	c.s.give()
	c.want(204, "PUT", "/kv/a", "1")
	c.want(200, "GET", "/kv/a", "")
	require.Equal(t, float64(small.requests-1), value(t, c.scrape(), "lsm_http_requests_in_flight"))
}

// A page in a browser may come from anywhere. It must not read or write what is served on the loopback interface:
// neither under a name of its own that points there, nor across origins.
func TestServer_RefusesBrowsersFromElsewhere(t *testing.T) {
	c := serving(t, true)
	c.want(421, "GET", "/kv", "", "Host", "evil.example:8080")
	c.want(421, "GET", "/metrics", "", "Host", "evil.example")
	for _, host := range []string{"localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"} {
		c.want(200, "GET", "/kv", "", "Host", host)
	}
	c.want(403, "PUT", "/kv/a", "1", "Sec-Fetch-Site", "cross-site")
	c.want(403, "POST", "/batch", "{}", "Origin", "http://evil.example")
	c.want(200, "POST", "/batch", "{}", "Sec-Fetch-Site", "same-origin")
	c.absent("a")
	c.s.exposed = true
	c.want(200, "GET", "/kv", "", "Host", "store.example:8080")
}

// An address that others can reach is refused until somebody asks for it.
func TestFlags_Addr(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:0": true, "[::1]:8080": true, "127.1.2.3:80": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.168.1.7:8080": false, "example.com:80": false, "127.0.0.1": false,
	} {
		_, err := parse([]string{"--path", "db", "--addr", addr})
		require.Equal(t, ok, err == nil, "%s: %v", addr, err)
	}
	_, err := parse([]string{"--path", "db", "--addr", ":8080"})
	require.ErrorContains(t, err, "--expose")
	f, err := parse([]string{"--path", "db", "--addr", ":8080", "--expose"})
	require.NoError(t, err)
	require.True(t, f.Versions, "over the reference")
	_, err = parse(nil)
	require.ErrorContains(t, err, "--path")
}

// A write that the disk does not take is no success, and neither are those after it; reads go on.
func TestServer_RefusedWrites(t *testing.T) {
	fault := vfs.NewFault(vfs.NewMem())
	c := servingOn(t, fault, true)
	c.want(204, "PUT", "/kv/a", "1")
	fault.FailAlways(vfs.OpWrite, "*.log", errors.New("no space left on device"))
	require.Contains(t, c.want(503, "PUT", "/kv/b", "2").body, "no space left")
	fault.Clear()
	c.want(503, "PUT", "/kv/c", "3")
	c.want(503, "POST", "/batch", `{"writes":[{"key":"YQ==","delete":true}]}`)
	c.want(503, "PUT", "/kv/a", "2", "If-Match", `"1"`)
	require.Equal(t, "1", c.want(200, "GET", "/kv/a", "").body)
	c.want(404, "GET", "/kv/b", "")
	require.Contains(t, c.want(503, "GET", "/healthz", "").body, "no space left")
	require.Contains(t, c.want(200, "GET", "/stats", "").body, "no space left")
}

// A task that is not done yet is told in a sentence, to the client and at the end; then the server stops, since nobody
// knows what the panic has left locked.
func TestServer_StopsAtATODO(t *testing.T) {
	c := serving(t, true)
	c.s.patterns["/flush"] = c.s.catch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("not implemented yet: week 1 day 6 task 3 (Engine.Flush)")
	}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- c.s.serve(ctx, l, time.Minute) }()
	c.base = "http://" + l.Addr().String()
	a := c.want(501, "POST", "/flush", "", "Connection", "close")
	require.Contains(t, a.body, "week 1 day 6 task 3")
	err = <-ended
	require.EqualError(t, err, "not implemented yet: week 1 day 6 task 3 (Engine.Flush)")
	require.ErrorAs(t, err, new(unfinished))
}

// A bug is an answer too, and ends the server with its stack trace.
func TestServer_StopsAtABug(t *testing.T) {
	c := serving(t, true)
	c.s.patterns["/flush"] = c.s.catch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	require.Contains(t, c.want(500, "POST", "/flush", "").body, "boom")
	<-c.s.broken
	require.ErrorContains(t, c.s.failure(), "TestServer_StopsAtABug")
}

// A client that sends its header a byte a minute is not waited for: the server has limits for all that a client may
// take long over.
func TestServer_Timeouts(t *testing.T) {
	srv := (&server{}).http()
	for name, limit := range map[string]time.Duration{
		"header": srv.ReadHeaderTimeout, "request": srv.ReadTimeout, "answer": srv.WriteTimeout, "idle": srv.IdleTimeout,
	} {
		require.NotZero(t, limit, name)
	}
	require.Greater(t, srv.MaxHeaderBytes, 3*4096)
}

// A body that ends early is a mistake of the client's, and no value.
func TestServer_HalfABody(t *testing.T) {
	c := serving(t, true)
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.base, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "PUT /kv/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "400 Bad Request")
	c.absent("a")
}
