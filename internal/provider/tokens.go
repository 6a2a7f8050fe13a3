package provider

import (
	"strconv"
	"strings"
	"time"
)

// requestToken is RFC 5849 §2.1.
func (x *exchange) requestToken() {
	q, ok := x.judge(noToken)
	if !ok {
		return
	}
	callback, sent := q.params.protocol["oauth_callback"]
	text := "temporary credentials issued"
	switch {
	case !sent && x.standsIn:
		text = "temporary credentials issued without oauth_callback, as before revision A"
	case !sent || callback == "":
		x.refuse(absent("the request lacks oauth_callback: give an absolute URI, or oob when there is none", "oauth_callback"))
		return
	default:
		if why := badCallback(callback); why != "" {
			x.refuse(rejected([]string{"oauth_callback"}, "oauth_callback %s", why))
			return
		}
	}
	texts, err := x.provider.texts(18, 18)
	if err != nil {
		x.failed(err)
		return
	}
	t := temporary{client: q.client.key, secret: texts[1], callback: callback, expires: q.now.Add(x.provider.config.TemporaryLifetime)}
	if refusal := x.provider.store.addTemporary(texts[0], t, q.now); refusal != nil {
		x.refuse(refusal)
		return
	}
	answer := []Parameter{{"oauth_token", texts[0]}, {"oauth_token_secret", texts[1]}}
	if sent && !x.provider.config.CallbackUnconfirmed {
		answer = append(answer, Parameter{"oauth_callback_confirmed", "true"})
	}
	x.answerToken(answer, text)
}

// badCallback says what is wrong with a callback: RFC 5849 §2.1 wants an absolute URI or exactly "oob". Any scheme may
// be an application's own, but not one that runs code in a browser; control bytes must not get into a Location header.
func badCallback(callback string) string {
	if callback == "oob" {
		return ""
	}
	for i := range len(callback) {
		if c := callback[i]; c <= ' ' || c == 0x7f {
			return "holds a blank or a control character: expected an absolute URI or oob"
		}
	}
	scheme, rest, found := strings.Cut(callback, ":")
	if !found || rest == "" || scheme == "" || !letter(scheme[0]) || strings.ContainsFunc(scheme, notSchemeByte) {
		return "is not an absolute URI: it begins with no scheme; without a callback send oob, in lower case"
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "javascript", "data", "vbscript", "file", "blob", "about":
		return "has the scheme " + scheme + ", which is no place to send a person to"
	case "http", "https":
		if host, isHierarchical := strings.CutPrefix(rest, "//"); !isHierarchical || host == "" || strings.ContainsRune("/?#", rune(host[0])) {
			return "has no host"
		}
	}
	return ""
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func notSchemeByte(r rune) bool {
	return !(r < 0x80 && (letter(byte(r)) || r >= '0' && r <= '9' || r == '+' || r == '-' || r == '.'))
}

// accessToken is RFC 5849 §2.3. Providers serve two more things at the same address, told apart by their parameters:
// the renewal of the Session extension, with a session handle and no verifier, and xAuth, with no token.
func (x *exchange) accessToken() {
	if params, refusal := x.collect(); refusal == nil {
		given := params.protocol
		if given["oauth_session_handle"] != "" && given["oauth_verifier"] == "" {
			x.renew()
			return
		}
		if _, isXAuth := find(params.own(), "x_auth_mode"); isXAuth && given["oauth_token"] == "" {
			x.xAuth()
			return
		}
	}
	q, ok := x.judge(temporaryToken)
	if !ok {
		return
	}
	verifier := q.value("oauth_verifier")
	if t, found := x.provider.store.findTemporary(q.token, q.now); verifier == "" && found && t.callback == "" {
		verifier = t.verifier // as before revision A
	}
	if verifier == "" {
		x.refuse(absent("the request lacks oauth_verifier: take it from the callback, or from what the resource owner was shown", "oauth_verifier"))
		return
	}
	token, a, err := x.provider.newAccess(q.client.key, q.now)
	if err != nil {
		x.failed(err)
		return
	}
	if refusal := x.provider.store.exchange(q.token, verifier, token, a, q.now); refusal != nil {
		x.refuse(refusal)
		return
	}
	x.answerAccess(token, a, q.now, "token credentials issued for an approved request", Parameter{"oauth_authorized_realms", x.provider.config.Realm})
}

// renew is the Session extension: a fresh token for the same authorisation.
func (x *exchange) renew() {
	q, ok := x.judge(renewedToken)
	if !ok {
		return
	}
	handle := q.value("oauth_session_handle")
	if handle == "" {
		x.refuse(absent("the request lacks oauth_session_handle: it came with the token", "oauth_session_handle"))
		return
	}
	token, fresh, err := x.provider.newAccess(q.client.key, q.now)
	if err != nil {
		x.failed(err)
		return
	}
	if refusal := x.provider.store.renew(q.token, handle, token, fresh, q.now); refusal != nil {
		x.refuse(refusal)
		return
	}
	fresh.handle, fresh.sessionExpires = q.access.handle, q.access.sessionExpires
	x.answerAccess(token, fresh, q.now, "token credentials renewed, the old token is revoked")
}

// xAuth hands out a token for a user name and a password.
func (x *exchange) xAuth() {
	q, ok := x.judge(noToken)
	if !ok {
		return
	}
	own := q.params.own()
	mode, _ := find(own, "x_auth_mode")
	user, _ := find(own, "x_auth_username")
	password, _ := find(own, "x_auth_password")
	want, known := x.provider.config.Accounts[user]
	right := equal(want, password)
	if p := x.provider.config.Strangers; p != nil && user != "" && password != "" {
		known, right = true, true
	}
	if mode != "client_auth" || !known || !right {
		x.refuse(denied("permission_denied", "x_auth_mode is not client_auth, or x_auth_username and x_auth_password are not those of an account: send all three as form parameters"))
		return
	}
	token, a, err := x.provider.newAccess(q.client.key, q.now)
	if err != nil {
		x.failed(err)
		return
	}
	if refusal := x.provider.store.grant(token, a, q.now); refusal != nil {
		x.refuse(refusal)
		return
	}
	x.answerAccess(token, a, q.now, "token credentials issued for a user name and password", Parameter{"user_id", "7"}, Parameter{"screen_name", user})
}

// answerAccess answers token credentials with the fields of the Session extension, and more.
func (x *exchange) answerAccess(token string, a access, now time.Time, text string, more ...Parameter) {
	answer := append([]Parameter{{"oauth_token", token}, {"oauth_token_secret", a.secret}}, more...)
	x.answerToken(append(answer, Parameter{"oauth_session_handle", a.handle},
		Parameter{"oauth_expires_in", seconds(a.expires.Sub(now))},
		Parameter{"oauth_authorization_expires_in", seconds(a.sessionExpires.Sub(now))}), text)
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
