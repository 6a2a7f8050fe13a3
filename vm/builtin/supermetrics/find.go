package supermetrics

import (
	"errors"
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/internal/jsonpath"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// finder follows paths in one document.
type finder struct {
	c    *builtin.Context
	root value.Value
	err  error
}

// find returns what a path finds, in order; nil when that is nothing, or when the root is neither an object nor a list.
// The error is that of the path or of a limit.
func find(c *builtin.Context, root value.Value, text string) ([]value.Value, error) {
	if err := c.Tick(len(text)); err != nil {
		return nil, err
	}
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, builtin.Errorf("SUP304", 2, "no path: %v", err)
	}
	if !isContainer(root) {
		return nil, nil
	}
	f := &finder{c: c, root: root}
	return f.follow(root, path), f.err
}

func isContainer(v value.Value) bool {
	return v.Kind() == value.KindArray || v.Kind() == value.KindCollection
}

// follow takes all steps of a path from a node.
func (f *finder) follow(from value.Value, path *jsonpath.Path) []value.Value {
	nodes := []value.Value{from}
	for i := range path.Steps {
		step := &path.Steps[i]
		var next []value.Value
		for _, n := range nodes {
			if step.Deep {
				next = f.deep(next, n, step)
			} else {
				next = f.step(next, n, step)
			}
		}
		if nodes = next; len(nodes) == 0 || f.err != nil {
			return nil
		}
	}
	return nodes
}

// deep takes a step from a node and from all below it, a node before its children.
func (f *finder) deep(out []value.Value, n value.Value, step *jsonpath.Step) []value.Value {
	out = f.step(out, n, step)
	f.children(n, func(child value.Value) {
		if isContainer(child) {
			out = f.deep(out, child, step)
		}
	})
	return out
}

// children visits the items of a list or the values of an object.
func (f *finder) children(n value.Value, visit func(value.Value)) {
	for _, item := range n.Items() {
		if f.err != nil {
			return
		}
		visit(item.Under(n))
	}
	for i := range n.Object().Len() {
		if f.err != nil {
			return
		}
		_, v := n.Object().At(i)
		visit(v.Under(n))
	}
}

// hit takes the memory of a hit and appends it.
func (f *finder) hit(out []value.Value, v value.Value) []value.Value {
	if f.err == nil {
		f.err = f.c.List(1)
	}
	return append(out, v)
}

func (f *finder) step(out []value.Value, n value.Value, step *jsonpath.Step) []value.Value {
	if f.err != nil {
		return nil
	}
	if f.err = f.c.Tick(1 + len(step.Names) + len(step.Indexes)); f.err != nil {
		return nil
	}
	switch step.Kind {
	case jsonpath.Name:
		for _, name := range step.Names {
			if v, ok := named(n, name, step.Dotted); ok {
				out = f.hit(out, v)
			}
		}
	case jsonpath.Index:
		for _, i := range step.Indexes {
			if v, ok := indexed(n, i); ok {
				out = f.hit(out, v)
			}
		}
	case jsonpath.Wildcard:
		f.children(n, func(v value.Value) { out = f.hit(out, v) })
	case jsonpath.Slice:
		sliced(len(n.Items()), step, func(i int) bool {
			out = f.hit(out, n.Items()[i].Under(n))
			return f.err == nil
		})
	case jsonpath.Filter:
		f.children(n, func(v value.Value) {
			if f.holds(v, step.Test) {
				out = f.hit(out, v)
			}
		})
	}
	return out
}

// named is a member of an object; behind a dot a number indexes a list.
func named(n value.Value, name string, dotted bool) (value.Value, bool) {
	if n.Kind() == value.KindCollection {
		v, ok := n.Object().Get(name)
		return v.Under(n), ok
	}
	if i, err := strconv.Atoi(name); dotted && err == nil {
		return indexed(n, i)
	}
	return value.Undefined, false
}

// indexed is an item of a list, counted from the end when i is negative, or the member of an object under that number.
func indexed(n value.Value, i int) (value.Value, bool) {
	if n.Kind() == value.KindCollection {
		v, ok := n.Object().Get(strconv.Itoa(i))
		return v.Under(n), ok
	}
	items := n.Items()
	if i < 0 {
		i += len(items)
	}
	if i < 0 || i >= len(items) {
		return value.Undefined, false
	}
	return items[i].Under(n), true
}

// sliced visits the indexes of a slice of a list of n items, as in Python, until it is told to stop.
func sliced(n int, s *jsonpath.Step, visit func(int) bool) {
	by := 1
	if s.By != nil {
		by = *s.By
	}
	if by == 0 || n == 0 {
		return
	}
	low, high := 0, n
	if by < 0 {
		low, high = -1, n-1
	}
	bound := func(given *int, def int) int {
		if given == nil {
			return def
		}
		i := *given
		if i < 0 {
			i += n
		}
		return max(low, min(high, i))
	}
	from, to := bound(s.From, 0), bound(s.To, n)
	if by < 0 {
		from, to = bound(s.From, n-1), bound(s.To, -1)
	}
	for i := int64(from); by > 0 && i < int64(to) || by < 0 && i > int64(to); i += int64(by) {
		if !visit(int(i)) {
			return
		}
	}
}

// holds judges an item by the condition of a filter.
func (f *finder) holds(item value.Value, t *jsonpath.Test) bool {
	if f.err != nil {
		return false
	}
	if f.err = f.c.Tick(1); f.err != nil {
		return false
	}
	switch t.Op {
	case "||":
		return f.holds(item, t.X) || f.holds(item, t.Y)
	case "&&":
		return f.holds(item, t.X) && f.holds(item, t.Y)
	case "!":
		return !f.holds(item, t.X)
	case "exists":
		_, ok := f.operand(item, t.Left)
		return ok
	case "=~":
		return f.matches(item, t)
	}
	x, okX := f.operand(item, t.Left)
	y, okY := f.operand(item, t.Right)
	if !okX || !okY {
		return t.Op == "!="
	}
	return f.compare(t.Op, x, y)
}

// operand is the first hit of a path, or a literal.
func (f *finder) operand(item value.Value, o jsonpath.Operand) (value.Value, bool) {
	if o.Path == nil {
		return f.literal(o.Literal), true
	}
	from := f.root
	if o.Path.Relative {
		from = item
	}
	hits := f.follow(from, o.Path)
	if len(hits) == 0 {
		return value.Undefined, false
	}
	return hits[0], true
}

func (f *finder) literal(x any) value.Value {
	switch x := x.(type) {
	case string:
		return value.Text(x)
	case float64:
		return value.Number(x)
	case bool:
		return value.Bool(x)
	case []string:
		if f.err = f.c.List(len(x)); f.err != nil {
			return value.Undefined
		}
		items := make([]value.Value, len(x))
		for i, s := range x {
			items[i] = value.Text(s)
		}
		return value.Array(items)
	}
	return value.Null()
}

// compare applies a comparison. == and != mind the types; the others compare two numbers or numeric texts as numbers, and two
// other texts as texts.
func (f *finder) compare(op string, x, y value.Value) bool {
	if op == "==" || op == "!=" {
		c := value.Comparison{Budget: f.c.Meter}
		equal, err := c.Strict(x, y)
		f.fail(err)
		return equal == (op == "==")
	}
	if f.fail(f.c.Read(len(x.Str()) + len(y.Str()))); f.err != nil { // as numbers
		return false
	}
	if a, ok := numeric(x); ok {
		if b, ok := numeric(y); ok {
			return ordered(op, a, b)
		}
	}
	if x.Kind() == value.KindText && y.Kind() == value.KindText {
		return ordered(op, x.Str(), y.Str())
	}
	return false
}

func ordered[T float64 | string](op string, x, y T) bool {
	switch op {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

func numeric(v value.Value) (float64, bool) {
	switch v.Kind() {
	case value.KindNumber, value.KindInteger:
		return v.Float(), true
	case value.KindText:
		f, err := strconv.ParseFloat(v.Str(), 64)
		return f, err == nil && !slices.Contains([]string{"", "NaN"}, v.Str())
	}
	return 0, false
}

// matches searches the text of a scalar, in which null is "".
func (f *finder) matches(item value.Value, t *jsonpath.Test) bool {
	v, ok := f.operand(item, t.Left)
	if !ok || isContainer(v) {
		return false
	}
	s, err := f.c.ToText(v)
	if err != nil {
		f.fail(err)
		return false
	}
	found, err := f.c.MatchPattern(s, t.Pattern, t.Flags)
	if pattern := (*builtin.PatternError)(nil); errors.As(err, &pattern) {
		err = builtin.Errorf("SUP304", 2, "the path has a regular expression that cannot be used")
	}
	f.fail(err)
	return found
}

// fail keeps the first error.
func (f *finder) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}
