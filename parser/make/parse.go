package make

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/template"
)

// Parse implements parser.Dialect: it reads all parts of a connection and checks them statically (spec make.md §4, §5,
// §26).
//
// Misspelt keys are told alone: the parts are then read once more as they were meant, for what else is wrong with them.
func (Dialect) Parse(src parser.Source, o parser.Options) (*ast.Connection, *diag.List) {
	c, list := read(src, o, false)
	if slices.ContainsFunc(list.Items, func(d diag.Diagnostic) bool { return d.Code == "MAKE201" && len(d.Fixes) > 0 }) {
		_, list = read(src, o, true)
	}
	return c, list
}

func read(src parser.Source, o parser.Options, meant bool) (*ast.Connection, *diag.List) {
	r := &reader{meant: meant, notation: template.Options{DisableAngle: o.DisableAngle, Strict: o.Strict}, verdict: verdict(o.LegacyErrorTypes)}
	if cmp.Or(o.Query, src.Settings["query"]) == "join" {
		r.queryMode = ast.QueryOverride
	}
	src, functions := cutFunctions(src)
	parts, calls := r.parts(&src)
	c := &ast.Connection{Dialect: src.Dialect, Name: src.Name, Files: files(src), Redirects: redirects, Words: eventCodes}
	s := r.connection(c, src.Declared, parts)
	if e, ok := parts[Base]; ok && r.isObject(e, "base") {
		c.Base = r.request(e, inBase)
	}
	r.base = c.Base
	for _, call := range calls {
		if reqs := r.requests(call, inCall); len(reqs) > 0 {
			c.Calls = append(c.Calls, &ast.Call{At: call.origin(), Name: call.name, Requests: reqs})
		}
	}
	if e, ok := parts[AppCommon]; ok && r.isObject(e, "common data of the app") {
		r.appTimeout(c, e)
	}
	leaves := r.leaves
	r.inputs(c, parts)
	r.leaves = leaves // install directives see other names
	r.plaintext(c, s)
	r.handshake(s, c.Base, c.Calls)
	r.temps(s)
	r.members(s, c, parts)
	if o.Scripts {
		c.Hooks = hooks(functions, r.functions)
	}
	if o.Lint {
		r.lint(s)
	}
	c.OAuth, c.Stages, c.Renew, c.TokenHelp = s.oauth, s.stages(), s.renew, tokenHelp(s)
	if s.kind == kindBasic {
		refuseSigning(c)
	}
	r.quiet()
	if o.Strict {
		r.list.Promote()
	}
	r.list.Sort()
	return c, &r.list
}

// files are those that plans show places in. The common data of the app, which may hold keys, is none of them.
func files(src parser.Source) []*source.File {
	var out []*source.File
	for _, p := range src.Parts {
		if p.Role != AppCommon {
			out = append(out, p.File)
		}
	}
	return out
}

// quiet drops the warnings and notes of files that are not JSON: what is left of such a file looks as if things were
// missing.
func (r *reader) quiet() {
	r.list.Items = slices.DeleteFunc(r.list.Items, func(d diag.Diagnostic) bool {
		return d.Severity != diag.Error && slices.Contains(r.broken, d.Span.File)
	})
}

// parts reads the documents of all roles and calls. A communication that is an object with "communication" or "api"
// holds the other parts too: our own single-file form.
func (r *reader) parts(src *parser.Source) (map[string]entry, []entry) {
	out := map[string]entry{}
	var calls []entry
	for _, p := range src.Parts {
		e, ok := r.document(p.File)
		switch {
		case !ok || e.is(document.KindNull) && p.Role != Communication && p.Role != Call: // a null part is kept out of the local copy (spec make.md §2.2)
		case p.Role == Call:
			e.name = p.Name
			calls = append(calls, e)
		case p.Role == Communication && (e.node.Member("communication") != nil || e.node.Member("api") != nil):
			calls = append(calls, r.singleFile(src, e, out)...)
		default:
			out[p.Role] = e
		}
	}
	if src.File(Communication) == nil {
		r.list.Errorf("MAKE101", source.Span{}, "the connection has no communication part, expected a file with its requests")
	}
	return out, calls
}

// document reads one file.
func (r *reader) document(f *source.File) (entry, bool) {
	if f == nil {
		return entry{}, false
	}
	doc, problems := document.ParseJSONC(f, document.Options{Code: "MAKE101"})
	for _, d := range problems {
		r.list.Add(d)
		r.broken = append(r.broken, f)
	}
	for _, d := range doc.Duplicates {
		r.list.Add(diag.Diagnostic{Code: "MAKE102", Severity: diag.Warning, Span: d.Later, Pointer: d.Pointer,
			Message: "the key " + quoteName(d.Key) + " is written twice; this one counts", Related: []diag.Related{{Span: d.First, Message: "first written here"}}})
	}
	if doc.Root == nil || doc.Root.Kind == document.KindInvalid {
		return entry{}, false
	}
	e := rootEntry(doc.Root)
	// Of a key written twice the tree holds the later one; the first key of the file is the first as written.
	for _, d := range slices.Backward(doc.Duplicates) {
		if d.Later == e.key {
			e.key = d.First
		}
	}
	return e, true
}

// singleFile spreads one document over the roles. Parts given as files of their own are kept.
func (r *reader) singleFile(src *parser.Source, root entry, out map[string]entry) []entry {
	known := keySet("name", "type", "calls", "functions")
	for _, p := range partTable {
		maps.Copy(known, keySet(p.names...))
	}
	var calls []entry
	for _, e := range r.fields(root, known) {
		role := roleOf(e.name)
		switch {
		case role != "" && e.is(document.KindNull):
		case role != "" && src.File(role) != nil && role != Communication:
		case role != "":
			out[role] = e
		case e.name == "calls" && e.is(document.KindObject):
			for _, m := range e.node.Members {
				calls = append(calls, e.member(m))
			}
		case e.name == "functions" && e.is(document.KindObject):
			for _, m := range e.node.Members {
				if f := e.member(m); f.is(document.KindText) {
					r.functions = append(r.functions, f)
				} else {
					r.wrongType(f, "the code of a function")
				}
			}
		case e.name == "functions":
			r.wrongType(e, "an object of functions in JavaScript by name")
		case e.name == "calls":
			r.wrongType(e, "an object of requests by name")
		case !e.is(document.KindText):
			r.wrongType(e, "a text")
		case e.name == "name":
			src.Name = cmp.Or(src.Name, e.node.Text)
		case e.name == "type":
			src.Declared = cmp.Or(src.Declared, e.node.Text)
		}
	}
	return calls
}

// isObject reports MAKE101 for a part whose root is no object.
func (r *reader) isObject(e entry, part string) bool {
	return r.isRoot(e, part, document.KindObject, "an object")
}

func (r *reader) isRoot(e entry, part string, kind document.Kind, expected string) bool {
	if e.is(kind) {
		return true
	}
	if !e.is(document.KindInvalid) {
		r.errorf("MAKE101", e, "the %s part is %s, expected %s", part, kindPhrase(e.node.Kind), expected)
	}
	return false
}

// connection reads the communication part.
func (r *reader) connection(c *ast.Connection, declared string, parts map[string]entry) *sections {
	e, ok := parts[Communication]
	if !ok {
		return &sections{}
	}
	c.At = e.origin()
	kind, byShape := kindOf(e.node, declared)
	s := &sections{kind: kind}
	if !e.is(document.KindArray) && !r.isObject(e, "communication") {
		return s
	}
	if e.pointer != "" && len(e.node.Members) > 0 {
		e.key = e.node.Members[0].KeySpan // the single-file form: the root of the part
	}
	if byShape && contradicts(declared, kind) {
		r.warnf("MAKE104", e, "the connection is declared %q, but its shape is that of %s", declared, kind)
	}
	mixed := r.mixed(e)
	switch kind {
	case kindBasic:
		s.info = r.requests(withoutMembers(e, mixed), inBasic)
		r.sectionsOfNoKind(e)
	case kindOAuth1:
		r.sections(s, e, mixed)
	case kindOAuth2:
		r.oauth2(e)
	}
	return s
}

// sectionsOfNoKind says of sections of a handshake why they are unknown keys: nothing else shows a handshake, and so this is
// read as a basic connection, which does nothing (spec make.md §4.1).
func (r *reader) sectionsOfNoKind(e entry) {
	for i := range r.list.Items {
		d := &r.list.Items[i]
		if name := strings.TrimPrefix(d.Pointer, e.pointer+"/"); d.Code == "MAKE201" && e.node.Member("url") == nil && (name == string(inInfo) || name == string(inAuthorize)) {
			d.Severity = diag.Error
			d.Message = strconv.Quote(name) + " is a section of OAuth, and without requestToken, accessToken and oauth this is read as a basic connection"
			d.Help = "write \"oauth\" at the root, or requestToken and accessToken; a basic connection has its request at the root"
		}
	}
}

// withoutMembers drops the keys that a diagnostic was already given for.
func withoutMembers(e entry, drop map[string]bool) entry {
	if len(drop) == 0 {
		return e
	}
	n := *e.node
	n.Members = slices.DeleteFunc(slices.Clone(n.Members), func(m document.Member) bool { return drop[m.Key] })
	e.node = &n
	return e
}

// oauth2 refuses what spec make.md §20 leaves for later.
func (r *reader) oauth2(e entry) {
	for _, m := range e.node.Members {
		if slices.Contains(oauth2Sections, m.Key) {
			e = e.member(m)
			break
		}
	}
	r.report(diag.Error, "MAKE105", e, "only OAuth 1.0 and basic connections are supported", "this is an OAuth 2.0 connection")
}
