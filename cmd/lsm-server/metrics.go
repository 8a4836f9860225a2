package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is what GET /metrics shows: what the store says of itself, read at the moment of the scrape and at no other
// time, and what the server measures of its requests. All of it is in a registry of its own, and nothing in the
// library's global one.
type metrics struct {
	exposition http.Handler
	requests   *prometheus.HistogramVec
	rejected   prometheus.Counter
}

// scrapes is how many scrapes may run at a time. One every few seconds is normal; more than these get 503.
const scrapes = 2

// newMetrics returns the metrics of a server.
func newMetrics(s *server) *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "lsm_http_request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer.",
			Buckets: []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10},
		}, []string{"route", "method", "code"}),
		rejected: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lsm_http_requests_rejected_total",
			Help: "Requests that got 503 because as many were under way as may be.",
		}),
	}
	inFlight := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "lsm_http_requests_in_flight",
		Help: "Requests that are under way, without those to /metrics and /healthz.",
	}, func() float64 { return float64(len(s.slots)) })
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.rejected, inFlight, &collector{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.exposition = promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapes})
	return m
}

// serve answers a scrape.
func (m *metrics) serve(w http.ResponseWriter, r *http.Request) { m.exposition.ServeHTTP(w, r) }

// measure measures the requests to a route. The label is the route's name and not the path: a label with as many values
// as there are keys would be a leak, here and in Prometheus.
func (m *metrics) measure(route string, next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerDuration(m.requests.MustCurryWith(prometheus.Labels{"route": route}), next)
}
