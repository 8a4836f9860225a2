//go:build reference

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// small are limits that a test can reach.
var small = limits{key: 16, value: 64, body: 512, scan: 10, requests: 4}

// client speaks with a server over the loopback interface.
type client struct {
	t    testing.TB
	s    *server
	base string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// serving serves a fresh store in memory with the small limits, until the test ends.
func serving(t testing.TB, versions bool) *client { return servingOn(t, vfs.NewMem(), versions) }

// servingOn serves the store of a file system.
func servingOn(t testing.TB, fs vfs.FS, versions bool) *client {
	t.Helper()
	labtest.NoLeaks(t)
	db := &database{counts: new(counts)}
	o := subject.StoreOptions{}
	o.FS, o.MemtableSize, o.CacheSize = fs, 64<<10, 64<<10
	require.NoError(t, db.open("db", o, versions))
	c := &client{t: t, s: newServer(db, small)}
	srv := httptest.NewServer(c.s.handler())
	c.base = srv.URL
	t.Cleanup(func() {
		srv.Close()
		db.close() // a store that a test has broken may say so
	})
	return c
}

// do sends a request; header holds names and values in turn.
func (c *client) do(method, path, body string, header ...string) answer {
	c.t.Helper()
	r, err := http.NewRequest(method, c.base+path, bytes.NewReader([]byte(body)))
	require.NoError(c.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	resp, err := http.DefaultTransport.RoundTrip(r) // as it is: a redirect is not followed
	require.NoError(c.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// want sends a request and wants this status and, if it is an error, a reason.
func (c *client) want(status int, method, path, body string, header ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, header...)
	require.Equal(c.t, status, a.status, "%s %s: %s", method, path, a.body)
	if status >= 400 {
		r := decode[refusal](c.t, a)
		require.Equal(c.t, status, r.Status)
		require.NotEmpty(c.t, r.Reason)
	}
	return a
}

// decode reads an answer's JSON.
func decode[T any](t testing.TB, a answer) (v T) {
	t.Helper()
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

// pathOf returns the path of a key.
func pathOf(key string) string { return "/kv/" + url.PathEscape(key) }

// read returns a value, from the store itself.
func (c *client) read(key string) (string, error) {
	value, err := c.s.db.Store.Get([]byte(key))
	return string(value), err
}

// absent wants a key to have no value.
func (c *client) absent(key string) {
	c.t.Helper()
	_, err := c.read(key)
	require.ErrorIs(c.t, err, kv.ErrNotFound)
}

// scrape reads /metrics as Prometheus does.
func (c *client) scrape() map[string]*dto.MetricFamily {
	c.t.Helper()
	a := c.want(200, "GET", "/metrics", "")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader([]byte(a.body)))
	require.NoError(c.t, err)
	return families
}

// at moves the server's clock.
func (c *client) at(t time.Time) { c.s.now = func() time.Time { return t } }

// value returns the value of a metric, summed over those of its labels that have these values, in turn with their
// names.
func value(t testing.TB, families map[string]*dto.MetricFamily, name string, labels ...string) (sum float64) {
	t.Helper()
	family := families[name]
	require.NotNil(t, family, "%s is not there", name)
	for _, m := range family.Metric {
		if matches(m, labels) {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// matches reports whether a metric has these labels.
func matches(m *dto.Metric, labels []string) bool {
	for i := 0; i < len(labels); i += 2 {
		found := false
		for _, l := range m.Label {
			found = found || l.GetName() == labels[i] && l.GetValue() == labels[i+1]
		}
		if !found {
			return false
		}
	}
	return true
}
