package broker

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/vm"
)

// signRequest is a request to sign.
type signRequest struct {
	Method  string            `json:"method,omitempty" maxLength:"20"`
	URL     string            `json:"url" maxLength:"8000" doc:"Absolute, or behind the base URL of the spec"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// Signed is a request as it has to be sent, byte by byte, soon and once.
type Signed struct {
	Method  string              `json:"method"`
	URL     string              `json:"url"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body,omitempty"`
}

// catcher is a transport that keeps the request instead of sending it.
type catcher struct{ caught *Signed }

// RoundTrip implements http.RoundTripper.
func (c *catcher) RoundTrip(r *http.Request) (*http.Response, error) {
	s := &Signed{Method: r.Method, URL: r.URL.String(), Headers: r.Header.Clone()}
	// A header without a value says that net/http must not add its own.
	maps.DeleteFunc(s.Headers, func(_ string, values []string) bool { return len(values) == 0 })
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.Body = string(body)
	}
	c.caught = s
	return &http.Response{StatusCode: http.StatusNoContent, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// sign returns what Do would send: everything that the spec says of a request is in it, and it goes where requests of
// the connection may go.
func (b *Broker) sign(ctx context.Context, space, id string, q signRequest) (Signed, error) {
	_, c, conn, err := b.connection(ctx, space, id)
	if err != nil {
		return Signed{}, err
	}
	method := strings.ToUpper(q.Method)
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, q.URL, strings.NewReader(q.Body))
	if err != nil {
		return Signed{}, invalid("url", "format", "it is no URL, or the method is none")
	}
	for name, text := range q.Headers {
		if !isOwn(http.CanonicalHeaderKey(name)) {
			req.Header.Set(name, text)
		}
	}
	caught := &catcher{}
	run, err := b.engine(ctx, space, c.Spec, c.Plan, c.Only)
	if err != nil {
		return Signed{}, err
	}
	// Nothing is sent, so nothing is counted, and no service need be there.
	engine, err := b.newEngine(ctx, engineKey{space, c.Spec, c.Plan, false}, c.Only, func(h *vm.Host) { h.Transport, h.WrapTransport, h.Allow = caught, nil, nil })
	if err != nil {
		return Signed{}, err
	}
	res, err := engine.Do(run.with(ctx), conn, req)
	if err != nil {
		return Signed{}, err
	}
	res.Body.Close()
	if caught.caught == nil {
		return Signed{}, problem(http.StatusUnprocessableEntity, "not-signed", "the request was not sent by the transport of the broker")
	}
	return *caught.caught, nil
}
