package membrane

import (
	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/parser/ast"
)

// variables are the names that the formulas of one place can ask for, in order.
type variables []variable

// variable is one of them: a value, or an object of further variables.
type variable struct {
	name    string
	value   func(at ast.Origin) ast.Value // nil when members hold it
	members variables
	self    *scope // the object of them all, where it stands for one
}

// scope is the object of all variables of a place. It is made once, so that what is compared by identity is one object
// wherever it is asked for.
type scope struct {
	local string
	used  bool
}

// scoped adds the scope of a place to its variables.
func (f *formulas) scoped(vs variables) (variables, *scope) {
	s := &scope{local: f.local("scope")}
	return append(vs[:len(vs):len(vs)], variable{self: s}), s
}

// bind makes the scope of variables around what asks for it.
func (s *scope) bind(at ast.Origin, vs variables, body ast.Value) ast.Value {
	if !s.used {
		return body
	}
	return &ast.Let{At: at, Name: s.local, Value: vs.object(at), Body: body}
}

// rootVariable is a root of the run.
func rootVariable(name, root string) variable {
	return variable{name: name, value: func(at ast.Origin) ast.Value { return &ast.Root{At: at, Name: root} }}
}

// rootMember is a member of a root.
func rootMember(name, root, key string) variable {
	return variable{name: name, value: func(at ast.Origin) ast.Value {
		return invoke(at, "walk", &ast.Root{At: at, Name: root}, textOf(at, string(locator.Append(nil, []locator.Step{{Name: key}}))))
	}}
}

func localVariable(name, local string) variable {
	return variable{name: name, value: func(at ast.Origin) ast.Value { return &ast.Local{At: at, Name: local} }}
}

func (vs variables) find(name string) (variable, bool) {
	for _, v := range vs {
		if v.self == nil && v.name == name {
			return v, true
		}
	}
	return variable{}, false
}

// whole is the object of all variables: the one of their scope, if they have one.
func (vs variables) whole(at ast.Origin) ast.Value {
	for _, v := range vs {
		if v.self != nil {
			v.self.used = true
			return &ast.Local{At: at, Name: v.self.local}
		}
	}
	return vs.object(at)
}

// object makes an object of all variables.
func (vs variables) object(at ast.Origin) ast.Value {
	o := &ast.Object{At: at}
	for _, v := range vs {
		if v.self == nil {
			o.Entries = append(o.Entries, ast.Entry{Key: v.name, Value: v.at(at)})
		}
	}
	return o
}

func (v variable) at(at ast.Origin) ast.Value {
	if v.value == nil {
		return v.members.whole(at)
	}
	return v.value(at)
}

// walk is what a locator finds in the variables; known is false when its first name is none of theirs.
func (vs variables) walk(at ast.Origin, steps []locator.Step) (found ast.Value, known bool) {
	if len(steps) == 0 {
		return vs.whole(at), true
	}
	if steps[0].Indexed {
		return missing(at), true
	}
	v, ok := vs.find(steps[0].Name)
	if !ok {
		return missing(at), false
	}
	if v.value == nil {
		found, _ = v.members.walk(at, steps[1:])
		return found, true
	}
	if len(steps) == 1 {
		return v.value(at), true
	}
	return invoke(at, "walk", v.value(at), textOf(at, string(locator.Append(nil, steps[1:])))), true
}
