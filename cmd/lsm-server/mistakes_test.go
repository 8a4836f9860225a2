//go:build reference

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A condition that says nothing, or that contradicts another one, does not become a write without a condition.
func TestMistakes_Conditions(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "1")
	c.want(400, "PUT", "/kv/a", "2", "If-Match", "")
	c.want(400, "PUT", "/kv/a", "2", "If-None-Match", "")
	c.want(400, "DELETE", "/kv/a", "", "If-Match", "")
	c.want(400, "PUT", "/kv/b", "2", "If-Match", `"1"`, "If-None-Match", "*")
	require.Equal(t, "1", c.want(200, "GET", "/kv/a", "").body)
	c.absent("b")
	_, err := conditionsOf(http.Header{"If-Match": {`"1"`, `"2"`}}, []byte("a"))
	require.ErrorAs(t, err, &badRequest{})
}

// A parameter that is not known, that comes twice, or that contradicts another one, is told, wherever it stands.
func TestMistakes_Parameters(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "1")
	for _, target := range []string{"POST /batch", "POST /flush", "POST /compact", "POST /snapshots", "GET /snapshots", "GET /stats", "DELETE /snapshots/x",
		"GET /kv", "GET /kv/a", "PUT /kv/a", "DELETE /kv/a"} {
		method, path, _ := strings.Cut(target, " ")
		require.Contains(t, c.want(400, method, path+"?wait=no", "{}").body, "parameter", target)
	}
	require.Contains(t, c.want(400, "GET", "/kv?limit=1&limit=2", "").body, "given 2 times")
	require.Contains(t, c.want(400, "GET", "/kv?from=a&after=b", "").body, "not both")
	require.Zero(t, c.s.db.Stats().Flushes)
	require.Equal(t, "1", c.want(200, "GET", "/kv/a", "").body)
}

// An answer speaks of the request, and not of what it is read into; and it tells the limit that was passed.
func TestMistakes_AreToldInWords(t *testing.T) {
	c := serving(t, true)
	require.Contains(t, c.want(413, "PUT", "/kv/a", strings.Repeat("v", small.value+1)).body, "more than 64 bytes")
	require.Contains(t, c.want(413, "POST", "/batch", `{"writes":[`+strings.Repeat(" ", int(small.body))).body, "more than 512 bytes")
	require.Contains(t, c.want(400, "POST", "/batch", "").body, "body: it is empty")
	for _, bad := range []string{`[]`, `{"writes":7}`, `{"if":[{"key":"YQ==","version":-2}]}`} {
		require.NotContains(t, c.want(400, "POST", "/batch", bad).body, " Go ", bad)
	}
}

// Limits under which nothing could be done are refused at the start.
func TestMistakes_Limits(t *testing.T) {
	for _, bad := range []string{"--max-key=0", "--max-value=0", "--max-body=-1", "--max-scan=0", "--max-requests=-1", "--max-requests=0", "--slow=-1s", "--grace=-1s"} {
		_, err := parse([]string{"--path", "db", bad})
		require.Error(t, err, bad)
	}
	_, err := parse([]string{"--path", "db", "--max-requests=1", "--slow=0s", "--grace=0s"})
	require.NoError(t, err)
}
