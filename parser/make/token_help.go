package make

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// tokenHelp returns the lines that sign the requests of modules with the token that accessToken stores, by the names
// under which it is stored; what cannot be told is "…".
func tokenHelp(c *sections) string {
	token, secret := "…", "…"
	for _, req := range c.accessToken {
		if req.Response == nil {
			continue
		}
		data, ok := req.Response.Data.(*ast.Object)
		if !ok {
			continue
		}
		for _, e := range data.Entries {
			t, ok := e.Value.(*ast.Template)
			if !ok || !isName(e.Key) {
				continue
			}
			switch member := strings.NewReplacer("<<", "{{", ">>", "}}", " ", "").Replace(t.Text); member {
			case "{{body.oauth_token}}":
				token = "{{connection." + e.Key + "}}"
			case "{{body.oauth_token_secret}}":
				secret = "{{connection." + e.Key + "}}"
			}
		}
	}
	own := ""
	if c.oauth == nil {
		own = consumerOf(c)
	}
	return `write in base: "oauth": { ` + own + `"token": "` + token + `", "token_secret": "` + secret + `" }`
}

// consumerOf returns the consumer as the request for the request token has it, read from the connection.
func consumerOf(c *sections) string {
	text := ""
	for _, req := range c.requestToken {
		if req.OAuth == nil {
			continue
		}
		for _, key := range []string{"consumer_key", "consumer_secret"} {
			if t, ok := (*oauthField(req.OAuth, key)).(*ast.Template); ok {
				text += `"` + key + `": "` + strings.ReplaceAll(t.Text, "parameters.", "connection.") + `", `
			}
		}
	}
	return text
}

// isName reports whether a key can stand behind a dot as it is.
func isName(key string) bool {
	return key != "" && strings.IndexFunc(key, func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}
