package oracle

import (
	"slices"
	"time"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// signer signs the hops of one request (spec make.md §6 step 5, §8.2, §12.5). It implements wire.Signer.
type signer struct {
	first  time.Time // the instant of the first hop (§26.13)
	clock  func() time.Time
	nonce  func() string
	params oauth1.Params
	own    *oauth1.Signer
}

// sent is the oauth_callback that a request of requestToken was sent with.
type sent struct {
	text string
	any  bool
}

// signer prepares the signature of a request; it is nil for an unsigned one.
func (o *operation) signer(p *parts, out *wire.Request) (*signer, sent, error) {
	var callback sent
	if o.section == "requestToken" && !o.module {
		callback.text, callback.any = carriedCallback(p, out)
	}
	params, err := o.effective(p.oauth, out, callback.any)
	if err != nil || params == nil {
		return nil, callback, err
	}
	if params.Callback != "" {
		callback = sent{params.Callback, true}
	}
	s, err := o.newSigner(params, out)
	return s, callback, err
}

func (o *operation) newSigner(params *oauth1.Params, out *wire.Request) (*signer, error) {
	if params.SignatureMethod == oauth1.Plaintext && out.URL.Scheme == "http" && !o.host.settings.Egress.AllowHTTP {
		return nil, fail(configurationError, "", "oauth: PLAINTEXT over http shows the secrets to everyone on the way") // RFC 5849 §3.4.4
	}
	own, err := oauth1.NewSigner(*params)
	if err != nil {
		return nil, err
	}
	return &signer{first: o.now, clock: o.host.script.Clock, nonce: o.host.script.Nonce, params: *params, own: own}, nil
}

// Sign implements wire.Signer.
func (s *signer) Sign(out *wire.Outgoing) error {
	at := s.first
	if out.Hop > 0 {
		at = s.clock()
	}
	nonce := s.nonce()
	with := s.own
	if out.BodyDropped && s.params.Transport == oauth1.Body { // that hop is signed in the header (§8.2)
		with = with.As(oauth1.Header)
	}
	req := &oauth1.Request{Method: out.Method, URL: out.URL.String(), Host: out.HostOverride(), ContentType: out.Header.Get("Content-Type"), Body: out.Body.Content}
	if !out.SignsPairs() {
		req.SignBody = oauth1.SignBodyNever
	}
	if with.Params().Transport == oauth1.Body {
		if !takesPairs(out) {
			return fail(configurationError, "", "oauth: transport_method of body requires POST and content-type application/x-www-form-urlencoded")
		}
		req.SignBody, req.ContentType = oauth1.SignBodyAuto, media.Form
	}
	signed, err := with.Sign(req, nonce, at.Unix())
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

// takesPairs reports whether the pairs can end the body, or be the whole of it: it is a form, or there is none and
// nothing says that it would be anything else (spec make.md §12.5).
func takesPairs(out *wire.Outgoing) bool {
	contentType := out.Header.Get("Content-Type")
	switch {
	case out.Method != "POST":
		return false
	case out.Body.Present:
		return out.SignsPairs()
	}
	return media.IsForm(contentType) || contentType == "" && media.IsForm(out.Body.ContentType)
}

// Strips implements wire.Signer: a Location loses the parameters that signing in the query is about to add (spec
// make.md §8.2), and all of them where it leads to another origin.
func (s *signer) Strips(name string, leaves bool) bool {
	return (leaves || s.params.Transport == oauth1.Query) && slices.Contains(s.own.Names(), name)
}
