package expr

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/plan"
)

// treeMaker makes random trees of the expressions that front ends build.
type treeMaker struct {
	random *rand.Rand
	names  []string // in scope
	count  int
}

func written(s string) ast.Value { return &ast.Template{Text: s, Parts: []ast.Part{{Text: s}}} }

// leaf returns a value without others in it.
func (m *treeMaker) leaf() ast.Value {
	if len(m.names) > 0 && m.random.IntN(2) == 0 {
		return &ast.Local{Name: m.names[m.random.IntN(len(m.names))]}
	}
	switch m.random.IntN(8) {
	case 0:
		return &ast.Literal{Kind: ast.LiteralNull}
	case 1:
		return &ast.Literal{Kind: ast.LiteralMissing}
	case 2:
		return &ast.Literal{Kind: ast.LiteralNumber, Number: float64(m.random.IntN(3))}
	case 3:
		return written([]string{"", "a", "text"}[m.random.IntN(3)])
	}
	return &ast.Root{Name: []string{"n", "text", "list", "rows", "o", "gone", "no"}[m.random.IntN(7)]}
}

func (m *treeMaker) values(depth int) []ast.Value {
	out := make([]ast.Value, m.random.IntN(4))
	for i := range out {
		out[i] = m.tree(depth)
	}
	return out
}

func (m *treeMaker) name() string {
	m.count++
	return fmt.Sprint("v", m.count%4) // names hide each other now and then
}

// within makes a tree where more names are known.
func (m *treeMaker) within(depth int, names ...string) ast.Value {
	m.names = append(m.names, names...)
	v := m.tree(depth)
	m.names = m.names[:len(m.names)-len(names)]
	return v
}

func (m *treeMaker) tree(depth int) ast.Value {
	if depth == 0 {
		return m.leaf()
	}
	depth--
	switch m.random.IntN(11) {
	case 0:
		return &ast.Join{Parts: m.values(depth)}
	case 1, 2:
		c := &ast.Choose{}
		for range m.random.IntN(4) {
			c.Cases = append(c.Cases, ast.ChooseCase{Test: m.tree(depth), Then: m.tree(depth)})
		}
		if m.random.IntN(3) > 0 {
			c.Else = m.tree(depth)
		}
		return c
	case 3, 4:
		v, name := m.tree(depth), m.name()
		return &ast.Let{Name: name, Value: v, Body: m.within(depth, name)}
	case 5, 6:
		source, item, index := m.tree(depth), m.name(), m.name()
		return &ast.Each{Source: source, Item: item, Index: index, Body: m.within(depth, item, index),
			Missing: ast.Missing(m.random.IntN(2)), Prune: m.random.IntN(2) == 0}
	case 7:
		return &ast.Array{Items: m.values(depth), Missing: ast.Missing(m.random.IntN(2)), Prune: m.random.IntN(2) == 0}
	case 8:
		o := &ast.Object{Prune: m.random.IntN(2) == 0}
		for i, v := range m.values(depth) {
			o.Entries = append(o.Entries, ast.Entry{Key: fmt.Sprint("k", i%2), Spread: m.random.IntN(5) == 0, Value: v})
		}
		return o
	case 9:
		call := []*ast.Invoke{
			{Library: "core", Function: "isMissing", Args: []ast.Value{nil}}, {Library: "core", Function: "isNil", Args: []ast.Value{nil}},
			{Function: "upper", Args: []ast.Value{nil}}, {Function: "length", Args: []ast.Value{nil}},
			{Function: "get", Args: []ast.Value{nil, written("a")}}, {Function: "formatDate", Args: []ast.Value{nil, written("YYYY")}},
		}[m.random.IntN(6)]
		call.Args[0] = m.tree(depth)
		return call
	}
	return m.leaf()
}

const treeContext = `{"n":3,"text":"2024-01-02T03:04:05Z","list":[1,2,3],"rows":[{"a":"x"},{"a":[1]},{"a":null}],"o":{"a":{"b":0}},"no":false}`

// TestTreesInEveryForm compares closures with the interpreter on what front ends build, with limits that bite.
func TestTreesInEveryForm(t *testing.T) {
	m := &treeMaker{random: rand.New(rand.NewPCG(3, 9))}
	linked, ops := 0, map[plan.Op]int{}
	for i := range 6000 {
		tree := m.tree(1 + i%5)
		p, problems := compiler.Template(tree, i%3 == 0, compiler.Options{})
		if p == nil {
			t.Fatal(problems.Items)
		}
		program, err := NewProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		if program.constant {
			continue
		}
		for j := range p.Functions {
			if program.image.funcs[j].fast == nil && !program.image.funcs[j].constant {
				t.Fatalf("function %d is not linked\n%s", j, disassembled(p))
			}
			for _, in := range p.Functions[j].Code {
				ops[in.Op]++
			}
		}
		linked++
		compareForms(t, fmt.Sprint("tree ", i), p, treeContext, "UTC", tightLimits()...)
		if t.Failed() {
			return
		}
	}
	for _, op := range []plan.Op{plan.OpLocal, plan.OpStore, plan.OpList, plan.OpPrune, plan.OpEach, plan.OpEachNull, plan.OpEmitSome} {
		if ops[op] < 20 {
			t.Errorf("%s is in the trees %d times only", op, ops[op])
		}
	}
	if linked < 3000 {
		t.Errorf("only %d trees were compared", linked)
	}
}
