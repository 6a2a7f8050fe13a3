package vm

import (
	"context"
	"net/http"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/plan"
)

// Client returns an HTTP client that signs every request with the connection, as the root and Base of the spec say.
// Every attempt and every redirect to the same origin is signed afresh; other origins never see a credential. It sends
// through the host's transport under its egress policy. The client is safe for concurrent use. An error of the spec or
// of the keys is returned by each request.
func (e *Engine) Client(conn *Connection) *http.Client {
	params, other, err := e.signingParams(context.Background(), conn)
	if err != nil {
		return &http.Client{Transport: failing{err}}
	}
	base := &guarded{egress: &e.host.Egress, next: e.host.Transport}
	if params == nil {
		return &http.Client{Transport: client.Unsigned(base, true)}
	}
	signer, err := oauth1.NewSigner(*params, oauth1.WithMethods(e.host.Methods))
	if err != nil {
		if own := signingError(err); own != nil {
			own.Section, err = sectionCall, own
		}
		return &http.Client{Transport: failing{err}}
	}
	c, err := client.NewClient(signer, client.Options{
		Base: base, Now: e.host.Clock, Nonce: e.nonceOrRandom, UpgradeToHTTPS: true,
		AllowPlaintextHTTP: e.host.Egress.AllowHTTP, Recover: e.host.Recover, MaxBody: e.host.Limits.ResponseBytes,
	})
	if err != nil {
		return &http.Client{Transport: failing{err}}
	}
	if other != nil {
		c.Transport = formsOnly{refusal: other, next: c.Transport}
	}
	return c
}

func (e *Engine) nonceOrRandom() string {
	if n, err := e.host.Nonce(); err == nil {
		return n
	}
	return client.RandomNonce()
}

// SigningParams returns the parameters that sign the later requests of a connection, nil when they are not signed. They
// hold secrets.
func (e *Engine) SigningParams(ctx context.Context, conn *Connection) (*oauth1.Params, error) {
	params, other, err := e.signingParams(ctx, conn)
	if err == nil && other != nil {
		return nil, other
	}
	return params, err
}

// signingParams is SigningParams; when other is not nil it refuses all requests but forms, of which no body hash is
// taken.
func (e *Engine) signingParams(ctx context.Context, conn *Connection) (params *oauth1.Params, other, err error) {
	r, err := e.begin(ctx, conn.clone(), nil)
	if err != nil {
		return nil, nil, err
	}
	defer r.end()
	r.module, r.section, r.scope = true, sectionCall, r.conn.Scope
	r.bindOAuth()
	c, err := r.mergeOAuth(&plan.Request{})
	if err == nil {
		c, err = r.prune(c)
	}
	if err != nil {
		return nil, nil, r.report(err)
	}
	if c == nil {
		return nil, nil, nil
	}
	made, err := r.params(c, false)
	if err != nil {
		other = r.report(err)
		if made, err = r.params(c, true); err != nil {
			return nil, nil, other
		}
	}
	own := *made
	return &own, other, nil
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
