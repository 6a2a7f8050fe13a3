package wire

import (
	"io"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Signer adds credentials to a request. Implementations are called by one goroutine at a time for one request and must
// be safe for use by several requests.
type Signer interface {
	// Sign is called once per hop, right before it is sent, with the unsigned request of that hop; it may change URL,
	// Header and Body of out and must not keep out. An error ends the request and is returned by Client.Do as it is.
	Sign(out *Outgoing) error
	// Strips reports whether the target of a redirect loses the query parameter of this name. When the redirect stays
	// at its origin, these are the ones that Sign is about to write into that query; when it leaves, which ends
	// signing, all that Sign writes anywhere, of which then those go that repeat what this hop was sent.
	Strips(name string, leaves bool) bool
}

// Body is an encoded request body. The zero Body is no body.
type Body struct {
	// Content is the bytes; nobody changes them once the body is made.
	Content []byte
	// Present tells an empty body from no body.
	Present bool
	// ContentType is the automatic Content-Type; "" for none. An author's own header wins. Without a body it is not
	// sent, but says which body a signer may make.
	ContentType string
	// Pairs is true when the bytes are form pairs as far as the encoder knows: it encoded them as a form, or the author
	// gave a text. With a form Content-Type such a body is signed.
	Pairs bool
	// Text says that the content is known to be UTF-8, so that nobody who shows it need go through megabytes for that.
	Text bool
	// Secret says that a secret is in the content: a redirect that would take it to another origin is not followed.
	Secret bool
	// Source, when set, gives the bytes in the place of Content: it is read once, and only by a request with Streaming,
	// which closes it, perhaps more than once: when it is sent, when it is not needed, and at the latest when the answer's
	// body is closed. A Close that waits for a Read holds up whoever closes that. Length is how many bytes there are, -1
	// when nobody knows.
	Source io.ReadCloser
	Length int64
}

// drop closes a source that nobody reads.
func (b *Body) drop() {
	if b.Source != nil {
		_ = b.Source.Close()
	}
}

// Outgoing is one hop as it will be sent.
type Outgoing struct {
	Method string
	URL    uri.URL
	// Header holds the author's and the automatic headers without Host of the URL and Content-Length.
	Header Header
	Body   Body
	// Hop is 0 for the first request and counts the redirects followed.
	Hop int
	// BodyDropped is true when a redirect turned the request into one without its body; a signature carried by the body
	// then goes into the header.
	BodyDropped bool
}

// Host returns the effective Host header: the author's, else that of the URL.
func (o *Outgoing) Host() string {
	if host := o.Header.Get("Host"); host != "" {
		return host
	}
	return o.URL.Authority()
}

// HostOverride returns the author's Host header, "" when there is none.
func (o *Outgoing) HostOverride() string { return o.Header.Get("Host") }

// SignsPairs reports whether the pairs of the body take part in a signature.
func (o *Outgoing) SignsPairs() bool {
	return o.Body.Present && o.Body.Pairs && o.hasFormType()
}

func (o *Outgoing) hasFormType() bool {
	return media.IsForm(o.Header.Get("Content-Type"))
}

// AppendQuery appends encoded pairs to the query.
func (o *Outgoing) AppendQuery(pairs string) { o.URL.Query = uri.JoinQuery(o.URL.Query, pairs) }

// AppendForm appends encoded pairs to the form body; without a body they become one.
func (o *Outgoing) AppendForm(pairs string) {
	if !o.Header.Has("Content-Type") {
		o.Header.Set("Content-Type", media.Form)
	}
	content := make([]byte, 0, len(o.Body.Content)+1+len(pairs))
	content = append(content, o.Body.Content...)
	if len(content) > 0 && pairs != "" {
		content = append(content, '&')
	}
	o.Body.Content, o.Body.Present, o.Body.Pairs = append(content, pairs...), true, true
}

// Request is what a spec asks for; Client.Do never changes it.
type Request struct {
	// Method is any HTTP token but CONNECT; it is sent in upper case, "" means GET.
	Method string
	URL    uri.URL
	// Header holds the author's headers; names and values have passed CheckHeaderName and CheckHeaderValue.
	Header Header
	// Body is left out for GET and HEAD.
	Body Body
	// Gzip asks for compressed answers and decodes them.
	Gzip bool
	// KeepRedirect and KeepAllRedirect switch following off for GET and HEAD, and for all other methods.
	KeepRedirect, KeepAllRedirect bool
	// CA holds PEM certificates that replace the system roots; "" for the system roots.
	CA string
	// InsecureTLS switches the verification of certificates off, where the host allows it.
	InsecureTLS bool
	// TimeoutMillis covers the request with its redirects; 0 means the client's default.
	TimeoutMillis int
	// Secret, when set, reports whether a text holds a secret that its Field or Body does not say. Redirects to another
	// origin ask it for headers, the body, and the pairs of a Location.
	Secret interface{ Holds(text string) bool }
	// Cookies, when set, is the jar of the operation.
	Cookies *Jar
	// Observer, when set, is told of every hop.
	Observer Observer
	// Streaming, when set, hands bodies on as they come.
	Streaming *Streaming
}

// method returns the method as it is sent.
func (r *Request) method() (string, error) {
	if r.Method == "" {
		return http.MethodGet, nil
	}
	m := strings.ToUpper(r.Method)
	if !isToken(m) || m == http.MethodConnect { // CONNECT opens a tunnel and has no answer to read (RFC 9110 §9.3.6)
		return "", ConfigErrorf(SettingMethod, "%q is no method that a request can have; use GET, POST, PUT, PATCH, DELETE or another HTTP method", r.Method)
	}
	return m, nil
}

// Observer is told of the hops of a request; it runs in the goroutine of Client.Do and must not keep what the events
// point to. What it sees is not masked.
type Observer interface {
	HopSent(HopSent)
	ResponseReceived(ResponseReceived)
	RedirectFollowed(RedirectFollowed)
}

// HopSent tells that a hop is about to be sent.
type HopSent struct {
	Hop      int
	Outgoing *Outgoing // as it goes out, signature included
	Signed   bool
}

// ResponseReceived tells that an answer has come.
type ResponseReceived struct {
	Hop    int
	Status int
	Header http.Header
	Body   string // "" for an answer that is a followed redirect
}

// RedirectFollowed tells that the next hop follows.
type RedirectFollowed struct {
	Hop           int // of the answer with the Location
	Status        int
	From, To      *uri.URL // unsigned
	Method        string   // of the next hop
	OriginChanged bool     // credentials and signing end here
	BodyDropped   bool
}
