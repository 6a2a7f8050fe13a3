package make

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/template"
)

// entry is a value with the key it stands under; diagnostics about it point at the key (spec make.md §26.1).
type entry struct {
	name    string
	key     source.Span
	pointer string
	node    *document.Node
}

func (e entry) origin() ast.Origin {
	return ast.Origin{Span: e.node.Span, Key: e.key, Pointer: e.pointer}
}

func (e entry) is(k document.Kind) bool { return e.node.Kind == k }

// member returns the entry of one member of e.
func (e entry) member(m document.Member) entry {
	return entry{name: m.Key, key: m.KeySpan, pointer: document.Pointer(e.pointer, m.Key), node: m.Value}
}

// item returns the entry of the item i of the list e: an item is its own key.
func (e entry) item(i int) entry {
	n, name := e.node.Items[i], e.name
	if name == theRoot {
		name = itemOf + strconv.Itoa(i+1)
	}
	return entry{name: name, key: n.Span, pointer: document.Pointer(e.pointer, strconv.Itoa(i)), node: n}
}

// The names of what stands under no key.
const (
	theRoot = "the root"
	itemOf  = "item "
)

// rootEntry stands for a whole document, whose key is the first key of the file.
func rootEntry(n *document.Node) entry {
	e := entry{name: theRoot, key: n.Span, node: n}
	if key, ok := n.FirstKey(); ok {
		e.key = key
	} else {
		e.key.End = min(e.key.End, e.key.Start+1)
	}
	return e
}

// reader collects what one reading finds.
type reader struct {
	notation  template.Options
	queryMode ast.QueryMode
	verdict   *ast.Verdict
	list      diag.List
	// scope is that of the place that is being read.
	scope  *ast.Scope
	broken []*source.File // files with syntax errors
	// base is merged under calls, so that what it has need not be written there.
	base    *ast.Request
	meant   bool // a misspelt key is read as the one that was meant
	whole   bool // the connection has every section of an OAuth 1.0 handshake
	remote  bool // some parameters come from a remote procedure
	section section
	// credential says that the value being read is one of the directive oauth.
	credential bool
	judged     bool   // it is a condition, whose literal texts are told anyway
	leaves     []leaf // every text with holes
	patterns   int    // bytes of the regular expressions that were read
	// functions are those that a single file holds.
	functions []entry
}

func (r *reader) report(s diag.Severity, code string, e entry, help, format string, args ...any) {
	r.list.Add(diag.Diagnostic{Code: code, Severity: s, Span: e.key, Pointer: e.pointer, Message: fmt.Sprintf(format, args...), Help: help})
}

func (r *reader) errorf(code string, e entry, format string, args ...any) {
	r.report(diag.Error, code, e, "", format, args...)
}

func (r *reader) warnf(code string, e entry, format string, args ...any) {
	r.report(diag.Warning, code, e, "", format, args...)
}

func (r *reader) infof(code string, e entry, format string, args ...any) {
	r.report(diag.Info, code, e, "", format, args...)
}

// wrongType reports MAKE202.
func (r *reader) wrongType(e entry, expected string) {
	r.report(diag.Error, "MAKE202", e, "write "+expected, "%s is %s, expected %s", quoteName(e.name), kindPhrase(e.node.Kind), expected)
	r.list.Last().Focus = e.node.Span
}

// extension reports MAKE401.
func (r *reader) extension(e entry, what string) {
	r.infof("MAKE401", e, "%s is not documented by Make; it works here as an extension", what)
}

// noEffect reports MAKE301.
func (r *reader) noEffect(e entry, where string) {
	r.report(diag.Warning, "MAKE301", e, "remove it", "%s has no effect %s", quoteName(e.name), where)
}

func quoteName(name string) string {
	if name == theRoot || strings.HasPrefix(name, itemOf) {
		return name
	}
	return strconv.Quote(clip(name))
}

func kindPhrase(k document.Kind) string {
	switch k {
	case document.KindObject, document.KindArray:
		return map[document.Kind]string{document.KindObject: "an object", document.KindArray: "a list"}[k]
	case document.KindNull:
		return "null"
	}
	return "a " + k.String()
}

// clip shortens a text of the source for a message.
func clip(s string) string {
	runes := 0
	for i := range s {
		if runes++; runes > 60 {
			return s[:i] + "…"
		}
	}
	return s
}

// fields are the known entries of an object, in written order.
type fields []entry

func (f fields) get(name string) (entry, bool) {
	for _, e := range f {
		if e.name == name {
			return e, true
		}
	}
	return entry{}, false
}

// fields returns the entries of the object e whose keys are known and whose values could be read; any other key is
// MAKE201.
func (r *reader) fields(e entry, known map[string]bool) fields {
	var out fields
	for _, m := range e.node.Members {
		f := e.member(m)
		if m.Key == "$schema" && e.pointer == "" {
			continue // for editors
		}
		if !known[m.Key] {
			f.name = r.unknownKey(f, known, e.node)
		}
		if known[f.name] && !f.is(document.KindInvalid) {
			out = append(out, f)
		}
	}
	return out
}

// open returns the entries of the object e whose keys are known. Others pass: the public schema leaves the object open
// (spec make.md §4.2).
func (r *reader) open(e entry, known map[string]bool) fields {
	var out fields
	for _, m := range e.node.Members {
		f := e.member(m)
		if !known[m.Key] && nearest.Misspelt(m.Key, slices.Collect(maps.Keys(known)), func(name string) bool { return e.node.Member(name) != nil }) != "" {
			f.name = r.unknownKey(f, known, e.node)
		}
		if known[f.name] && !f.is(document.KindInvalid) {
			out = append(out, f)
		}
	}
	return out
}

// unknownKey reports MAKE201. The platform lets unknown keys pass, so only what was certainly meant to be a known one is
// an error: not one that stands beside that known one. It returns the name under which the key is read: its own, or the
// one that was meant where the consequences of the mistake are not to be told (see misspelt keys in Parse).
func (r *reader) unknownKey(e entry, known map[string]bool, around *document.Node) string {
	d := diag.Diagnostic{Code: "MAKE201", Severity: diag.Warning, Usable: true, Span: e.key, Pointer: e.pointer, Message: "unknown key " + quoteName(e.name) + " is ignored"}
	meant := ""
	if nearest.IsWord(e.name) {
		if meant = suggestion(e.name, known); meant == "" && known[keyAliases[e.name]] {
			meant = keyAliases[e.name]
		}
	}
	home := homeOf(e.name, known)
	if e.name == "data" && home != "" && (meant == "" || around.Member(meant) != nil || around.Member("response") != nil) {
		meant = "" // stored, not sent
	}
	switch {
	case meant != "" && around.Member(meant) != nil:
		d.Help = fmt.Sprintf("did you mean %q? There is one already", meant)
	case meant != "":
		d.Severity, d.Message, d.Help = diag.Error, "unknown key "+quoteName(e.name), fmt.Sprintf("did you mean %q?", meant)
		d.Fixes = []diag.Fix{document.Rename(document.Member{KeySpan: e.key}, meant)}
	case home != "":
		d.Severity, d.Message, d.Help = diag.Error, quoteName(e.name)+" has no place here", "it belongs in "+home
	default:
		d.Help = "remove it, or see imlc help directives for the keys that there are"
	}
	r.list.Add(d)
	if r.meant && len(d.Fixes) > 0 {
		return meant
	}
	return e.name
}

// keyAliases are the names that other tools have for our keys.
var keyAliases = map[string]string{
	"query": "qs", "params": "qs", "queryString": "qs", "query_string": "qs", "queryParameters": "qs", "searchParams": "qs",
	"uri": "url", "href": "url", "address": "url", "verb": "method", "httpMethod": "method",
	"data": "body", "json": "body", "form": "body", "payload": "body", "contentType": "type", "content_type": "type",
	"accept": "headers", "if": "condition", "when": "condition", "sanitise": "sanitize", "certificate": "ca",
	"key": "consumer_key", "clientId": "consumer_key", "client_id": "consumer_key", "apiKey": "consumer_key", "api_key": "consumer_key",
	"secret": "consumer_secret", "clientSecret": "consumer_secret", "client_secret": "consumer_secret", "apiSecret": "consumer_secret",
	"access_token": "token", "accessToken": "token", "oauth_token": "token", "request_token": "token",
	"access_token_secret": "token_secret", "oauth_token_secret": "token_secret", "secret_token": "token_secret",
	"oauth_verifier": "verifier", "oauth_callback": "callback", "oauth_consumer_key": "consumer_key", "oauth_consumer_secret": "consumer_secret",
	"signatureAlgorithm": "signature_method", "algorithm": "signature_method", "transport": "transport_method", "rsa_key": "private_key",
	"store": "data", "save": "data", "errors": "error", "userId": "uid", "id": "uid", "label": "metadata", "expiry": "expires",
	"id_": "name", "key_": "name", "title": "label", "description": "help", "hint": "help", "choices": "options", "enum": "options",
}

// homeOf says where a known key belongs that stands among keys of another kind; "" for a key that is none.
func homeOf(name string, here map[string]bool) string {
	switch {
	case here["response"] && !here["requestToken"] && name == "sanitize":
		return "log"
	case here["consumer_key"] && (requestKeys[name] || responseKeys[name]):
		return "the request, beside \"oauth\""
	case here["response"] && responseKeys[name]:
		return "response"
	case here["response"] && oauthKeys[name]:
		return "oauth"
	case here["metadata"] && requestKeys[name]:
		return "the request, beside \"response\""
	case here["metadata"] && isStatus(name):
		return "error"
	case here["requestToken"] && requestKeys[name]:
		return "one of the sections requestToken, authorize, accessToken and info"
	}
	return ""
}

func isStatus(name string) bool {
	_, ok := statusNumber(name)
	return ok && len(name) == 3
}

func keySet(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}
