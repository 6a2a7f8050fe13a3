package client

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// AuthorizeURL returns where the user's browser goes: the given URL with oauth_token appended after its own query and
// before its fragment (RFC 5849 §2.2). An oauth_token that is already there is kept and none is added.
func AuthorizeURL(authorize, token string) string {
	front, _, _ := strings.Cut(authorize, "#")
	_, query, _ := strings.Cut(front, "?")
	if _, present := uri.Lookup(uri.SplitPairs(query), "oauth_token"); present {
		return authorize
	}
	return uri.WithQuery(authorize, "oauth_token="+uri.Encode(token))
}

// CheckCallback reads the raw query of a callback and returns its verifier, which is "" for providers before revision
// A. The token must equal requestToken in constant time, whether or not the user agreed: this is the defence against
// session fixation. Errors are *[CallbackError].
func CheckCallback(requestToken, rawQuery string) (verifier string, err error) {
	first := map[string]string{}
	for _, p := range uri.SplitPairs(strings.TrimPrefix(rawQuery, "?")) {
		if _, ok := first[p.Name]; !ok {
			first[p.Name] = p.Value
		}
	}
	for _, name := range []string{"oauth_token", "denied"} {
		if v := first[name]; v != "" && !oauth1.ConstantTimeEqual(v, requestToken) {
			return "", &CallbackError{"oauth1/token-mismatch", "the callback belongs to another authorization: start again"}
		}
	}
	for _, name := range []string{"denied", "oauth_problem", "error"} {
		if first[name] == "" || name == "error" && first["oauth_verifier"] != "" {
			continue
		}
		problem := "authorization was refused (" + name + ")"
		if name == "oauth_problem" {
			problem += ": " + clean(first[name])
		}
		return "", &CallbackError{"oauth1/refused", problem}
	}
	if first["oauth_token"] == "" {
		return "", &CallbackError{"oauth1/no-callback-token", "the callback has no oauth_token: expected that of the request token"}
	}
	return first["oauth_verifier"], nil
}

// clean keeps the characters of a problem code.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 60)]
}
