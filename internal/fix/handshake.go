package fix

import (
	"regexp"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/document"
)

// handshakes are the recipes for what the requests of a handshake need and do not have.
var handshakes = map[string]recipe{
	"MAKE314": sendSecret, "MAKE315": sendVerifier, "MAKE316": storeToken, "MAKE317": sendConsumer, "MAKE318": sendSecret, "MAKE319": sendToken,
	"MAKE320": inHeader,
}

// sendVerifier writes the verifier of the callback.
func sendVerifier(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	return t.inOAuth(d, "send the verifier", "verifier", `"{{query.oauth_verifier}}"`)
}

// inOAuth writes an entry into the directive oauth, which the diagnostic stands at or which its section has or lacks.
func (t *tree) inOAuth(d *diag.Diagnostic, title, key, value string) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	path := []string{"oauth", key}
	if e.member.Key == "oauth" {
		path = path[1:]
	}
	edit, ok := t.ensured(e.value, value, path...)
	return diag.Fix{Title: title, Edits: []diag.Edit{edit}}, ok
}

var (
	answeredToken  = regexp.MustCompile(`\bbody\.oauth_token\b`)
	answeredSecret = regexp.MustCompile(`\bbody\.oauth_token_secret\b`)
)

// kept returns the name under which an object keeps a field of an answer.
func kept(n *document.Node, field *regexp.Regexp) string {
	if n != nil {
		for _, m := range n.Members {
			if field.MatchString(m.Value.Text) {
				return m.Key
			}
		}
	}
	return ""
}

// carried is the template that reads a field of the answer to the request for a token where a later section wants it, with
// the edits that keep the field when nothing does so.
func (t *tree) carried(field *regexp.Regexp, name string) (string, []diag.Edit, bool) {
	first := t.section("requestToken")
	if first == nil || first.Kind != document.KindObject {
		return "", nil, false
	}
	if key := kept(first.Get("response").Get("temp"), field); key != "" {
		return "{{temp." + key + "}}", nil, true
	}
	edit, ok := t.ensured(first, `"{{body.`+name+`}}"`, "response", "temp", name)
	return "{{temp." + name + "}}", []diag.Edit{edit}, ok
}

// section returns the value of the entry of that name that is nearest to the root.
func (t *tree) section(name string) *document.Node {
	for level := []*document.Node{t.root}; len(level) > 0; {
		next := []*document.Node{}
		for _, n := range level {
			if n == nil {
				continue
			}
			if v := n.Get(name); v != nil {
				return v
			}
			for _, m := range n.Members {
				next = append(next, m.Value)
			}
		}
		level = next
	}
	return nil
}

// sendToken sends the token of the answer to the request for one, and signs with its secret where that is not done either.
func sendToken(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	fix := diag.Fix{Title: "send the request token"}
	fields := []field{{"token", "oauth_token", answeredToken}, {"token_secret", "oauth_token_secret", answeredSecret}}
	if e.member.Key == "authorize" || e.value.Get("token_secret") != nil || e.value.Get("oauth").Get("token_secret") != nil || t.root.Get("oauth").Get("token_secret") != nil {
		fields = fields[:1]
	}
	written, temp := []string{}, []string{}
	for _, f := range fields {
		first := t.section("requestToken")
		if first == nil || first.Kind != document.KindObject {
			return diag.Fix{}, false
		}
		name := kept(first.Get("response").Get("temp"), f.pattern)
		if name == "" {
			name = f.name
			temp = append(temp, `"`+name+`": "{{body.`+name+`}}"`)
		}
		written = append(written, `"`+f.key+`": "{{temp.`+name+`}}"`)
	}
	if len(temp) > 0 {
		edits, ok := t.writeAll(t.section("requestToken"), temp, "response", "temp")
		if !ok {
			return diag.Fix{}, false
		}
		fix.Edits = edits
	}
	path := []string{"oauth"}
	if e.member.Key == "oauth" {
		path = nil
	}
	edits, ok := t.writeAll(e.value, written, path...)
	fix.Edits = append(fix.Edits, edits...)
	return fix, ok
}

// field is a key of oauth with the field of an answer that goes there.
type field struct {
	key, name string
	pattern   *regexp.Regexp
}

// sendSecret signs with the secret that belongs to a token: that of the answer to the request for one, or the stored one.
func sendSecret(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	const title = "sign with the secret of the token"
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	if e.member.Key != "token" { // a section
		value, edits, ok := t.carried(answeredSecret, "oauth_token_secret")
		if !ok {
			return diag.Fix{}, false
		}
		fix, ok := t.inOAuth(d, title, "token_secret", `"`+value+`"`)
		fix.Edits = append(fix.Edits, edits...)
		return fix, ok
	}
	root, _, _ := strings.Cut(strings.TrimLeft(strings.TrimPrefix(e.value.Text, "{{"), " "), ".")
	var value string
	var edits []diag.Edit
	switch root {
	case "temp":
		value, edits, ok = t.carried(answeredSecret, "oauth_token_secret")
	case "data", "connection":
		key := kept(t.section("accessToken").Get("response").Get("data"), answeredSecret)
		value, ok = "{{"+root+"."+key+"}}", key != ""
	default:
		return diag.Fix{}, false
	}
	if !ok {
		return diag.Fix{}, false
	}
	fix, ok := t.add(title, e.holder, "token_secret", `"`+value+`"`)
	fix.Edits = append(fix.Edits, edits...)
	return fix, ok
}

// storeToken stores the token and its secret.
func storeToken(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	fix := diag.Fix{Title: "store the token and its secret"}
	const token, secret = `"{{body.oauth_token}}"`, `"{{body.oauth_token_secret}}"`
	if edit, ok := t.ensured(e.value, `{"token": `+token+`, "token_secret": `+secret+`}`, "response", "data"); ok {
		fix.Edits = []diag.Edit{edit}
		return fix, true
	}
	data := e.value.Get("response").Get("data")
	for _, x := range [][2]string{{"token", token}, {"token_secret", secret}} {
		if edit, ok := t.ensured(data, x[1], x[0]); ok {
			fix.Edits = append(fix.Edits, edit)
		}
	}
	return fix, len(fix.Edits) == 2
}

// sendConsumer signs with what the platform keeps for the app.
func sendConsumer(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	key, name := "consumer_secret", "consumerSecret"
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	switch {
	case strings.Contains(d.Message, "private key"):
		key, name = "private_key", "privateKey"
	case strings.Contains(d.Message, "no consumer key"):
		if e.member.Key != "oauth" || t.section("oauth") != e.value || e.value.Get("consumer_secret") != nil || e.value.Get("token") != nil {
			return diag.Fix{}, false
		}
		edits, ok := t.writeAll(t.root, []string{`"consumer_key": "{{common.consumerKey}}"`, `"consumer_secret": "{{common.consumerSecret}}"`}, "oauth")
		return diag.Fix{Title: "write both with the values that common data has for the app", Edits: edits}, ok && t.root.Get("oauth") == e.value
	}
	return t.inOAuth(d, `write "`+key+`" with the value that common data has for the app`, key, `"{{common.`+name+`}}"`)
}

// inHeader sends the protocol parameters in the header, which every request has.
func inHeader(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	return one("send them in the header", inner(e.value), "header")
}
