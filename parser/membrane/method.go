package membrane

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// implementation is a way to write a method.
type implementation struct {
	name     string
	suffixes []string // of its files, in order
}

// The implementations (spec dialects.md §2.1).
const (
	mapping       = "mapping"
	restMapping   = "rest-api-mapping"
	graphMapping  = "graphql-api-mapping"
	operation     = "operation-mapping"
	javascript    = "javascript"
	notSupported  = "not-supported"
	graphSuffix   = ".graphql.yml"
	opSuffix      = ".op.yml"
	mappingSuffix = ".map.yml"
)

var implementations = []implementation{
	{mapping, []string{mappingSuffix, ".yml"}}, {restMapping, []string{".rest.yml", ".api.yml"}}, {graphMapping, []string{graphSuffix}},
	{operation, []string{opSuffix}}, {javascript, []string{".js", ".ts"}}, {notSupported, nil},
}

func implementationOf(name string) (implementation, bool) {
	i := slices.IndexFunc(implementations, func(x implementation) bool { return x.name == name })
	if i < 0 {
		return implementation{}, false
	}
	return implementations[i], true
}

// methodRule says how a method may be written, and whether it must be there.
type methodRule struct {
	name     string
	allowed  []string
	required bool
}

// The methods of an OAuth 1.0 connection (spec dialects.md §2.2).
var methodRules = []methodRule{
	{"getOAuthConfig", []string{mapping, javascript}, true},
	{"makeApiClient", []string{mapping, javascript}, true},
	{"test", []string{restMapping, graphMapping, operation, javascript}, true},
	{"refreshCredentials", []string{javascript}, false},
	{"disconnect", []string{javascript}, false},
}

// otherMethods belong to other types of authorisation.
func isOtherMethod(key string) bool {
	return key == "getTokenData" || strings.HasPrefix(key, "getCredentialsFrom") || key == "getCredentials"
}

// method is a method as it was found.
type method struct {
	rule methodRule
	// key is the entry of the method in the spec; how is the implementation.
	key document.Member
	how string
	// body is what the method says; at is its place. nil when it is a script or could not be read.
	body *document.Node
	at   ast.Origin
	// whole is the value of body when it is computed whole, set once its first part is asked for.
	whole ast.Value
	// kept is where the result of a script is kept, "" for a mapping.
	kept string
	// hook is the name of the hook of a script, once it is declared.
	hook string
	// file is the file of a script, nil when it stands in the spec.
	file *source.File
}

// fileKeys are the names of the files of a method: the name in kebab case, and for getOAuthConfig also without its get.
func fileKeys(name string) []string {
	if name == "getOAuthConfig" {
		return []string{"get-oauth-config", "oauth-config"}
	}
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return []string{b.String()}
}

// method reads one method of an authorisation; nil when there is none that can be used.
func (r *reader) method(rule methodRule, auth layer) *method {
	m, origin := auth.member(rule.name)
	if m == nil {
		if rule.required {
			r.atKey("MEM203", diag.Error, auth.where(), "the method "+rule.name+" is missing", "add it: a connection cannot be made without it")
		}
		return nil
	}
	out := &method{rule: rule, key: *m, at: origin}
	if m.Value.Kind != document.KindObject {
		r.atKey("MEM207", diag.Error, m.KeySpan, rule.name+" is a "+m.Value.Kind.String()+", expected an object", "write {implementationType: "+rule.allowed[0]+"}")
		return nil
	}
	r.unknown(m.Value, "implementationType", "type", "mapping", "code", "filePath")
	how := m.Value.Member("implementationType")
	if how == nil {
		how = m.Value.Member("type")
	}
	if how != nil {
		if _, known := implementationOf(how.Value.Text); !known || !slices.Contains(rule.allowed, how.Value.Text) {
			if how.Value.Text == notSupported {
				if rule.required {
					r.atKey("MEM203", diag.Error, m.KeySpan, "the method "+rule.name+" is switched off", "add it: a connection cannot be made without it")
				}
				return nil
			}
			r.atKey("MEM204", diag.Error, m.KeySpan, rule.name+" cannot be a "+quote(how.Value), "use one of "+strings.Join(rule.allowed, ", "))
			return nil
		}
		out.how = how.Value.Text
	}
	if !r.body(out, auth) {
		return nil
	}
	return out
}

func quote(n *document.Node) string {
	if n.Kind == document.KindText {
		return n.Text
	}
	return n.Kind.String()
}

// body finds what the method says: beside it, in the file that it names, or in a file of its name.
func (r *reader) body(m *method, auth layer) bool {
	node := m.key.Value
	switch {
	case node.Member("mapping") != nil:
		inner := *node.Member("mapping")
		m.body, m.at = inner.Value, memberOrigin(memberOrigin(m.at, m.key), inner)
		if m.how == "" {
			m.how = m.rule.allowed[0]
		}
		return true
	case node.Member("code") != nil:
		m.how = javascript
		return true
	case node.Member("filePath") != nil:
		return r.filePath(m, *node.Member("filePath"))
	}
	return r.ownFile(m, auth)
}

func (r *reader) filePath(m *method, named document.Member) bool {
	if named.Value.Kind != document.KindText {
		r.atKey("MEM207", diag.Error, named.KeySpan, "filePath is "+article(named.Value.Kind)+", expected a text", "name a file inside the folder")
		return false
	}
	name, ok := insideFolder(named.Value.Text)
	if !ok {
		r.atKey("MEM106", diag.Error, named.KeySpan, "filePath leaves the folder of the spec", "name a file inside the folder")
		return false
	}
	f := r.files[name]
	if f == nil {
		r.atKey("MEM101", diag.Error, named.KeySpan, "the file "+name+" cannot be read", "filePath is seen from the folder of the spec")
		return false
	}
	if m.how == "" {
		m.how = r.guess(name, m.rule)
	}
	return r.use(m, name, f)
}

// guess is the implementation that a file name shows.
func (r *reader) guess(name string, rule methodRule) string {
	for _, how := range rule.allowed {
		i, _ := implementationOf(how)
		if slices.ContainsFunc(i.suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			return how
		}
	}
	return rule.allowed[0]
}

// ownFile looks for the file of a method below auth/, that of the option first.
func (r *reader) ownFile(m *method, auth layer) bool {
	var folders []string
	if auth.option != "" {
		folders = append(folders, "auth/"+auth.option+"/")
	}
	for _, folder := range append(folders, "auth/") {
		var found []string
		for _, how := range m.rule.allowed {
			if m.how != "" && m.how != how {
				continue
			}
			i, _ := implementationOf(how)
			for _, key := range fileKeys(m.rule.name) {
				for _, suffix := range i.suffixes {
					if name := folder + key + suffix; r.files[name] != nil {
						found = append(found, name)
					}
				}
			}
		}
		switch {
		case len(found) > 1:
			r.used(found...)
			r.atKey("MEM104", diag.Error, m.key.KeySpan, "several files are of the method "+m.rule.name+": "+strings.Join(found, ", "), "keep one of them")
			return false
		case len(found) == 1:
			if m.how == "" {
				m.how = r.guess(found[0], m.rule)
			}
			return r.use(m, found[0], r.files[found[0]])
		}
	}
	r.atKey("MEM103", diag.Error, m.key.KeySpan, "no file is of the method "+m.rule.name, "add auth/"+fileKeys(m.rule.name)[0]+r.suffix(m))
	return false
}

func (r *reader) suffix(m *method) string {
	if i, ok := implementationOf(m.how); ok && len(i.suffixes) > 0 {
		return i.suffixes[0]
	}
	return mappingSuffix
}

// use reads the file of a method.
func (r *reader) use(m *method, name string, f *source.File) bool {
	r.used(name)
	if m.how == javascript {
		m.file = f
		if strings.HasSuffix(name, ".ts") {
			r.atKey("MEM407", diag.Error, m.key.KeySpan, name+" is TypeScript, which cannot be run", "compile it to JavaScript")
			return false
		}
		return true
	}
	doc := r.document(name, f)
	if doc == nil {
		return false
	}
	m.body, m.at = doc, ast.Origin{Span: doc.Span, Key: firstKey(doc)}
	return true
}

// firstKey is where a diagnostic about a whole document points: its first key, or its beginning.
func firstKey(n *document.Node) source.Span {
	if span, ok := n.FirstKey(); ok {
		return span
	}
	return n.Span
}
