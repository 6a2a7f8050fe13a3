package cli

import (
	"context"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/broker"
)

// traces has the broker send spans to a collector, if there is one. flush sends what is left.
func (k *serveStartCommand) traces(c *command, config *broker.Config) (flush func(), err error) {
	if k.OTLP == "" {
		return func() {}, nil
	}
	u, err := url.Parse(k.OTLP)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usagef("--otlp: expected the http or https URL of a collector")
	}
	exporter, err := otlptracehttp.New(c.Context, otlptracehttp.WithEndpointURL(u.JoinPath("v1", "traces").String()))
	if err != nil {
		return nil, usagef("--otlp: %v", err)
	}
	about, err := resource.New(c.Context, resource.WithTelemetrySDK(), resource.WithAttributes(attribute.String("service.name", "imlc-broker"),
		attribute.String("service.version", imlc.Version())), resource.WithFromEnv())
	if err != nil {
		return nil, usagef("--otlp: %v", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	config.Tracing = provider
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context), 3*time.Second)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			c.Err.Printf("the last spans were not sent: %v\n", err)
		}
	}, nil
}
