//go:build reference

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// b64 encodes a key or value.
func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// A batch writes all of its writes, with numbers in a row.
func TestBatch_WritesAll(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/gone", "1")
	body := fmt.Sprintf(`{"writes":[{"key":%q,"value":%q},{"key":%q,"delete":true},{"key":%q,"value":""}]}`,
		b64("a\x00"), b64("\xff"), b64("gone"), b64("empty"))
	got := decode[batchReply](t, c.want(200, "POST", "/batch", body))
	require.Equal(t, batchReply{3, 2}, got)
	require.Equal(t, "\xff", c.want(200, "GET", "/kv/a%00", "").body)
	require.Equal(t, `"4"`, c.want(200, "GET", "/kv/empty", "").header.Get("Etag"))
	c.absent("gone")
	require.Equal(t, batchReply{}, decode[batchReply](t, c.want(200, "POST", "/batch", `{}`)))
}

// An entry of a page can stand in a batch as it is.
func TestBatch_TakesWhatAScanGives(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "1")
	p := decode[page](t, c.want(200, "GET", "/kv", ""))
	c.want(204, "DELETE", "/kv/a", "")
	body, err := json.Marshal(map[string]any{"writes": p.Entries})
	require.NoError(t, err)
	c.want(200, "POST", "/batch", string(body))
	require.Equal(t, "1", c.want(200, "GET", "/kv/a", "").body)
}

// A batch that cannot be meant writes nothing.
func TestBatch_RefusesMistakes(t *testing.T) {
	c := serving(t, true)
	good := fmt.Sprintf(`{"key":%q,"value":%q}`, b64("a"), b64("1"))
	long := strings.Repeat("x", small.key+1)
	for body, status := range map[string]int{
		``:                                       400,
		`{`:                                      400,
		`[]`:                                     400,
		`{"write":[]}`:                           400,
		`{"writes":[` + good + `]} {}`:           400,
		`{"writes":[` + good + `]}x`:             400,
		`{"writes":[` + good + `,{"key":"YQ"}]}`: 400, // no base64
		`{"writes":[` + good + `,{"key":"YQ=="}]}`:                                                           400, // neither
		`{"writes":[` + good + `,{"key":"YQ==","value":null}]}`:                                              400,
		`{"writes":[` + good + `,{"key":"YQ==","value":"","delete":true}]}`:                                  400,
		`{"writes":[` + good + `,{"value":"YQ=="}]}`:                                                         400, // no key
		`{"if":[{"key":"YQ==","version":-1}],"writes":[` + good + `]}`:                                       400,
		`{"if":[{}],"writes":[` + good + `]}`:                                                                400,
		`{"writes":[` + good + `,{"key":"` + b64(long) + `","value":""}]}`:                                   413,
		`{"if":[{"key":"` + b64(long) + `"}],"writes":[` + good + `]}`:                                       413,
		`{"writes":[` + good + `,{"key":"YQ==","value":"` + b64(strings.Repeat("v", small.value+1)) + `"}]}`: 413,
		`{"writes":[` + good + strings.Repeat(","+good, 100) + `]}`:                                          413,
	} {
		a := c.do("POST", "/batch", body)
		require.Equal(t, status, a.status, "%s: %s", body, a.body)
		require.NotEmpty(t, decode[refusal](t, a).Reason)
		c.absent("a")
	}
}

// Conditions hold for the whole batch: if one does not, nothing is written.
func TestBatch_Conditions(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "1")
	batch := func(status int, conditions string) {
		t.Helper()
		body := fmt.Sprintf(`{"if":[%s],"writes":[{"key":%q,"value":%q},{"key":%q,"value":%q}]}`, conditions, b64("a"), b64("2"), b64("b"), b64("2"))
		c.want(status, "POST", "/batch", body)
	}
	batch(409, `{"key":"YQ==","version":2}`)
	batch(409, `{"key":"YQ=="}`)
	batch(409, `{"key":"YQ==","version":1},{"key":"Yg==","version":1}`)
	c.absent("b")
	batch(200, `{"key":"YQ==","version":1},{"key":"Yg=="}`)
	require.Equal(t, "2", c.want(200, "GET", "/kv/b", "").body)
	batch(409, `{"key":"YQ==","version":1}`)
}

// Eight clients count one number up, each from what it has read. None of their increments is lost: who was overtaken is
// told 409, and not that it was written.
func TestBatch_CountsUp(t *testing.T) {
	c := serving(t, true)
	c.s.slots = make(chan struct{}, 64)
	c.want(204, "PUT", "/kv/n", "0")
	const clients, each = 8, 25
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for done := 0; done < each; {
				a := c.do("GET", "/kv/n", "")
				n, _ := strconv.Atoi(a.body)
				body := fmt.Sprintf(`{"if":[{"key":%q,"version":%s}],"writes":[{"key":%q,"value":%q}]}`,
					b64("n"), a.header.Get(versionHeader), b64("n"), b64(strconv.Itoa(n+1)))
				switch status := c.do("POST", "/batch", body).status; status {
				case http.StatusOK:
					done++
				case http.StatusConflict:
				default:
					t.Errorf("status %d", status)
					return
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, strconv.Itoa(clients*each), c.want(200, "GET", "/kv/n", "").body)
}
