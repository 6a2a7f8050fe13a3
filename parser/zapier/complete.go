package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/document"
)

// checkComplete reports a token that cannot be accepted, because its secret is not there to sign with (spec dialects.md §3.4,
// ZAP312). An auth without the consumer's secret may be for a service that wants none. Of what the template adds to an
// auth, which merged has, only the method counts.
func (r *reader) checkComplete(e, merged entry, s step) {
	auth := e.node.Get("auth")
	token := auth.Member("oauth_token")
	if token == nil || auth.Kind != document.KindObject || isRSA(merged.node.Get("auth")) || isBlank(token.Value) {
		return
	}
	if auth.Member("oauth_token_secret") != nil || auth.Member("oauth_consumer_secret") == nil {
		return
	}
	bank := "authData"
	if s == inAccessToken {
		bank = "inputData"
	}
	r.errorf("ZAP312", token.KeySpan, `write "oauth_token_secret": "{{bundle.`+bank+`.oauth_token_secret}}"`, "a token signs together with its secret, and auth has none")
	r.list.Last().Usable = true
}

// isRSA reports whether an auth signs with a key, or by a method that only the run knows.
func isRSA(auth *document.Node) bool {
	method := auth.Get("oauth_signature_method")
	return method != nil && (method.Kind != document.KindText || strings.HasPrefix(method.Text, "RSA-") || hasCurly(method.Text))
}
