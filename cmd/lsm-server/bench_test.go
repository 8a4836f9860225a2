//go:build reference

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// benched serves a store in a directory, as the command line would open it.
func benched(b *testing.B) (*client, *http.Client) {
	f, err := parse([]string{"--path", b.TempDir()})
	require.NoError(b, err)
	db, err := open(f, io.Discard)
	require.NoError(b, err)
	c := &client{t: b, s: newServer(db, f.limits())}
	srv := httptest.NewServer(c.s.handler())
	c.base = srv.URL
	b.Cleanup(func() {
		srv.Close()
		require.NoError(b, db.close())
	})
	return c, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}

// send sends a request and reads the answer to its end.
func send(b *testing.B, h *http.Client, method, url, body string) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	resp, err := h.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode >= 300 {
		b.Errorf("%s %s: %s, %v", method, url, resp.Status, err)
	}
	resp.Body.Close()
}

// BenchmarkRequests sends requests over the loopback interface, from as many clients as there are cores times four. The
// clients' own work is in the numbers.
func BenchmarkRequests(b *testing.B) {
	value := strings.Repeat("v", 100)
	batch := `{"writes":[` + strings.Repeat(`{"key":"YmF0Y2g=","value":"`+b64(value)+`"},`, 99) + `{"key":"YmF0Y2g=","delete":true}]}`
	for _, bench := range []struct {
		name, method, path, body string
		per                      float64
	}{
		{"healthz", "GET", "/healthz", "", 1},
		{"put", "PUT", "/kv/k%08d", value, 1},
		{"get", "GET", "/kv/k%08d", "", 1},
		{"batch of 100", "POST", "/batch", batch, 100},
		{"page of 100", "GET", "/kv?limit=100", "", 100},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c, h := benched(b)
			const keys = 10_000
			for i := range keys {
				_, err := c.s.db.versions.Put(fmt.Appendf(nil, "k%08d", i), []byte(value))
				require.NoError(b, err)
			}
			var n atomic.Int64
			b.SetParallelism(4)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					path := bench.path
					if strings.Contains(path, "%08d") {
						path = fmt.Sprintf(path, n.Add(1)%keys)
					}
					send(b, h, bench.method, c.base+path, bench.body)
				}
			})
			b.ReportMetric(float64(b.N)*bench.per/b.Elapsed().Seconds(), "entries/s")
			h.CloseIdleConnections()
		})
	}
}

// BenchmarkScrape scrapes a store of many tables, without the network: what a scrape costs grows with their number,
// since statistics list them all.
func BenchmarkScrape(b *testing.B) {
	for _, tables := range []int{1, 100, 1000} {
		fs := vfs.NewMem()
		db := &database{counts: new(counts)}
		o := subject.StoreOptions{NoCompaction: true}
		o.FS = fs
		require.NoError(b, db.open("db", o, true))
		for i := range tables {
			_, err := db.versions.Put(fmt.Appendf(nil, "k%08d", i), []byte("v"))
			require.NoError(b, err)
			require.NoError(b, db.Flush(b.Context()))
		}
		c := &client{t: b, s: newServer(db, small)}
		b.Run(fmt.Sprintf("%d tables", tables), func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				w := discard{header: http.Header{}}
				r, _ := http.NewRequest("GET", "http://localhost/metrics", nil)
				c.s.handler().ServeHTTP(&w, r)
				size = w.size
			}
			b.ReportMetric(float64(size), "bytes/scrape")
		})
		require.NoError(b, db.close())
	}
}

// discard counts what is answered.
type discard struct {
	header http.Header
	size   int
}

// Header returns the header.
func (d *discard) Header() http.Header { return d.header }

// WriteHeader does nothing.
func (d *discard) WriteHeader(int) {}

// Write counts.
func (d *discard) Write(p []byte) (int, error) {
	d.size += len(p)
	return len(p), nil
}
