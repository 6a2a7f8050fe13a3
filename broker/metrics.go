package broker

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what /metrics shows. Their labels have few values: no ids, hosts or paths.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	flows      *prometheus.CounterVec
	upstream   *prometheus.HistogramVec
	deliveries *prometheus.CounterVec
}

func newMetrics(b *Broker) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "imlc_http_request_duration_seconds", Help: "Requests to the broker.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8)}, []string{"route", "status"}),
		flows: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "imlc_flows_total", Help: "Operations of connections, by their result and who can do something about it."},
			[]string{"operation", "result", "class"}),
		upstream: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "imlc_upstream_duration_seconds", Help: "Proxied requests to services.",
			Buckets: prometheus.ExponentialBuckets(0.005, 3, 8)}, []string{"method", "status", "class"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "imlc_webhook_attempts_total", Help: "Attempts to tell a webhook, by what the delivery is then."}, []string{"status"}),
	}
	m.registry.MustRegister(m.requests, m.flows, m.upstream, m.deliveries, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), records{b})
	return m
}

// proxied counts a request to a service.
func (m *metrics) proxied(took time.Duration, req *http.Request, res *http.Response, err error) {
	status := "none"
	if err == nil {
		status = strconv.Itoa(res.StatusCode/100) + "xx"
	}
	m.upstream.WithLabelValues(methodLabel(req.Method), status, classOf(err)).Observe(took.Seconds())
}

// methodLabel is a method, or OTHER for one that somebody made up.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "OTHER"
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// records counts what the store holds, when it is asked.
type records struct{ b *Broker }

var recordsDesc = prometheus.NewDesc("imlc_records", "Records in the store.", []string{"kind"}, nil)

// Describe implements prometheus.Collector.
func (records) Describe(ch chan<- *prometheus.Desc) { ch <- recordsDesc }

// Collect implements prometheus.Collector.
func (c records) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	kinds, err := c.b.config.Store.Kinds(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(recordsDesc, err)
		return
	}
	for kind, n := range kinds {
		ch <- prometheus.MustNewConstMetric(recordsDesc, prometheus.GaugeValue, float64(n), kind)
	}
}
