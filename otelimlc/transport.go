package otelimlc

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// transport makes a span of each exchange. The instrumentation that OpenTelemetry has for net/http would record the
// whole URL, in whose query protocol parameters and keys of applications travel.
type transport struct {
	*telemetry
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	about := target(req)
	ctx, span := t.tracer.Start(req.Context(), about[0].Value.AsString(), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(about...))
	began, failure := time.Now(), panicked // unless there is an answer, or none
	defer func() {
		if failure != "" {
			about = append(about, errorTypeKey.String(failure))
			span.SetAttributes(errorTypeKey.String(failure))
			span.SetStatus(codes.Error, "") // a description could only repeat what may hold a secret
		}
		span.End()
		t.exchanges.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(about...))
	}()
	res, err := t.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		failure = why(err)
		return res, err
	}
	failure = ""
	about = append(about, statusKey.Int(res.StatusCode))
	span.SetAttributes(statusKey.Int(res.StatusCode))
	if res.StatusCode >= 400 {
		failure = strconv.Itoa(res.StatusCode)
	}
	return res, nil
}

// target says where a request goes, the method first, without its path and query.
func target(req *http.Request) []attribute.KeyValue {
	method := req.Method
	switch method {
	case "":
		method = http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace:
	default:
		method = otherMethod
	}
	port := 443
	if req.URL.Scheme == "http" {
		port = 80
	}
	if n, err := strconv.Atoi(req.URL.Port()); err == nil {
		port = n
	}
	return []attribute.KeyValue{methodKey.String(method), addressKey.String(req.URL.Hostname()), portKey.Int(port), schemeKey.String(req.URL.Scheme)}
}

// why says in a word why there was no answer; the words of the error may hold a URL.
func why(err error) string {
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.As(err, &slow) && slow.Timeout():
		return "timeout"
	}
	return connectionError
}
