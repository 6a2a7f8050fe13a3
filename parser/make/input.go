package make

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
)

// The roles of the parts of a connection (spec make.md §2.1). Only Communication is needed.
const (
	Communication     = "communication"
	Params            = "params"
	Common            = "common"
	DefaultScope      = "defaultScope"
	ScopeList         = "scopeList"
	InstallSpec       = "installSpec"
	InstallDirectives = "installDirectives"
	// Base is the app's base, merged under calls (spec make.md §16).
	Base = "base"
	// AppCommon is the common data of the app, which modules see; a timeout in it is that of module requests.
	AppCommon = "appCommon"
	// Call is one of any number of request files, which have names.
	Call = "call"
	// Function is one of any number of functions of the app in JavaScript, which have names.
	Function = "function"
)

// part is a role with the names that editor and API have for it (spec make.md §2.1).
type part struct {
	role  string
	names []string
}

// partTable is in the order in which parts are read; the communication comes first.
var partTable = []part{
	{Communication, []string{"communication", "api"}},
	{Params, []string{"params", "parameters"}},
	{Common, []string{"common"}},
	{DefaultScope, []string{"defaultScope", "scope"}},
	{ScopeList, []string{"scopeList", "scopes"}},
	{InstallSpec, []string{"installSpec"}},
	{InstallDirectives, []string{"installDirectives", "install"}},
	{Base, []string{"base"}},
	{AppCommon, []string{"appCommon"}},
}

// Roles returns the roles that are there once at most, in the order in which parts are read.
func Roles() []string {
	out := []string{}
	for _, p := range partTable {
		out = append(out, p.role)
	}
	return out
}

// roleOf returns the role of a part that editor or API call by that name, "" for a name of none.
func roleOf(name string) string {
	for _, p := range partTable {
		if slices.Contains(p.names, name) {
			return p.role
		}
	}
	return ""
}

// RoleOfFile returns the role that the name of a file shows, with the prefix in front of it, which is that of the
// connection: "x.params.iml.json" is the params of x. In an app of one flat folder each prefix begins with the kind of
// the component, and only those of connections have roles. declared is the connection type that the name states, or "" (spec
// make.md §2.2).
func RoleOfFile(file string) (prefix, role, declared string) {
	for _, ext := range extensions {
		word, found := strings.CutSuffix(file, ext)
		if !found {
			continue
		}
		if i := strings.LastIndexByte(word, '.'); i >= 0 {
			prefix, word = word[:i], word[i+1:]
		}
		kind, id, _ := strings.Cut(prefix, ".")
		switch {
		case slices.Contains(componentKinds, kind):
			return prefix, "", ""
		case kind == "connection":
			prefix = id
		}
		if word == "oauth-communication" {
			return prefix, Communication, "oauth"
		}
		return prefix, roleOf(camel(word)), ""
	}
	return "", "", ""
}

var extensions = []string{".iml.jsonc", ".iml.json", ".imljson", ".jsonc", ".json"}

// componentKinds are the kinds of components of an app that are no connections. A folder of the plural holds those of a
// kind, and a prefix the kind itself.
var componentKinds = []string{"module", "rpc", "webhook", "function", "endpoint", "hook"}

// camel turns default-scope into defaultScope.
func camel(word string) string {
	words := strings.Split(word, "-")
	for i := 1; i < len(words); i++ {
		if r := []rune(words[i]); len(r) > 0 {
			words[i] = string(unicode.ToUpper(r[0])) + string(r[1:])
		}
	}
	return strings.Join(words, "")
}

// Source returns the connection that files by role and call files by name make up.
func Source(name string, parts, calls map[string]*source.File) parser.Source {
	s := parser.Source{Dialect: "make", Name: name}
	for _, p := range partTable {
		if f := parts[p.role]; f != nil {
			s.Parts = append(s.Parts, parser.Part{Role: p.role, File: f})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		if f := calls[name]; f != nil {
			s.Parts = append(s.Parts, parser.Part{Role: Call, Name: name, File: f})
		}
	}
	return s
}

// With returns a source with one more part: of its role and name the given one counts.
func With(src parser.Source, role, name string, f *source.File) parser.Source {
	parts, calls := map[string]*source.File{}, map[string]*source.File{}
	functions := map[string]*source.File{}
	for _, p := range append(slices.Clone(src.Parts), parser.Part{Role: role, Name: name, File: f}) {
		switch p.Role {
		case Call:
			calls[p.Name] = p.File
		case Function:
			functions[p.Name] = p.File
		default:
			parts[p.Role] = p.File
		}
	}
	src.Parts = WithFunctions(Source("", parts, calls), functions).Parts
	return src
}
