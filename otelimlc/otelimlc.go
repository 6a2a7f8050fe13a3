// Package otelimlc makes OpenTelemetry spans and metrics of what an engine does.
//
//	host, err := otelimlc.Instrument(vm.Host{…}, otelimlc.Options{})
//	engine, err := vm.New(plan, host)
//
// Every operation is a span, and each exchange with a service one below it, of the kind client. What is recorded names
// hosts, methods, statuses and codes. Paths, queries, headers, bodies and the words of errors are left out: they may
// hold credentials, and only a log that knows the spec can tell which. Nothing is added to requests: which trace they
// belong to is nobody's concern outside.
//
// It is a module of its own, so that package vm and its users do not depend on OpenTelemetry.
package otelimlc

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/form"
)

// scope is the name of the instrumentation.
const scope = "github.com/imlc-lang/imlc/otelimlc"

// The attributes that are no semantic conventions of OpenTelemetry.
const (
	OperationKey    = attribute.Key("imlc.operation")     // vm.OpAuthorize and its like
	CallKey         = attribute.Key("imlc.call")          // the name of a call of the spec
	PlanKey         = attribute.Key("imlc.plan")          // the name of the plan
	PlanHashKey     = attribute.Key("imlc.plan.hash")     // spans only
	RunKey          = attribute.Key("imlc.run.id")        // spans only; the same as in logs and traces of the run
	ConnectionKey   = attribute.Key("imlc.connection.id") // spans only
	VariantKey      = attribute.Key("imlc.variant")       // spans only
	RequestsKey     = attribute.Key("imlc.requests")      // spans only; attempts
	RetriesKey      = attribute.Key("imlc.retries")       // spans only
	StepsKey        = attribute.Key("imlc.steps")         // spans only
	MemoryKey       = attribute.Key("imlc.memory")        // spans only; bytes
	ClassKey        = attribute.Key("imlc.error.class")   // vm.ClassUser and its like
	SectionKey      = attribute.Key("imlc.error.section") // spans only
	errorTypeKey    = attribute.Key("error.type")
	statusKey       = attribute.Key("http.response.status_code")
	methodKey       = attribute.Key("http.request.method")
	addressKey      = attribute.Key("server.address")
	portKey         = attribute.Key("server.port")
	schemeKey       = attribute.Key("url.scheme")
	otherMethod     = "_OTHER" // of a method that HTTP does not know
	connectionError = "connection"
	panicked        = "panic" // of a transport that panicked
)

// Options says where telemetry goes.
type Options struct {
	// TracerProvider and MeterProvider are those of the host; nil means the global ones.
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
}

// telemetry is what the engine's hooks record with. It is immutable and safe for concurrent use.
type telemetry struct {
	tracer                        trace.Tracer
	operations, exchanges         metric.Float64Histogram
	requests, retries, stepsTaken metric.Int64Counter
}

// Instrument returns the host with spans and metrics of everything that its engines do. What the host observes and
// wraps by itself stays: its Observe sees the context with the span, and its WrapTransport is above what is measured.
// The metrics are
//
//	imlc.operation.duration       histogram, seconds, by operation, call, plan and error
//	imlc.operation.requests       counter of attempts to send a request
//	imlc.operation.retries        counter of those that repeat another one
//	imlc.operation.steps          counter of evaluation steps
//	http.client.request.duration  histogram, seconds, by method, server, status and error, of each exchange
//
// The error is that of a provider of meters that refuses an instrument.
func Instrument(h vm.Host, o Options) (vm.Host, error) {
	t, err := newTelemetry(o)
	if err != nil {
		return h, err
	}
	return h.Instrumented(t.begin, func(next http.RoundTripper) http.RoundTripper { return &transport{telemetry: t, next: next} }), nil
}

func newTelemetry(o Options) (*telemetry, error) {
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	meter := o.MeterProvider.Meter(scope)
	var failed error
	note := func(err error) { failed = errors.Join(failed, err) }
	seconds := func(name, what string) metric.Float64Histogram {
		m, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what),
			metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60))
		note(err)
		return m
	}
	counter := func(name, unit, what string) metric.Int64Counter {
		m, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
		note(err)
		return m
	}
	t := &telemetry{
		tracer:     o.TracerProvider.Tracer(scope),
		operations: seconds("imlc.operation.duration", "How long operations take."),
		exchanges:  seconds("http.client.request.duration", "How long exchanges with services take, until the head of the answer."),
		requests:   counter("imlc.operation.requests", "{request}", "Attempts to send a request."),
		retries:    counter("imlc.operation.retries", "{request}", "Attempts that repeat another one."),
		stepsTaken: counter("imlc.operation.steps", "{step}", "Evaluation steps."),
	}
	return t, failed
}

// begin starts the span of an operation.
func (t *telemetry) begin(ctx context.Context, op vm.Operation) (context.Context, func(vm.Result)) {
	named := []attribute.KeyValue{OperationKey.String(op.Name)}
	named = appendText(named, CallKey, op.Call)
	named = appendText(named, PlanKey, op.Plan)
	about := append(appendText(nil, RunKey, op.RunID), named...)
	about = appendText(about, ConnectionKey, op.ConnectionID)
	about = appendText(about, PlanHashKey, op.PlanHash)
	about = appendText(about, VariantKey, op.Variant)
	name := "imlc " + op.Name
	if op.Call != "" {
		name += " " + op.Call
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(about...))
	return ctx, func(r vm.Result) { t.end(ctx, span, named, r) }
}

// end ends the span of an operation and counts what it took.
func (t *telemetry) end(ctx context.Context, span trace.Span, named []attribute.KeyValue, r vm.Result) {
	span.SetAttributes(RequestsKey.Int(r.Requests), RetriesKey.Int(r.Retries), StepsKey.Int64(r.Steps), MemoryKey.Int64(r.Memory))
	counted := metric.WithAttributes(named...)
	if r.Err != nil {
		class, kind, section := describe(r.Err)
		named = append(named[:len(named):len(named)], errorTypeKey.String(kind), ClassKey.String(class))
		span.SetAttributes(errorTypeKey.String(kind), ClassKey.String(class))
		span.SetAttributes(appendText(nil, SectionKey, section)...)
		span.SetStatus(codes.Error, class+": "+kind)
	}
	span.End()
	t.operations.Record(ctx, r.Duration.Seconds(), metric.WithAttributes(named...))
	t.requests.Add(ctx, int64(r.Requests), counted)
	t.retries.Add(ctx, int64(r.Retries), counted)
	t.stepsTaken.Add(ctx, r.Steps, counted)
}

// describe says of an error what is safe to show and has few values: its class, and its code or else its type.
func describe(err error) (class, kind, section string) {
	var e *vm.Error
	var invalid *form.Error
	switch {
	case errors.As(err, &invalid):
		return vm.ClassUser, "parameters", ""
	case !errors.As(err, &e):
		return vm.ClassHost, "other", ""
	case e.Code != "":
		kind = e.Code
	case e.Cause != "":
		kind = e.Cause
	case e.Status >= 400:
		kind = strconv.Itoa(e.Status)
	default:
		kind = knownType(e.Type)
	}
	return e.Class, kind, e.Section
}

// knownType returns a type of error that the engine knows; a spec may compute others.
func knownType(name string) string {
	switch name {
	case vm.RuntimeError, vm.DataError, vm.ConnectionError, vm.InvalidConfigurationError, vm.InvalidAccessTokenError, vm.LimitErrorType:
		return name
	}
	return "other"
}

func appendText(list []attribute.KeyValue, key attribute.Key, text string) []attribute.KeyValue {
	if text == "" {
		return list
	}
	return append(list, key.String(text))
}
