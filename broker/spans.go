package broker

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/imlc-lang/imlc/vm"
)

// spans makes OpenTelemetry spans of what the broker does: of each request to it, of each operation of an engine, and of
// each exchange with a service or a webhook. They name routes, hosts, methods, statuses, codes and ids, and never paths,
// queries, headers, bodies or the words of errors, which may hold credentials.
type spans struct{ tracer trace.Tracer }

func newSpans(p trace.TracerProvider) *spans {
	if p == nil {
		return nil
	}
	return &spans{p.Tracer("github.com/imlc-lang/imlc/broker")}
}

// instrument has engines of a host make spans.
func (s *spans) instrument(host vm.Host) vm.Host {
	if s == nil {
		return host
	}
	return host.Instrumented(s.operation, s.transport)
}

// operation starts the span of an operation of an engine.
func (s *spans) operation(ctx context.Context, op vm.Operation) (context.Context, func(vm.Result)) {
	ctx, span := s.tracer.Start(ctx, "imlc "+op.Name, trace.WithAttributes(attribute.String("imlc.operation", op.Name), attribute.String("imlc.plan", op.Plan),
		attribute.String("imlc.plan.hash", op.PlanHash)))
	if op.RunID != "" {
		span.SetAttributes(attribute.String("imlc.run.id", op.RunID))
	}
	if op.Call != "" {
		span.SetAttributes(attribute.String("imlc.call", op.Call))
	}
	if op.ConnectionID != "" {
		span.SetAttributes(attribute.String("imlc.connection.id", op.ConnectionID))
	}
	return ctx, func(r vm.Result) {
		span.SetAttributes(attribute.Int("imlc.requests", r.Requests), attribute.Int("imlc.retries", r.Retries))
		if r.Err != nil {
			p := problemOf(r.Err)
			var e *vm.Error
			if errors.As(r.Err, &e) && e.Code == "" {
				p.Code = cmp.Or(e.Cause, "failed")
			}
			span.SetAttributes(attribute.String("error.type", p.Code), attribute.String("imlc.error.class", p.Class))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// transport makes a span of each exchange. What it sends says nothing of the trace: it is no concern of services.
func (s *spans) transport(next http.RoundTripper) http.RoundTripper {
	if s == nil {
		return next
	}
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		ctx, span := s.tracer.Start(req.Context(), methodLabel(req.Method), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("http.request.method", methodLabel(req.Method)), attribute.String("server.address", req.URL.Hostname()), attribute.String("url.scheme", req.URL.Scheme)))
		defer span.End()
		res, err := next.RoundTrip(req.WithContext(ctx))
		if err != nil {
			span.SetStatus(codes.Error, "") // the words of the error may hold a URL
			return res, err
		}
		span.SetAttributes(attribute.Int("http.response.status_code", res.StatusCode))
		if res.StatusCode >= 400 {
			span.SetStatus(codes.Error, "")
		}
		return res, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// request starts the span of a request to the broker. A program that has a trace of its own goes on with it.
func (s *spans) request(r *http.Request, id string) (*http.Request, trace.Span) {
	if s == nil {
		return r, nil
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := s.tracer.Start(ctx, methodLabel(r.Method), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", methodLabel(r.Method)), attribute.String("imlc.request.id", id)))
	return r.WithContext(ctx), span
}

// answered ends the span of a request to the broker. Its name is the route, which is known only now.
func answered(span trace.Span, r *http.Request, status int) {
	if span == nil {
		return
	}
	if r.Pattern != "" {
		span.SetName(r.Pattern)
		span.SetAttributes(attribute.String("http.route", r.Pattern))
	}
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= 500 {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// traceID is the id of the trace that a context is in, for logs.
func traceID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}
