package membrane

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// Parse implements parser.Dialect.
func (d Dialect) Parse(src parser.Source, o parser.Options) (*ast.Connection, *diag.List) {
	r := &reader{diags: &diag.List{}, options: o, files: map[string]*source.File{}, read: map[string]bool{}, documents: map[string]*document.Node{}}
	conn := &ast.Connection{Dialect: d.Name(), Name: src.Name, Library: "membrane", Files: src.Files()}
	for _, p := range src.Parts {
		if p.Role == roleMethod {
			r.files[p.Name] = p.File
		}
	}
	if spec := src.File(roleSpec); spec != nil {
		conn.At.Span = source.Span{File: spec}
		r.spec(conn, spec)
	}
	r.unusedFiles()
	conn.Hooks = r.hooks
	if o.Strict {
		r.diags.Promote()
	}
	r.diags.Sort()
	return conn, r.diags
}

// reader reads one connection.
type reader struct {
	diags   *diag.List
	options parser.Options
	// files are those of the folder, by path; read are the ones that a method uses.
	files     map[string]*source.File
	read      map[string]bool
	documents map[string]*document.Node
	hooks     []*ast.Hook
	option    string // of the authorisation that is read, "" for none
	failed    bool   // the spec itself could not be read: nothing is said about files that no method uses
}

func (r *reader) used(names ...string) {
	for _, name := range names {
		r.read[name] = true
	}
}

// document reads a file once; nil when it has errors.
func (r *reader) document(name string, f *source.File) *document.Node {
	if n, ok := r.documents[name]; ok {
		return n
	}
	n := r.parse(f)
	r.documents[name] = n
	return n
}

// parse reads a file in its notation; nil when it has errors.
func (r *reader) parse(f *source.File) *document.Node {
	read := document.ParseYAML
	if parser.IsJSON(f.Name) {
		read = document.ParseJSONC
	}
	return document.ReadStrict(read, f, document.Options{Code: "MEM102"}, r.diags)
}

// layer is an authorisation: the keys of an option over those of the root of authorisations. The layout of files has further keys
// at the root of the file.
type layer struct {
	option   string
	nodes    []*document.Node // the most specific first
	origins  []ast.Origin
	fallback *document.Node // the root of the file layout, where schemas may stand
}

// member returns an entry of the authorisation, and the place of the object that holds it.
func (l layer) member(key string) (*document.Member, ast.Origin) {
	for i, n := range l.nodes {
		if m := n.Member(key); m != nil {
			return m, l.origins[i]
		}
	}
	return nil, ast.Origin{}
}

// where is the place of the authorisation: the key of its object, at the root the first key of the file.
func (l layer) where() source.Span { return l.origins[0].Key }

func (r *reader) atKey(code string, severity diag.Severity, at source.Span, message, help string) {
	r.diags.Add(diag.Diagnostic{Code: code, Severity: severity, Span: at, Message: message, Help: help})
}

// unknown warns of keys of an object that are not among the known ones.
func (r *reader) unknown(n *document.Node, known ...string) {
	for _, m := range n.Members {
		if !slices.Contains(known, m.Key) {
			r.unknownKey(n, m, known)
		}
	}
}

// unknownKey reports a key that is not known: an error when it is a known one misspelt.
func (r *reader) unknownKey(n *document.Node, m document.Member, known []string) {
	d := diag.Diagnostic{Code: "MEM206", Severity: diag.Warning, Usable: true, Span: m.KeySpan, Message: "the key " + m.Key + " is not known here", Help: near(m.Key, known)}
	if meant := nearest.Misspelt(m.Key, known, func(name string) bool { return n.Member(name) != nil }); meant != "" {
		d.Severity, d.Help = diag.Error, "did you mean "+meant+"?"
		d.Fixes = []diag.Fix{document.Rename(m, meant)}
	}
	r.diags.Add(d)
}

// metadata are keys that a root of the inline form may have besides those of an authorisation.
var metadata = strings.Fields("key name logoUri categories uuid version api udm udms data operations auth")

// authKeys are the keys of an authorisation.
var authKeys = strings.Fields("type inputSchema ui parametersSchema credentialsSchema customCredentialsSchema title description getOAuthConfig makeApiClient test refreshCredentials disconnect options enabled")

// spec reads the spec file.
func (r *reader) spec(conn *ast.Connection, f *source.File) {
	root := r.parse(f)
	if root == nil {
		r.failed = true
		return
	}
	at := ast.Origin{Span: root.Span, Key: firstKey(root)}
	auth, authAt := root, at
	var fallback *document.Node
	if m := root.Member("auth"); m != nil {
		auth, authAt = m.Value, memberOrigin(at, *m)
		fallback = root
	}
	if auth.Kind != document.KindObject {
		r.failed = true
		r.atKey("MEM207", diag.Error, authAt.Key, "auth is a "+auth.Kind.String()+", expected an object", "")
		return
	}
	conn.At = authAt
	if name := root.Get("name"); name != nil && name.Kind == document.KindText {
		conn.Name = name.Text
	}
	known := authKeys
	if fallback == nil {
		known = append(slices.Clone(authKeys), metadata...)
	}
	r.authKeys(auth, known)
	options := auth.Member("options")
	if options == nil || options.Value.Kind != document.KindObject {
		if options != nil {
			r.atKey("MEM207", diag.Error, options.KeySpan, "options is a "+options.Value.Kind.String()+", expected an object", "")
		}
		r.authorisation(conn, layer{nodes: []*document.Node{auth}, origins: []ast.Origin{authAt}, fallback: fallback})
		return
	}
	r.variants(conn, layer{nodes: []*document.Node{auth}, origins: []ast.Origin{authAt}, fallback: fallback}, *options, memberOrigin(authAt, *options))
}

// authKeys reports keys that have no meaning for an authorisation, and values that cannot be what their key says.
func (r *reader) authKeys(n *document.Node, known []string) {
	for _, key := range []string{"inputSchema", "ui", "parametersSchema", "credentialsSchema", "customCredentialsSchema"} {
		r.kind(n, key, document.KindObject)
	}
	for _, key := range []string{"title", "description"} {
		r.kind(n, key, document.KindText)
	}
	r.kind(n.Get("ui"), "schema", document.KindObject)
	r.kind(n.Get("ui"), "helpUri", document.KindText)
	r.kind(n.Get("ui"), "description", document.KindText)
	for _, m := range n.Members {
		switch {
		case isOtherMethod(m.Key):
			r.used(r.methodFiles(m.Key)...)
			r.atKey("MEM205", diag.Warning, m.KeySpan, m.Key+" has no meaning for OAuth 1.0 and is ignored", "remove it")
		case !slices.Contains(known, m.Key):
			r.unknownKey(n, m, known)
		}
	}
}

// methodFiles are the files that a method of that name could be in.
func (r *reader) methodFiles(name string) []string {
	var out []string
	for file := range r.files {
		base := file[strings.LastIndexByte(file, '/')+1:]
		for _, key := range fileKeys(name) {
			if strings.HasPrefix(base, key+".") {
				out = append(out, file)
			}
		}
	}
	return out
}

// unusedFiles warns of files below auth/ that no method uses.
func (r *reader) unusedFiles() {
	if r.failed {
		return
	}
	for name, f := range r.files {
		if strings.HasPrefix(name, "auth/") && !r.read[name] {
			r.atKey("MEM105", diag.Warning, source.Span{File: f}, "no method uses the file "+name, "remove it, or name it after its method")
		}
	}
}

// variants reads the options: the one that is chosen when compiling, or all of them to choose from when an authorisation starts.
func (r *reader) variants(conn *ast.Connection, root layer, options document.Member, at ast.Origin) {
	var enabled []layer
	constant := true
	chosen := r.options.Settings["option"]
	for _, m := range options.Value.Members {
		here := memberOrigin(at, m)
		if m.Value.Kind != document.KindObject {
			r.atKey("MEM207", diag.Error, m.KeySpan, "the option "+m.Key+" is a "+m.Value.Kind.String()+", expected an object", "")
			continue
		}
		r.authKeys(m.Value, authKeys)
		l := layer{option: m.Key, nodes: append([]*document.Node{m.Value}, root.nodes...), origins: append([]ast.Origin{here}, root.origins...), fallback: root.fallback}
		switch e := m.Value.Get("enabled"); {
		case chosen != "":
			if chosen == m.Key {
				enabled = append(enabled, l)
			}
		case e == nil:
			enabled = append(enabled, l)
		case e.Kind == document.KindObject || e.Kind == document.KindArray && hasFormula(e):
			constant = false
			enabled = append(enabled, l)
		case !isFalsy(e):
			enabled = append(enabled, l)
		}
	}
	if chosen != "" || constant {
		if len(enabled) != 1 {
			r.atKey("MEM209", diag.Error, options.KeySpan, wrongChoice(enabled, chosen), "enable exactly one option, or name one with --option")
			return
		}
		r.authorisation(conn, enabled[0])
		return
	}
	conn.Words = map[string]string{ast.EventVariant: "MEM209", ast.EventCommon: "MEM501"}
	conn.CommonParameters = slices.DeleteFunc(r.commonParameters(root), func(p *ast.Parameter) bool { // what an option changes is its own
		return slices.ContainsFunc(enabled, func(l layer) bool {
			return l.nodes[0].Get("parametersSchema").Get("properties").Member(p.Name) != nil
		})
	})
	for _, l := range enabled {
		inner := &ast.Connection{At: l.origins[0], Dialect: conn.Dialect, Name: l.option, Library: conn.Library}
		if m, at := l.member("type"); m != nil && slices.Contains(otherTypes, m.Value.Text) {
			inner.Stages = refusal(memberOrigin(at, *m), otherType(m.Value.Text))
		} else {
			r.authorisation(inner, l)
		}
		v := &ast.Variant{At: l.origins[0], Name: l.option, Connection: inner}
		if m := l.nodes[0].Member("enabled"); m != nil {
			here := memberOrigin(l.origins[0], *m)
			v.Enabled = invoke(here, "truthy", r.formulas().lower(m.Value, here, configVariables))
		}
		conn.Variants = append(conn.Variants, v)
	}
}

// hasFormula reports whether anything below n may compute.
func hasFormula(n *document.Node) bool {
	return n.Kind == document.KindObject || slices.ContainsFunc(n.Items, hasFormula)
}

func wrongChoice(enabled []layer, chosen string) string {
	if chosen != "" {
		return "there is no option " + chosen
	}
	if len(enabled) == 0 {
		return "no option is enabled"
	}
	names := make([]string, len(enabled))
	for i, l := range enabled {
		names[i] = l.option
	}
	return "several options are enabled: " + strings.Join(names, ", ")
}

// known types of authorisation that are not compiled.
var otherTypes = strings.Fields("oauth2 client-credentials integration-app-token membrane-token proxy")

func otherType(name string) string {
	return "an authorisation of type " + name + " is not OAuth 1.0 and cannot be compiled"
}

// refusal is the run of an option of another type: it fails when the option is the one to use, and is no matter when it is not.
func refusal(at ast.Origin, message string) []*ast.Stage {
	raise := &ast.Invoke{At: at, Library: "core", Function: "raise", Args: []ast.Value{textOf(at, "MEM202"), textOf(at, "InvalidConfigurationError"), textOf(at, message)}}
	return []*ast.Stage{{At: at, Name: "authorize", Redirect: &ast.Redirect{At: at, URL: raise, Verdict: tokenVerdict}}}
}

// authorisation reads one way to authorise.
func (r *reader) authorisation(conn *ast.Connection, l layer) {
	m, _ := l.member("type")
	switch {
	case m == nil:
		r.atKey("MEM201", diag.Error, l.where(), "type is missing", "write type: oauth1")
		return
	case slices.Contains(otherTypes, m.Value.Text):
		r.skipFiles()
		r.atKey("MEM202", diag.Error, m.KeySpan, otherType(m.Value.Text), "")
		return
	case m.Value.Text != "oauth1":
		r.atKey("MEM201", diag.Error, m.KeySpan, "the type "+quote(m.Value)+" is not known", "write type: oauth1")
	}
	r.option = l.option
	r.connection(conn, l)
}

// skipFiles keeps files of an authorisation that is not read from being called unused.
func (r *reader) skipFiles() {
	for name := range r.files {
		r.used(name)
	}
}
