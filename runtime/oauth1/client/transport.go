package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/internal/redirect"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// defaultMaxBody is the limit, in bytes, for bodies that must be read before signing.
const defaultMaxBody = 10 << 20

// Options are the settings of a [Transport]. The zero value is usable.
type Options struct {
	// Base sends the signed requests; nil is http.DefaultTransport.
	Base http.RoundTripper
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Nonce returns a fresh nonce on each call; nil is [RandomNonce]. It must be safe for concurrent use.
	Nonce func() string
	// Origins are the only origins, such as "https://api.example.com", whose requests are signed; other requests are
	// refused by an [OriginError]. With none, every request is signed that is not a redirect to another origin.
	Origins []string
	// UpgradeToHTTPS keeps signing a redirect from http to https on the same host with default ports.
	UpgradeToHTTPS bool
	// AllowPlaintextHTTP allows PLAINTEXT over http.
	AllowPlaintextHTTP bool
	// Recover switches on: on timestamp_refused the learnt clock offset is applied and the request is sent once more,
	// on nonce_used it is signed and sent once more, and a [Connection] renews on token_expired.
	Recover bool
	// MaxBody bounds, in bytes, bodies that must be read before signing: forms, and all bodies with an automatic body
	// hash. 0 is 10 MiB.
	MaxBody int64
	// OnClockOffset is told each clock offset that is learnt; nil for nobody.
	OnClockOffset func(time.Duration)
}

// Transport is an http.RoundTripper that signs. It is safe for concurrent use. Each call of RoundTrip signs with a
// fresh nonce and timestamp; requests that are redirect hops to another origin are sent without any credential. A
// request's own Authorization header is replaced. When a kept-alive connection turns out to be dead, net/http itself
// may send the same bytes once more; a provider that has seen them answers nonce_used, see Options.Recover.
type Transport struct {
	options Options
	origins map[string]bool
	signers atomic.Pointer[signers]
	clock   *clock
	// renewal reports whether the signers that met a refused token have been replaced, after waiting for a renewal
	// under way and, if start is true, making one; nil without a session.
	renewal func(ctx context.Context, used *signers, start bool) bool
}

// signers are the signer of a connection and the one that stands in for it where a body transport has no body to use.
type signers struct {
	main, header *oauth1.Signer
	// names are the parameters that the signers add.
	names map[string]bool
	// grant is the token in use; nil outside a [Connection].
	grant *Grant
	// transport and the two below are settings of main, read on each request.
	transport       oauth1.Transport
	hashes, inClear bool
}

func newSigners(s *oauth1.Signer) *signers {
	p := s.Params()
	set := &signers{main: s, header: s.As(oauth1.Header), names: map[string]bool{}, transport: p.Transport,
		hashes: p.BodyHash == oauth1.BodyHashAuto, inClear: s.Key().Method() == oauth1.Plaintext}
	for _, name := range s.Names() {
		set.names[name] = true
	}
	return set
}

// NewTransport returns a transport that signs with s.
func NewTransport(s *oauth1.Signer, o Options) (*Transport, error) {
	t, err := newTransport(o, &clock{})
	if err != nil {
		return nil, err
	}
	t.signers.Store(newSigners(s))
	return t, nil
}

func newTransport(o Options, c *clock) (*Transport, error) {
	t := &Transport{options: o, clock: c}
	if t.options.Base == nil {
		t.options.Base = http.DefaultTransport
	}
	if t.options.Now == nil {
		t.options.Now = time.Now
	}
	if t.options.Nonce == nil {
		t.options.Nonce = RandomNonce
	}
	if t.options.MaxBody <= 0 {
		t.options.MaxBody = defaultMaxBody
	}
	if len(o.Origins) > 0 {
		t.origins = map[string]bool{}
	}
	for _, origin := range o.Origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" {
			return nil, &uri.Error{Part: "host", Found: "", Expected: "an origin such as https://api.example.com"}
		}
		t.origins[originOf(u)] = true
	}
	return t, nil
}

// NewClient returns an *http.Client whose transport is [NewTransport]. Its redirects are those of net/http, each hop
// signed afresh.
func NewClient(s *oauth1.Signer, o Options) (*http.Client, error) {
	t, err := NewTransport(s, o)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: t, CheckRedirect: t.CheckRedirect}, nil
}

// CheckRedirect is meant for http.Client: it stops after ten hops and takes protocol parameters that a Location echoes
// out of the next URL, so that they are not in the errors that net/http makes of it.
func (t *Transport) CheckRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	set := t.signers.Load()
	if set.transport == oauth1.Query || leftOrigin(req, t.options.UpgradeToHTTPS) {
		req.URL.RawQuery = uri.WithoutPairs(req.URL.RawQuery, func(name, _ string) bool { return set.names[name] })
	}
	return nil
}

// ClockOffset returns how far the provider's clock was last found ahead of Options.Now; 0 until something was learnt.
func (t *Transport) ClockOffset() time.Duration {
	return time.Duration(t.clock.offset.Load()) * time.Second
}

// RoundTrip signs and sends a request. It does not change req. Errors before sending are those of package oauth1,
// [PlaintextError], [OriginError] and [BodyTooLargeError].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.roundTrip(req)
	if resp != nil {
		// The signed copy stays inside: a client derives Referer and the next hop from this request.
		resp.Request = req
	}
	return resp, err
}

func (t *Transport) roundTrip(req *http.Request) (*http.Response, error) {
	if leftOrigin(req, t.options.UpgradeToHTTPS) {
		names := t.signers.Load().names
		return elsewhere(t.options.Base, req, func(name string) bool { return names[name] || strings.HasPrefix(name, "oauth_") })
	}
	if err := t.refuses(req); err != nil {
		closeBody(req)
		return nil, err
	}
	body, err := t.readBody(req)
	if err != nil {
		return nil, err
	}
	set := t.signers.Load()
	resp, err := t.attempt(req, body, set)
	if err != nil {
		return nil, err
	}
	return t.recovered(req, body, set, resp)
}

func (t *Transport) refuses(req *http.Request) error {
	origin := originOf(req.URL)
	if t.origins != nil && !t.origins[origin] {
		return &OriginError{Origin: origin}
	}
	if t.signers.Load().inClear && !strings.EqualFold(req.URL.Scheme, "https") && !t.options.AllowPlaintextHTTP {
		return &PlaintextError{Origin: origin}
	}
	return nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// elsewhere sends a hop to another origin, without anything that could be a secret: only harmless headers go, no user
// information, and of its query neither protocol parameters nor what the hops before had, which a Location may repeat.
// With a body nothing goes at all.
func elsewhere(base http.RoundTripper, req *http.Request, drop func(name string) bool) (*http.Response, error) {
	if req.Body != nil && req.Body != http.NoBody {
		closeBody(req)
		return nil, &RedirectError{Origin: originOf(req.URL)}
	}
	out := shallow(req)
	maps.DeleteFunc(out.Header, func(name string, _ []string) bool { return !redirect.Harmless(name) })
	out.Host = ""
	out.URL.User = nil
	sent := map[uri.Pair]bool{}
	for r := req; r.Response != nil && r.Response.Request != nil; {
		r = r.Response.Request
		for _, p := range uri.SplitPairs(r.URL.RawQuery) {
			sent[p] = true
		}
	}
	out.URL.RawQuery = uri.WithoutPairs(req.URL.RawQuery, func(name, value string) bool {
		return drop(name) || sent[uri.Pair{Name: name, Value: value}]
	})
	return base.RoundTrip(out)
}

// Unsigned returns a transport that sends requests through base as they are, but lets nothing that could be a secret
// follow a redirect to another origin, as [Transport] does it; nil is http.DefaultTransport. upgrade lets the step from
// http to https on the same host with default ports count as the same origin.
func Unsigned(base http.RoundTripper, upgrade bool) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return unsigned{base, upgrade}
}

type unsigned struct {
	base    http.RoundTripper
	upgrade bool
}

// RoundTrip implements http.RoundTripper.
func (u unsigned) RoundTrip(req *http.Request) (*http.Response, error) {
	if leftOrigin(req, u.upgrade) {
		resp, err := elsewhere(u.base, req, func(name string) bool { return strings.HasPrefix(name, "oauth_") })
		if resp != nil {
			resp.Request = req
		}
		return resp, err
	}
	if req.Response == nil || req.Header.Get("Referer") == "" {
		return u.base.RoundTrip(req)
	}
	out := shallow(req) // the Referer that net/http adds could hold the parameters of the hop before
	out.Header.Del("Referer")
	resp, err := u.base.RoundTrip(out)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func shallow(req *http.Request) *http.Request {
	out := *req
	u := *req.URL
	out.URL, out.Header = &u, maps.Clone(req.Header)
	if out.Header == nil {
		out.Header = http.Header{}
	}
	return &out
}

// payload is the body of a request, read only where signing needs it.
type payload struct {
	// data is the body when read is true.
	data []byte
	read bool
	// stream is the unread body, for the first attempt.
	stream io.ReadCloser
}

// readBody reads the body if signing depends on it: a form, an automatic body hash. Other bodies stay streams.
func (t *Transport) readBody(req *http.Request) (*payload, error) {
	p := &payload{stream: req.Body}
	if req.Body == nil || req.Body == http.NoBody {
		p.stream, p.read = nil, true
		return p, nil
	}
	if !t.signers.Load().hashes && !media.IsForm(req.Header.Get("Content-Type")) {
		return p, nil
	}
	defer req.Body.Close()
	data, err := io.ReadAll(io.LimitReader(req.Body, t.options.MaxBody+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > t.options.MaxBody {
		return nil, &BodyTooLargeError{Limit: t.options.MaxBody}
	}
	return &payload{data: data, read: true}, nil
}

// attempt signs and sends once.
func (t *Transport) attempt(req *http.Request, body *payload, set *signers) (*http.Response, error) {
	out := shallow(req)
	out.Header.Del("Authorization")
	query := req.URL.RawQuery
	if req.Response != nil {
		out.Header.Del("Referer") // it could hold the parameters of the hop before
		if set.transport == oauth1.Query {
			query = uri.WithoutPairs(query, func(name, _ string) bool { return set.names[name] })
		}
	}
	out.URL.RawQuery = uri.EscapeQuery(query)
	signed, err := t.sign(out, body, set)
	if err != nil {
		if body.stream != nil {
			body.stream.Close()
		}
		return nil, err
	}
	if signed.Authorization != "" {
		out.Header.Set("Authorization", signed.Authorization)
	}
	if signed.Transport == oauth1.Query {
		out.URL.RawQuery = uri.JoinQuery(out.URL.RawQuery, uri.JoinPairs(signed.Pairs))
	}
	switch {
	case !body.read:
		out.Body = body.stream
	case signed.Transport == oauth1.Body:
		if out.Header.Get("Content-Type") == "" {
			out.Header.Set("Content-Type", media.Form)
		}
		setBody(out, uri.AppendPairs(slices.Clone(body.data), signed.Pairs))
	case body.data != nil:
		setBody(out, body.data)
	}
	return t.options.Base.RoundTrip(out)
}

// setBody makes data the body, with its length, for as many reads as asked.
func setBody(out *http.Request, data []byte) {
	out.ContentLength = int64(len(data))
	out.TransferEncoding = nil
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	out.Body, _ = out.GetBody()
	if len(data) == 0 {
		out.Body, out.GetBody = http.NoBody, nil
	}
}

// sign signs the bytes that net/http will write: RequestURI is its request line, and its Host header is Host or the
// host of the URL.
func (t *Transport) sign(out *http.Request, body *payload, set *signers) (oauth1.Signed, error) {
	host := out.Host
	if host == "" {
		host = out.URL.Host
	}
	host = withoutZone(host)
	for i := 0; i < len(host); i++ {
		if host[i] >= 0x80 {
			return oauth1.Signed{}, &uri.Error{Part: "host", Found: host, Expected: "an ASCII host name; write its IDNA form (xn--…)"}
		}
	}
	method := out.Method
	if method == "" {
		method = http.MethodGet
	}
	req := &oauth1.Request{Method: method, URL: wireURL(out.URL, host), ContentType: out.Header.Get("Content-Type"), Body: body.data}
	if !body.read {
		req.SignBody = oauth1.SignBodyNever
	}
	signer := set.main
	if set.transport == oauth1.Body && req.CarriesForm(false) != nil {
		signer = set.header
	}
	now := t.options.Now().Unix()
	if t.options.Recover {
		now += t.clock.offset.Load()
	}
	return signer.Sign(req, t.options.Nonce(), now)
}

// wireURL is the URL whose path and query are those of the request line.
func wireURL(u *url.URL, host string) string {
	uri := u.RequestURI()
	if i := strings.Index(uri, "://"); i >= 0 && u.Opaque != "" {
		// An opaque URL is written in absolute form.
		uri = uri[i+3:]
		if slash := strings.IndexByte(uri, '/'); slash >= 0 {
			uri = uri[slash:]
		} else {
			uri = "/"
		}
	}
	return u.Scheme + "://" + host + uri
}

// withoutZone drops an IPv6 zone, which net/http does not send.
func withoutZone(host string) string {
	if !strings.HasPrefix(host, "[") {
		return host
	}
	end := strings.IndexByte(host, ']')
	if zone := strings.IndexByte(host, '%'); zone >= 0 && zone < end {
		return host[:zone] + host[end:]
	}
	return host
}
