package provider

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Transport names the place where a request carried its protocol parameters (RFC 5849 §3.5).
type Transport string

// The three places that RFC 5849 §3.5 allows, and the absence of any.
const (
	TransportNone   Transport = "none"
	TransportHeader Transport = "header"
	TransportBody   Transport = "body"
	TransportQuery  Transport = "query"
)

// message is a request as it came over the wire, before anybody judged it.
type message struct {
	method, scheme, authority string
	target                    string // the request target byte for byte
	path, query               string
	header                    http.Header
	body                      []byte
}

// readMessage takes the request apart without ever asking net/url, which drops and rewrites bytes that are signed.
func readMessage(r *http.Request, maxBody int64) (*message, *Refusal) {
	m := &message{method: r.Method, scheme: "http", authority: r.Host, target: r.RequestURI, header: r.Header}
	if r.TLS != nil {
		m.scheme = "https"
	}
	if m.target == "" && r.URL != nil { // a request that never was on a wire, made by a test
		m.target = r.URL.RequestURI()
	}
	m.path, m.query = splitTarget(m.target)
	if r.Body == nil {
		return m, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return m, &Refusal{Status: http.StatusBadRequest, Problem: "parameter_rejected", Advice: "the request body could not be read to its end"}
	}
	if int64(len(body)) > maxBody {
		return m, &Refusal{Status: http.StatusRequestEntityTooLarge, Problem: "parameter_rejected",
			Advice: fmt.Sprintf("the request body is longer than %d bytes, the most that this provider reads", maxBody)}
	}
	m.body = body
	return m, nil
}

// uri is the whole URI for display, with the target as it was sent.
func (m *message) uri() string {
	if !strings.HasPrefix(m.target, "/") {
		return m.target
	}
	return m.scheme + "://" + m.authority + m.target
}

// isForm reports whether the body counts into the base string: its media type, without parameters and in any case, is
// the form type (RFC 5849 §3.4.1.3.1).
func (m *message) isForm() bool {
	mediaType, _, _ := strings.Cut(m.header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.Trim(mediaType, " \t"), formType)
}

// maxParameters bounds the work of sorting and the memory of a record.
const maxParameters = 10000

// parameters are the decoded parameters of a message by source, and what of them belongs to the protocol.
type parameters struct {
	header, query, body []Parameter
	realm               string
	transport           Transport
	protocol            map[string]string // the oauth_* parameters, signature included
}

// collect gathers the parameters of RFC 5849 §3.4.1.3.1 and holds two rules of the RFC: protocol parameters are in
// exactly one place (§3.5), and each appears at most once (§3.1).
func (m *message) collect() (*parameters, *Refusal) {
	c := &parameters{query: splitForm(m.query), transport: TransportNone, protocol: map[string]string{}}
	if m.isForm() {
		c.body = splitForm(string(m.body))
	}
	if len(c.query)+len(c.body) > maxParameters {
		return &parameters{transport: TransportNone}, rejected(nil, "the request has more than %d parameters, the most that this provider signs", maxParameters)
	}
	if refusal := c.readHeader(m.header.Values("Authorization")); refusal != nil {
		return c, refusal
	}
	var places []string
	for _, source := range []struct {
		transport Transport
		params    []Parameter
	}{{TransportHeader, c.header}, {TransportBody, c.body}, {TransportQuery, c.query}} {
		if !slices.ContainsFunc(source.params, isProtocol) {
			continue
		}
		places = append(places, string(source.transport))
		if c.transport == TransportNone {
			c.transport = source.transport
		}
	}
	if len(places) > 1 {
		return c, rejected(nil, "oauth_ parameters were found in %s: send them in exactly one place", strings.Join(places, " and "))
	}
	for _, p := range c.all() {
		if !isProtocol(p) {
			continue
		}
		if _, twice := c.protocol[p.Name]; twice {
			return c, rejected([]string{brief(p.Name)}, "parameter %q appears more than once: each protocol parameter may appear once", brief(p.Name))
		}
		c.protocol[p.Name] = p.Value
	}
	return c, nil
}

func (c *parameters) readHeader(values []string) *Refusal {
	found := false
	for _, value := range values {
		rest, ok := oauthScheme(value)
		if !ok {
			continue
		}
		if found {
			return rejected(nil, "the request has more than one Authorization header of the OAuth scheme: send one")
		}
		found = true
		a, err := parseAuthorization(rest)
		if err != nil {
			return rejected(nil, "%s", err)
		}
		c.header, c.realm = a.params, a.realm
	}
	return nil
}

func isProtocol(p Parameter) bool { return strings.HasPrefix(p.Name, "oauth_") }

// all lists every parameter of every source; the order does not matter to the base string.
func (c *parameters) all() []Parameter { return slices.Concat(c.query, c.header, c.body) }

// signed lists what the base string covers: all but oauth_signature, from wherever it came.
func (c *parameters) signed() []Parameter {
	return slices.DeleteFunc(c.all(), func(p Parameter) bool { return p.Name == "oauth_signature" })
}

// own lists the parameters that belong to the request itself, not to the protocol.
func (c *parameters) own() []Parameter { return slices.DeleteFunc(c.all(), isProtocol) }
