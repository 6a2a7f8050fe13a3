package provider

import (
	"fmt"
	"net/http"
)

// adminState shows what is stored. Secrets, verifiers and session handles stay inside: whoever tests a client has them.
func (x *exchange) adminState() {
	s := x.provider.store
	s.mu.Lock()
	temp, tokens := map[string]any{}, map[string]any{}
	for token, t := range s.temporary {
		temp[token] = map[string]any{"client": t.client, "callback": t.callback, "approved": t.decision == approved,
			"denied": t.decision == refused, "used": t.used, "expires": t.expires.Unix()}
	}
	for token, a := range s.access {
		tokens[token] = map[string]any{"client": a.client, "expires": a.expires.Unix(),
			"session_expires": a.sessionExpires.Unix(), "revoked": a.revoked}
	}
	nonces := len(s.nonces)
	s.mu.Unlock()
	x.sendJSON(http.StatusOK, map[string]any{"temp": temp, "access": tokens, "nonces": nonces, "requests": x.provider.records.count()}, Event{})
}

// adminLog shows the latest requests as they came.
func (x *exchange) adminLog() {
	entries := []map[string]any{}
	for _, r := range x.provider.Requests() {
		headers := map[string]string{"Host": r.Host}
		for name := range r.Header {
			headers[name] = r.Header.Get(name)
		}
		entries = append(entries, map[string]any{"method": r.Method, "uri": r.URI, "headers": headers, "body": string(r.Body),
			"transport": r.Transport, "status": r.Status, "problem": r.Problem})
	}
	x.sendJSON(http.StatusOK, map[string]any{"log": entries}, Event{})
}

func (x *exchange) adminReset() {
	x.provider.Reset()
	x.done("everything forgotten", true)
}

func (x *exchange) adminExpire() {
	x.done("a token was made to expire", x.provider.Expire(x.adminToken()))
}

func (x *exchange) adminRevoke() {
	x.done("a token was revoked", x.provider.Revoke(x.adminToken()))
}

func (x *exchange) adminToken() string {
	token, _ := find(splitForm(x.query), "token")
	return token
}

func (x *exchange) done(text string, known bool) {
	if !known {
		x.fault(http.StatusNotFound, fmt.Sprintf("%s: the token in ?token= is not known; encode + as %%2B", x.handled))
		return
	}
	x.send(http.StatusOK, "text/plain; charset=utf-8", []byte("ok"), Event{Kind: EventAdmin, Text: text})
}
