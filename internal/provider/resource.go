package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

var granted = Event{Kind: EventGranted, Text: "signature and token are right"}

func (x *exchange) resource() {
	if q, ok := x.judge(accessToken); ok {
		x.echo(q)
	}
}

func (x *exchange) twoLegged() {
	if q, ok := x.judge(optionalToken); ok {
		x.echo(q)
	}
}

// needBodyHash demands what draft-eaton-oauth-bodyhash-00 §4.1.1 recommends for every body that is no form. A missing
// hash is found after the signature, as it is no fault in the form of the request.
func (x *exchange) needBodyHash() {
	q, ok := x.judge(accessToken)
	if !ok {
		return
	}
	if _, sent := q.params.protocol["oauth_body_hash"]; !sent && !q.isForm() {
		x.refuse(denied("body_hash_invalid", "oauth_body_hash is missing: this resource wants it with every body that is no form, an empty one too"))
		return
	}
	x.echo(q)
}

// echo answers what was verified.
func (x *exchange) echo(q *request) { x.sendJSON(http.StatusOK, x.arrived(q), granted) }

// arrived says what was verified.
func (x *exchange) arrived(q *request) map[string]any {
	own := [][2]string{}
	for _, p := range q.params.own() {
		own = append(own, [2]string{p.Name, p.Value})
	}
	optional := func(name string) any {
		if value, sent := q.params.protocol[name]; sent {
			return value
		}
		return nil
	}
	var contentType any
	if values := x.header.Values("Content-Type"); len(values) > 0 {
		contentType = values[0]
	}
	return map[string]any{
		"ok": true, "method": x.method, "uri": x.uri(), "transport": q.params.transport, "signature_method": q.method.name,
		"consumer": q.client.key, "token": optional("oauth_token"), "body_hash": optional("oauth_body_hash"),
		"params": own, "body": string(x.body), "content_type": contentType,
	}
}

// redirectOn makes a client sign a second request: its signature and nonce for this one are spent.
func (x *exchange) redirectOn() {
	if _, ok := x.judge(accessToken); !ok {
		return
	}
	query := splitForm(x.query)
	location := "/resource?redirected=1"
	if to, sent := find(query, "to"); sent {
		if strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			x.fault(http.StatusBadRequest, "to holds a blank or a control character: expected a URI")
			return
		}
		location = to
	}
	status := http.StatusFound
	if wanted, sent := find(query, "status"); sent {
		switch wanted {
		case "301", "302", "303", "307", "308":
			status, _ = strconv.Atoi(wanted)
		default:
			x.fault(http.StatusBadRequest, "status is not a redirection: expected 301, 302, 303, 307 or 308")
			return
		}
	}
	x.redirect(status, location, Event{Kind: EventGranted, Text: "verified, redirected elsewhere"})
}

// flaky makes a client sign its retries afresh.
func (x *exchange) flaky() {
	q, ok := x.judge(accessToken)
	if !ok {
		return
	}
	times := 1
	if text, sent := find(splitForm(x.query), "n"); sent {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1000 {
			x.fault(http.StatusBadRequest, fmt.Sprintf("n is %q: expected a number of failures from 0 to 1000", brief(text)))
			return
		}
		times = n
	}
	if !x.provider.store.fail(q.token, times) {
		x.echo(q)
		return
	}
	x.w.Header().Set("Retry-After", "0")
	x.send(http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("try again"), Event{Kind: EventGranted, Text: "verified, failed on purpose"})
}

// The owner of every account. The id needs all 64 bits: a reader that takes it for a double gets another person.
const (
	ownerJSON = `{"id":9007199254740993,"name":"Ada","email":"ada@example.test","active":true}` + "\n"
	ownerXML  = `<?xml version="1.0" encoding="UTF-8"?>
<user id="9007199254740993" active="true"><name lang="en">Ada</name><email verified="true">ada@example.test</email><links><link rel="self" href="/me.xml"/><link rel="alternate" href="/me"/></links></user>
`
)

func (x *exchange) me() {
	if _, ok := x.judge(accessToken); ok {
		x.send(http.StatusOK, "application/json", []byte(ownerJSON), granted)
	}
}

func (x *exchange) meXML() {
	if _, ok := x.judge(accessToken); ok {
		x.send(http.StatusOK, "application/xml; charset=utf-8", []byte(ownerXML), granted)
	}
}

// statuses takes a form or JSON and gives it back as it was understood.
func (x *exchange) statuses() {
	q, ok := x.judge(accessToken)
	if !ok {
		return
	}
	answer := map[string]any{}
	mediaType, _, _ := strings.Cut(x.header.Get("Content-Type"), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	switch {
	case x.isForm():
		form := map[string][]string{}
		for _, p := range q.params.body {
			if !isProtocol(p) {
				form[p.Name] = append(form[p.Name], p.Value)
			}
		}
		answer["form"] = form
	case mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"):
		if !json.Valid(x.body) {
			x.fault(http.StatusBadRequest, "the body is labelled as JSON and is none")
			return
		}
		answer["json"] = json.RawMessage(x.body)
	default:
		x.fault(http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type is %q: expected %s or application/json", brief(mediaType), formType))
		return
	}
	answer["id"] = x.provider.store.nextStatus()
	x.sendJSON(http.StatusOK, answer, granted)
}
