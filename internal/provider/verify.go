package provider

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokenUse says what oauth_token has to be for an endpoint.
type tokenUse int

const (
	noToken        tokenUse = iota // oauth_token is signed as it is, and its secret is empty (RFC 5849 §2.1)
	temporaryToken                 // temporary credentials
	accessToken                    // live token credentials
	optionalToken                  // live token credentials or none
	renewedToken                   // token credentials that may have expired
)

// request is a message under judgement. Fields are filled in as it passes the steps of verify.
type request struct {
	*message
	params    *parameters
	method    signatureMethod
	client    *client
	token     string
	secret    string // of the token, empty without one
	access    access // for the uses of token credentials
	now       time.Time
	nonceTill time.Time
}

// value is a protocol parameter; empty when it is absent, because RFC 5849 gives an empty one no meaning of its own.
func (q *request) value(name string) string { return q.params.protocol[name] }

// verify judges a request from what is cheap and public to what is secret: form, client, token, signature, body hash,
// nonce, state of the token (RFC 5849 §3.2). A nonce is used up only by a request that is authentic, so that nobody can
// spoil the nonces of others.
func (p *Provider) verify(m *message, use tokenUse) (*request, *Refusal) {
	q := &request{message: m, now: p.config.Clock()}
	var refusal *Refusal
	if q.params, refusal = m.collect(); refusal != nil {
		return q, refusal
	}
	for _, step := range []func(*request, tokenUse) *Refusal{
		p.checkForm, p.checkTimestamp, p.checkSignature, p.checkBodyHash, p.checkNonce, p.checkToken,
	} {
		if refusal := step(q, use); refusal != nil {
			return q, refusal
		}
	}
	return q, nil
}

// checkForm holds RFC 5849 §3.1: what must be there is there, and method and version are known.
func (p *Provider) checkForm(q *request, use tokenUse) *Refusal {
	if q.authority == "" {
		return rejected(nil, "the request has no Host header: the base string needs it")
	}
	required := []string{"oauth_consumer_key", "oauth_signature_method", "oauth_signature"}
	if q.value("oauth_signature_method") != "PLAINTEXT" { // RFC 5849 §3.1: both may be omitted there
		required = append(required, "oauth_timestamp", "oauth_nonce")
	}
	if use == temporaryToken || use == accessToken || use == renewedToken {
		required = append(required, "oauth_token")
	}
	missing := slices.DeleteFunc(required, func(name string) bool { return q.value(name) != "" })
	if len(missing) > 0 {
		return absent(p.adviseAbsent(q, missing), missing...)
	}
	if version, given := q.params.protocol["oauth_version"]; given && version != "1.0" {
		return &Refusal{Problem: "version_rejected", Status: http.StatusBadRequest,
			Advice: fmt.Sprintf("oauth_version is %q: it must be exactly 1.0, or be left out", brief(version)),
			Fields: []Parameter{{"oauth_acceptable_versions", "1.0-1.0"}}}
	}
	var known bool
	if q.method, known = methodNamed(q.value("oauth_signature_method")); !known {
		return &Refusal{Problem: "signature_method_rejected", Status: http.StatusBadRequest,
			Advice: fmt.Sprintf("oauth_signature_method is %q: expected one of %s, in exactly this spelling",
				brief(q.value("oauth_signature_method")), strings.Join(SignatureMethods(), ", "))}
	}
	if p.config.RequireTLS && q.scheme != "https" && (q.method.family == plaintext || use == noToken || use == temporaryToken || use == renewedToken) {
		return &Refusal{Problem: "parameter_rejected", Status: http.StatusBadRequest,
			Advice: "this request carries or asks for credentials and came over plain http: use https"}
	}
	return nil
}

func (p *Provider) adviseAbsent(q *request, missing []string) string {
	advice := "the request lacks " + strings.Join(missing, ", ")
	if q.params.transport != TransportNone {
		return advice
	}
	switch authorization := q.header.Get("Authorization"); {
	case authorization != "":
		return advice + `: its Authorization header is not of the scheme "OAuth", and neither query nor form body holds oauth_ parameters`
	case strings.Contains(string(q.body[:min(len(q.body), 4096)]), "oauth_signature") && !q.isForm():
		return advice + ": its body looks like a signed form but the Content-Type is not " + formType
	}
	return advice + ": it is not signed at all; send an Authorization header, form parameters or query parameters"
}

// checkTimestamp holds RFC 5849 §3.3: a positive number of seconds, close to the provider's clock.
func (p *Provider) checkTimestamp(q *request, _ tokenUse) *Refusal {
	text, now := q.value("oauth_timestamp"), q.now.Unix()
	q.nonceTill = q.now.Add(p.config.Skew + time.Second)
	if text == "" {
		return nil
	}
	if strings.Trim(text, "0123456789") != "" {
		return rejected([]string{"oauth_timestamp"}, "oauth_timestamp is %q: expected a positive number of seconds since 1970", brief(text))
	}
	skew := int64(p.config.Skew / time.Second)
	stamp, err := strconv.ParseInt(text, 10, 64)
	if err == nil && stamp > 0 && stamp >= now-skew && stamp <= now+skew {
		q.nonceTill = time.Unix(stamp, 0).Add(p.config.Skew + time.Second)
		return nil
	}
	advice := fmt.Sprintf("oauth_timestamp is out of range and the clock here is at %d", now)
	switch {
	case err != nil:
	case stamp < now:
		advice = fmt.Sprintf("oauth_timestamp %d is %d seconds behind the clock here, at most %d are allowed", stamp, now-stamp, skew)
	default:
		advice = fmt.Sprintf("oauth_timestamp %d is %d seconds ahead of the clock here, at most %d are allowed", stamp, stamp-now, skew)
	}
	if err == nil && stamp/1000 >= now-skew && stamp/1000 <= now+skew {
		advice += "; it looks like milliseconds, expected seconds"
	}
	return &Refusal{Problem: "timestamp_refused", Status: http.StatusBadRequest, Advice: advice,
		Fields: []Parameter{{"oauth_acceptable_timestamps", fmt.Sprintf("%d-%d", now-skew, now+skew)}}}
}

// checkSignature finds the credentials and verifies. The answer tells which of them is unknown, as the Problem
// Reporting extension wants it, so nothing is gained by hiding that in the time it takes; only secrets are compared in
// constant time.
func (p *Provider) checkSignature(q *request, use tokenUse) *Refusal {
	var refusal *Refusal
	if q.client = p.clients[q.value("oauth_consumer_key")]; q.client == nil {
		if q.client, refusal = p.stranger(q.value("oauth_consumer_key")); refusal != nil {
			return refusal
		}
	}
	if refusal := q.client.allows(q.method); refusal != nil {
		return refusal
	}
	if refusal := p.findToken(q, use); refusal != nil {
		return refusal
	}
	var public *rsa.PublicKey
	if q.method.family == keyPair {
		key, err := q.client.public()
		if err != nil {
			return &Refusal{Problem: "consumer_key_refused", Status: http.StatusInternalServerError, Advice: err.Error()}
		}
		public = key
	}
	base := baseString(q.message.method, baseStringURI(q.scheme, q.authority, q.path), q.params.signed())
	if !q.method.verify(base, sharedSecret(q.client.secret, q.secret), public, q.value("oauth_signature")) {
		return q.wrongSignature(public)
	}
	return nil
}

// allows reports whether the client has the key that a method needs. An empty secret is no key: anybody could sign.
func (c *client) allows(m signatureMethod) *Refusal {
	if m.family == keyPair && c.public == nil {
		return &Refusal{Problem: "signature_method_rejected", Status: http.StatusBadRequest,
			Advice: fmt.Sprintf("consumer %q has no RSA key here: use an HMAC method", c.key)}
	}
	if m.family != keyPair && c.secret == "" {
		return &Refusal{Problem: "signature_method_rejected", Status: http.StatusBadRequest,
			Advice: fmt.Sprintf("consumer %q has no shared secret here: use an RSA method", c.key)}
	}
	return nil
}

// findToken looks up the secret that belongs to oauth_token. Credentials of another client count as unknown.
func (p *Provider) findToken(q *request, use tokenUse) *Refusal {
	q.token = q.value("oauth_token")
	if use == noToken || q.token == "" {
		return nil
	}
	owner, found := "", false
	if use == temporaryToken {
		var t temporary
		if t, found = p.store.findTemporary(q.token, q.now); found {
			owner, q.secret = t.client, t.secret
		}
	} else if q.access, found = p.store.findAccess(q.token); found {
		owner, q.secret = q.access.client, q.access.secret
	}
	if found && owner == q.client.key {
		return nil
	}
	q.secret = ""
	if !found && use != temporaryToken {
		if q.access, found = p.adopt(q); found {
			q.secret = q.access.secret
			return nil
		}
	}
	return p.adviseToken(q, use, found)
}

// adviseToken tells the usual mix-ups of tokens apart.
func (p *Provider) adviseToken(q *request, use tokenUse, found bool) *Refusal {
	if found {
		return denied("token_rejected", "oauth_token belongs to another consumer than oauth_consumer_key")
	}
	if use == temporaryToken {
		if _, isAccess := p.store.findAccess(q.token); isAccess {
			return denied("token_rejected", "oauth_token is an access token: expected the token from /request_token")
		}
		return denied("token_rejected", "oauth_token is not known or has expired: expected the token from /request_token, decoded once")
	}
	if _, isTemporary := p.store.findTemporary(q.token, q.now); isTemporary {
		return denied("token_rejected", "oauth_token is a request token: exchange it at /access_token first")
	}
	return denied("token_rejected", "oauth_token is not known: expected the token from /access_token, decoded once")
}

// checkBodyHash holds draft-eaton-oauth-bodyhash-00 §4.1.1: no hash beside a form body, and the right one elsewhere.
func (p *Provider) checkBodyHash(q *request, _ tokenUse) *Refusal {
	given, sent := q.params.protocol["oauth_body_hash"]
	if !sent {
		return nil
	}
	if q.isForm() {
		return denied("body_hash_invalid", "oauth_body_hash must not accompany a form body: the parameters themselves are signed")
	}
	hashes := q.method.bodyHashes(q.body)
	for _, want := range hashes {
		if equal(want, given) {
			return nil
		}
	}
	return denied("body_hash_invalid", "oauth_body_hash is wrong: expected %s for the %d bytes of body that arrived",
		strings.Join(hashes, " or "), len(q.body))
}

func (p *Provider) checkNonce(q *request, _ tokenUse) *Refusal {
	nonce := q.value("oauth_nonce")
	if nonce == "" {
		return nil
	}
	return p.store.useNonce(q.client.key, q.value("oauth_timestamp"), nonce, q.token, q.nonceTill, q.now)
}

// checkToken judges the state of token credentials, now that their owner has proved to hold them.
func (p *Provider) checkToken(q *request, use tokenUse) *Refusal {
	if use == noToken || use == temporaryToken || q.token == "" {
		return nil
	}
	switch {
	case q.access.revoked:
		return denied("token_revoked", "oauth_token was revoked or renewed: use the newest token of the session, or ask the resource owner again")
	case use != renewedToken && q.now.After(q.access.expires):
		return denied("token_expired", "oauth_token expired at %s: renew it with its session handle", q.access.expires.UTC().Format(time.RFC3339))
	}
	return nil
}
