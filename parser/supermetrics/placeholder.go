package supermetrics

import (
	"regexp"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// place is a kind of place where placeholders stand: what they can name there.
type place uint8

// The places (spec dialects.md §4.3).
const (
	inToken  place = iota // the request-token and authorisation requests, and the access-token one
	inProof               // validation and the request for the user
	inInfo                // the fields of the user info
	inReport              // reports
)

// placeholder is one {{name}} in a text.
type placeholder struct{ name string }

// pieces splits a text at its placeholders: literal texts and placeholders by turns.
func pieces(s string) []any {
	var out []any
	for {
		before, after, opened := strings.Cut(s, "{{")
		name, behind, closed := strings.Cut(after, "}}")
		if !opened || !closed {
			return append(out, s)
		}
		out, s = append(out, before, placeholder{strings.TrimSpace(name)}), behind
	}
}

// hasPlaceholder reports whether a text has one.
func hasPlaceholder(s string) bool { return len(pieces(s)) > 1 }

// unclosed reports a name of a family behind a brace in a text whose braces do not balance: it is text and never meant as such.
func (r *reader) unclosed(m document.Member, s string) {
	if strings.Count(s, "{") == strings.Count(s, "}") {
		return
	}
	for _, piece := range pieces(s) {
		text, _ := piece.(string)
		for _, found := range bracedName.FindAllStringSubmatch(text, -1) {
			if found[1] != "" && len(found[1]) != len(found[3]) {
				r.atKey("SUP302", diag.Error, m.KeySpan, "the braces around "+found[2]+" are not two on either side, so that it is sent as it is written", "write {{"+found[2]+"}}")
			}
		}
	}
}

var bracedName = regexp.MustCompile(`(\{*)\s*((?:oauth1|user|account|query)\.\w[\w.]*)\s*(\}*)`)

// text lowers a text with placeholders. In a URL values are percent-encoded, unless the placeholder begins it.
func (r *reader) text(m document.Member, at ast.Origin, where place, url bool) ast.Value {
	out := &ast.Join{At: at}
	for i, piece := range pieces(m.Value.Text) {
		switch piece := piece.(type) {
		case string:
			if piece != "" {
				out.Parts = append(out.Parts, textOf(at, piece))
			}
		case placeholder:
			v := invoke(at, "required", r.placeholder(m, at, piece.name, where), textOf(at, piece.name))
			if begins := i == 1 && strings.HasPrefix(m.Value.Text, "{{"); url && !begins {
				v = invoke(at, "encode", v)
			}
			out.Parts = append(out.Parts, v)
		}
	}
	return out
}

// placeholder is the value of a placeholder.
func (r *reader) placeholder(m document.Member, at ast.Origin, name string, where place) ast.Value {
	family, leaf, _ := strings.Cut(name, ".")
	unavailable := func() ast.Value {
		r.atKey("SUP303", diag.Error, m.KeySpan, "{{"+name+"}} has no value in this step", "use it where the documentation says that it exists")
		return missing(at)
	}
	switch family {
	case "oauth1":
		if where == inReport {
			return unavailable()
		}
		switch leaf {
		case "consumer_key":
			return r.secret(at, "oauth1.consumerKey")
		case "consumer_secret":
			return r.secret(at, "oauth1.consumerSecret")
		case "callback_url":
			return invoke(at, "lookup", root(at, ast.RootRedirect), textOf(at, ast.DefaultRedirect))
		}
	case "user":
		if where == inToken {
			return unavailable()
		}
		if leaf == "" {
			break
		}
		if leaf == "access_token" {
			return invoke(at, "lookup", root(at, ast.RootData), textOf(at, "oauth_token"))
		}
		return r.input(m, at, leaf, "{{"+name+"}}")
	case "account", "query":
		if where != inReport {
			return unavailable()
		}
		if leaf == "" {
			break
		}
		return invoke(at, "lookup", root(at, ast.RootInput), textOf(at, name))
	case "signer":
		r.atKey("SUP404", diag.Warning, m.KeySpan, "signers are not compiled, and so {{"+name+"}} has no value", "")
		return missing(at)
	case "identity()":
		if where == inInfo {
			return root(at, ast.RootIdentity)
		}
		return unavailable()
	default:
		r.atKey("SUP301", diag.Error, m.KeySpan, "{{"+name+"}} is of no family that is known", "use oauth1, user, account or query")
		return missing(at)
	}
	r.atKey("SUP306", diag.Warning, m.KeySpan, "{{"+name+"}} is not documented and has no value", "")
	return missing(at)
}

// input is what the user gave under an id, else the field of that name of the token answer, but for the token secret. said
// is how the configuration names it.
func (r *reader) input(m document.Member, at ast.Origin, id, said string) ast.Value {
	if !r.inputs[id] {
		r.atKey("SUP306", diag.Warning, m.KeySpan, said+" is no declared input; the field of the token answer is taken", "declare it in userInputs")
	}
	if id == "oauth_token_secret" {
		return missing(at)
	}
	return invoke(at, "lookup", root(at, ast.RootData), textOf(at, id))
}

// secret is a secret that the host supplies under a name, or with plain secrets the text of the file.
func (r *reader) secret(at ast.Origin, name string) ast.Value {
	if r.options.Settings["plain-secrets"] != "" {
		if text, ok := r.plain[name]; ok {
			return textOf(at, text)
		}
	}
	return invoke(at, "secret", invoke(at, "lookup", root(at, ast.RootCommon), textOf(at, name)), textOf(at, name))
}

func root(at ast.Origin, name string) ast.Value { return &ast.Root{At: at, Name: name} }

func invoke(at ast.Origin, function string, args ...ast.Value) ast.Value {
	return &ast.Invoke{At: at, Function: function, Args: args}
}

func missing(at ast.Origin) ast.Value { return &ast.Literal{At: at, Kind: ast.LiteralMissing} }

func textOf(at ast.Origin, s string) ast.Value {
	t := &ast.Template{At: at, Text: s}
	if s != "" {
		t.Parts = []ast.Part{{Text: s}}
	}
	return t
}
