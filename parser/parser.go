package parser

import (
	"io/fs"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// Dialect reads one way of writing connections. It knows nothing of plans, engines or other dialects. Implementations
// are stateless and safe for concurrent use.
type Dialect interface {
	// Name is the name that options and diagnostics use.
	Name() string
	// Recognise looks for the marker of the dialect in a file or a folder.
	Recognise(*Tree) Mark
	// Load reads the files of the connections that a path names: a file, or a folder that Recognise took or that the
	// caller insists on. Names of files are those of fsys. It returns at least one source, an error in the list, or a
	// note that there is no connection.
	Load(fsys fs.FS, path string) ([]Source, *diag.List)
	// Parse reads one connection and checks it. It never returns nil; the list is sorted and holds every diagnostic of
	// every file, in strict mode with warnings as errors. When it has errors the connection is what could be read and
	// must not be compiled.
	Parse(Source, Options) (*ast.Connection, *diag.List)
}

// Source is one connection as its files hold it.
type Source struct {
	// Dialect is the name of the dialect that reads it. Variant is one of several forms of that dialect, "" for its
	// only one.
	Dialect, Variant string
	// Name is the name of the connection; it may be empty.
	Name string
	// Declared is the type of connection that something around the files states, in the words of the dialect, or "".
	Declared string
	// Settings are choices of reading that the files around the connection make, under the names of Options in small letters;
	// what Options say goes before them.
	Settings map[string]string
	// Parts are the files, in an order that does not depend on where they lie: plans are identified by it.
	Parts []Part
}

// Part is one file of a connection.
type Part struct {
	// Role says in the words of the dialect what the file is for. Name tells several parts of one role apart.
	Role, Name string
	File       *source.File
}

// File returns the file of a role, nil when there is none.
func (s Source) File(role string) *source.File {
	for _, p := range s.Parts {
		if p.Role == role {
			return p.File
		}
	}
	return nil
}

// Files returns the files in their order.
func (s Source) Files() []*source.File {
	out := make([]*source.File, len(s.Parts))
	for i, p := range s.Parts {
		out[i] = p.File
	}
	return out
}

// Options are the choices of reading a spec. The zero value is the default of every one; a dialect that does not have a
// choice takes no notice of it.
type Options struct {
	// Strict turns every warning into an error.
	Strict bool
	// Lint adds opinions that the platform of the dialect does not have.
	Lint bool
	// DisableAngle makes << and >> plain text where templates may be written with them.
	DisableAngle bool
	// LegacyErrorTypes gives failures the types that the platform gave them before it looked at the status.
	LegacyErrorTypes bool
	// Query says what becomes of the query of a URL beside a directive for the query: "" for the default of the
	// dialect, "replace" or "join".
	Query string
	// Pattern says what is wrong with a regular expression of JavaScript, for dialects that have them; nil accepts
	// every one.
	Pattern func(pattern string) error
	// Library reports whether expressions can call the functions of a library that not every program has; nil is never.
	Library func(name string) bool
	// Settings are further choices by name, for dialects that have them.
	Settings map[string]string
	// Scripts says that scripts become part of the connection (ast.Hook); without it the dialect reports them.
	Scripts bool
}

// Find returns the dialect of that name among dialects, and the variant that the choice names: "name:variant".
func Find(dialects []Dialect, choice string) (d Dialect, variant string, ok bool) {
	name, variant, _ := strings.Cut(choice, ":")
	for _, d := range dialects {
		if d.Name() == name {
			return d, variant, true
		}
	}
	return nil, "", false
}
