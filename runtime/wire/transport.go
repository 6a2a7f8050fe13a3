package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Transport is an http.RoundTripper for HTTP/1.1 that sends a request and reads its answer in the goroutine that asks,
// over connections that it keeps; net/http, which moves each request through two more goroutines, takes half as long
// again. What it writes and reads is net/http's own: Request.Write and ReadResponse. It is safe for concurrent use.
//
// Unlike http.Transport it never sends a request twice, asks for no compression and undoes none, knows no proxy but
// that of the policy, does not speak HTTP/2 and offers no protocol by ALPN of its own accord, does not wait for 100
// Continue, makes no stream of an answer with the status 101, and does not bound how many connections of an origin are
// in use at once. It has no time of its own beside 30 seconds to connect, as many for a tunnel through the proxy, and
// 10 for the TLS handshake: the context of a request bounds the rest, the body of the answer included. Headers of an
// answer have at most 1 MiB.
//
// A connection is kept once its answer was read to the end, and closed when the body is closed before that, when the
// context of the request ends before, when either side says so, or when an answer came to half a request. Of those that
// no request uses it keeps at most 128 of an origin and 512 in all, for 90 seconds, without a goroutine; before one is
// used again it is looked at, and closed if the other side has closed it or said something.
type Transport struct {
	dialer guardedDialer
	tls    *tls.Config
	idle   idleConns
}

const (
	dialTimeout      = 30 * time.Second
	handshakeTimeout = 10 * time.Second
	mostHeader       = 1 << 20 // bytes of the headers of an answer, with what informs before it
)

// NewTransport returns a transport that checks every address after name resolution, right before the connection is
// made, so that a name which changes its address between two look-ups gains nothing. It goes through the proxy of the
// policy, if there is one, and through none else. The caller checks URLs with Egress.CheckURL; Client does, and so does
// an engine by Host.Egress, which is the same policy as a rule.
func NewTransport(e Egress) *Transport {
	return &Transport{dialer: guardedDialer{egress: e}, tls: &tls.Config{MinVersion: tls.VersionTLS12}}
}

// WithTLS implements TLSTransport.
func (t *Transport) WithTLS(d TLSDemand) (http.RoundTripper, error) {
	demanded, err := d.Config()
	if err != nil {
		return nil, err
	}
	return t.WithTLSConfig(demandedOf(t.tls, demanded)), nil
}

// WithTLSConfig returns a transport like t, with connections of its own, that speaks TLS as config says, nil as
// NewTransport does. HTTP/2 is not offered, even where config.NextProtos has it. Nobody changes config any more.
func (t *Transport) WithTLSConfig(config *tls.Config) *Transport {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if slices.Contains(config.NextProtos, http2) {
		config = config.Clone()
		config.NextProtos = slices.DeleteFunc(slices.Clone(config.NextProtos), func(name string) bool { return name == http2 })
	}
	return &Transport{dialer: t.dialer, tls: config}
}

// http2 is the name by which ALPN offers HTTP/2, as configurations do that net/http has used.
const http2 = "h2"

// CloseIdleConnections closes the connections that no request uses; those in use are closed when their answers end,
// unless another request began before. The transport can be used on. Transports of WithTLS and WithTLSConfig have
// connections of their own.
func (t *Transport) CloseIdleConnections() { t.idle.close() }

// RoundTrip implements http.RoundTripper. It tells an httptrace.ClientTrace of the request what becomes of the
// connection: GetConn, what package net tells of look-ups and of connecting (to the proxy, where there is one), the
// handshake, GotConn, what is written, GotFirstResponseByte, Got1xxResponse, whose error ends the request, and PutIdleConn.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := checkRequest(r); err != nil {
		closeBody(r)
		return nil, err
	}
	ctx := r.Context()
	trace := httptrace.ContextClientTrace(ctx)
	c, reused, err := t.connection(ctx, trace, origin{r.URL.Scheme, r.URL.Host})
	if err != nil {
		closeBody(r)
		return nil, err
	}
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: c.conn, Reused: reused, WasIdle: reused})
	}
	return c.exchange(r, trace)
}

// closeBody closes the body of a request that is not sent, as http.RoundTripper asks.
func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// checkRequest refuses what Request.Write would leave out or change.
func checkRequest(r *http.Request) error {
	switch {
	case r.URL == nil || r.URL.Host == "" || r.URL.Scheme != "http" && r.URL.Scheme != "https":
		return errors.New("the request has no http or https url")
	case r.Method != "" && !isToken(r.Method) || r.Method == http.MethodConnect:
		return fmt.Errorf("%q is no method that can be sent", r.Method)
	}
	for name, lines := range r.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("%q is no name of a header", name)
		}
		for _, line := range lines {
			if !httpguts.ValidHeaderFieldValue(line) {
				return fmt.Errorf("the value of the header %q has a control character", name)
			}
		}
	}
	return nil
}

// connection returns a connection to an origin: one that was kept, if it is still open and silent, or else a new one.
func (t *Transport) connection(ctx context.Context, trace *httptrace.ClientTrace, to origin) (c *conn, reused bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, context.Cause(ctx)
	}
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(to.host)
	}
	for c := t.idle.take(to); c != nil; c = t.idle.take(to) {
		if c.quiet() {
			return c, true, nil
		}
		c.close()
	}
	if c, err = t.dial(ctx, trace, to); err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return c, false, err
}

// dial makes a connection to an origin.
func (t *Transport) dial(ctx context.Context, trace *httptrace.ClientTrace, to origin) (*conn, error) {
	host, address, err := to.address()
	if err != nil {
		return nil, err
	}
	plain, err := t.dialer.dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := newConn(plain, to, &t.idle)
	if to.scheme == "http" {
		return c, nil
	}
	config := t.tls.Clone()
	if config.ServerName == "" {
		config.ServerName = host
	}
	if err := c.secure(ctx, trace, config); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// origin is where connections lead, as URLs write it.
type origin struct{ scheme, host string }

// address returns the host by which certificates are checked, and the host with its port to connect to.
func (o origin) address() (host, address string, err error) {
	ascii, err := httpguts.PunycodeHostPort(o.host)
	if err != nil {
		return "", "", &net.DNSError{Err: "the name cannot be written in ASCII", Name: o.host}
	}
	u := url.URL{Host: ascii}
	port := u.Port()
	if port == "" {
		port = "80"
		if o.scheme == "https" {
			port = "443"
		}
	}
	return u.Hostname(), net.JoinHostPort(u.Hostname(), port), nil
}
