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
