package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// Strangers lets a provider stand in for services whose clients it was never told of. It is asked while a request is
// judged, and what it says of a key or a token holds from then on.
type Strangers struct {
	// Consumer returns the client that an unknown consumer key belongs to, or says why there is none.
	Consumer func(key string) (Consumer, error)
	// Token returns the secret of token credentials that the provider never issued, "" for those that nobody may have.
	Token func(token string) (secret string)
}

// StandIn says how a request is answered that was meant for another service.
type StandIn struct {
	// Endpoint is the path of the endpoint whose part that service plays, such as "/request_token"; "" is the one that the
	// protocol parameters of the request ask for.
	Endpoint string
	// Format is how tokens and the owner are answered: "form", "json", "xml" or "text"; "" is as the endpoint does.
	Format string
}

// ServeAs judges a request by the address that it was sent to, whatever that is, and answers it in the place of the service
// there. The page and the users of a service have no part in it: approval is Config.AutoApprove, and with Config.Strangers
// any user name and password are those of an account.
func (p *Provider) ServeAs(as StandIn, w http.ResponseWriter, r *http.Request) {
	m, refusal := readMessage(r, p.config.Limits.Body)
	x := &exchange{provider: p, message: m, w: w, standsIn: true, format: as.Format}
	if refusal != nil {
		x.refuse(refusal)
		return
	}
	if as.Endpoint == "" {
		x.standIn()
		return
	}
	for _, e := range endpoints {
		if e.Path == as.Endpoint && !e.admin {
			x.handled = e.Path
			e.serve(x)
			return
		}
	}
	x.fault(http.StatusNotFound, "there is no endpoint "+as.Endpoint)
}

// standIn finds the endpoint by what a request asks for: every one of the protocol asks in other words.
func (x *exchange) standIn() {
	params, refusal := x.collect()
	if refusal != nil {
		x.refuse(refusal)
		return
	}
	given := params.protocol
	_, isXAuth := find(params.own(), "x_auth_mode")
	t, isTemporary := x.provider.store.findTemporary(given["oauth_token"], x.provider.config.Clock())
	_, signed := given["oauth_signature"]
	_, callback := given["oauth_callback"]
	switch {
	case !signed && len(given) > 0:
		x.judge(optionalToken) // it was meant to be signed, and the refusal says what is missing
	case !signed:
		x.owner(nil, Event{Kind: EventUnsigned, Text: "not signed, so nothing was verified"})
	case given["oauth_session_handle"] != "" && given["oauth_verifier"] == "":
		x.handled = "/renew"
		x.renew()
	case isXAuth && given["oauth_token"] == "":
		x.handled = "/xauth"
		x.xAuth()
	case isTemporary && !t.used, given["oauth_verifier"] != "": // one that was exchanged is taken for a token elsewhere
		x.handled = "/access_token"
		x.accessToken()
	case callback && given["oauth_token"] == "":
		x.handled = "/request_token"
		x.requestToken()
	default:
		x.handled = "/resource"
		if q, ok := x.judge(optionalToken); ok {
			event := granted
			if q.token == "" {
				event.Text = "the consumer's signature is right; no token was sent"
			}
			x.owner(q, event)
		}
	}
}

// temporaryIn finds the temporary token that a browser brings. Most services call it oauth_token.
func (x *exchange) temporaryIn(query []Parameter) string {
	token, _ := find(query, "oauth_token")
	for _, p := range query {
		if _, known := x.provider.store.findTemporary(p.Value, x.provider.config.Clock()); known {
			return p.Value
		}
	}
	return token
}

// owner answers with the owner of every account and with what arrived: what a service would say, nobody here knows.
func (x *exchange) owner(q *request, e Event) {
	if x.format == "xml" {
		x.send(http.StatusOK, "application/xml; charset=utf-8", []byte(ownerXML), e)
		return
	}
	answer := map[string]any{}
	if err := json.Unmarshal([]byte(ownerJSON), &answer); err != nil {
		x.failed(err)
		return
	}
	answer["id"] = json.Number("9007199254740993") // not through a double
	if q != nil {
		maps.Copy(answer, x.arrived(q))
	}
	if x.format == "form" {
		var pairs []Parameter
		for _, name := range []string{"id", "name", "email"} {
			pairs = append(pairs, Parameter{name, fmt.Sprint(answer[name])})
		}
		x.send(http.StatusOK, formType, []byte(joinForm(pairs)), e)
		return
	}
	x.sendJSON(http.StatusOK, answer, e)
}

// stranger finds the client of a consumer key, and remembers who it was not told of.
func (p *Provider) stranger(key string) (*client, *Refusal) {
	p.meeting.Lock()
	defer p.meeting.Unlock()
	if c := p.met[key]; c != nil {
		return c, nil
	}
	if p.config.Strangers == nil || p.config.Strangers.Consumer == nil || key == "" {
		return nil, denied("consumer_key_unknown", "oauth_consumer_key %q is not known here", brief(key))
	}
	consumer, err := p.config.Strangers.Consumer(key)
	if err != nil {
		return nil, denied("consumer_key_rejected", "%s", err)
	}
	consumer.Key = key
	made, err := newClients([]Consumer{consumer}, p.pair)
	if err != nil {
		return nil, denied("consumer_key_rejected", "%s", strings.TrimPrefix(err.Error(), "provider: "))
	}
	p.met[key] = made[key]
	return made[key], nil
}

// adopt makes token credentials of a stranger's token, if they may have one.
func (p *Provider) adopt(q *request) (access, bool) {
	if p.config.Strangers == nil || p.config.Strangers.Token == nil {
		return access{}, false
	}
	secret := p.config.Strangers.Token(q.token)
	if secret == "" {
		return access{}, false
	}
	a := access{client: q.client.key, secret: secret, expires: q.now.Add(p.config.Lifetime), sessionExpires: q.now.Add(p.config.SessionLifetime)}
	return a, p.store.grant(q.token, a, q.now) == nil
}
