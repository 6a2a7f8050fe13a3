package oidc

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

const (
	timeout   = 10 * time.Second // of one request to a provider, with its answer
	maxAnswer = 1 << 20          // bytes of an answer
)

// newClient returns the client that everything of a provider is asked by. It follows no redirect.
func newClient(c Config, issuer *url.URL) *http.Client {
	make := c.Transport
	if make == nil {
		make = wire.NewTransport
	}
	private := wire.Egress{AllowPrivate: c.AllowPrivate, Hosts: []string{issuer.Host}}
	return &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &guarded{issuer: issuer.Host, private: private, toIssuer: make(private), others: make(wire.Egress{})}}
}

// guarded sends requests to the host of the issuer by one policy, and to others by that for strangers.
type guarded struct {
	issuer           string
	private          wire.Egress
	toIssuer, others http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	egress, by := wire.Egress{}, g.others
	if r.URL.Host == g.issuer {
		egress, by = g.private, g.toIssuer
	}
	at, err := uri.Parse(wire.RequestURL(r), false)
	if err != nil {
		return nil, err
	}
	if err := egress.CheckURL(at); err != nil {
		return nil, err
	}
	res, err := by.RoundTrip(r)
	if err == nil {
		res.Body = &bounded{ReadCloser: res.Body, left: maxAnswer + 1}
	}
	return res, err
}

var errLong = errors.New("the answer is longer than 1 MiB")

// bounded is a body that fails when it is too long.
type bounded struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
