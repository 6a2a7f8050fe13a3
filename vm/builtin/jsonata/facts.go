package jsonata

import (
	"reflect"
	"slices"

	"github.com/blues/jsonata-go/jparse"
)

// facts are what the data say about the members that an expression names, wherever these lie. They hold for members
// that come from the data, not for those of objects that the expression makes.
type facts struct {
	members map[string]*fact
	// nested says that a list may lie in a list.
	nested bool
}

// fact is what is known of all members with one name.
type fact struct {
	// heaviest is the weight of the heaviest.
	heaviest weight
	// numbers says that one has a number in it, isText that all are texts.
	numbers, isText bool
	// made says that the expression makes such members.
	made bool
}

// of returns what is known of the members of a name.
func (f *facts) of(name string) (fact, bool) {
	m, ok := f.members[name]
	if !ok || m.made {
		return fact{}, false
	}
	return *m, true
}

// nesting are the functions that may put lists into lists; of others the result lies in the data or is no list.
var nesting = []string{"map", "each", "reduce", "zip", "append", "split", "match", "merge", "spread", "keys"}

// learn looks through the expression for names, and through the data for what they stand for.
func learn(node jparse.Node, data any, w *walk) (facts, weight) {
	f := facts{members: map[string]*fact{}}
	var made []string
	all := false
	inspect(reflect.ValueOf(node), func(n any) {
		switch n := n.(type) {
		case *jparse.NameNode:
			f.members[n.Value] = &fact{heaviest: 1, isText: true}
		case *jparse.ObjectNode:
			for _, pair := range n.Pairs {
				if key, ok := pair[0].(*jparse.StringNode); ok {
					made = append(made, key.Value)
				} else {
					all = true
				}
			}
		case *jparse.ArrayNode:
			f.nested = true
		case *jparse.VariableNode: // also a function that is called
			f.nested = f.nested || slices.Contains(nesting, n.Name)
			if n.Name == "match" {
				made = append(made, "match", "index", "groups")
			}
		}
	})
	for name, m := range f.members {
		m.made = all || slices.Contains(made, name)
	}
	weighs, _ := f.look(data, w)
	return f, weighs
}

// look learns from the data. It returns the weight, and whether there is a number in them.
func (f *facts) look(data any, w *walk) (weighs weight, numbers bool) {
	w.step()
	weighs = 1
	switch x := data.(type) {
	case float64:
		return 1, true
	case string:
		return weighText(x), false
	case []any:
		for _, item := range x {
			f.nested = f.nested || isList(item)
			heavy, has := f.look(item, w)
			weighs, numbers = weighs+heavy, numbers || has
		}
	case map[string]any:
		for key, member := range x {
			heavy, has := f.look(member, w)
			weighs, numbers = weighs+heavy+weight(len(key))/textBytes, numbers || has
			if m := f.members[key]; m != nil {
				_, isText := member.(string)
				m.heaviest, m.numbers, m.isText = max(m.heaviest, heavy), m.numbers || has, m.isText && isText
			}
		}
	}
	return weighs, numbers
}

// isScalar reports whether a node gives no list of numbers: an operator does not, nor does a member that has no numbers
// in the data.
func (b *bound) isScalar(node jparse.Node) bool {
	switch n := node.(type) {
	case *jparse.NumberNode, *jparse.NegationNode, *jparse.ComparisonOperatorNode, *jparse.BooleanOperatorNode, *jparse.NumericOperatorNode, *jparse.StringConcatenationNode:
		return true
	case *jparse.NameNode:
		m, ok := b.facts.of(n.Value)
		return ok && !m.numbers
	case *jparse.PathNode:
		return len(n.Steps) > 0 && b.isScalar(n.Steps[len(n.Steps)-1])
	}
	return false
}
