package run

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// sign prepares the signature of the request, if it has one, and settles which oauth_callback it brings.
func (x *exchange) sign(p *parts) error {
	c := &p.oauth
	written, signed := c.prune()
	policy := x.req.Callback
	asks := policy != plan.CallbackNotAsked
	own := asks && value.IsTruthy(written)
	if c.missesKey(signed || own) {
		return missingKey()
	}
	carried, carries := "", false
	if asks {
		carried, carries = x.carried(p)
	}
	callback := ""
	switch {
	case own:
		callback = value.ToText(written)
	case !written.IsUndefined() || policy == plan.CallbackNotAsked || policy == plan.CallbackNone:
	case policy == plan.CallbackInject || !carries:
		callback = x.run.terms.redirects.Default
	}
	if !signed {
		callback = ""
	}
	x.callback, x.asked = cmp.Or(callback, carried), callback != "" || carries
	if !signed {
		x.tokenLeftOut()
		return nil
	}
	var params oauth1.Params
	if err := x.run.params(&params, c, x.isForm()); err != nil {
		return err
	}
	x.hashes = params.BodyHash == oauth1.BodyHashAuto
	params.Callback, x.verifies = callback, params.Verifier != ""
	if x.signed = SignedWithToken; params.Token == "" {
		x.signed = SignedByConsumer
		x.tokenLeftOut()
	}
	x.signedOnly, x.bareForms = signedPairs(c.signedOnly), c.bareForms
	return x.prepareSigner(&params)
}

// signedPairs are parameters as pairs of a query; a list repeats its name.
func signedPairs(o *value.Object) string {
	var pairs []uri.Pair
	for i := range o.Len() {
		name, v := o.At(i)
		items := v.Items()
		if v.Kind() != value.KindArray {
			items = []value.Value{v}
		}
		for _, item := range items {
			pairs = append(pairs, uri.Pair{Name: name, Value: value.ToText(item)})
		}
	}
	return uri.JoinPairs(pairs)
}

func missingKey() *Error {
	return misconfigured(message.NoConsumerKey, nil)
}

// isForm reports whether the request goes out as a form, by the author's Content-Type or else the automatic one.
func (x *exchange) isForm() bool {
	return media.IsForm(cmp.Or(x.out.Header.Get("Content-Type"), x.out.Body.ContentType))
}

// carried returns the oauth_callback that the request has of its own: in the query, the form pairs, or at the top of
// the body.
func (x *exchange) carried(p *parts) (text string, ok bool) {
	const name = "oauth_callback"
	if text, ok := uri.Find(x.out.URL.Query, name); ok || p.bodyless() {
		return text, ok
	}
	if v, ok := p.body.Object().Get(name); ok {
		return value.ToText(v), true
	}
	if p.body.Kind() == value.KindText && x.out.Body.Pairs && x.isForm() {
		return uri.Find(p.body.Str(), name)
	}
	return "", false
}

// params turns credentials into p, the parameters of the signing runtime. form says that the request is a form, of which
// no body hash is taken.
func (r *run) params(p *oauth1.Params, c *credentials, form bool) (err error) {
	*p = oauth1.Params{
		ConsumerKey: c.text(keyConsumerKey), ConsumerSecret: c.text(keyConsumerSecret), PrivateKey: c.text(keyPrivateKey),
		Token: c.text(keyToken), TokenSecret: c.text(keyTokenSecret), Verifier: c.text(keyVerifier),
		SignatureMethod: cmp.Or(c.text(keySignatureMethod), oauth1.HMACSHA1),
		Realm:           c.text(keyRealm), HasRealm: !c.keys[keyRealm].IsUndefined(),
	}
	for _, secret := range [...]string{p.ConsumerSecret, p.PrivateKey, p.TokenSecret} {
		r.veil.addSecret(secret)
	}
	if p.Transport, err = oauth1.ParseTransport(c.text(keyTransport)); err != nil {
		return misconfigured(message.Transport, nil)
	}
	if err := setBodyHash(p, c.keys[keyBodyHash], form); err != nil {
		return err
	}
	if err := r.checkKeyKind(p); err != nil {
		return err
	}
	if !c.version.IsUndefined() {
		p.Version, p.OmitVersion = value.ToText(c.version), c.version.IsNil()
	}
	for i := range c.extra.Len() {
		if k, v := c.extra.At(i); !value.IsEmpty(v) {
			p.Extra = append(p.Extra, uri.Pair{Name: k, Value: value.ToText(v)})
		}
	}
	if p.HasRealm && p.Transport != oauth1.Header {
		r.warn(EventRealmLeftOut, "realm is sent in the header only")
	}
	return nil
}

// setBodyHash reads body_hash. With a form nothing is computed, so that any method will do.
func setBodyHash(p *oauth1.Params, v value.Value, form bool) error {
	text := value.ToText(v)
	switch {
	case v.IsNil() || text == "false" || text == "":
		return nil
	case text != "true":
		p.BodyHash, p.BodyHashValue = oauth1.BodyHashGiven, text
		return nil
	case p.SignatureMethod != oauth1.HMACSHA1 && p.SignatureMethod != oauth1.RSASHA1:
		if form {
			return nil
		}
		return misconfigured(message.BodyHashMethod, message.Args{"method": p.SignatureMethod})
	}
	p.BodyHash = oauth1.BodyHashAuto
	return nil
}

// checkKeyKind refuses a private key without a shared secret for the methods that need one.
func (r *run) checkKeyKind(p *oauth1.Params) error {
	if p.PrivateKey == "" || p.ConsumerSecret != "" || strings.HasPrefix(p.SignatureMethod, "RSA-") {
		return nil
	}
	if _, err := r.host.Methods.Lookup(p.SignatureMethod); err != nil {
		return err
	}
	return misconfigured(message.PrivateKeyMethod, message.Args{"method": p.SignatureMethod})
}

// prepareSigner prepares the signer of the request. It refuses PLAINTEXT where its secrets could be read (RFC 5849
// §3.4.4).
func (x *exchange) prepareSigner(p *oauth1.Params) (err error) {
	if p.SignatureMethod == oauth1.Plaintext && x.out.URL.Scheme == "http" && !x.run.host.AllowHTTP {
		e := misconfigured(message.PlaintextOpen, nil)
		e.Help = "use https, another signature method, or allow plain http"
		return e
	}
	x.transport = p.Transport
	if x.own == nil {
		x.own = new(oauth1.Signer)
	}
	x.signer, err = x.run.oauthSigner(p, x.own)
	return err
}

// oauthSigner prepares the signer of parameters. Calls sign with the same ones again and again, and so do the requests
// for temporary credentials, which have no token. Another one is made in room, unless that is nil.
func (r *run) oauthSigner(p *oauth1.Params, room *oauth1.Signer) (*oauth1.Signer, error) {
	return r.signers.signer(p, r.host.Methods, r.at.call || p.Token == "", room)
}

// signer signs the hops of an exchange. It implements wire.Signer.
type signer struct{ x *exchange }

// Sign implements wire.Signer. The first hop of the first attempt is signed at the instant at which the request was
// evaluated, unless something was waited for since; others are at that of the clock.
func (s signer) Sign(out *wire.Outgoing) error {
	x := s.x
	if err := x.signable(out); err != nil {
		return err
	}
	host := &x.run.host
	at := x.run.clock.now
	if out.Hop > 0 || x.attempt > 1 || x.late {
		at = host.Clock()
	}
	if x.run.at.call {
		at = at.Add(time.Duration(x.run.skew.Load()) * time.Second)
	}
	nonce, err := host.Nonce()
	if err != nil {
		return hostFailed("giving of a nonce", err)
	}
	signer, transport := x.signer, x.transport
	if out.BodyDropped && transport == oauth1.Body {
		signer, transport = signer.As(oauth1.Header), oauth1.Header
	}
	req := oauth1.Request{
		Method: out.Method, Parts: out.URL.Parts(), Host: out.HostOverride(), ContentType: out.Header.Get("Content-Type"), Body: out.Body.Content,
	}
	if x.signedOnly != "" {
		signed := out.URL // with the parameters that count in the signature only
		if signed.Query != "" {
			signed.Query += "&"
		}
		signed.Query += x.signedOnly
		req.Parts = signed.Parts()
	}
	if out.Body.Present && (!out.SignsPairs() || x.bareForms && strings.Contains(req.ContentType, ";")) {
		req.SignBody = oauth1.SignBodyNever
	}
	if transport == oauth1.Body {
		if req.ContentType == "" && !out.Body.Present {
			req.ContentType = out.Body.ContentType // of a form that has no pairs yet
		}
		switch err := req.CarriesForm(!x.free); {
		case err != nil && x.free: // the host asks for what it needs, and the author could not know of it
			signer, transport = signer.As(oauth1.Header), oauth1.Header
		case err != nil:
			return err
		}
	}
	if transport == oauth1.Header && !x.run.tracing() {
		if x.header, err = signer.AppendAuthorization(x.header[:0], &req, nonce, at.Unix()); err == nil {
			out.Header.Set("Authorization", string(x.header))
		}
		return err
	}
	signed, err := x.derive(out.Hop, signer, &req, nonce, at)
	if err != nil {
		return err
	}
	switch signed.Transport {
	case oauth1.Query:
		out.AppendQuery(uri.JoinPairs(signed.Pairs))
	case oauth1.Body:
		out.AppendForm(uri.JoinPairs(signed.Pairs))
	default:
		out.Header.Set("Authorization", signed.Authorization)
	}
	return nil
}

// mostSigned is the number of parameters that a request may have to be signed: they are sorted, and written several times.
const mostSigned = 20_000

// signedInStep is how many parameters are signed in the time of a step.
const signedInStep = 16

// signable takes the work of signing from the meter, and refuses a request of more parameters than anybody sends in good
// faith.
func (x *exchange) signable(out *wire.Outgoing) error {
	n := strings.Count(out.URL.Query, "&") + strings.Count(x.signedOnly, "&")
	if out.Body.Present && out.SignsPairs() {
		n += bytes.Count(out.Body.Content, []byte("&"))
	}
	if n >= mostSigned {
		return limitReached("signed parameters", mostSigned)
	}
	return x.run.frame.Charge(n / signedInStep)
}

// derive signs, with the derivation for a tracer.
func (x *exchange) derive(hop int, signer *oauth1.Signer, req *oauth1.Request, nonce string, at time.Time) (oauth1.Signed, error) {
	if !x.run.tracing() {
		return signer.Sign(req, nonce, at.Unix())
	}
	req.URL = req.Parts.String()
	signed, trace, err := signer.SignTrace(req, nonce, at.Unix())
	if err == nil {
		x.derived(hop, trace)
	}
	return signed, err
}

// Strips implements wire.Signer.
func (s signer) Strips(name string, leaves bool) bool {
	return (leaves || s.x.transport == oauth1.Query) && slices.Contains(s.x.signer.Names(), name)
}
