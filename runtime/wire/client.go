package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// The defaults of ClientOptions.
const (
	defaultMaxRedirects = 10
	defaultMaxBody      = 10 << 20 // bytes
	defaultMaxHeader    = 1 << 20  // bytes
	defaultTimeout      = 40 * time.Second
)

// ClientOptions configures NewClient; the zero value is the safe default.
type ClientOptions struct {
	// Transport performs exactly one exchange per call and follows no redirects; nil means NewTransport(Egress). A
	// *http.Transport is used without its automatic decompression. Another type can learn the TLS demands of a request
	// by implementing TLSTransport or by TLSFromContext, and the exact URL by RequestURL. Of a transport of the host
	// only URLs are checked against the policy: one that resolves names must check the addresses with Egress.CheckAddr.
	Transport http.RoundTripper
	// Wrap, when set, returns what sends in the place of a transport: of Transport, and of each that is made for the
	// TLS demands of a request. What it wraps keeps both the demands and the egress guard.
	Wrap func(http.RoundTripper) http.RoundTripper
	// Egress is checked for every hop, whatever the transport.
	Egress Egress
	// UserAgent is sent when the author sets none; "" sends none.
	UserAgent string
	// MaxRedirects is the number of hops to follow; 0 means 10, negative none.
	MaxRedirects int
	// MaxBody bounds the response body in bytes, as it arrives and after each content coding; 0 means 10 MiB.
	MaxBody int64
	// MaxHeader bounds the names and values of the response headers in bytes; 0 means 1 MiB.
	MaxHeader int64
	// Timeout is for requests that set none; 0 means 40 seconds.
	Timeout time.Duration
	// AddSystemRoots keeps the system roots beside a request's own CA.
	AddSystemRoots bool
	// AllowInsecureTLS permits requests with InsecureTLS.
	AllowInsecureTLS bool
}

// Client sends requests. It is immutable and safe for concurrent use; connections are reused between calls.
type Client struct {
	opts ClientOptions
	base http.RoundTripper
	rt   http.RoundTripper // base as it is wrapped

	timeouts timeouts
	permits  atomic.Pointer[uri.URL] // the origin that the policy permitted last

	tlsMu sync.Mutex
	byTLS map[tlsName]tlsTransport
}

// NewClient returns a client.
func NewClient(o ClientOptions) *Client {
	if o.MaxRedirects == 0 {
		o.MaxRedirects = defaultMaxRedirects
	}
	o.MaxRedirects = max(o.MaxRedirects, 0)
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.MaxHeader <= 0 {
		o.MaxHeader = defaultMaxHeader
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	c := &Client{opts: o, base: o.Transport}
	if t, ok := o.Transport.(*http.Transport); ok && !t.DisableCompression {
		t = t.Clone()
		t.DisableCompression = true
		c.base = t
	}
	if c.base == nil {
		c.base = NewTransport(o.Egress)
	}
	c.rt = c.wrap(c.base)
	return c
}

func (c *Client) wrap(rt http.RoundTripper) http.RoundTripper {
	if c.opts.Wrap == nil {
		return rt
	}
	return c.opts.Wrap(rt)
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() {
	c.tlsMu.Lock()
	defer c.tlsMu.Unlock()
	closeIdle(c.base)
	c.closeTLS()
}

func closeIdle(rt http.RoundTripper) {
	if t, ok := rt.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// errTimeout marks the end of a request's own time, as opposed to that of the caller.
var errTimeout = errors.New("the request timeout is over")

// Do sends r, signed by s at every hop unless s is nil, and follows redirects. A response of any status is returned
// without error. Errors are *ConfigError, *ConnectionError, *RedirectError, *ParseError (a content coding that does not
// decode), *limit.Error (vm.LimitError), an error of s, or, when ctx ends, one that wraps its cause.
func (c *Client) Do(ctx context.Context, r *Request, s Signer) (*Response, error) {
	res := new(Response)
	if err := c.Send(ctx, time.Now(), r, s, res); err != nil {
		return nil, err
	}
	return res, nil
}

// Send does what Do does, at an instant that the caller has just read, and writes the response to dst. When an answer came
// but could not be used, dst has its Status and Header beside the error; when none came, or not the whole of it, dst is
// zero.
func (c *Client) Send(ctx context.Context, now time.Time, r *Request, s Signer, dst *Response) error {
	*dst = Response{}
	x := exchanges.Get().(*exchange)
	defer x.release()
	x.client, x.request, x.signer, x.observer, x.caller = c, r, s, r.Observer, ctx
	if err := x.prepare(); err != nil {
		r.Body.drop()
		return err
	}
	timeout := c.opts.Timeout
	if r.TimeoutMillis > 0 {
		timeout = time.Duration(r.TimeoutMillis) * time.Millisecond
	}
	if r.Streaming != nil {
		return x.stream(dst, now, timeout)
	}
	var cancel context.CancelFunc
	x.ctx, cancel = c.timeouts.after(x.ctx, now, timeout, r.TimeoutMillis > 0)
	defer cancel()
	return x.run(dst)
}

// exchange is the state of one Do.
type exchange struct {
	client   *Client
	request  *Request
	signer   Signer // nil once signing has ended
	observer Observer
	rt       http.RoundTripper
	caller   context.Context
	ctx      context.Context
	life     *life // of a request that streams

	// The unsigned request of the current hop.
	method        string
	url           *uri.URL // belongs to the caller for the first hop
	header        Header
	body          *Body // belongs to the caller unless a redirect dropped it
	hop           int
	bodyDropped   bool
	originChanged bool

	out Outgoing // the signed copy of the current hop
}

// noBody is the body of a request without one; nothing changes it.
var noBody Body

// exchanges keeps the memory of header lists between requests: nothing outside Do refers to an exchange once Do
// returns.
var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// release gives x back without the secrets that it held.
func (x *exchange) release() {
	header, sent := x.header[:cap(x.header)], x.out.Header[:cap(x.out.Header)]
	clear(header)
	clear(sent)
	*x = exchange{}
	x.header, x.out.Header = header[:0], sent[:0]
	exchanges.Put(x)
}

// prepare builds the unsigned request of the first hop.
func (x *exchange) prepare() error {
	r := x.request
	var err error
	if x.method, err = r.method(); err != nil {
		return err
	}
	if x.rt, x.ctx, err = x.client.transport(x.caller, r); err != nil {
		return err
	}
	x.url, x.body = &r.URL, &noBody
	x.header = append(x.header, r.Header...)
	if x.method == http.MethodGet || x.method == http.MethodHead {
		return x.addAutomatic()
	}
	x.body = &r.Body
	if x.body.Present && x.body.ContentType != "" && !x.header.Has("Content-Type") {
		x.header = append(x.header, Field{Name: "Content-Type", Value: x.body.ContentType})
	}
	return x.addAutomatic()
}

// addAutomatic adds the headers that do not depend on the hop.
func (x *exchange) addAutomatic() error {
	if x.request.Gzip && !x.header.Has("Accept-Encoding") {
		x.header = append(x.header, Field{Name: "Accept-Encoding", Value: "gzip, deflate"})
	}
	if agent := x.client.opts.UserAgent; agent != "" && !x.header.Has("User-Agent") {
		if CheckHeaderValue("User-Agent", agent) != nil {
			return ConfigErrorf(SettingUserAgent, "it holds a control character; remove line breaks and control characters")
		}
		x.header = append(x.header, Field{Name: "User-Agent", Value: agent})
	}
	return nil
}

// run sends hop after hop.
func (x *exchange) run(dst *Response) error {
	for {
		res, err := x.send()
		if err != nil {
			return err
		}
		location := ""
		if res.StatusCode >= 300 && res.StatusCode <= 399 && x.mayFollow() && !x.spent(res.StatusCode) {
			location = res.Header.Get("Location")
		}
		if location == "" || x.abroad(res.Header, location) {
			return x.finish(res, dst)
		}
		drain(res)
		x.received(res, "")
		if err := x.next(res.StatusCode, location); err != nil {
			dst.Status, dst.Header = res.StatusCode, res.Header
			return err
		}
	}
}

// send sends the current hop, again where it met a connection that was dead.
func (x *exchange) send() (*http.Response, error) {
	if err := x.client.permit(x.url); err != nil {
		return nil, &ConnectionError{Cause: CausePolicy, Host: x.url.Authority(), Err: err}
	}
	if auth := x.url.BasicAuthorization(); auth != "" && !x.header.Has("Authorization") {
		x.header.Set("Authorization", auth)
	}
	var res *http.Response
	for stale := 1; ; stale++ {
		if err := x.sign(); err != nil {
			return nil, err
		}
		again, err := false, error(nil)
		if res, again, err = x.roundTrip(); err == nil {
			break
		}
		if !again || stale > mostStale {
			return nil, x.classify(err)
		}
	}
	if res.Header == nil {
		res.Header = http.Header{}
	}
	if res.Body == nil {
		res.Body = http.NoBody
	}
	if size, most := headerBytes(res.Header), x.client.opts.MaxHeader; size > most {
		_ = res.Body.Close()
		return nil, headerLimit(most)
	}
	if jar := x.request.Cookies; jar != nil {
		jar.store(x.url, res)
	}
	return res, nil
}

// permit checks a URL against the egress policy. What that says of an origin never changes, so that it is not asked again
// for the one that was permitted last.
func (c *Client) permit(u *uri.URL) error {
	if o := c.permits.Load(); o != nil && o.Host == u.Host && o.Port == u.Port && o.Scheme == u.Scheme {
		return nil
	}
	if err := c.opts.Egress.CheckURL(u); err != nil {
		return err
	}
	c.permits.Store(&uri.URL{Scheme: u.Scheme, Host: strings.Clone(u.Host), Port: strings.Clone(u.Port)})
	return nil
}

// sign makes the signed copy of the current hop.
func (x *exchange) sign() error {
	x.out = Outgoing{Method: x.method, URL: *x.url, Body: *x.body, Hop: x.hop, BodyDropped: x.bodyDropped,
		Header: append(x.out.Header[:0], x.header...)}
	if x.request.Cookies != nil {
		x.addCookies()
	}
	if x.signer != nil {
		if err := x.signer.Sign(&x.out); err != nil {
			return err
		}
	}
	if x.observer != nil {
		x.observer.HopSent(HopSent{Hop: x.hop, Outgoing: &x.out, Signed: x.signer != nil})
	}
	return nil
}

// roundTrip makes one exchange. again says that it failed on a dead connection, so that another one may do.
func (x *exchange) roundTrip() (res *http.Response, again bool, err error) {
	if !resends(x.method) || x.body.Source != nil {
		res, err = x.rt.RoundTrip(newHTTPRequest(x.ctx, &x.out))
		return res, false, err
	}
	var u usage
	res, err = x.rt.RoundTrip(newHTTPRequest(u.watch(x.ctx), &x.out))
	return res, err != nil && u.stale() && x.ctx.Err() == nil, err
}

func headerBytes(h http.Header) int64 {
	n := 0
	for name, lines := range h {
		for _, line := range lines {
			n += len(name) + len(line)
		}
	}
	return int64(n)
}

func headerLimit(most int64) error {
	return &limit.Error{Name: "response headers", Limit: most, Code: limit.CodeResponseHeaders}
}

// addCookies joins the author's Cookie with those of the jar.
func (x *exchange) addCookies() {
	text := x.request.Cookies.header(x.url, x.originChanged)
	if text == "" {
		return
	}
	var own []string
	for _, f := range x.out.Header {
		if f.Name == "Cookie" && f.Value != "" {
			own = append(own, f.Value)
		}
	}
	x.out.Header.Set("Cookie", strings.Join(append(own, text), "; "))
}

// finish reads the body of the last answer.
func (x *exchange) finish(res *http.Response, dst *Response) error {
	dst.Status, dst.Header = res.StatusCode, res.Header
	if res.StatusCode == http.StatusSwitchingProtocols {
		_ = res.Body.Close() // an open connection, not a body
		res.Body = http.NoBody
	}
	if x.life != nil {
		return x.handOver(res, dst)
	}
	body, err := readBody(res, x.client.opts.MaxBody, x.decodes(res))
	if err != nil {
		return x.unread(err, dst)
	}
	x.received(res, body)
	dst.Body, dst.URL, dst.Hops = body, *x.url, x.hop
	dst.Length, dst.Decoded = res.ContentLength, x.decodes(res)
	return nil
}

// decodes reports whether the content codings of an answer are undone. The headers of an answer to HEAD are those of a
// body that does not come.
func (x *exchange) decodes(res *http.Response) bool {
	if !x.request.Gzip || x.method == http.MethodHead {
		return false
	}
	undone, _ := known(res.Header["Content-Encoding"])
	return len(undone) > 0
}

// TellDecoded has Header speak of the body as it is, if that was decoded: Content-Encoding names what was not undone, and
// Content-Length is gone.
func (r *Response) TellDecoded() {
	if !r.Decoded {
		return
	}
	_, left := known(r.Header["Content-Encoding"])
	if r.Header.Set("Content-Encoding", left); left == "" {
		r.Header.Del("Content-Encoding")
	}
	r.Header.Del("Content-Length")
}

// unread returns the error of a body that could not be read; unless the whole answer came, there is none in dst.
func (x *exchange) unread(err error, dst *Response) error {
	var reached *limit.Error
	var parse *ParseError
	if errors.As(err, &reached) || errors.As(err, &parse) && x.ctx.Err() == nil {
		return err
	}
	*dst = Response{}
	return x.classify(err)
}

func (x *exchange) received(res *http.Response, body string) {
	if x.observer != nil {
		x.observer.ResponseReceived(ResponseReceived{Hop: x.hop, Status: res.StatusCode, Header: res.Header, Body: body})
	}
}

// Response is an answer whose body was read completely. It is immutable and safe for concurrent use as long as nobody
// changes Header.
type Response struct {
	// Status is the HTTP status.
	Status int
	// Header has canonical names. It is as it came, also when the body was decoded, unless that is a Stream; TellDecoded
	// changes it.
	Header http.Header
	// Body is decoded when gzip was asked for; values parsed from it share its memory. Decoded says that it is, or that
	// Stream is.
	Body    string
	Decoded bool
	// URL is that of the hop that answered, unsigned.
	URL uri.URL
	// Hops is the number of redirects followed.
	Hops int
	// Stream is the body of an answer to a request with Streaming, to be closed. Body then is what a failure says, if that
	// is short.
	Stream io.ReadCloser
	// Length is how long the body is that the service tells of, for HEAD the one that GET would have; -1 when nobody
	// knows, which is also so of a Stream that is decoded.
	Length int64
}

// ContentType returns the Content-Type header.
func (r *Response) ContentType() string {
	if lines := r.Header["Content-Type"]; len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// RetryAfter reads the Retry-After header, a number of seconds or a date that is compared with now (RFC 9110 §10.2.3).
// ok is false when there is none or it makes no sense; the duration is never negative and at most 30 days.
func (r *Response) RetryAfter(now time.Time) (wait time.Duration, ok bool) {
	const longest = 30 * 24 * time.Hour
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 63); err == nil || errors.Is(err, strconv.ErrRange) { // the most there is
		return time.Duration(min(seconds, uint64(longest/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), longest), true
}
