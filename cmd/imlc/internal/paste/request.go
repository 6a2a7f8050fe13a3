package paste

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Header is one header line.
type Header struct{ Name, Value string }

// Request is an HTTP request as it was described, before it is signed or sent.
type Request struct {
	// Method is in upper case when it was pasted; "" when nothing named one.
	Method string
	// URL is absolute when it was pasted.
	URL string
	// Host is the Host header when one was given beside the URL, "" otherwise.
	Host string
	// Headers are the lines in the order in which they were given, Host left out.
	Headers []Header
	Body    []byte
	// HasBody tells an empty body from none.
	HasBody bool
}

// Get returns the first value of a header, whatever the case of its name; "" when there is none.
func (r *Request) Get(name string) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Add appends a header line; Host goes to its own field.
func (r *Request) Add(h Header) {
	if strings.EqualFold(h.Name, "Host") {
		r.Host = h.Value
		return
	}
	r.Headers = append(r.Headers, h)
}

// Remove drops every line of a header, whatever the case of its name.
func (r *Request) Remove(name string) {
	kept := r.Headers[:0]
	for _, h := range r.Headers {
		if !strings.EqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	r.Headers = kept
}

// SetBody sets a body, and its type unless there is a Content-Type already.
func (r *Request) SetBody(body []byte, contentType string) {
	r.Body, r.HasBody = body, true
	if r.Get("Content-Type") == "" {
		r.Headers = append(r.Headers, Header{"Content-Type", contentType})
	}
}

// DefaultMethod sets a method where none was given: POST with a body, else GET, as curl does.
func (r *Request) DefaultMethod() {
	switch {
	case r.Method != "":
	case r.HasBody:
		r.Method = "POST"
	default:
		r.Method = "GET"
	}
}

// Wire brings the address and the Host header into the form in which they are sent: no white space at the ends, and host
// names beyond ASCII as A-labels, since the Host header is what is signed (RFC 5849 §3.4.1.2).
func (r *Request) Wire() error {
	r.URL = strings.Trim(r.URL, " \t\r\n")
	scheme, rest, ok := strings.Cut(r.URL, "://")
	if !ok {
		return fmt.Errorf("the address %s has no scheme: write https://%[1]s", r.URL)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	user, host := "", rest[:end]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, host = host[:at+1], host[at+1:]
	}
	host, err := wireHost(host)
	if err != nil {
		return err
	}
	r.URL = scheme + "://" + user + host + rest[end:]
	if r.Host != "" {
		r.Host, err = wireHost(r.Host)
	}
	return err
}

// wireHost turns a host[:port] into its A-labels; one in ASCII stays as it is.
func wireHost(text string) (string, error) {
	if !uri.ValidHost(text) {
		return "", fmt.Errorf("%q is no host name or address", text)
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return text, nil
	}
	host, port, err := uri.SplitHost(text)
	if err != nil {
		return "", err
	}
	host, _ = uri.NormalHost(host)
	if port != "" {
		host += ":" + port
	}
	return host, nil
}

// ParseHeader reads a line such as "Accept: text/plain".
func ParseHeader(line string) (Header, error) {
	name, text, ok := strings.Cut(line, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t\r\n\"") || strings.ContainsAny(text, "\r\n") {
		return Header{}, errors.New("a header must be NAME: VALUE on one line")
	}
	return Header{name, strings.TrimSpace(text)}, nil
}

// Parse reads a pasted request: a curl command, or a raw HTTP request. scheme, such as "https", is that of a raw
// request whose request line names none.
func Parse(text, scheme string) (*Request, error) {
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	trimmed = strings.TrimPrefix(trimmed, "$ ")
	word, _, _ := strings.Cut(strings.ReplaceAll(trimmed, "\n", " "), " ")
	if word == "curl" || word == "curl.exe" {
		if windows(trimmed) {
			return parseCurl(trimmed, windowsWords)
		}
		return parseCurl(trimmed, Words)
	}
	return parseHTTP(text, scheme)
}

// parseHTTP reads a request as it goes over the wire: request line, headers, an empty line, body.
func parseHTTP(text, scheme string) (*Request, error) {
	head, body, hasBody := strings.Cut(text, "\r\n\r\n")
	if !hasBody {
		head, body, hasBody = strings.Cut(text, "\n\n")
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimLeft(head, "\r\n"), "\r\n", "\n"), "\n")
	words := strings.Fields(lines[0])
	if len(words) < 2 || len(words) > 3 || len(words) == 3 && !strings.HasPrefix(words[2], "HTTP/") {
		return nil, errors.New("expected a curl command, or an HTTP request that begins with a line such as POST /path HTTP/1.1")
	}
	r := &Request{Method: strings.ToUpper(words[0])}
	for _, line := range lines[1:] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		h, err := ParseHeader(line)
		if err != nil {
			return nil, err
		}
		r.Add(h)
	}
	r.URL = words[1]
	if !strings.Contains(strings.SplitN(r.URL, "?", 2)[0], "://") {
		if r.Host == "" {
			return nil, errors.New("the request has no Host header, so its address is not known")
		}
		r.URL = scheme + "://" + r.Host + r.URL
		r.Host = ""
	}
	if hasBody {
		// What follows the declared length is the end of the pasted text, not of the body.
		if n, err := strconv.Atoi(r.Get("Content-Length")); err == nil && n >= 0 && n <= len(body) {
			body = body[:n]
		} else {
			body = strings.TrimRight(body, "\r\n")
		}
		r.Body, r.HasBody = []byte(body), body != ""
	}
	r.Remove("Content-Length")
	return r, nil
}

// HTTP writes the request as it goes over the wire, with line feeds alone at the ends of lines.
func (r *Request) HTTP() (string, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return "", errors.New("the URL cannot be written as a request line")
	}
	_, target, _ := strings.Cut(r.URL, "://")
	if i := strings.IndexAny(target, "/?"); i >= 0 {
		target = target[i:]
	} else {
		target = "/"
	}
	host := u.Host
	if r.Host != "" {
		host = r.Host
	}
	var b strings.Builder
	b.WriteString(r.Method + " " + target + " HTTP/1.1\nHost: " + host + "\n")
	for _, h := range r.Headers {
		b.WriteString(h.Name + ": " + h.Value + "\n")
	}
	if r.HasBody {
		b.WriteString("Content-Length: " + strconv.Itoa(len(r.Body)) + "\n\n" + string(r.Body))
	}
	b.WriteString("\n")
	return b.String(), nil
}
