package otelimlc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/otelimlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// world is an engine under observation, with a service that fails once where it is told to.
type world struct {
	t       *testing.T
	service *httptest.Server
	fail    string // the path whose next request is answered with 503
	spans   *tracetest.InMemoryExporter
	reader  *metric.ManualReader
	host    vm.Host
	plan    *plan.Plan
}

func newWorld(t *testing.T, h vm.Host) *world {
	t.Helper()
	p, err := provider.New(provider.Config{AutoApprove: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	w.service = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path == w.fail {
			w.fail = ""
			http.Error(out, "overloaded", http.StatusServiceUnavailable)
			return
		}
		p.ServeHTTP(out, r)
	}))
	t.Cleanup(w.service.Close)
	w.host, err = otelimlc.Instrument(h, otelimlc.Options{
		TracerProvider: trace.NewTracerProvider(trace.WithSyncer(w.spans)),
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(w.reader)),
	})
	if err != nil {
		t.Fatal(err)
	}
	compiled, list := imlc.Compile(os.DirFS("../examples"), "make/demo/demo.jsonc", imlc.Options{})
	if compiled == nil {
		t.Fatal(list.Items)
	}
	w.plan = compiled
	return w
}

func (w *world) engine() *vm.Engine {
	w.t.Helper()
	e, err := vm.New(w.plan, w.host)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(e.Close)
	return e
}

func (w *world) grant() vm.Grant {
	w.t.Helper()
	text := fmt.Sprintf(`{"baseUrl": %q, "consumerKey": "ck-hmac", "consumerSecret": "cs-hmac"}`, w.service.URL)
	params, err := value.ParseJSON(text, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return vm.Grant{Parameters: params.Object(), RedirectURI: "https://host.example/callback", ConnectionID: "c-1"}
}

// approve is the part of the browser: it returns the query of the callback.
func (w *world) approve(step *vm.Step) string {
	w.t.Helper()
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(step.RedirectURL)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	back, err := res.Location()
	if err != nil {
		w.t.Fatal(err)
	}
	return back.RawQuery
}

// sums returns the sum of each metric over all of its points that have the attribute, or all when its key is "".
func (w *world) sums(with attribute.KeyValue) map[string]int64 {
	w.t.Helper()
	var all metricdata.ResourceMetrics
	if err := w.reader.Collect(context.Background(), &all); err != nil {
		w.t.Fatal(err)
	}
	out := map[string]int64{}
	has := func(s attribute.Set) bool {
		got, ok := s.Value(with.Key)
		return with.Key == "" || ok && got == with.Value
	}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					if has(p.Attributes) {
						out[m.Name] += p.Value
					}
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					if has(p.Attributes) {
						out[m.Name] += int64(p.Count)
					}
				}
			}
		}
	}
	return out
}

func attributes(s tracetest.SpanStub) map[attribute.Key]string {
	out := map[attribute.Key]string{}
	for _, a := range s.Attributes {
		out[a.Key] = a.Value.Emit()
	}
	return out
}

// A flow with a fault and a call are operations with exchanges below them, in spans and in numbers; nothing of what was
// signed or sent is in them.
func TestSpansAndMetrics(t *testing.T) {
	seen := map[string]int{}
	w := newWorld(t, vm.Host{
		Egress: wire.Egress{AllowPrivate: true, AllowHTTP: true},
		Observe: func(ctx context.Context, op vm.Operation) (context.Context, func(vm.Result)) {
			if !oteltrace.SpanFromContext(ctx).SpanContext().IsValid() {
				t.Error("the host's own observer does not see the span")
			}
			return ctx, func(vm.Result) { seen[op.Name]++ }
		},
	})
	e := w.engine()
	step, err := e.Authorize(t.Context(), w.grant())
	if err != nil {
		t.Fatal(err)
	}
	query := w.approve(step)
	w.fail = "/me"
	conn, err := e.Callback(t.Context(), step.State, query)
	if err != nil {
		t.Fatal(err)
	}
	res, err := e.Client(conn).Get(w.service.URL + "/resource?key=k3y")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	res.Body.Close()

	spans := w.spans.GetSpans()
	byID := map[oteltrace.SpanID]tracetest.SpanStub{}
	var names []string
	for _, s := range spans {
		byID[s.SpanContext.SpanID()] = s
		names = append(names, s.Name)
	}
	if got := strings.Join(names, ", "); got != "POST, imlc authorize, POST, GET, GET, imlc callback, GET, imlc do" {
		t.Errorf("spans %s", got)
	}
	for _, s := range spans {
		about := attributes(s)
		if s.SpanKind != oteltrace.SpanKindClient {
			if about[otelimlc.RunKey] == "" || about[otelimlc.ConnectionKey] != "c-1" || about[otelimlc.PlanHashKey] != e.PlanHash() {
				t.Errorf("%s: %v", s.Name, about)
			}
			continue
		}
		if parent := byID[s.Parent.SpanID()]; !strings.HasPrefix(parent.Name, "imlc ") {
			t.Errorf("%s is below %q", s.Name, parent.Name)
		}
		at, _ := url.Parse(w.service.URL)
		if about["server.address"] != at.Hostname() || about["server.port"] != at.Port() || about["url.scheme"] != "http" {
			t.Errorf("%s goes to %v", s.Name, about)
		}
	}
	if about := attributes(spans[5]); about[otelimlc.RequestsKey] != "3" || about[otelimlc.RetriesKey] != "1" {
		t.Errorf("the callback: %v", about)
	}
	if failed := spans[3]; failed.Status.Code != codes.Error || attributes(failed)["error.type"] != "503" || spans[4].Status.Code == codes.Error {
		t.Errorf("the attempt that failed: %+v, and the one behind it: %+v", failed, spans[4])
	}
	if got := w.sums(attribute.KeyValue{}); got["imlc.operation.duration"] != 3 || got["imlc.operation.requests"] != 5 || got["imlc.operation.retries"] != 1 ||
		got["http.client.request.duration"] != 5 || got["imlc.operation.steps"] == 0 {
		t.Errorf("metrics %v", got)
	}
	if got := w.sums(attribute.String("error.type", "503")); got["http.client.request.duration"] != 1 {
		t.Errorf("exchanges with status 503: %v", got)
	}
	if seen[vm.OpAuthorize] != 1 || seen[vm.OpCallback] != 1 || seen[vm.OpDo] != 1 {
		t.Errorf("the host's own observer saw %v", seen)
	}
	w.showsNothing(spans, "cs-hmac", "oauth_", "k3y", conn.Data.Value("accessToken").Str(), "/resource", "/me")
}

// showsNothing checks that none of the texts is anywhere in spans or metrics.
func (w *world) showsNothing(spans tracetest.SpanStubs, secrets ...string) {
	w.t.Helper()
	var all metricdata.ResourceMetrics
	if err := w.reader.Collect(context.Background(), &all); err != nil {
		w.t.Fatal(err)
	}
	text := fmt.Sprintf("%+v", all)
	for _, s := range spans {
		b, err := json.Marshal(struct {
			Name, Status string
			Attributes   []attribute.KeyValue
			Events       []trace.Event
		}{s.Name, s.Status.Description, s.Attributes, s.Events})
		if err != nil {
			w.t.Fatal(err)
		}
		text += string(b)
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(text, secret) {
			w.t.Errorf("%q is in what is recorded", secret)
		}
	}
}

// What fails has a class and a code, and no words.
func TestFailures(t *testing.T) {
	w := newWorld(t, vm.Host{Egress: wire.Egress{AllowPrivate: true, AllowHTTP: true}})
	e := w.engine()
	step, err := e.Authorize(t.Context(), w.grant())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Callback(t.Context(), step.State, "oauth_token=foreign"); err == nil {
		t.Fatal("a foreign callback is accepted")
	}
	g := w.grant()
	g.Parameters.Set("consumerSecret", value.Text("wrong secret"))
	if _, err := e.Authorize(t.Context(), g); err == nil {
		t.Fatal("a wrong secret is accepted")
	}
	if _, err := e.Authorize(t.Context(), vm.Grant{}); err == nil {
		t.Fatal("missing parameters are accepted")
	}
	w.service.Close()
	if _, err := e.Authorize(t.Context(), w.grant()); err == nil {
		t.Fatal("a service that is not there answers")
	}
	want := map[string]string{"user": vm.CodeTokenMismatch, "provider": vm.CodeSignatureInvalid, "network": "connect"}
	for _, s := range w.spans.GetSpans() {
		about := attributes(s)
		class := about[otelimlc.ClassKey]
		if class == "" {
			continue
		}
		if s.Status.Code != codes.Error || about["error.type"] != want[class] && about["error.type"] != "parameters" {
			t.Errorf("%s: %v, %+v", s.Name, about, s.Status)
		}
		if about["error.type"] == want[class] {
			delete(want, class)
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing failed with %v", want)
	}
	w.showsNothing(w.spans.GetSpans(), "wrong secret", "foreign", "cs-hmac")
}

// The guard stays: instrumented, the engine reaches no private address either.
func TestGuardStays(t *testing.T) {
	w := newWorld(t, vm.Host{Egress: wire.Egress{AllowHTTP: true}})
	_, err := w.engine().Authorize(t.Context(), w.grant())
	if e, ok := err.(*vm.Error); !ok || e.Cause != "policy" {
		t.Errorf("%v, expected the egress policy", err)
	}
	if got := w.sums(attribute.String("error.type", "policy")); got["imlc.operation.duration"] != 1 {
		t.Errorf("metrics %v", got)
	}
}

// breaking is a transport that panics.
type breaking struct{}

// RoundTrip implements http.RoundTripper.
func (breaking) RoundTrip(*http.Request) (*http.Response, error) { panic("no transport") }

// The span of an exchange ends as a failure when a panic passes through, and the panic goes on.
func TestExchangeThatPanics(t *testing.T) {
	w := newWorld(t, vm.Host{Egress: wire.Egress{AllowPrivate: true, AllowHTTP: true}, Transport: breaking{}})
	func() {
		defer func() {
			if got := recover(); got != "no transport" {
				t.Errorf("recovered %v", got)
			}
		}()
		_, _ = w.engine().Authorize(t.Context(), w.grant())
	}()
	exchanges := 0
	for _, s := range w.spans.GetSpans() {
		if s.SpanKind != oteltrace.SpanKindClient {
			continue
		}
		if exchanges++; s.Status.Code != codes.Error || attributes(s)["error.type"] != "panic" {
			t.Errorf("%s: %v, %+v", s.Name, attributes(s), s.Status)
		}
	}
	if exchanges != 1 {
		t.Errorf("%d spans of exchanges", exchanges)
	}
}
