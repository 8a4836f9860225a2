package main

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lsmlab/internal/subject"
)

// collector is a prometheus.Collector over what a store says of itself. Nothing is counted twice, and between scrapes
// nothing is done at all.
type collector struct{ s *server }

// reading is what one scrape has found, of one moment as far as the parts of the store can be asked at once.
type reading struct {
	subject.Stats
	counts       *counts
	snapshots    subject.SnapshotStats
	transactions subject.TxnStats
	plugins      []subject.PluginStats
	now          time.Time
}

// metric is one number of a reading.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(r *reading) float64
}

// counter makes a metric that only grows, until the process ends.
func counter(name, help string, value func(r *reading) int64) metric {
	asFloat := func(r *reading) float64 { return float64(value(r)) }
	return metric{prometheus.NewDesc(name, help, nil, nil), prometheus.CounterValue, asFloat}
}

// gauge makes a metric that goes up and down.
func gauge(name, help string, value func(r *reading) float64) metric {
	return metric{prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, value}
}

// storeMetrics are those of every store.
var storeMetrics = []metric{
	counter("lsm_writes_total", "Puts and deletes that became visible, those of batches included.",
		func(r *reading) int64 { return r.counts.writes.Load() }),
	counter("lsm_write_bytes_total", "Bytes of keys and values that became visible.",
		func(r *reading) int64 { return r.counts.bytes.Load() }),
	gauge("lsm_writes_refused", "1 if writes are refused because something failed, 0 if not.",
		func(r *reading) float64 { return oneIf(r.Err != nil) }),
	counter("lsm_write_stalls_total", "Times that a writer had to wait for flushes or compactions.",
		func(r *reading) int64 { return r.counts.stalls.Load() }),
	gauge("lsm_writers_stalled", "Writers that wait for flushes or compactions.",
		func(r *reading) float64 { return float64(r.counts.stalled.Load()) }),
	counter("lsm_background_errors_total", "Failures of background work, retries included.",
		func(r *reading) int64 { return r.counts.backgroundErrors.Load() }),
	gauge("lsm_visible_version", "Number of the newest visible write.",
		func(r *reading) float64 { return float64(r.Visible) }),

	gauge("lsm_memtables", "Memtables, the active one and those that wait for their flush.",
		func(r *reading) float64 { return float64(len(r.Memtables)) }),
	gauge("lsm_memtable_bytes", "Bytes of keys, trailers and values in all memtables.",
		func(r *reading) float64 { return float64(memtableBytes(r)) }),
	counter("lsm_flushes_total", "Memtables written to tables.",
		func(r *reading) int64 { return r.Flushes }),
	counter("lsm_flush_written_bytes_total", "Bytes of the tables that flushes have written.",
		func(r *reading) int64 { return r.BytesWritten }),
	counter("lsm_compactions_total", "Pieces of work that the compactor has done.",
		func(r *reading) int64 { return r.Compactions }),
	counter("lsm_compaction_written_bytes_total", "Bytes of the tables that compactions have written.",
		func(r *reading) int64 { return r.BytesCompacted }),

	counter("lsm_block_reads_total", "Data blocks read from files.",
		func(r *reading) int64 { return r.BlockReads }),
	counter("lsm_cache_hits_total", "Data blocks found in the block cache.",
		func(r *reading) int64 { return r.CacheHits }),
	counter("lsm_cache_misses_total", "Data blocks looked for in the block cache and not found.",
		func(r *reading) int64 { return r.CacheMisses }),
	counter("lsm_cache_evictions_total", "Blocks that had to leave the block cache for others.",
		func(r *reading) int64 { return r.Cache.Evictions }),
	gauge("lsm_cache_bytes", "Bytes in use in the block cache.",
		func(r *reading) float64 { return float64(r.Cache.Size) }),
	gauge("lsm_cache_capacity_bytes", "Bytes that the block cache may use.",
		func(r *reading) float64 { return float64(r.Cache.Capacity) }),
	counter("lsm_filter_checks_total", "Lookups for which a table's filter was asked.",
		func(r *reading) int64 { return r.FilterChecks }),
	counter("lsm_filter_negatives_total", "Lookups that a filter answered: certainly not there.",
		func(r *reading) int64 { return r.FilterNegatives }),
}

// versionMetrics are those of a store with its past.
var versionMetrics = []metric{
	gauge("lsm_snapshots_open", "Snapshots that are open, those of unfinished transactions included.",
		func(r *reading) float64 { return float64(r.snapshots.Open) }),
	gauge("lsm_snapshot_oldest_age_seconds", "Time since the oldest open snapshot was made, 0 if none is open.",
		func(r *reading) float64 { return oldestSnapshot(r).Seconds() }),
	gauge("lsm_snapshot_versions_behind", "Writes since the oldest version that an open snapshot reads, 0 if none is open.",
		func(r *reading) float64 { return float64(versionsBehind(r)) }),
	gauge("lsm_transactions_unfinished", "Transactions that have begun and not ended.",
		func(r *reading) float64 { return float64(len(r.transactions.Unfinished)) }),
	gauge("lsm_transaction_oldest_age_seconds", "Time since the oldest unfinished transaction began, 0 if there is none.",
		func(r *reading) float64 { return oldestTransaction(r).Seconds() }),
	counter("lsm_transactions_begun_total", "Transactions that have begun.",
		func(r *reading) int64 { return r.transactions.Begun }),
	counter("lsm_transactions_committed_total", "Transactions that have committed.",
		func(r *reading) int64 { return r.transactions.Committed }),
	counter("lsm_transactions_rolled_back_total", "Transactions that were rolled back.",
		func(r *reading) int64 { return r.transactions.RolledBack }),
	counter("lsm_transactions_failed_total", "Transactions whose commit failed for another reason than a conflict.",
		func(r *reading) int64 { return r.transactions.Failed }),
	counter("lsm_transaction_conflicts_total", "Commits that failed because of what others had committed meanwhile.",
		func(r *reading) int64 { return r.transactions.Conflicts }),
	counter("lsm_transaction_retries_total", "Times that a transaction was run again after a conflict.",
		func(r *reading) int64 { return r.transactions.Retries }),
}

// labelled describes a metric that has a value for each level, or for each plugin.
func labelled(name, help, label string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{label}, nil)
}

// The metrics with labels.
var (
	levelRuns   = labelled("lsm_level_runs", "Sorted runs of a level: each is one more place to look in.", "level")
	levelTables = labelled("lsm_level_tables", "Tables of a level.", "level")
	levelBytes  = labelled("lsm_level_bytes", "Bytes of a level's tables.", "level")

	pluginEvents  = labelled("lsm_plugin_events_total", "Events that a plugin was told.", "plugin")
	pluginDropped = labelled("lsm_plugin_dropped_total", "Events that a plugin was not told, because its queue was full.", "plugin")
	pluginPanics  = labelled("lsm_plugin_panics_total", "Events in whose midst a plugin has panicked.", "plugin")
)

// Describe tells what Collect may send.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range c.metrics() {
		out <- m.desc
	}
	for _, d := range []*prometheus.Desc{levelRuns, levelTables, levelBytes, pluginEvents, pluginDropped, pluginPanics} {
		out <- d
	}
}

// metrics returns the metrics that this store has.
func (c *collector) metrics() []metric {
	if c.s.db.versions == nil {
		return storeMetrics
	}
	return append(storeMetrics[:len(storeMetrics):len(storeMetrics)], versionMetrics...)
}

// Collect reads the store once and sends all of it.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	db := c.s.db
	r := &reading{Stats: db.Stats(), counts: db.counts, now: c.s.now()}
	if db.versions != nil {
		r.snapshots, r.transactions = db.versions.Snapshots(), db.txns.TxnStats()
	}
	if db.plugins != nil {
		r.plugins = db.plugins.Stats()
	}
	for _, m := range c.metrics() {
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(r))
	}
	collectLevels(r, out)
	for _, p := range r.plugins {
		out <- prometheus.MustNewConstMetric(pluginEvents, prometheus.CounterValue, float64(p.Delivered), p.Name)
		out <- prometheus.MustNewConstMetric(pluginDropped, prometheus.CounterValue, float64(p.Dropped), p.Name)
		out <- prometheus.MustNewConstMetric(pluginPanics, prometheus.CounterValue, float64(p.Panics), p.Name)
	}
}

// collectLevels sends the gauges of levels, with a value for each level down to the deepest: one that is empty is 0,
// and not missing, so that a rule over it does not lose its subject.
func collectLevels(r *reading, out chan<- prometheus.Metric) {
	type level struct{ runs, tables, bytes float64 }
	all := make([]level, 1)
	for _, run := range r.Runs {
		for len(all) <= run.Level {
			all = append(all, level{})
		}
		l := &all[run.Level]
		l.runs++
		l.tables += float64(len(run.Tables))
		l.bytes += float64(run.Size)
	}
	for i, l := range all {
		name := strconv.Itoa(i)
		out <- prometheus.MustNewConstMetric(levelRuns, prometheus.GaugeValue, l.runs, name)
		out <- prometheus.MustNewConstMetric(levelTables, prometheus.GaugeValue, l.tables, name)
		out <- prometheus.MustNewConstMetric(levelBytes, prometheus.GaugeValue, l.bytes, name)
	}
}

// oneIf returns 1 for true.
func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// memtableBytes returns the size of all memtables.
func memtableBytes(r *reading) (n int) {
	for _, m := range r.Memtables {
		n += m.Size
	}
	return n
}

// oldestSnapshot returns the age of the snapshot that was made first. It need not be the one of the lowest version.
func oldestSnapshot(r *reading) (age time.Duration) {
	for _, s := range r.snapshots.List {
		age = max(age, r.now.Sub(s.Since))
	}
	return age
}

// versionsBehind returns how many writes were made since the version that the collector must go on keeping everything
// for.
func versionsBehind(r *reading) int64 {
	if r.snapshots.Open == 0 {
		return 0
	}
	return max(0, int64(r.Visible)-int64(r.snapshots.Oldest)) // a snapshot may be younger than the statistics
}

// oldestTransaction returns the age of the unfinished transaction that began first.
func oldestTransaction(r *reading) (age time.Duration) {
	for _, t := range r.transactions.Unfinished {
		age = max(age, r.now.Sub(t.Started))
	}
	return age
}
