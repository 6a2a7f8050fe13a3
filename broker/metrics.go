package broker

import (
	"context"
	"database/sql"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// metrics are what /metrics shows. Their labels have few values: no ids or paths, and a bounded number of hosts.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	flows      *prometheus.CounterVec
	upstream   *prometheus.HistogramVec
	exchanges  *prometheus.HistogramVec
	retries    *prometheus.CounterVec
	renewals   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	jobs       *prometheus.CounterVec
	jobDone    *prometheus.GaugeVec
	// sent and received are the bytes of bodies.
	sent, received prometheus.Counter
	hosts          hostLabels
}

func newMetrics(b *Broker) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	seconds := func(name, help string, first, factor float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(first, factor, 8)}, labels)
	}
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		requests:   seconds("imlc_http_request_duration_seconds", "Requests to the broker.", 0.001, 4, "route", "status"),
		flows:      counter("imlc_flows_total", "Operations of connections, by their result and who can do something about it.", "operation", "result", "class"),
		upstream:   seconds("imlc_upstream_duration_seconds", "Proxied requests to services.", 0.005, 3, "method", "status", "class"),
		exchanges:  seconds("imlc_exchange_duration_seconds", "Everything that is sent to services, until the header of the answer, by host.", 0.005, 3, "host", "status"),
		retries:    counter("imlc_retries_total", "Requests to services that repeat another one, by the operation of the engine.", "operation"),
		renewals:   counter("imlc_renewals_total", "Tokens renewed, for a job or a request, and attempts that failed.", "result"),
		deliveries: counter("imlc_webhook_attempts_total", "Attempts to tell a webhook, by what the delivery is then.", "status"),
		jobs:       counter("imlc_job_runs_total", "Rounds of the jobs in the background.", "job", "result"),
		jobDone: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "imlc_job_last_success_timestamp_seconds",
			Help: "When a job last ended a round without an error."}, []string{"job"}),
	}
	bodies := counter("imlc_body_bytes_total", "Bytes of the bodies of requests to services, and of their answers.", "way")
	m.sent, m.received = bodies.WithLabelValues("sent"), bodies.WithLabelValues("received")
	m.registry.MustRegister(bodies, m.requests, m.flows, m.upstream, m.exchanges, m.retries, m.renewals, m.deliveries, m.jobs, m.jobDone,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &stored{b: b})
	gauge := func(name, help string, labels prometheus.Labels, f func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f))
	}
	gauge("imlc_build_info", "1, with the version of the program.", prometheus.Labels{"version": imlc.Version()}, func() float64 { return 1 })
	gauge("imlc_stuck_records", "Records that the last round could not wrap under the current key.", nil, func() float64 { return float64(b.stuck.Load()) })
	for name, r := range map[string]*room{"operations": b.operations, "bodies": b.bodies} {
		of := prometheus.Labels{"of": name}
		gauge("imlc_places", "Places for what is held in memory.", of, func() float64 { return float64(r.most) })
		gauge("imlc_places_taken", "Places for what is held in memory that are taken; a tenant leaves some to others.", of, func() float64 { taken, _ := r.counts(); return float64(taken) })
		gauge("imlc_places_awaited", "Who waits for a place for what is held in memory.", of, func() float64 { _, waiting := r.counts(); return float64(waiting) })
	}
	for name, br := range map[string]*breaker{"specs": &b.breakers.specs, "hosts": &b.breakers.hosts} {
		of := prometheus.Labels{"of": name}
		gauge("imlc_set_aside", "Versions of specs that reach limits, and hosts that do not answer, which are not tried for a while.", of, func() float64 { return float64(len(br.aside(""))) })
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "imlc_set_aside_refused_total",
			Help: "Operations and requests that were refused for that.", ConstLabels: of}, func() float64 { return float64(br.refused.Load()) }))
	}
	if s, ok := b.config.Store.(interface{ Stats() sql.DBStats }); ok {
		gauge("imlc_store_connections", "Connections to the database that are open.", nil, func() float64 { return float64(s.Stats().OpenConnections) })
		gauge("imlc_store_connections_in_use", "Connections to the database that are in use.", nil, func() float64 { return float64(s.Stats().InUse) })
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "imlc_store_wait_seconds_total",
			Help: "Time that was spent waiting for a connection to the database."}, func() float64 { return s.Stats().WaitDuration.Seconds() }))
	}
	return m
}

// maxHosts is how many hosts of services have a label of their own; which services there are is up to tenants.
const maxHosts = 100

// hostLabels are the hosts that have a label.
type hostLabels struct {
	mu   sync.Mutex
	have map[string]bool
}

// of returns the label of a host: the first ones to come have one, all others share "other".
func (h *hostLabels) of(host string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.have[host] {
		if len(h.have) >= maxHosts {
			return "other"
		}
		if h.have == nil {
			h.have = map[string]bool{}
		}
		h.have[host] = true
	}
	return host
}

// instrument has engines of a host count what they send and repeat.
func (m *metrics) instrument(host vm.Host) vm.Host {
	observe, wrap := host.Observe, host.WrapTransport
	host.Observe = func(ctx context.Context, op vm.Operation) (context.Context, func(vm.Result)) {
		var done func(vm.Result)
		if observe != nil {
			ctx, done = observe(ctx, op)
		}
		return ctx, func(r vm.Result) {
			if r.Retries > 0 {
				m.retries.WithLabelValues(op.Name).Add(float64(r.Retries))
			}
			if done != nil {
				done(r)
			}
		}
	}
	host.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
		if wrap != nil {
			next = wrap(next)
		}
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			began := time.Now()
			res, err := next.RoundTrip(req)
			m.exchanges.WithLabelValues(m.hosts.of(req.URL.Hostname()), statusLabel(res, err)).Observe(time.Since(began).Seconds())
			return res, err
		})
	}
	return host
}

// ran counts a round of a job.
func (m *metrics) ran(job string, now time.Time, err error) {
	if err != nil {
		m.jobs.WithLabelValues(job, "failed").Inc()
		return
	}
	m.jobs.WithLabelValues(job, "ok").Inc()
	m.jobDone.WithLabelValues(job).Set(float64(now.UnixMilli()) / 1000)
}

// statusLabel is the class of a status, or none where there was no answer.
func statusLabel(res *http.Response, err error) string {
	if err != nil {
		return "none"
	}
	return strconv.Itoa(res.StatusCode/100) + "xx"
}

// proxied counts a request to a service.
func (m *metrics) proxied(took time.Duration, req *http.Request, res *http.Response, err error) {
	m.upstream.WithLabelValues(methodLabel(req.Method), statusLabel(res, err), classOf(err)).Observe(took.Seconds())
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

// stored tells what the store holds, and what of it waits for a job, when it is asked. It counts twice a minute at most.
type stored struct {
	b       *Broker
	mu      sync.Mutex
	counted time.Time
	last    []prometheus.Metric
}

var (
	recordsDesc = prometheus.NewDesc("imlc_records", "Records in the store.", []string{"kind"}, nil)
	dueDesc     = prometheus.NewDesc("imlc_due_records", "Records that a job has to look at now.", []string{"kind"}, nil)
	lagDesc     = prometheus.NewDesc("imlc_due_seconds", "How long the first of them has waited.", []string{"kind"}, nil)
)

// countEvery is how often the records are counted at most.
const countEvery = 30 * time.Second

// Describe implements prometheus.Collector.
func (s *stored) Describe(ch chan<- *prometheus.Desc) {
	ch <- recordsDesc
	ch <- dueDesc
	ch <- lagDesc
}

// Collect implements prometheus.Collector.
func (s *stored) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.b.now(); s.last == nil || now.Sub(s.counted) >= countEvery {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		next, err := s.count(ctx, now)
		if err != nil {
			ch <- prometheus.NewInvalidMetric(recordsDesc, err)
			return
		}
		s.counted, s.last = now, next
	}
	for _, m := range s.last {
		ch <- m
	}
}

func (s *stored) count(ctx context.Context, now time.Time) (out []prometheus.Metric, err error) {
	gauge := func(d *prometheus.Desc, n float64, kind string) {
		out = append(out, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, kind))
	}
	kinds, err := s.b.config.Store.Kinds(ctx)
	if err != nil {
		return nil, err
	}
	for kind, n := range kinds {
		gauge(recordsDesc, float64(n), kind)
	}
	for _, kind := range []string{kindEvent, kindDelivery, kindConnection, kindSession} {
		n, first, err := s.b.config.Store.Due(ctx, kind, now)
		if err != nil {
			return nil, err
		}
		lag := 0.0
		if n > 0 {
			lag = now.Sub(first).Seconds()
		}
		gauge(dueDesc, float64(n), kind)
		gauge(lagDesc, lag, kind)
	}
	return out, nil
}
