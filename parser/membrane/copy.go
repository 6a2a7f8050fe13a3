package membrane

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/parser/document"
)

// copies looks in a written value for copies of what holds a copy itself, as far as no formula hides it; what a formula hides is
// found when the value is computed.
type copies struct {
	diags *diag.List
	root  *document.Node
	// last is the number of the last copy in a node, and seen how many were looked at: those are replaced by then.
	last map[*document.Node]int
	seen int
}

func checkCopies(root *document.Node, diags *diag.List) {
	c := &copies{diags: diags, root: root, last: map[*document.Node]int{}}
	c.number(root, 0)
	c.check(root)
}

// number counts the copies in n behind those in front of it, in the order in which they are replaced.
func (c *copies) number(n *document.Node, before int) int {
	n = written(n)
	if n == nil {
		return before
	}
	count := before
	if copyIn(n) != nil {
		count++
	} else {
		for _, m := range entries(n) {
			count = c.number(m.Value, count)
		}
		for _, item := range n.Items {
			count = c.number(item, count)
		}
	}
	if count > before {
		c.last[n] = count
	}
	return count
}

func (c *copies) check(n *document.Node) {
	n = written(n)
	if n == nil || c.last[n] == 0 {
		return
	}
	if m := copyIn(n); m != nil {
		if m.Value.Kind == document.KindText && n != c.root && c.last[c.find(m.Value.Text)] > c.seen {
			c.diags.Add(diag.Diagnostic{Code: "MEM312", Severity: diag.Error, Span: m.KeySpan,
				Message: "$copy of a value that holds $copy", Help: "copy the inner value, or put this copy behind the one that it takes along"})
		}
		c.seen++
		return
	}
	for _, m := range entries(n) {
		c.check(m.Value)
	}
	for _, item := range n.Items {
		c.check(item)
	}
}

// find is the node under names from the root; nil when a formula or a list stands in the way, whose result is not known.
func (c *copies) find(path string) *document.Node {
	steps, ok := locator.Parse(path)
	if !ok {
		return nil
	}
	n := written(c.root)
	for _, step := range steps {
		if n == nil || step.Indexed || n.Kind != document.KindObject {
			return nil
		}
		n = written(n.Get(step.Name))
	}
	return n
}

// copyIn is the entry of an object that is a copy.
func copyIn(n *document.Node) *document.Member {
	if len(n.Members) != 1 {
		return nil
	}
	return n.Member("$copy")
}

// written is what a value comes to without computing: itself, what $plain holds, or nil for any other formula.
func written(n *document.Node) *document.Node {
	switch {
	case n == nil || !isFormula(n):
		return n
	case copyIn(n) != nil:
		return n
	case entries(n)[0].Key == "$plain":
		return entries(n)[0].Value
	}
	return nil
}
