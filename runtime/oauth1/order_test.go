package oauth1_test

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Names that begin alike, that are the beginning of another, that need escapes and that are the signer's own are signed
// in the order of the plain path, few or many.
func TestOrderOfNames(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "b", "~", "-", "%", "=", "&", "\x00", "é", "\xff", "A", "0", "oauth_", "nonce", "token", "timestamp", "version", "abcdefg", "abcdefgh"}
	text := func(most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 3000 {
		pairs := make([]uri.Pair, r.IntN(1+r.IntN(30)))
		for i := range pairs {
			pairs[i] = uri.Pair{Name: text(3), Value: text(2)}
			if i > 0 && r.IntN(3) == 0 {
				pairs[i].Name = pairs[i-1].Name
			}
		}
		p := base
		p.TokenMode = oauth1.TokenValue
		p.Token = text(2)
		if extra := "oauth_" + text(2); r.IntN(2) == 0 && extra != "oauth_nonce" && extra != "oauth_token" && extra != "oauth_timestamp" && extra != "oauth_version" {
			p.Extra = []uri.Pair{{Name: extra, Value: text(2)}}
		}
		s := mustSigner(t, p)
		cut, nonce := r.IntN(len(pairs)+1), text(3)
		req := &oauth1.Request{Method: "POST", URL: "https://h.example/?" + uri.JoinPairs(pairs[:cut]), ContentType: media.Form, Body: uri.AppendPairs(nil, pairs[cut:])}
		plain, trace, err := s.SignTrace(req, nonce, 12)
		if err != nil {
			t.Fatal(err)
		}
		fast, err := s.AppendAuthorization(nil, req, nonce, 12)
		if err != nil || string(fast) != plain.Authorization {
			t.Fatalf("%v, %q\nfast  %s\nplain %s\nof %s", err, url.QueryEscape(nonce), fast, plain.Authorization, trace.BaseString)
		}
	}
}

// Parameters of the request that stand before, among and behind those of the signer, with a body hash and without one, are
// signed as on the plain path.
func TestAmongProtocolParameters(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	names := []string{"a", "oauth_a", "oauth_b", "oauth_body_hash", "oauth_bz", "oauth_c", "oauth_consumer_key", "oauth_d", "oauth_nonce", "oauth_nonce~", "oauth_p",
		"oauth_signature", "oauth_t", "oauth_timestamp", "oauth_token", "oauth_u", "oauth_version", "oauth_version!", "x", "x_auth_mode", "z"}
	some := func(most int) (pairs []uri.Pair) {
		for range r.IntN(most + 1) {
			pairs = append(pairs, uri.Pair{Name: names[r.IntN(len(names))], Value: []string{"", "!", "1", "12", "HMAC-SHA1", "tk", "~"}[r.IntN(7)]})
		}
		return pairs
	}
	for range 3000 {
		p := base
		p.BodyHash = []oauth1.BodyHashMode{oauth1.BodyHashOff, oauth1.BodyHashAuto}[r.IntN(2)]
		p.HasRealm, p.OmitVersion = r.IntN(2) == 0, r.IntN(2) == 0
		for _, name := range []string{"oauth_a%", "oauth_session_handle", "x_auth_mode"} {
			if r.IntN(3) == 0 {
				p.Extra = append(p.Extra, uri.Pair{Name: name, Value: "client/auth"})
			}
		}
		req := &oauth1.Request{Method: "PUT", URL: "https://h.example:8443/a b/?" + uri.JoinPairs(some(4)), Body: uri.AppendPairs(nil, some(4))}
		if r.IntN(2) == 0 {
			req.ContentType = media.Form
		}
		s, nonce := mustSigner(t, p), []string{"", "!", "n", "a%20"}[r.IntN(4)]
		plain, trace, err := s.SignTrace(req, nonce, 12)
		if err != nil {
			t.Fatal(err)
		}
		fast, err := s.AppendAuthorization(nil, req, nonce, 12)
		if err != nil || string(fast) != plain.Authorization {
			t.Fatalf("%v, %q\nfast  %s\nplain %s\nof %s", err, nonce, fast, plain.Authorization, trace.BaseString)
		}
	}
}
