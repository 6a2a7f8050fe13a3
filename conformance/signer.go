package conformance

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// runtimeSigner judges runtime/oauth1.
type runtimeSigner struct{}

// Sign implements signer.
func (runtimeSigner) Sign(_ context.Context, v *signingVector) (signingOutcome, error) {
	var out signingOutcome
	var err error
	switch v.Kind {
	case "encode":
		out.Text = uri.Encode(v.Input)
	case "normalize":
		out.Text = oauth1.Normalize(uri.SplitPairs(v.Form))
	case "base_uri":
		out.Text, err = oauth1.BaseURI(v.URL, v.Host)
	case "body_hash":
		out.Text, err = oauth1.BodyHash(v.Hash, []byte(v.Body))
	case "sign":
		var key *oauth1.Key
		if key, err = vectorKey(v); err == nil {
			out.Text, err = key.Sign(v.BaseString)
		}
	case "request":
		return signRequestVector(v)
	default:
		err = fmt.Errorf("kind %q is not supported", v.Kind)
	}
	return out, err
}

func vectorParams(v *signingVector) oauth1.Params {
	p := oauth1.Params{ConsumerSecret: v.ConsumerSecret, TokenSecret: v.TokenSecret, SignatureMethod: v.SignatureMethod,
		Realm: v.Realm, HasRealm: v.HasRealm, OmitVersion: true, TokenMode: oauth1.TokenAbsent}
	if v.RSAKey != "" {
		if der, err := base64.StdEncoding.DecodeString(v.RSAKey); err == nil {
			p.PrivateKey = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		}
	}
	return p
}

func vectorKey(v *signingVector) (*oauth1.Key, error) {
	p := vectorParams(v)
	return oauth1.PrepareKey(&p, oauth1.Registry{})
}

func signRequestVector(v *signingVector) (signingOutcome, error) {
	var out signingOutcome
	key, err := vectorKey(v)
	if err != nil {
		return out, err
	}
	req := oauth1.Request{Method: v.Method, URL: v.URL, Host: v.Host}
	if v.HasBody {
		req.Body = []byte(v.Body)
	}
	for _, h := range v.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			req.ContentType = strings.Join(h.Values, ",")
		}
	}
	protocol := make([]uri.Pair, 0, v.OAuthParams.Len())
	for i := range v.OAuthParams.Len() {
		name, x := v.OAuthParams.At(i)
		protocol = append(protocol, uri.Pair{Name: name, Value: value.ToText(x)})
	}
	if out.BaseString, out.Signature, err = derive(&req, protocol, key); err != nil {
		return out, err
	}
	wire := req
	wire.URL = uri.Escaped(req.URL)
	if out.WireBaseString, out.WireSignature, err = derive(&wire, protocol, key); err != nil {
		return out, err
	}
	return out, transportVector(v, &req, key, &out)
}

// derive works out base string and signature. A Trace masks what looks like a password, so the base string is put
// together here, and the trace's signature must be that of this base string.
func derive(req *oauth1.Request, protocol []uri.Pair, key *oauth1.Key) (base, signature string, err error) {
	trace, err := oauth1.Derive(req, protocol, key)
	if err != nil {
		return "", "", err
	}
	var params []uri.Pair
	for _, p := range protocol {
		if p.Name != "oauth_signature" {
			params = append(params, p)
		}
	}
	if _, query, ok := strings.Cut(withoutFragment(req.URL), "?"); ok {
		params = append(params, uri.SplitPairs(query)...)
	}
	if media.IsForm(req.ContentType) {
		params = append(params, uri.SplitPairs(string(req.Body))...)
	}
	base = oauth1.BaseString(req.Method, trace.BaseURI, oauth1.Normalize(params))
	if signature, err = key.Sign(base); err == nil && key.Method() != oauth1.Plaintext && signature != trace.Signature {
		err = errors.New("the derivation has another signature than its base string")
	}
	return base, signature, err
}

// transportVector signs the request as a connection would, by its settings, with every transport that it can travel by.
// Only what the vector asks for must work.
func transportVector(v *signingVector, req *oauth1.Request, key *oauth1.Key, out *signingOutcome) error {
	p, nonce, timestamp, ok := vectorSettings(v)
	if !ok {
		return nil
	}
	sign := func(transport oauth1.Transport, needed bool) (oauth1.Signed, error) {
		p.Transport = transport
		signer, err := oauth1.NewSigner(p, oauth1.WithKey(key))
		if err != nil {
			return oauth1.Signed{}, fmt.Errorf("%s transport: %w", transport, err)
		}
		signed, err := signer.Sign(req, nonce, timestamp)
		if err != nil && needed {
			return signed, fmt.Errorf("%s transport: %w", transport, err)
		}
		return signed, nil
	}
	header, err := sign(oauth1.Header, true)
	if err != nil {
		return err
	}
	query, err := sign(oauth1.Query, v.SignedURL != "")
	if err != nil {
		return err
	}
	body, err := sign(oauth1.Body, v.SignedBody != "")
	if err != nil {
		return err
	}
	out.Authorization, out.SignedURL, out.SignedBody = header.Authorization, query.In(req).URL, string(body.In(req).Body)
	return nil
}

// vectorSettings turns the list of protocol parameters back into the settings that send exactly these. ok is false
// when no settings can, for instance without a consumer key.
func vectorSettings(v *signingVector) (p oauth1.Params, nonce string, timestamp int64, ok bool) {
	p = vectorParams(v)
	ok = v.OAuthParams.Index("oauth_consumer_key") >= 0
	p.OmitNonce = v.OAuthParams.Index("oauth_nonce") < 0 && v.OAuthParams.Index("oauth_timestamp") < 0
	for i := range v.OAuthParams.Len() {
		name, x := v.OAuthParams.At(i)
		text := value.ToText(x)
		switch name {
		case "oauth_consumer_key":
			p.ConsumerKey = text
		case "oauth_token":
			p.Token, p.TokenMode = text, oauth1.TokenValue
		case "oauth_verifier":
			p.Verifier = text
		case "oauth_callback":
			p.Callback = text
		case "oauth_version":
			p.Version, p.OmitVersion = text, false
		case "oauth_body_hash":
			p.BodyHash, p.BodyHashValue = oauth1.BodyHashGiven, text
		case "oauth_nonce":
			nonce = text
		case "oauth_timestamp":
			n, err := strconv.ParseInt(text, 10, 64)
			timestamp, ok = n, ok && err == nil && strconv.FormatInt(n, 10) == text
		case "oauth_signature_method":
			ok = ok && text == v.SignatureMethod
		default:
			p.Extra = append(p.Extra, uri.Pair{Name: name, Value: text})
		}
	}
	if p.OmitNonce && v.SignatureMethod != oauth1.Plaintext {
		ok = false
	}
	return p, nonce, timestamp, ok
}
