package make

import (
	"maps"
	"slices"

	"github.com/imlc-lang/imlc/internal/source"
)

// Role names a part of a connection (spec make.md §2.1).
type Role string

// The roles. Only Communication is needed.
const (
	Communication     Role = "communication"
	Params            Role = "params"
	Common            Role = "common"
	DefaultScope      Role = "defaultScope"
	ScopeList         Role = "scopeList"
	InstallSpec       Role = "installSpec"
	InstallDirectives Role = "installDirectives"
	// Base is the app's base, merged under calls (spec make.md §16).
	Base Role = "base"
)

// Options are the choices of a reading. The zero value is the default of every one.
type Options struct {
	// Strict turns every warning into an error (spec make.md §4.3).
	Strict bool
	// DisableAngle makes << and >> plain text (spec iml.md §3.1).
	DisableAngle bool
	// LegacyErrorTypes makes RuntimeError the default error type of every failing status (spec make.md §11.1).
	LegacyErrorTypes bool
	// JoinQuery keeps the query of a URL beside the directive qs (spec make.md §7.2, option query: join).
	JoinQuery bool
	// Lint adds the opinions MAKE310 to MAKE316, which the spec does not know.
	Lint bool
}

// Input is a set of texts by role; nothing in it depends on paths (spec make.md §2.2).
type Input struct {
	// Name is the name of the connection; it may be empty.
	Name string
	// DeclaredType is the connection type a project file states: "basic", "oauth", "oauth1", or "" for none.
	DeclaredType string
	Parts        map[Role]*source.File
	// Calls are request files by name; each holds a request or a list of requests.
	Calls   map[string]*source.File
	Options Options
}

// roleOrder is the order in which parts are read; the communication comes first.
var roleOrder = []Role{Communication, Params, Common, DefaultScope, ScopeList, InstallSpec, InstallDirectives, Base}

// Roles returns the roles in the order in which parts are read.
func Roles() []Role { return slices.Clone(roleOrder) }

// Files returns all files of the input in a fixed order: parts by role, then calls by name.
func (in Input) Files() []*source.File {
	var out []*source.File
	for _, role := range roleOrder {
		if f := in.Parts[role]; f != nil {
			out = append(out, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Calls)) {
		if f := in.Calls[name]; f != nil {
			out = append(out, f)
		}
	}
	return out
}
