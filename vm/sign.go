package vm

import (
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// The sections of an OAuth 1.0 connection and of a basic one.
const (
	sectionRequestToken  = "requestToken"
	sectionAuthorize     = "authorize"
	sectionAccessToken   = "accessToken"
	sectionInfo          = "info"
	sectionCommunication = "communication"
	sectionCall          = "call"
)

// directiveKey is a key of the oauth directive (spec make.md §12.1).
type directiveKey int

// All of them; what else a computed directive holds is ignored.
const (
	keyConsumerKey directiveKey = iota
	keyConsumerSecret
	keyPrivateKey
	keyToken
	keyTokenSecret
	keyVerifier
	keySignatureMethod
	keyTransport
	keyBodyHash
	keyCallback
	keyRealm
	directiveKeys // how many there are
)

// directiveKeyOf returns the key of a name; false for a name that is none.
func directiveKeyOf(name string) (directiveKey, bool) {
	switch name {
	case "consumer_key":
		return keyConsumerKey, true
	case "consumer_secret":
		return keyConsumerSecret, true
	case "private_key":
		return keyPrivateKey, true
	case "token":
		return keyToken, true
	case "token_secret":
		return keyTokenSecret, true
	case "verifier":
		return keyVerifier, true
	case "signature_method":
		return keySignatureMethod, true
	case "transport_method":
		return keyTransport, true
	case "body_hash":
		return keyBodyHash, true
	case "callback":
		return keyCallback, true
	case "realm":
		return keyRealm, true
	}
	return 0, false
}

// credentials is the effective oauth of one request.
type credentials struct {
	keys           [directiveKeys]value.Value // undefined: absent
	version, extra value.Value
	hasVersion     bool
	callback       string // injected or written; "" when none is sent
	writesKey      bool   // a level writes consumer_key, whatever that comes to (spec make.md §26.11)
}

// mergeOAuth evaluates the levels of the oauth directive and merges them: the root, Base for a call, the request (spec
// make.md §12.2). The result belongs to the run and holds until the next call.
func (r *run) mergeOAuth(req *plan.Request) (*credentials, error) {
	conn := r.engine.plan.Connection
	levels := [...]*plan.OAuth{conn.OAuth, nil, req.OAuth}
	if r.module && conn.Base != nil {
		levels[1] = conn.Base.OAuth
	}
	c := &r.credentials
	*c = credentials{}
	for i, level := range levels {
		if level == nil {
			continue
		}
		rooted := r.module && i == 0 // what a call leaves out of the root
		given, off, err := r.evalOAuth(level, i == 0, func(name string, v value.Value) {
			k, known := directiveKeyOf(name)
			if !known || rooted && (k == keyCallback || k == keyVerifier) {
				return
			}
			c.writesKey = c.writesKey || k == keyConsumerKey
			c.keys[k] = v
		})
		if err != nil {
			return nil, err
		}
		if off { // signing is switched off, for this level and those below
			c.keys, c.writesKey = [directiveKeys]value.Value{}, false
		}
		if !given {
			continue
		}
		c.writesKey = c.writesKey || level.WritesConsumerKey
		if err := r.evalProtocol(c, level); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// evalOAuth evaluates one level and passes its entries to each; a call evaluates the root with the connection's own
// parameters.
func (r *run) evalOAuth(level *plan.OAuth, root bool, each func(name string, v value.Value)) (given, off bool, err error) {
	if r.module && root {
		saved := r.frame.Get(r.engine.slots[rootParameters])
		r.bind(rootParameters, value.Collection(r.conn.Data))
		defer r.bind(rootParameters, saved)
	}
	if level.Off {
		return false, true, nil
	}
	v, err := r.frame.EvalEntries(level.Value, each)
	switch {
	case err != nil || v.IsUndefined():
		return false, false, err
	case v.Kind() == value.KindNull || v.Kind() == value.KindBool && !v.IsTrue():
		return false, true, nil
	case v.Object() == nil:
		return false, false, &Error{Type: InvalidConfigurationError,
			Message: r.engine.plan.Function(level.Value).Pointer + ": expected an object, got " + v.Kind().String()}
	}
	return true, false, nil
}

func (r *run) evalProtocol(c *credentials, level *plan.OAuth) (err error) {
	if level.Version != 0 {
		c.hasVersion = true
		if c.version, err = r.eval(level.Version); err != nil {
			return err
		}
	}
	if level.Extra != 0 {
		c.extra, err = r.eval(level.Extra)
	}
	return err
}

// prune removes what is neither sent nor signed: null, and "" but for the two secrets (spec make.md §12.2). nil means
// unsigned.
func (r *run) prune(c *credentials) (*credentials, error) {
	callback := c.keys[keyCallback]
	hasCallback, sent := !callback.IsUndefined(), 0
	for i := range c.keys {
		k, v := directiveKey(i), &c.keys[i]
		empty := v.Kind() == value.KindText && v.Str() == "" && k != keyConsumerSecret && k != keyTokenSecret
		if v.IsNil() || empty || k == keyCallback {
			*v = value.Undefined
			continue
		}
		sent++
	}
	switch {
	case hasCallback && r.section == sectionRequestToken && !r.module:
		if value.IsTruthy(callback) {
			c.callback = value.ToText(callback)
		} else {
			c.callback = noCallback
		}
	case r.section == sectionRequestToken && !r.module:
		c.callback = injectCallback
	}
	sendsCallback := hasCallback && c.callback != noCallback && c.callback != ""
	if value.ToText(c.keys[keyConsumerKey]) == "" && (sent > 0 || sendsCallback || c.writesKey) {
		return nil, missingConsumerKey()
	}
	if sent == 0 {
		return nil, nil
	}
	return c, nil
}

func missingConsumerKey() *Error {
	return &Error{Type: InvalidConfigurationError, Message: "oauth: consumer_key is required"}
}

// What the callback of a request is before it is known whether the request carries one itself. No URL has these values.
const (
	noCallback     = "\x00none"
	injectCallback = "\x00inject"
)

// effectiveOAuth returns the parameters that sign a request, nil when it is unsigned.
func (r *run) effectiveOAuth(out *wire.Request, p *parts) (*oauth1.Params, error) {
	c, err := r.prune(p.oauth)
	r.carriedText, r.carried = "", false
	if r.section == sectionRequestToken {
		r.carriedText, r.carried = carriedCallback(out, p)
	}
	if err != nil || c == nil {
		return nil, err
	}
	switch {
	case c.callback == noCallback:
		c.callback = ""
	case c.callback == injectCallback && r.carried:
		c.callback = ""
	case c.callback == injectCallback:
		c.callback = r.redirects.URI
	}
	return r.params(c, isForm(out))
}

// isForm reports whether the request goes out as a form, by the author's Content-Type or else the automatic one.
func isForm(out *wire.Request) bool {
	if contentType := out.Header.Get("Content-Type"); contentType != "" {
		return media.IsForm(contentType)
	}
	return media.IsForm(out.Body.ContentType)
}

// carriedCallback returns the oauth_callback that the request has of its own: in the query, the form pairs, or at the
// top of the body (spec make.md §13.4).
func carriedCallback(out *wire.Request, p *parts) (text string, ok bool) {
	if text, ok := uri.Lookup(uri.SplitPairs(out.URL.Query), "oauth_callback"); ok || p.bodyless() {
		return text, ok
	}
	top := p.body.Object()
	if top == nil && p.json != nil {
		if v, err := value.ParseJSON(string(p.json), nil); err == nil {
			top = v.Object()
		}
	}
	if v, ok := top.Get("oauth_callback"); ok {
		return value.ToText(v), true
	}
	if top == nil && out.Body.Pairs && isForm(out) {
		for _, pair := range uri.SplitPairs(string(out.Body.Content)) {
			if pair.Name == "oauth_callback" {
				return pair.Value, true
			}
		}
	}
	return "", false
}

// params turns the keys of the directive into the parameters of the signing runtime (spec make.md §12.3 to §12.6). The
// result belongs to the run and holds until the next call.
func (r *run) params(c *credentials, form bool) (*oauth1.Params, error) {
	text := func(key directiveKey) string { return value.ToText(c.keys[key]) }
	p := &r.signed
	*p = oauth1.Params{
		ConsumerKey: text(keyConsumerKey), ConsumerSecret: text(keyConsumerSecret), PrivateKey: text(keyPrivateKey),
		Token: text(keyToken), TokenSecret: text(keyTokenSecret), Verifier: text(keyVerifier), Callback: c.callback,
		SignatureMethod: text(keySignatureMethod), Realm: text(keyRealm),
	}
	p.HasRealm = !c.keys[keyRealm].IsUndefined()
	r.addSecret(p.ConsumerSecret)
	r.addSecret(p.PrivateKey)
	r.addSecret(p.TokenSecret)
	if p.SignatureMethod == "" {
		p.SignatureMethod = oauth1.HMACSHA1
	}
	var err error
	if p.Transport, err = oauth1.ParseTransport(text(keyTransport)); err != nil {
		return nil, &Error{Type: InvalidConfigurationError, Message: "oauth: transport_method invalid", Err: err}
	}
	if err := setBodyHash(p, c.keys[keyBodyHash], form); err != nil {
		return nil, err
	}
	if err := r.checkKeyKind(p); err != nil {
		return nil, err
	}
	if c.hasVersion {
		p.Version, p.OmitVersion = value.ToText(c.version), c.version.IsNil()
	}
	if extra := c.extra.Object(); extra != nil {
		for i := range extra.Len() {
			if k, v := extra.At(i); !v.IsNil() {
				p.Extra = append(p.Extra, uri.Pair{Name: k, Value: value.ToText(v)})
			}
		}
	}
	if p.HasRealm && p.Transport != oauth1.Header {
		r.warn(codeRealmLeftOut, "realm is sent in the header only")
	}
	return p, nil
}

// setBodyHash reads body_hash (spec make.md §12.6). With a form nothing is computed, so that any method will do.
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
		return &Error{Type: InvalidConfigurationError, Message: "oauth: " + p.SignatureMethod + " signature_method not supported with body_hash signing."}
	}
	p.BodyHash = oauth1.BodyHashAuto
	return nil
}

// checkKeyKind refuses a private key without a shared secret for the methods that need one (spec make.md §12.4).
func (r *run) checkKeyKind(p *oauth1.Params) error {
	if p.PrivateKey != "" && p.ConsumerSecret == "" && !strings.HasPrefix(p.SignatureMethod, "RSA-") {
		if _, err := r.engine.host.Methods.Lookup(p.SignatureMethod); err != nil {
			return err
		}
		return &Error{Type: InvalidConfigurationError,
			Message: "oauth: private_key is for RSA methods; " + p.SignatureMethod + " needs consumer_secret"}
	}
	return nil
}

// signing signs the hops of one request. It implements wire.Signer.
type signing struct {
	run    *run
	params *oauth1.Params
	signer *oauth1.Signer
}

// newSigning prepares the signature of a request and refuses PLAINTEXT where its secrets could be read (RFC 5849
// §3.4.4).
func (r *run) newSigning(p *oauth1.Params, out *wire.Request) (*signing, error) {
	if p.SignatureMethod == oauth1.Plaintext && out.URL.Scheme == "http" && !r.engine.host.Egress.AllowHTTP {
		return nil, &Error{Type: InvalidConfigurationError, Message: "oauth: PLAINTEXT over http shows the secrets to everyone on the way",
			Help: "use https, another signature method, or allow plain http"}
	}
	signer, err := r.engine.signers.signer(p, r.engine.host.Methods, !r.passing || p.Token == "")
	if err != nil {
		return nil, err
	}
	r.signing = signing{run: r, params: p, signer: signer}
	return &r.signing, nil
}

// Sign implements wire.Signer. The first hop is signed at the instant of now, later ones at that of the clock (spec
// make.md §26.13).
func (s *signing) Sign(out *wire.Outgoing) error {
	host := &s.run.engine.host
	at := s.run.now
	if out.Hop > 0 {
		at = host.Clock()
	}
	nonce, err := host.Nonce()
	if err != nil {
		return err
	}
	signer, transport := s.signer, s.params.Transport
	if out.BodyDropped && transport == oauth1.Body {
		signer, transport = signer.As(oauth1.Header), oauth1.Header
	}
	req := &oauth1.Request{Method: out.Method, URL: out.URL.String(), Host: out.HostOverride(), ContentType: out.Header.Get("Content-Type"), Body: out.Body.Content}
	if out.Body.Present && !out.SignsPairs() {
		req.SignBody = oauth1.SignBodyNever
	}
	if transport == oauth1.Body {
		if req.ContentType == "" && !out.Body.Present {
			req.ContentType = out.Body.ContentType // of a form that has no pairs yet
		}
		if err := req.CarriesForm(true); err != nil {
			return err
		}
	}
	return s.apply(out, signer, transport, req, nonce, at)
}

func (s *signing) apply(out *wire.Outgoing, signer *oauth1.Signer, transport oauth1.Transport, req *oauth1.Request, nonce string, at time.Time) error {
	if transport == oauth1.Header && !s.run.tracing() {
		text, err := signer.AppendAuthorization(s.run.authorization[:0], req, nonce, at.Unix())
		if err == nil {
			s.run.authorization = text
			out.Header.Set("Authorization", string(text))
		}
		return err
	}
	signed, err := s.derive(out, signer, req, nonce, at)
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

// derive signs, with the derivation for a tracer.
func (s *signing) derive(out *wire.Outgoing, signer *oauth1.Signer, req *oauth1.Request, nonce string, at time.Time) (oauth1.Signed, error) {
	if !s.run.tracing() {
		return signer.Sign(req, nonce, at.Unix())
	}
	signed, trace, err := signer.SignTrace(req, nonce, at.Unix())
	if err == nil {
		s.run.trace(Event{Kind: EventSigned, Hop: out.Hop, Signature: s.run.maskedTrace(trace)})
	}
	return signed, err
}

// Strips implements wire.Signer.
func (s *signing) Strips(name string, leaves bool) bool {
	return (leaves || s.params.Transport == oauth1.Query) && slices.Contains(s.signer.Names(), name)
}
