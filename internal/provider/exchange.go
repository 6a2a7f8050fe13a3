package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// exchange is one request on its way to one answer.
type exchange struct {
	provider *Provider
	*message
	w       http.ResponseWriter
	request *request // nil until the request was judged
	handled string   // path of the endpoint, for events; empty until routed
	hidden  bool     // not recorded: an inspection endpoint
	// standsIn says that the request was meant for another service.
	standsIn bool
	format   string // of the answer, instead of the endpoint's own; empty for that one
}

// route finds the endpoint by the decoded path. The path of the base string stays as it was sent.
func (x *exchange) route() {
	path := unescape(x.path, false)
	for _, e := range endpoints {
		if path != e.Path && !(e.prefix && strings.HasPrefix(path, e.Path+"/")) {
			continue
		}
		x.hidden = e.admin
		if e.admin && x.provider.config.DisableAdmin {
			break
		}
		x.handled = e.Path
		if len(e.Methods) > 0 && !slices.Contains(e.Methods, x.method) {
			x.w.Header().Set("Allow", strings.Join(e.Methods, ", "))
			x.fault(http.StatusMethodNotAllowed, fmt.Sprintf("method %s is not for %s: use %s", x.method, e.Path, strings.Join(e.Methods, " or ")))
			return
		}
		e.serve(x)
		return
	}
	x.fault(http.StatusNotFound, "there is no such endpoint: GET / lists them")
}

// judge verifies the request and answers a refusal itself; ok reports whether to go on.
func (x *exchange) judge(use tokenUse) (q *request, ok bool) {
	q, refusal := x.provider.verify(x.message, use)
	x.request = q
	if refusal != nil {
		x.refuse(refusal)
		return q, false
	}
	return q, true
}

// refuse answers with the Problem Reporting extension, in body and header.
func (x *exchange) refuse(r *Refusal) {
	x.w.Header().Set("WWW-Authenticate", r.challenge(x.provider.config.Realm))
	if r.Status == http.StatusServiceUnavailable {
		x.w.Header().Set("Retry-After", "1")
	}
	x.send(r.Status, formType, []byte(r.body()), Event{Kind: EventRefused, Text: r.Error(), Refusal: r})
}

// fault answers what is wrong outside the protocol, in JSON.
func (x *exchange) fault(status int, text string) {
	refusal := &Refusal{Advice: text, Status: status}
	x.sendJSON(status, map[string]any{"error": text}, Event{Kind: EventRefused, Text: text, Refusal: refusal})
}

// failed answers a breakdown of the provider itself.
func (x *exchange) failed(err error) { x.fault(http.StatusInternalServerError, err.Error()) }

func (x *exchange) sendJSON(status int, value any, e Event) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		x.failed(fmt.Errorf("provider: writing JSON: %w", err))
		return
	}
	x.send(status, "application/json", b.Bytes(), e)
}

// redirect answers with a Location as it is; http.Redirect would clean its path.
func (x *exchange) redirect(status int, location string, e Event) {
	x.w.Header().Set("Location", location)
	x.send(status, "", nil, e)
}

// send is the only place where an answer leaves: the request is recorded and logged before its first byte. Answers may
// hold credentials, so nobody may cache them (RFC 5849 §2.1, §4.4).
func (x *exchange) send(status int, contentType string, body []byte, e Event) {
	p := x.provider
	e.Time, e.Method, e.Status = p.config.Clock(), x.method, status
	e.Endpoint = x.handled
	e.Path = x.path // as sent: a decoded one could hold control characters that reach a terminal
	if q := x.request; q != nil && q.params != nil {
		e.Consumer = q.params.protocol["oauth_consumer_key"]
	}
	if !x.hidden {
		p.records.add(x.record(e))
	}
	if e.Text != "" {
		p.log(e)
	}
	header := x.w.Header()
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	if x.method != http.MethodHead {
		_, _ = x.w.Write(body) // a client that went away is no concern of the provider
	}
}

func (x *exchange) record(e Event) Record {
	record := Record{Time: e.Time, Method: x.method, URI: x.uri(), Host: x.authority, Header: x.header.Clone(), Body: x.body,
		Transport: TransportNone, Status: e.Status}
	if e.Refusal != nil {
		record.Problem = e.Refusal.Problem
	}
	params, _ := x.collect()
	if x.request != nil && x.request.params != nil {
		params = x.request.params
	}
	record.Protocol, record.Parameters = params.protocol, params.own()
	if _, signed := params.protocol["oauth_signature"]; signed {
		record.Transport = params.transport
	}
	return record
}
