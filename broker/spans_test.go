package broker_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// TestSpans follows a request of a program through the broker to the service, in the trace that the program has begun.
func TestSpans(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	w := startWith(t, func(w *world) { w.config.Tracing = sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)) })
	w.spec()
	id := w.connect("ada")
	named := func(spans tracetest.SpanStubs, name string) (tracetest.SpanStub, bool) {
		i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == name })
		if i < 0 {
			return tracetest.SpanStub{}, false
		}
		return spans[i], true
	}
	for _, name := range []string{"imlc authorize", "imlc callback", "GET /callback", "POST /connect/{token}"} {
		if _, ok := named(exporter.GetSpans(), name); !ok {
			t.Errorf("a connection makes no span %q", name)
		}
	}
	text := fmt.Sprintf("%+v", exporter.GetSpans())
	exporter.Reset()

	const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	req, err := http.NewRequest("GET", w.url+"/v1/connections/"+id+"/proxy/nothing-here?token=secret-query", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.key)
	req.Header.Set("Traceparent", "00-"+traceID+"-00f067aa0ba902b7-01")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for range 500 { // the span ends behind the answer
		if _, ok := named(exporter.GetSpans(), "/v1/connections/{id}/proxy/{path...}"); ok {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	spans := exporter.GetSpans()
	request, _ := named(spans, "/v1/connections/{id}/proxy/{path...}")
	operation, _ := named(spans, "imlc do")
	exchange, _ := named(spans, "GET")
	if request.SpanContext.TraceID().String() != traceID || request.SpanKind != trace.SpanKindServer {
		t.Errorf("the request: %+v", request)
	}
	if operation.Parent.SpanID() != request.SpanContext.SpanID() || exchange.Parent.SpanID() != operation.SpanContext.SpanID() || exchange.SpanKind != trace.SpanKindClient {
		t.Errorf("the operation is below %v, the exchange below %v", operation.Parent.SpanID(), exchange.Parent.SpanID())
	}
	if !slices.Contains(exchange.Attributes, attribute.Int("http.response.status_code", 404)) || !slices.Contains(request.Attributes, attribute.Int("http.response.status_code", 404)) {
		t.Errorf("statuses: %v %v", exchange.Attributes, request.Attributes)
	}
	if !strings.Contains(w.logs.String(), `"trace":"`+traceID+`"`) {
		t.Error("the log of the request does not name its trace")
	}
	text += fmt.Sprintf("%+v", spans)
	secrets := w.reveal(id)
	for _, secret := range []string{consumerSecret, secrets["accessToken"].(string), fmt.Sprint(secrets["accessSecret"]), w.key, "secret-query", "nothing-here"} {
		if strings.Contains(text, secret) {
			t.Errorf("a span holds %q", secret)
		}
	}
}
