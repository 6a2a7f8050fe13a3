package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// sending is everything of one hop that net/http needs, in one piece of memory.
type sending struct {
	http   http.Request
	url    url.URL
	body   content
	values [5]string
}

// content is a body in memory. Unlike those that net/http knows, it cannot be had again.
type content struct{ bytes.Reader }

// Close implements io.Closer.
func (*content) Close() error { return nil }

var blank http.Request

// newHTTPRequest returns the request that makes net/http write exactly the bytes of o.
func newHTTPRequest(ctx context.Context, o *Outgoing) *http.Request {
	s := &sending{}
	s.http = *blank.WithContext(ctx)
	r := &s.http
	r.Method, r.URL = o.Method, &s.url
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	s.url = url.URL{Scheme: o.URL.Scheme, Host: o.URL.Authority(), RawQuery: o.URL.Query}
	setPath(&s.url, o.URL.Path)
	r.Host = s.url.Host
	r.Header = make(http.Header, len(o.Header)+1)
	s.fillHeader(r, o.Header)
	if o.Body.Source != nil {
		r.Body, r.ContentLength = o.Body.Source, o.Body.Length
		return r
	}
	if resends(o.Method) {
		s.noReplay(r, o.Body.Content)
		return r
	}
	if !o.Body.Present {
		return r
	}
	content := o.Body.Content
	if len(content) == 0 {
		if o.Method != http.MethodPost && o.Method != http.MethodPut && o.Method != http.MethodPatch {
			r.Body, r.TransferEncoding = http.NoBody, []string{"identity"} // makes net/http write Content-Length: 0
		}
		return r
	}
	r.ContentLength = int64(len(content))
	s.body.Reset(content)
	if r.Header["Idempotency-Key"] != nil || r.Header["X-Idempotency-Key"] != nil { // which make net/http send it once more
		r.Body = &s.body
		return r
	}
	r.Body = io.NopCloser(&s.body.Reader) // net/http knows this as memory and writes header and body in one piece
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	return r
}

// noReplay gives a request that net/http would send once more by itself a body of which it cannot be sure to have it
// again. Nothing is written of one that is empty.
func (s *sending) noReplay(r *http.Request, content []byte) {
	s.body.Reset(content)
	r.Body, r.ContentLength = &s.body, int64(len(content))
	if len(content) == 0 {
		r.ContentLength, r.TransferEncoding = 0, []string{"identity"}
	}
}

// setPath makes u.RequestURI return path unchanged: net/url would escape it again. Only paths that net/url writes as
// they are go into Path, the others into Opaque. A path that starts with two slashes would be taken for an authority
// there, so that the request line then has the absolute form (RFC 9112 §3.2.2).
func setPath(u *url.URL, path string) {
	if plainPath(path) {
		u.Path = path
		return
	}
	if decoded, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = decoded, path
		if u.EscapedPath() == path {
			return
		}
		u.Path, u.RawPath = "", ""
	}
	if strings.HasPrefix(path, "//") {
		path = "//" + u.Host + path
	}
	u.Opaque = path
}

// plainPath reports whether path has only bytes that net/url leaves alone in a decoded path.
func plainPath(path string) bool {
	for i := 0; i < len(path); i++ {
		if c := path[i]; !uri.Unreserved(c) && c != '/' && c != '=' && c != ':' && c != '@' {
			return false
		}
	}
	return true
}

// RequestURL returns the exact URL that a request of this package asks for, without user information: what r.URL.String
// would return if it did not escape again. Hosts that write their own RoundTripper use it for logs and fakes.
func RequestURL(r *http.Request) string {
	target := r.URL.RequestURI()
	if strings.HasPrefix(target, r.URL.Scheme+"://") {
		return target
	}
	return r.URL.Scheme + "://" + r.URL.Host + target
}

// fillHeader copies the lines into the map of net/http. User-Agent is always there: without it net/http would send its
// own.
func (s *sending) fillHeader(r *http.Request, h Header) {
	values := s.values[:0]
	if len(h) > len(s.values) {
		values = make([]string, 0, len(h))
	}
	agent := false
	for i := range h {
		f := &h[i]
		switch f.Name {
		case "Host":
			r.Host = f.Value
			continue
		case "User-Agent":
			agent = true
		}
		if have := r.Header[f.Name]; have != nil {
			r.Header[f.Name] = append(have, f.Value)
			continue
		}
		values = append(values, f.Value)
		n := len(values)
		r.Header[f.Name] = values[n-1 : n : n]
	}
	if !agent {
		r.Header["User-Agent"] = nil
	}
}
