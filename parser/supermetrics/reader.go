package supermetrics

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/jsonpath"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// Parse implements parser.Dialect.
func (d Dialect) Parse(src parser.Source, o parser.Options) (*ast.Connection, *diag.List) {
	r := &reader{diags: &diag.List{}, options: o, plain: map[string]string{}, said: map[string]bool{}, inputs: map[string]bool{}}
	conn := &ast.Connection{Dialect: d.Name(), Name: src.Name, Library: "supermetrics", Files: src.Files(),
		Words: map[string]string{ast.EventNoRows: "SUP502"}}
	if f := src.File(roleConfig); f != nil {
		conn.At.Span = source.Span{File: f}
		if root := r.parse(f); root != nil {
			r.config(conn, root)
		}
	}
	if o.Strict {
		r.diags.Promote()
	}
	r.diags.Sort()
	return conn, r.diags
}

// reader reads one configuration.
type reader struct {
	diags   *diag.List
	options parser.Options
	inputs  map[string]bool   // ids of the declared user inputs
	plain   map[string]string // the texts of the secrets in the file, by the names that a host supplies them under
	said    map[string]bool   // keys of which SUP408 was said
}

func (r *reader) atKey(code string, severity diag.Severity, at source.Span, message, help string) {
	r.diags.Add(diag.Diagnostic{Code: code, Severity: severity, Span: at, Message: message, Help: help})
}

// parse reads the file in its notation; nil when it has errors.
func (r *reader) parse(f *source.File) *document.Node {
	read := document.ParseJSONC
	if parser.IsYAML(f.Name) {
		read = document.ParseYAML
	}
	return document.ReadStrict(read, f, document.Options{Code: "SUP101"}, r.diags)
}

// object is an object with the place of its key.
type object struct {
	node *document.Node
	at   ast.Origin
}

// entry is the place of an entry, that of the object where there is none.
func (o object) entry(key string) ast.Origin {
	if m := o.node.Member(key); m != nil {
		return memberOrigin(o.at, *m)
	}
	return o.at
}

// child is the object under a key, without node when there is none.
func (r *reader) child(o object, key string, required bool) object {
	m := o.node.Member(key)
	if m == nil {
		if required && o.node != nil {
			r.atKey("SUP203", diag.Error, o.at.Key, "the key "+key+" is missing", "add it: a connection cannot be made without it")
		}
		return object{}
	}
	at := memberOrigin(o.at, *m)
	if m.Value.Kind != document.KindObject {
		r.wrong(*m, "an object")
		return object{}
	}
	return object{m.Value, at}
}

// list is the list under a key, nil when there is none.
func (r *reader) list(o object, key string) *document.Member {
	m := o.node.Member(key)
	if m != nil && m.Value.Kind != document.KindArray {
		r.wrong(*m, "a list")
		return nil
	}
	return m
}

func (r *reader) wrong(m document.Member, expected string) {
	r.atKey("SUP204", diag.Error, m.KeySpan, m.Key+" is a "+m.Value.Kind.String()+", expected "+expected, "")
}

// unknown warns of keys that are not known; those that are kept without effect are told once.
func (r *reader) unknown(o object, known, kept []string) {
	if o.node == nil {
		return
	}
	for _, m := range o.node.Members {
		switch {
		case slices.Contains(known, m.Key):
		case slices.Contains(kept, m.Key):
			if !r.said[m.Key] {
				r.said[m.Key] = true
				r.atKey("SUP408", diag.Warning, m.KeySpan, m.Key+" is kept and not compiled", "")
			}
		default:
			d := diag.Diagnostic{Code: "SUP205", Severity: diag.Warning, Usable: true, Span: m.KeySpan, Message: "the key " + m.Key + " is not known here",
				Help: "the keys here are " + strings.Join(known, ", ")}
			if meant := nearest.Misspelt(m.Key, known, func(name string) bool { return o.node.Member(name) != nil }); meant != "" {
				d.Severity, d.Help = diag.Error, "did you mean "+meant+"?"
				d.Fixes = []diag.Fix{document.Rename(m, meant)}
			}
			r.diags.Add(d)
		}
	}
}

// misspelt reports the keys of an object that are known ones misspelt; others pass.
func (r *reader) misspelt(o object, known []string) {
	for _, m := range o.node.Members {
		if !slices.Contains(known, m.Key) && nearest.Misspelt(m.Key, known, func(name string) bool { return o.node.Member(name) != nil }) != "" {
			r.unknown(object{&document.Node{Members: []document.Member{m}}, o.at}, known, nil)
		}
	}
}

func memberOrigin(at ast.Origin, m document.Member) ast.Origin {
	return ast.Origin{Span: m.Value.Span, Key: m.KeySpan, Pointer: document.Pointer(at.Pointer, m.Key)}
}

func itemOrigin(at ast.Origin, item *document.Node, i int) ast.Origin {
	return ast.Origin{Span: item.Span, Key: item.Span, Pointer: document.Pointer(at.Pointer, strconv.Itoa(i))}
}

func textAt(n *document.Node, key string) string {
	if v := n.Get(key); v != nil && v.Kind == document.KindText {
		return v.Text
	}
	return ""
}

var (
	rootKeys  = strings.Fields("$schema info metaInformation authentication reporting defaultResponseHandler signers secrets dataSourceUser")
	otherAuth = strings.Fields("user_input oauth2 single_step_oauth2 basic cookie jwt amazon_s3 exchange")
)

// config reads the whole document (spec dialects.md §4.1, §4.6).
func (r *reader) config(conn *ast.Connection, n *document.Node) {
	at := ast.Origin{Span: n.Span, Key: n.Span}
	if key, ok := n.FirstKey(); ok {
		at.Key = key
	}
	top := object{n, at}
	r.unknown(top, rootKeys, []string{"accounts"})
	m := n.Member("authentication")
	if m == nil || m.Value.Kind != document.KindObject {
		r.atKey("SUP102", diag.Error, at.Key, "there is no authentication", "a connection is described by authentication")
		return
	}
	auth := object{m.Value, memberOrigin(at, *m)}
	conn.At = auth.at
	r.unknown(auth, strings.Fields("type description userInputs oauth1 validation"), nil)
	switch kind := auth.node.Member("type"); {
	case kind == nil:
		r.atKey("SUP201", diag.Error, auth.at.Key, "type is missing", `write "type": "oauth1"`)
		return
	case slices.Contains(otherAuth, kind.Value.Text):
		r.atKey("SUP202", diag.Error, kind.KeySpan, "an authentication of type "+kind.Value.Text+" is not OAuth 1.0 and cannot be compiled", "")
		return
	case kind.Value.Text != "oauth1":
		r.atKey("SUP201", diag.Error, kind.KeySpan, "the type is not known", `write "type": "oauth1"`)
		return
	}
	conn.Parameters = r.userInputs(auth)
	r.templateText(auth.node.Member("description"))
	if m := auth.node.Member("description"); m != nil {
		r.notReplaced(*m)
	}
	r.secrets(r.child(top, "secrets", false))
	r.signers(n)
	r.tokens(conn, auth)
	r.proof(conn, auth, top)
	r.reports(conn, r.child(top, "reporting", false))
	conn.Base = &ast.Request{At: auth.at, EncodeURL: ast.FlagOff, QueryMode: ast.QueryAppend, OAuth: stored(auth.at), Verdict: reportVerdict,
		Response: r.responseHandler(r.child(top, "defaultResponseHandler", false))}
}

func (r *reader) userInputs(auth object) []*ast.Parameter {
	m := r.list(auth, "userInputs")
	if m == nil {
		return nil
	}
	at := memberOrigin(auth.at, *m)
	var out []*ast.Parameter
	for i, item := range m.Value.Items {
		here := itemOrigin(at, item, i)
		if item.Kind == document.KindObject {
			r.misspelt(object{item, here}, strings.Fields("id type label description required"))
		}
		id := textAt(item, "id")
		if id == "" {
			r.atKey("SUP203", diag.Error, here.Key, "an input without id", "")
			continue
		}
		if r.inputs[id] {
			r.atKey("SUP209", diag.Error, item.Member("id").KeySpan, "the id "+id+" is used twice", "")
		}
		for _, key := range []string{"type", "label", "description"} {
			if m := item.Member(key); m != nil && m.Value.Kind != document.KindText {
				r.wrong(*m, "a text")
			}
		}
		r.inputs[id] = true
		kind := textAt(item, "type")
		out = append(out, &ast.Parameter{At: here, Name: id, Type: kind, Label: textAt(item, "label"), Help: textAt(item, "description"),
			Kind: ast.ParameterAny, Secret: kind == "password", Required: item.Get("required") != nil && item.Get("required").Bool})
	}
	return out
}

// checkURL reports a URL that cannot be requested. Placeholders are taken for texts.
func (r *reader) checkURL(m document.Member, token bool) {
	text := ""
	for _, piece := range pieces(m.Value.Text) {
		if s, ok := piece.(string); ok {
			text += s
		} else {
			text += "x"
		}
	}
	if strings.HasPrefix(m.Value.Text, "{{") {
		return // only the run knows how it begins
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		r.atKey("SUP206", diag.Error, m.KeySpan, "the URL is not absolute, http or https", "write the whole address, https://…")
	} else if token && u.Scheme == "http" {
		r.atKey("SUP207", diag.Warning, m.KeySpan, "tokens go over http, which everyone on the way can read", "use https")
	}
}

// path checks a JSONPath and returns its text.
func (r *reader) path(m document.Member) (string, bool) {
	if m.Value.Kind != document.KindText {
		r.wrong(m, "a path")
		return "", false
	}
	switch _, err := jsonpath.Parse(m.Value.Text); {
	case err == jsonpath.ErrTokens:
		r.atKey("SUP305", diag.Error, m.KeySpan, err.Error(), "")
		return "", false
	case err != nil:
		r.atKey("SUP304", diag.Error, m.KeySpan, "the JSONPath is invalid: "+err.Error(), "a path begins with $ and has steps such as .name, ['name'], [0], [*]")
		return "", false
	}
	return m.Value.Text, true
}
