package run

import (
	"cmp"
	"crypto/subtle"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// suspend builds the redirect URL of the stage of that number and seals what outlives it. Without a URL there is no
// redirect, and the run goes on.
func (r *run) suspend(stage int) (sealed suspended, url string, err error) {
	s := &r.spec.Stages[stage]
	d := s.Redirect
	r.at.stage, r.at.request, r.at.unlogged = s.Name, len(s.Requests), false
	r.tick()
	r.bindAnswer(answer{})
	if len(s.Requests) == 0 {
		r.trace(Event{Kind: EventSection})
	}
	if err := r.mergeTemp(d.Temp); err != nil {
		return sealed, "", err
	}
	if on, err := r.condition(d.Condition); err != nil || !on {
		return sealed, "", err
	}
	url, key, err := r.redirectURL(d)
	if err != nil {
		return sealed, "", err
	}
	c := r.continuation(key, stage, r.temp, &r.conn)
	c.OutOfBand = cmp.Or(r.handshake.callback, r.terms.redirects.Default) == outOfBand
	if sealed, err = r.seal(r.waiting(), c); err != nil {
		return sealed, "", err
	}
	if r.tracing() {
		r.trace(Event{Kind: EventSuspend, Message: r.veil.tracing().URL(url)})
	}
	return sealed, url, nil
}

// redirectURL returns the URL for the browser and the request token that the callback must bring back.
func (r *run) redirectURL(d *plan.Redirect) (url, key string, err error) {
	v, err := r.eval(d.URL)
	if err != nil {
		return "", "", err
	}
	query, err := r.evalObject(d.Query)
	if err != nil {
		return "", "", err
	}
	var c credentials
	if err := r.credentials(d.OAuth, &c); err != nil {
		return "", "", err
	}
	u := new(uri.URL)
	if err := parseURL(u, value.ToText(v), !d.RawURL); err != nil {
		return "", "", r.placed(err, d.URL)
	}
	if err := r.redirectQuery(u, d, query, c.keys[keyToken]); err != nil {
		return "", "", err
	}
	if key = requestToken(u); key == "" {
		key = r.handshake.token
	}
	if key == "" {
		e := misconfigured(message.NoRequestToken, nil)
		e.Code = CodeNoRequestToken
		e.Help = "keep oauth_token of the answer to the request for temporary credentials, and name it as token of the redirect"
		return "", "", r.blame(e, d.OAuth)
	}
	return u.Redirect(), key, nil
}

// redirectQuery writes the query of a redirect URL: its parameters, and the token unless the URL has one.
func (r *run) redirectQuery(u *uri.URL, d *plan.Redirect, query *value.Object, token value.Value) error {
	missing := (requestToken(u) == "" || d.QueryMode == plan.QueryReplace) && !value.IsEmpty(token)
	if missing && d.TokenFirst && query != nil && value.IsEmpty(query.Value(tokenParam)) {
		first := value.NewObject(1 + query.Len())
		first.Set(tokenParam, token)
		query = overlay(first, query)
	}
	params := value.Undefined
	if query != nil {
		params = value.Collection(query)
	}
	if err := content.ApplyQuery(u, params, content.QueryMode(d.QueryMode), r.frame.Meter()); err != nil {
		return err
	}
	if !value.IsEmpty(token) && requestToken(u) == "" {
		u.Query = uri.JoinQuery(u.Query, string(content.AppendPair(nil, tokenParam, token)))
	}
	return nil
}

// tokenParam is the parameter that carries the request token through the browser (RFC 5849 §2.2).
const tokenParam = "oauth_token"

// requestToken returns the first oauth_token of a redirect URL that is not empty.
func requestToken(u *uri.URL) string {
	for _, p := range uri.SplitPairs(u.Query) {
		if p.Name == tokenParam && p.Value != "" {
			return p.Value
		}
	}
	return ""
}

// sameText compares in constant time.
func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
