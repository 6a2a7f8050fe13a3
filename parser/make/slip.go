package make

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// The texts that look like a hole and are none: ${root.name}, {root.name} with whatever braces, and a bare root.name.
var (
	otherHole = regexp.MustCompile(`(\$?\{)([A-Za-z]\w*)((?:\.[A-Za-z_][\w-]*)+)(\}{1,2})`)
	barePath  = regexp.MustCompile(`^\s*([A-Za-z]\w*)((?:\.[A-Za-z_][\w-]*)+)\s*$`)
)

// longest is the length of the longest template, in bytes (spec iml.md §13): one that is longer is wrong anyway.
const longest = 64 << 10

// slips reports a text that is written as the template of another language, or without its braces (MAKE322). Where only a
// value of the run makes sense, and where the text is nothing else, it is an error.
func (r *reader) slips(t *ast.Template) {
	if t.Scope == nil || t.Text == "" || len(t.Text) > longest || r.judged {
		return
	}
	for _, part := range t.Parts {
		if part.Hole || part.Text == "" {
			continue
		}
		at := part.At.Start
		if part.At.End == 0 {
			at = 0
		}
		for _, m := range otherHole.FindAllStringSubmatchIndex(part.Text, -1) {
			name := part.Text[m[4]:m[5]]
			if !isRoot(t.Scope, name) || m[0] > 0 && part.Text[m[0]-1] == '{' {
				continue
			}
			whole := m[0] == 0 && m[1] == len(part.Text) && len(t.Parts) == 1
			certain := whole || part.Text[m[2]] == '$' || m[9]-m[8] == 2 // two braces close, one opens
			r.slip(t, at+m[0], at+m[1], "{{"+part.Text[m[4]:m[7]]+"}}", certain)
		}
	}
	if word, fixed := t.Literal(); fixed {
		if m := barePath.FindStringSubmatch(word); m != nil {
			if isRoot(t.Scope, m[1]) {
				r.slip(t, 0, len(word), "{{"+m[1]+m[2]+"}}", r.credential)
			}
		}
	}
}

// isRoot reports whether a name stands for something in this place or in another.
func isRoot(s *ast.Scope, name string) bool {
	_, here := s.Names[name]
	_, elsewhere := s.Elsewhere[name]
	return here || elsewhere
}

func (r *reader) slip(t *ast.Template, start, end int, meant string, certain bool) {
	severity := diag.Warning
	if certain || r.credential {
		severity = diag.Error
	}
	at := t.Map.Span(start, end)
	d := diag.Diagnostic{Code: "MAKE322", Severity: severity, Usable: true, Span: at, Pointer: t.At.Pointer,
		Message: strconv.Quote(clip(t.Text[start:end])) + " is sent as it is written", Help: "write " + meant + " for the value"}
	if at.Text() == t.Text[start:end] {
		d.Fixes = []diag.Fix{{Title: "write " + meant, Edits: []diag.Edit{{Span: at, Text: meant}}}}
	}
	r.list.Add(d)
}

// unclosed makes an open {{ an error where what follows is a path of a known root: nobody wants that as text. It says
// where the hole should have been closed.
func (r *reader) unclosed(t *ast.Template, d *diag.Diagnostic) {
	if d.Code != "IML101" || t.Scope == nil || d.Span.File == nil {
		return
	}
	rest := d.Span.File.Text[d.Span.End:]
	m := openPath.FindStringSubmatchIndex(rest)
	if m == nil {
		return
	}
	if !isRoot(t.Scope, rest[m[2]:m[3]]) {
		return
	}
	end := d.Span.End + m[1]
	d.Severity, d.Usable = diag.Error, true
	edit := diag.Edit{Span: source.Span{File: d.Span.File, Start: end, End: end}, Text: "}}"}
	if rest[m[4]:m[5]] == "}" {
		edit.Text = "}"
	}
	d.Fixes = []diag.Fix{{Title: "close the hole", Edits: []diag.Edit{edit}}}
}

var openPath = regexp.MustCompile(`^\s*([A-Za-z]\w*)(?:\.[A-Za-z_][\w]*)+(\}?)`)

// wordAliases are the words that other tools have for values of ours.
var wordAliases = map[string]string{
	"form": "urlencoded", "application/x-www-form-urlencoded": "urlencoded", "x-www-form-urlencoded": "urlencoded", "urlencode": "urlencoded", "form-urlencoded": "urlencoded",
	"application/json": "json", "text/plain": "text", "plain": "text", "multipart": "multipart/form-data", "form-data": "multipart/form-data",
	"application/xml": "xml", "text/xml": "xml", "auto": "automatic", "string": "text", "mail": "email", "e-mail": "email",
	"hmac": "HMAC-SHA1", "hmac-sha1": "HMAC-SHA1", "hmac_sha1": "HMAC-SHA1", "hmac-sha-1": "HMAC-SHA1", "hmacsha1": "HMAC-SHA1", "sha1": "HMAC-SHA1",
	"hmac-sha-256": "HMAC-SHA256", "hmac_sha256": "HMAC-SHA256", "hmacsha256": "HMAC-SHA256", "hmac-sha-512": "HMAC-SHA512",
	"rsa": "RSA-SHA1", "rsa-sha1": "RSA-SHA1", "rsa_sha1": "RSA-SHA1", "rsa-sha-1": "RSA-SHA1", "plain text": "PLAINTEXT", "plaintext": "PLAINTEXT",
	"authorization": "header", "headers": "header", "auth_header": "header", "qs": "query", "url": "query", "querystring": "query", "uri": "query", "post": "body", "postbody": "body",
	"autherror": "InvalidAccessTokenError", "unauthorized": "InvalidAccessTokenError", "ratelimit": "RateLimitError",
	"str": "text", "int": "integer", "bool": "boolean", "float": "number", "dropdown": "select", "list": "array", "object": "collection", "secret": "password",
}

// meantWord returns the allowed word that another was meant to be, "" for none.
func meantWord(word string, allowed map[string]bool) string {
	if alias := wordAliases[strings.ToLower(word)]; allowed[alias] {
		return alias
	}
	return suggestion(word, allowed)
}
