//go:build reference

package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
)

// The work of one client in the test below.
const (
	loadClients = 4
	loadRounds  = 60
)

// work does what the test below counts: in each round two puts, a delete, a batch of three, a get that finds, one that
// does not, and a page. Now and then there is a flush.
func (c *client) work(id int) error {
	value := strings.Repeat("v", small.value)
	expect := func(status int, method, path, body string) error {
		if a := c.do(method, path, body); a.status != status {
			return fmt.Errorf("%s %s: %d, not %d: %s", method, path, a.status, status, a.body)
		}
		return nil
	}
	for i := range loadRounds {
		key := fmt.Sprintf("/kv/%d-%04d", id, i)
		batch := fmt.Sprintf(`{"writes":[{"key":%q,"value":"MQ=="},{"key":%q,"value":"MQ=="},{"key":%q,"delete":true}]}`,
			b64(fmt.Sprintf("%d-x%d", id, i)), b64(fmt.Sprintf("%d-y%d", id, i)), b64(fmt.Sprintf("%d-z%d", id, i)))
		steps := []error{
			expect(204, "PUT", key, value), expect(204, "PUT", key+"d", value), expect(204, "DELETE", key+"d", ""),
			expect(200, "POST", "/batch", batch),
			expect(200, "GET", key, ""), expect(404, "GET", key+"d", ""), expect(200, "GET", "/kv?limit=5", ""),
		}
		if i%20 == 10 {
			steps = append(steps, expect(200, "POST", "/flush", ""))
		}
		for _, err := range steps {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// While clients write and read, the metrics are scraped over HTTP, again and again. Each scrape can be parsed, no
// counter ever goes back, and in the end they say exactly what was done.
func TestMetrics_UnderLoad(t *testing.T) {
	c := serving(t, true)
	c.s.slots = make(chan struct{}, 64)
	errs := make([]error, loadClients)
	var clients sync.WaitGroup
	for id := range loadClients {
		clients.Go(func() { errs[id] = c.work(id) })
	}
	done := make(chan struct{})
	go func() { clients.Wait(); close(done) }()
	scrapes := 0
	for before := c.scrape(); ; scrapes++ {
		now := c.scrape()
		onlyGrown(t, before, now)
		before = now
		select {
		case <-done:
		default:
			continue
		}
		break
	}
	for _, err := range errs {
		require.NoError(t, err)
	}
	t.Logf("%d scrapes meanwhile", scrapes)

	const rounds = loadClients * loadRounds
	m := c.scrape()
	require.Equal(t, 6.0*rounds, value(t, m, "lsm_writes_total"))
	require.Equal(t, 6.0*rounds, value(t, m, "lsm_visible_version"))
	require.Equal(t, float64(c.s.db.Stats().Flushes), value(t, m, "lsm_flushes_total"))
	require.GreaterOrEqual(t, value(t, m, "lsm_flushes_total"), 1.0)
	requests := "lsm_http_request_duration_seconds"
	for _, r := range []struct {
		route, method, code string
		want                float64
	}{
		{"/kv/", "put", "204", 2 * rounds}, {"/kv/", "delete", "204", rounds}, {"/batch", "post", "200", rounds},
		{"/kv/", "get", "200", rounds}, {"/kv/", "get", "404", rounds}, {"/kv", "get", "200", rounds},
		{"/flush", "post", "200", loadClients * 3}, {"/metrics", "get", "200", float64(scrapes + 2)},
	} {
		require.Equal(t, r.want, value(t, m, requests, "route", r.route, "method", r.method, "code", r.code), "%+v", r)
	}
	require.Zero(t, value(t, m, "lsm_http_requests_in_flight"))
}

// onlyGrown wants no counter and no histogram to have gone back, or to have vanished.
func onlyGrown(t *testing.T, before, now map[string]*dto.MetricFamily) {
	t.Helper()
	for name, family := range before {
		if family.GetType() != dto.MetricType_COUNTER && family.GetType() != dto.MetricType_HISTOGRAM {
			continue
		}
		for _, m := range family.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetName(), l.GetValue())
			}
			was := value(t, map[string]*dto.MetricFamily{name: {Metric: []*dto.Metric{m}}}, name)
			require.GreaterOrEqual(t, value(t, now, name, labels...), was, "%s%v", name, labels)
		}
	}
}

// The counters of what is behind the routes say what was done, one by one.
func TestMetrics_SayWhatWasDone(t *testing.T) {
	c := serving(t, true)
	has := func(want float64, name string, labels ...string) {
		t.Helper()
		require.Equal(t, want, value(t, c.scrape(), name, labels...), name)
	}
	c.want(204, "PUT", "/kv/a", "123")
	c.want(204, "PUT", "/kv/b", "1")
	has(2, "lsm_writes_total")
	has(6, "lsm_write_bytes_total")
	has(1, "lsm_memtables")
	has(0, "lsm_level_tables", "level", "0")
	c.want(200, "POST", "/flush", "")
	c.want(204, "PUT", "/kv/a", "4")
	c.want(200, "POST", "/flush", "")
	has(2, "lsm_flushes_total")
	has(2, "lsm_level_runs", "level", "0")
	has(2, "lsm_level_tables", "level", "0")
	require.NotZero(t, value(t, c.scrape(), "lsm_level_bytes", "level", "0"))
	require.Equal(t, value(t, c.scrape(), "lsm_level_bytes"), value(t, c.scrape(), "lsm_flush_written_bytes_total"))

	c.want(200, "GET", "/kv/b", "")
	c.want(200, "GET", "/kv/b", "")
	require.NotZero(t, value(t, c.scrape(), "lsm_cache_hits_total"))
	require.NotZero(t, value(t, c.scrape(), "lsm_block_reads_total"))
	c.want(404, "GET", "/kv/aa", "") // between the first key and the last: the filter has to say it
	require.NotZero(t, value(t, c.scrape(), "lsm_filter_negatives_total"))

	c.want(200, "POST", "/compact", "")
	has(0, "lsm_level_runs", "level", "0")
	require.Equal(t, 1.0, value(t, c.scrape(), "lsm_level_runs"))
	require.GreaterOrEqual(t, value(t, c.scrape(), "lsm_compactions_total"), 1.0)

	tag := c.want(200, "GET", "/kv/a", "").header.Get("Etag")
	c.want(204, "PUT", "/kv/a", "5", "If-Match", tag)
	c.want(412, "PUT", "/kv/a", "6", "If-Match", tag)
	has(2, "lsm_transactions_begun_total")
	has(1, "lsm_transactions_committed_total")
	has(1, "lsm_transactions_rolled_back_total")
	tx, err := c.s.db.txns.Begin(1)
	require.NoError(t, err)
	has(1, "lsm_transactions_unfinished")
	has(1, "lsm_snapshots_open")
	_, err = tx.Get([]byte("a"))
	require.NoError(t, err)
	c.want(204, "PUT", "/kv/a", "7")
	has(1, "lsm_snapshot_versions_behind")
	require.NoError(t, tx.Put([]byte("a"), nil))
	require.Error(t, tx.Commit())
	has(1, "lsm_transaction_conflicts_total")
	has(0, "lsm_transactions_unfinished")
	has(0, "lsm_snapshots_open")
	has(0, "lsm_snapshot_versions_behind")
}

// The names are those that Prometheus' own linter would give, and methods that nobody knows make no new ones.
func TestMetrics_Conventions(t *testing.T) {
	c := serving(t, true)
	c.do("GET", "/kv", "")
	problems, err := promlint.New(strings.NewReader(c.want(http.StatusOK, "GET", "/metrics", "").body)).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
	for i := range 10 {
		c.do(fmt.Sprintf("BREW%d", i), fmt.Sprintf("/nothing/%d", i), "")
	}
	require.Equal(t, 10.0, value(t, c.scrape(), "lsm_http_request_duration_seconds", "method", "unknown", "route", "/", "code", "404"))
}
