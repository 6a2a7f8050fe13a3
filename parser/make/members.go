package make

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// leaf is a text with holes, and the section it stands in; "" is the root directive oauth.
type leaf struct {
	template *ast.Template
	section  section
}

// members reports names behind a root that can hold no value, as the spec itself shows: what is declared, what is
// stored, and what a callback and a token answer bring.
func (r *reader) members(s *sections, c *ast.Connection, parts map[string]entry) {
	store, common := r.storeMembers(s, c, parts), map[string]bool{}
	if o, ok := c.Common.(*ast.Object); ok {
		for _, x := range o.Entries {
			common[x.Key] = true
		}
	}
	for _, l := range r.leaves {
		for _, p := range pathsOf(l.template) {
			name, ok := p.Base.(*grammar.Root)
			if !ok || len(p.Steps) == 0 || p.Steps[0].Kind != grammar.StepName {
				continue
			}
			switch name.Name {
			case "oauth":
				r.oauthMember(l, p)
			case "parameters", "data", "connection":
				if name.Name != "parameters" || !l.section.module() {
					r.storeMember(l, p, name.Name, store)
				}
			case "common":
				r.commonMember(l, p, common)
			case "query":
				r.protocolMember(l, p, "the callback", callbackMembers)
			case "body":
				if l.section == inRequestToken || l.section == inAccessToken {
					r.protocolMember(l, p, "a token answer", answerMembers)
				}
			}
		}
	}
}

// The protocol parameters of a callback and of a token answer (RFC 5849 §2.1 to §2.3, and the problem reporting
// extension). Services add names of their own.
var (
	callbackMembers = []string{"oauth_token", "oauth_verifier", "oauth_problem", "oauth_problem_advice", "denied"}
	answerMembers   = []string{"oauth_token", "oauth_token_secret", "oauth_callback_confirmed", "oauth_expires_in", "oauth_session_handle", "oauth_problem"}
)

// known is what is known of the members of a root.
type known struct {
	names map[string]bool
	// open says that the run may bring other names.
	open bool
}

// storeMembers are the names in the data of the connection: its parameters, and what response.data writes.
func (r *reader) storeMembers(s *sections, c *ast.Connection, parts map[string]entry) map[string]known {
	params, ok := parts[Params]
	declared := known{names: map[string]bool{}, open: !ok || !params.is(document.KindArray) || r.remote}
	declare(declared.names, c.Parameters)
	stored := known{names: maps.Clone(declared.names), open: declared.open}
	for _, section := range s.inOrder() {
		for _, req := range section.requests {
			if req.Response == nil || section.name == inAuthorize {
				continue
			}
			switch data := req.Response.Data.(type) {
			case nil:
			case *ast.Object:
				for _, x := range data.Entries {
					stored.names[x.Key] = true
					stored.open = stored.open || x.Spread
				}
			default:
				stored.open = true
			}
		}
	}
	all := known{names: stored.names, open: stored.open}
	out := map[string]known{"data": all, "connection": all, "parameters": all}
	if !ok { // what parameters there are is known to the host only, and stored data goes by the other names
		out["parameters"] = known{open: true}
	}
	return out
}

func declare(names map[string]bool, list []*ast.Parameter) {
	for _, p := range list {
		names[p.Name] = true
		declare(names, p.Nested)
		for _, o := range p.Options {
			declare(names, o.Nested)
		}
	}
}

func (r *reader) storeMember(l leaf, p *grammar.Path, root string, store map[string]known) {
	name, set := p.Steps[0].Name, store[root]
	if set.names[name] {
		return
	}
	near := misspelt(name, maps.Keys(set.names))
	switch {
	case near != "":
		r.unknownMember(l, p, diag.Error, near, "neither a parameter nor stored data is named %q", clip(name))
	case !set.open && len(set.names) > 0:
		r.unknownMember(l, p, diag.Warning, "", "neither a parameter nor stored data is named %q", clip(name))
	}
}

// commonMember looks at the names of the common data that lies beside the connection; a host may have more.
func (r *reader) commonMember(l leaf, p *grammar.Path, common map[string]bool) {
	if name := p.Steps[0].Name; !common[name] {
		if near := misspelt(name, maps.Keys(common)); near != "" {
			r.unknownMember(l, p, diag.Error, near, "the common data have no %q", clip(name))
		}
	}
}

func (r *reader) oauthMember(l leaf, p *grammar.Path) {
	var names []string
	for _, m := range l.template.Scope.Names["oauth"].Members {
		names = append(names, m.Name)
	}
	name := p.Steps[0].Name
	if _, elsewhere := oauthMembers[name]; len(names) == 0 || elsewhere {
		return
	}
	severity, near := diag.Warning, misspelt(name, slices.Values(names))
	if near != "" {
		severity = diag.Error
	}
	if d := r.unknownMember(l, p, severity, near, "oauth has no %q here", clip(name)); near == "" {
		d.Help = "its members are " + strings.Join(names, ", ")
	}
}

func (r *reader) protocolMember(l leaf, p *grammar.Path, where string, names []string) {
	name := p.Steps[0].Name
	if slices.Contains(names, name) {
		return
	}
	if near := misspelt(name, slices.Values(names)); near != "" {
		r.unknownMember(l, p, diag.Error, near, "%s has no %q", where, clip(name))
	}
}

// unknownMember reports MAKE321 at the name behind the root.
func (r *reader) unknownMember(l leaf, p *grammar.Path, severity diag.Severity, near, format string, args ...any) *diag.Diagnostic {
	at := nameOf(l.template, p.Steps[0])
	d := r.list.Errorf("MAKE321", at, format, args...)
	d.Usable, d.Severity, d.Pointer, d.Help = true, severity, l.template.At.Pointer, "declare the parameter, or store the value with response.data"
	if near != "" {
		d.Help = "did you mean " + strconv.Quote(near) + "?"
		if at.Text() == p.Steps[0].Name {
			d.Fixes = []diag.Fix{{Title: "write " + near, Edits: []diag.Edit{{Span: at, Text: near}}}}
		}
	}
	return d
}

// nameOf is the place of the name of a step, without the dot before it.
func nameOf(t *ast.Template, step grammar.Step) source.Span {
	at := t.Map.Span(step.At.Start, step.At.End)
	if strings.HasSuffix(at.Text(), step.Name) {
		at.Start = at.End - len(step.Name)
	}
	return at
}

// misspelt returns the name that another one was certainly meant to be, "" when that is not certain: names that only
// differ in digits are names of a series, and short ones are near everything.
func misspelt(name string, names iter.Seq[string]) string {
	limit := min(2, len(name)/4)
	if limit == 0 {
		return ""
	}
	near := nearest.Name(name, limit, names)
	if near != name && withoutDigits(near) == withoutDigits(name) {
		return ""
	}
	return near
}

func withoutDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return -1
		}
		return c
	}, s)
}
