package vm

import (
	"context"
	"net/http"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// Client returns an HTTP client that signs every request with the connection, as the spec says for free requests.
// Every attempt and every redirect to the same origin is signed afresh; other origins never see a credential. It sends
// through the host's transport under its egress policy. The client is safe for concurrent use. An error of the spec or
// of the keys is returned by each request.
func (e *Engine) Client(conn *Connection) *http.Client {
	s, err := e.runner.Sign(context.Background(), conn.working())
	if err != nil {
		return &http.Client{Transport: failing{public(err)}}
	}
	base := &guarded{egress: &e.host.Egress, next: e.host.Transport}
	if s.Signer == nil {
		return &http.Client{Transport: client.Unsigned(base, true)}
	}
	c, err := client.NewClient(s.Signer, client.Options{
		Base: base, Now: e.host.Clock, Nonce: e.nonceOrRandom, UpgradeToHTTPS: true,
		AllowPlaintextHTTP: e.host.Egress.AllowHTTP, Recover: e.host.Recover, MaxBody: e.host.Limits.ResponseBytes,
	})
	if err != nil {
		return &http.Client{Transport: failing{err}}
	}
	if s.FormsOnly != nil {
		c.Transport = formsOnly{refusal: public(s.FormsOnly), next: c.Transport}
	}
	return c
}

func (e *Engine) nonceOrRandom() string {
	if n, err := e.host.Nonce(); err == nil {
		return n
	}
	return client.RandomNonce()
}

// SigningParams returns the parameters that sign the free requests of a connection, nil when they are not signed. They
// hold secrets. The error is an *Error.
func (e *Engine) SigningParams(ctx context.Context, conn *Connection) (*oauth1.Params, error) {
	s, err := e.runner.Sign(ctx, conn.working())
	if err == nil {
		err = s.FormsOnly
	}
	if err != nil || s.Signer == nil {
		return nil, public(err)
	}
	p := s.Signer.Params()
	return &p, nil
}

// formsOnly sends forms and refuses all other requests.
type formsOnly struct {
	refusal error
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (f formsOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if media.IsForm(req.Header.Get("Content-Type")) {
		return f.next.RoundTrip(req)
	}
	return failing{f.refusal}.RoundTrip(req)
}

// failing answers every request with an error.
type failing struct{ err error }

func (f failing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, f.err
}

// guarded checks the egress policy before every request.
type guarded struct {
	egress *wire.Egress
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g *guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	u, err := uri.Parse(req.URL.Scheme+"://"+req.URL.Host+"/", false)
	if err == nil {
		err = g.egress.CheckURL(u)
	}
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	return g.next.RoundTrip(req)
}
