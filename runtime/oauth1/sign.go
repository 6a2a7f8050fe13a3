package oauth1

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Signer signs requests with one set of [Params]. It is safe for concurrent use: but for [Signer.Reset] and
// [Signer.Forget] it is immutable, and scratch space is pooled. It prints without secrets.
type Signer struct {
	params Params
	key    *Key
	// hash is the algorithm of the automatic body hash, "" when off.
	hash string
	// fields are in the order in which they are sent: by name, the signature excepted.
	fields []field
	layout layout
}

// Option changes how [NewSigner] prepares a signer.
type Option func(signerOptions) signerOptions

type signerOptions struct {
	methods Registry
	key     *Key
}

// WithMethods makes the signer choose its method from reg instead of the built-in ones.
func WithMethods(reg Registry) Option {
	return func(o signerOptions) signerOptions {
		o.methods = reg
		return o
	}
}

// WithKey makes the signer use a key that was prepared before, so that signers of one connection that differ in other
// settings share it. The method of the key must be the method of the params.
func WithKey(k *Key) Option {
	return func(o signerOptions) signerOptions {
		o.key = k
		return o
	}
}

// NewSigner prepares a signer: it parses the key, checks the parameters and finds everything that does not change from
// request to request. Errors are a *[KeyError], *[MethodError], *[ParamError] or *[BodyHashError].
func NewSigner(p Params, options ...Option) (*Signer, error) {
	m := new(prepared)
	m.Signer.fields, m.Signer.layout = m.fields[:0], layout{gaps: m.gaps[:0], base: m.base[:0]}
	if err := m.Reset(p, options...); err != nil {
		return nil, err
	}
	return &m.Signer, nil
}

// Reset makes s the signer that [NewSigner] returns, in the memory that it has: what signs with other credentials each
// time need not make a signer for each. Nobody else may use s, or what came of it by [Signer.As], at that time. After
// an error, which is one of those of NewSigner, s must not sign.
func (s *Signer) Reset(p Params, options ...Option) error {
	var o signerOptions
	for _, option := range options {
		o = option(o)
	}
	s.Forget()
	p.Extra = slices.Clone(p.Extra)
	p.HasRealm = p.HasRealm || p.Realm != ""
	s.params, s.key = p, o.key
	var err error
	if s.key == nil {
		if s.key, err = PrepareKey(&p, o.methods); err != nil {
			return err
		}
	} else if want := cmp.Or(p.SignatureMethod, HMACSHA1); want != s.key.Method() {
		return &ParamError{"oauth_signature_method", fmt.Sprintf("is %q, but the key is prepared for %q", want, s.key.Method())}
	}
	if s.hash, err = bodyHashAlgorithm(&p, s.key.method); err != nil {
		return err
	}
	if s.fields, err = p.fields(slices.Grow(s.fields, usualFields), s.key.Method()); err != nil {
		return err
	}
	slices.SortStableFunc(s.fields, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	s.layout.lay(s.fields, p.Realm, p.HasRealm)
	return nil
}

// Forget takes the settings and the key from s, which must not sign until [Signer.Reset] gives it others.
func (s *Signer) Forget() {
	l := &s.layout
	clear(s.fields)
	clear(l.text)
	if cap(l.text) > maxKept {
		l.text = nil
	}
	*s = Signer{fields: s.fields[:0], layout: layout{text: l.text[:0], gaps: l.gaps[:0], base: l.base[:0]}}
}

// prepared is a signer with all that it is made of in one piece of memory: many sign once.
type prepared struct {
	Signer
	fields [usualFields]field
	gaps   [bodyHashRole]place
	base   [usualFields]place
}

// usualFields is the number of protocol parameters that a signer rarely exceeds.
const usualFields = 9

func bodyHashAlgorithm(p *Params, m Method) (string, error) {
	if p.BodyHash != BodyHashAuto {
		return "", nil
	}
	algorithm := cmp.Or(p.BodyHashAlgorithm, m.BodyHash())
	if m.BodyHash() == "" && p.BodyHashAlgorithm == "" || m.Name() == Plaintext {
		// Without a base string a hash protects nothing.
		return "", &BodyHashError{Method: m.Name()}
	}
	_, err := BodyHash(algorithm, nil)
	return algorithm, err
}

// Params returns a copy of the settings, secrets included.
func (s *Signer) Params() Params {
	p := s.params
	p.Extra = slices.Clone(p.Extra)
	return p
}

// As returns a signer like s for another transport. It shares all that was prepared.
func (s *Signer) As(t Transport) *Signer {
	other := *s
	other.params.Transport = t
	return &other
}

// Names returns the names of the parameters that a request gets, oauth_signature last; oauth_body_hash is among them
// also when it would be left out with a form.
func (s *Signer) Names() []string {
	names := make([]string, 0, len(s.fields)+1)
	for i := range s.fields {
		names = append(names, s.fields[i].name)
	}
	return append(names, "oauth_signature")
}

// Key returns the prepared key, to be shared through [WithKey].
func (s *Signer) Key() *Key { return s.key }

// Format prints the settings without secrets, whatever the verb.
func (s *Signer) Format(f fmt.State, _ rune) {
	if s == nil {
		fmt.Fprint(f, "<nil>")
		return
	}
	fmt.Fprintf(f, "oauth1.Signer(%v)", s.params)
}

// Protocol returns the protocol parameters that a request gets, in the order in which they are sent and without the
// signature. The error is that of the body hash.
func (s *Signer) Protocol(req *Request, nonce string, timestamp int64) ([]uri.Pair, error) {
	ps := make([]uri.Pair, 0, len(s.fields)+1)
	for _, f := range s.fields {
		value := f.value
		switch f.role {
		case nonceRole:
			value = nonce
		case timestampRole:
			value = strconv.FormatInt(timestamp, 10)
		case bodyHashRole:
			if s.omitsHash(req) {
				continue
			}
			var err error
			if value, err = BodyHash(s.hash, req.Body); err != nil {
				return nil, err
			}
		}
		ps = append(ps, uri.Pair{Name: f.name, Value: value})
	}
	return ps, nil
}

// omitsHash reports whether the automatic body hash is left out: with every form body, the one that the body transport
// makes included.
func (s *Signer) omitsHash(req *Request) bool {
	return media.IsForm(req.ContentType) || req.SignBody == SignBodyAlways || s.params.Transport == Body
}

// Sign signs a request with a nonce, any text, and a timestamp in Unix seconds. Both must be fresh for every attempt.
// Errors are a *[URLError], a *[TransportError], or that of the signature method.
func (s *Signer) Sign(req *Request, nonce string, timestamp int64) (Signed, error) {
	if s.params.Transport == Header {
		return s.signFast(req, nonce, timestamp)
	}
	signed, _, err := s.SignTrace(req, nonce, timestamp)
	return signed, err
}

// SignTrace signs like Sign and also returns the derivation.
func (s *Signer) SignTrace(req *Request, nonce string, timestamp int64) (Signed, *Trace, error) {
	if s.params.Transport == Body {
		if err := req.CarriesForm(false); err != nil {
			return Signed{}, nil, err
		}
	}
	protocol, err := s.Protocol(req, nonce, timestamp)
	if err != nil {
		return Signed{}, nil, err
	}
	signature, trace, err := derive(req, protocol, s.key)
	if err != nil {
		return Signed{}, nil, err
	}
	signed := Signed{Signature: signature, Transport: s.params.Transport, Nonce: nonce, Timestamp: timestamp}
	pairs := append(protocol, uri.Pair{Name: "oauth_signature", Value: signature})
	if signed.Transport == Header {
		signed.Authorization = string(AppendHeader(nil, pairs, s.params.Realm, s.params.HasRealm))
	} else {
		signed.Pairs = pairs
	}
	return signed, trace, nil
}
