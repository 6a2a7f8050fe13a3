package compiler

import (
	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// node is a resolved expression: names are slots, functions are rows of the library, constants are values.
type node interface{}

type (
	// constant is a value known at compile time.
	constant struct{ v value.Value }
	// root is a slot of the context.
	root struct{ slot int32 }
	// variable is one of plan.Var….
	variable struct{ number int32 }
	// path applies steps to base.
	path struct {
		base  node
		steps []step
	}
	// unary is OpNot or OpNegate; infix any operator on two values; shortCircuit OpAnd, OpOr or OpIfEmpty.
	unary struct {
		op plan.Op
		x  node
	}
	infix struct {
		op   plan.Op
		x, y node
	}
	shortCircuit struct {
		op   plan.Op
		x, y node
	}
	conditional struct{ cond, then, other node }
	// choose is the first branch whose test holds.
	choose struct {
		arms  []arm
		other node
	}
	arm struct{ test, then node }
	// local reads a binding, let makes one; each evaluates body for the items of source.
	local struct{ binding *binding }
	let   struct {
		binding *binding
		value   node
		body    node
	}
	each struct {
		at          ast.Origin
		source      node
		captured    []node // what the body sees of the bindings around it
		body        node
		drop, prune bool
	}
	// choice is switch: a value, pairs of case and result, and the else result.
	choice struct {
		subject node
		cases   []choiceCase
		other   node
	}
	choiceCase struct{ when, then node }
	// call applies a function, whose name is qualified; a nil argument is an empty slot.
	call struct {
		fn        *builtin.Function
		name      string
		args      []node
		positions []plan.Position
	}
	// join concatenates texts.
	join struct{ parts []node }
	// list builds an array; drop leaves missing items out, prune makes an empty one missing.
	list struct {
		items       []node
		drop, prune bool
	}
	// object builds a collection; prune makes an empty one missing.
	object struct {
		entries []entry
		prune   bool
	}
	entry struct {
		key    string
		spread bool
		value  node
		at     plan.Position
	}
)

// step is a constant name, a constant item, or a computed index.
type step struct {
	name  string
	item  int32
	index node // set for a computed index
	named bool
}

var binaryOps = map[grammar.Op]plan.Op{
	grammar.OpEqual: plan.OpEqual, grammar.OpNotEqual: plan.OpNotEqual,
	grammar.OpLess: plan.OpLess, grammar.OpLessEqual: plan.OpLessEqual,
	grammar.OpGreater: plan.OpGreater, grammar.OpGreaterEqual: plan.OpGreaterEqual,
	grammar.OpAdd: plan.OpAdd, grammar.OpSubtract: plan.OpSubtract, grammar.OpMultiply: plan.OpMultiply,
	grammar.OpDivide: plan.OpDivide, grammar.OpModulo: plan.OpModulo,
}

// keywords are the words of spec iml.md §8 whose value is known at compile time.
func keyword(name string) (node, bool) {
	switch name {
	case "true":
		return constant{value.Bool(true)}, true
	case "false":
		return constant{value.Bool(false)}, true
	case "null", "erase":
		return constant{value.Null()}, true
	case "undefined", "ignore":
		return constant{}, true
	case "emptystring":
		return constant{value.Text("")}, true
	case "emptyarray":
		return constant{value.Array(nil)}, true
	case "space":
		return constant{value.Text(" ")}, true
	case "nbsp":
		return constant{value.Text("\u00a0")}, true
	case "tab":
		return constant{value.Text("\t")}, true
	case "newline":
		return constant{value.Text("\n")}, true
	case "carriagereturn":
		return constant{value.Text("\r")}, true
	case "pi":
		return constant{value.Number(3.141592653589793)}, true
	}
	if i, ok := plan.Variable(name); ok {
		return variable{i}, true
	}
	return nil, false
}
