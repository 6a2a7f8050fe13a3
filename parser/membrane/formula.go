package membrane

import (
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// formulas lowers values with formulas to expressions (spec dialects.md §2.4).
type formulas struct {
	diags   *diag.List
	options FormulaOptions
	// depth counts the items of $iterate around a place, so that their names differ.
	depth int
}

// lower lowers a whole value: the formulas in it, then the copies in their result.
func (f *formulas) lower(n *document.Node, at ast.Origin, vars variables) ast.Value {
	inside, all := f.scoped(vars)
	v := all.bind(at, vars, f.value(n, at, inside))
	if hasCopy(n) {
		checkCopies(n, f.diags)
		return invoke(at, "copy", v)
	}
	return v
}

// hasCopy reports whether $copy is written anywhere in a tree, also where nothing is evaluated.
func hasCopy(n *document.Node) bool {
	if n == nil {
		return false
	}
	return slices.ContainsFunc(n.Members, func(m document.Member) bool { return m.Key == "$copy" || hasCopy(m.Value) }) ||
		slices.ContainsFunc(n.Items, hasCopy)
}

// entries are the members of an object in the order of JavaScript: keys that are array indexes first, ascending, the rest as
// written.
func entries(n *document.Node) []document.Member {
	list := slices.Clone(n.Members)
	slices.SortStableFunc(list, func(a, b document.Member) int {
		x, isX := arrayIndex(a.Key)
		y, isY := arrayIndex(b.Key)
		switch {
		case isX && isY:
			return int(int64(x) - int64(y))
		case isX:
			return -1
		case isY:
			return 1
		}
		return 0
	})
	return list
}

// arrayIndex returns the number of a key from "0" to "4294967294" in its shortest form.
func arrayIndex(key string) (uint32, bool) {
	n, err := strconv.ParseUint(key, 10, 32)
	return uint32(n), err == nil && n < 1<<32-1 && strconv.FormatUint(n, 10) == key
}

// formula is one of the formulas: key is its $ key, rest are the entries behind it.
type formula struct {
	key  document.Member
	rest []document.Member
	at   ast.Origin
	vars variables
}

// value lowers any value: a formula, plain data, or a scalar.
func (f *formulas) value(n *document.Node, at ast.Origin, vars variables) ast.Value {
	if n == nil {
		return missing(at)
	}
	switch n.Kind {
	case document.KindObject:
		list := entries(n)
		if len(list) > 0 {
			if lower := lowerings[list[0].Key]; lower != nil {
				here := at
				here.Key = list[0].KeySpan
				if len(list) > 1 && list[0].Key != "$eval" {
					f.warn("MEM303", list[1], "keys beside "+list[0].Key+" are ignored", "keep the formula alone, or put it into a key of its own")
				}
				return lower(f, &formula{key: list[0], rest: list[1:], at: here, vars: vars})
			}
		}
		f.lintPlain(list)
		return f.object(list, at, vars)
	case document.KindArray:
		out := &ast.Array{At: at, Missing: ast.MissingDrop, Prune: true}
		for i, item := range n.Items {
			out.Items = append(out.Items, f.value(item, itemOrigin(at, item, i), vars))
		}
		return out
	}
	return literal(n, at)
}

func (f *formulas) object(list []document.Member, at ast.Origin, vars variables) ast.Value {
	out := &ast.Object{At: at, Prune: true}
	for _, m := range list {
		out.Entries = append(out.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Value: f.value(m.Value, memberOrigin(at, m), vars)})
	}
	return out
}

// lintPlain warns of keys that look like formulas in an object that is none.
func (f *formulas) lintPlain(list []document.Member) {
	for i, m := range list {
		if len(m.Key) < 2 || m.Key[0] != '$' {
			continue
		}
		switch {
		case lowerings[m.Key] == nil && i == 0:
			f.unknownFormula(m)
		case lowerings[m.Key] != nil && i > 0:
			f.warn("MEM302", m, m.Key+" is not the first key, so that the object is plain data", "put it first, and keys that are numbers nowhere beside it")
		}
	}
}

// lowerings are the formulas by name. It is filled when the package starts, because formulas nest.
var lowerings map[string]func(*formulas, *formula) ast.Value

func init() {
	lowerings = map[string]func(*formulas, *formula) ast.Value{
		"$var": (*formulas).variable, "$plain": (*formulas).plain, "$concat": (*formulas).concat, "$tpl": (*formulas).template,
		"$case": (*formulas).choose, "$map": (*formulas).mapping, "$eval": (*formulas).eval, "$and": overList("and"), "$or": overList("or"),
		"$firstNotEmpty": overList("firstNotEmpty"), "$mergeObjects": overList("mergeObjects"), "$iterate": (*formulas).iterate,
		"$jsonata": (*formulas).jsonataFormula, "$formula": (*formulas).unevaluated, "$copy": (*formulas).copying, "$record": (*formulas).record,
		"$firstName": overValue("firstName"), "$lastName": overValue("lastName"), "$domainFromEmail": overValue("domainFromEmail"),
		"$extractDate": overValue("extractDate"), "$extractTime": overValue("extractTime"),
		"$lookup": (*formulas).platform, "$findExternalRecordId": (*formulas).platform, "$findAppRecordId": (*formulas).platform,
		"$dataSchemaRef": (*formulas).schemaRef,
	}
}

// argument lowers the value of the formula's key.
func (f *formulas) argument(x *formula) ast.Value {
	return f.value(x.key.Value, memberOrigin(x.at, x.key), x.vars)
}

// overValue is a formula that calls a function with its argument, overList one whose argument is a list.
func overValue(function string) func(*formulas, *formula) ast.Value {
	return func(f *formulas, x *formula) ast.Value { return invoke(x.at, function, f.argument(x)) }
}

func overList(function string) func(*formulas, *formula) ast.Value { return overValue(function) }

func (f *formulas) variable(x *formula) ast.Value {
	n := x.key.Value
	steps, ok := locator.Parse(n.Text)
	if n.Kind != document.KindText || !ok {
		f.warn("MEM305", x.key, "the locator is invalid, so that the value is null", "write names and [numbers], such as credentials.items[0].id")
		return null(x.at)
	}
	v, known := x.vars.walk(x.at, steps)
	if !known {
		f.warn("MEM310", x.key, "the variable "+steps[0].Name+" does not exist here", x.vars.known(steps[0].Name))
	}
	return v
}

func (f *formulas) plain(x *formula) ast.Value { return tree(x.key.Value, memberOrigin(x.at, x.key)) }

func (f *formulas) concat(x *formula) ast.Value {
	n, at := x.key.Value, memberOrigin(x.at, x.key)
	if n.Kind == document.KindArray {
		return invoke(x.at, "concat", f.value(n, at, x.vars), textOf(at, ""))
	}
	values := n.Get("values")
	if n.Kind != document.KindObject || values == nil {
		return missing(x.at)
	}
	var delimiter ast.Value = textOf(at, "")
	if d := n.Member("delimiter"); d != nil && d.Value.Kind != document.KindNull {
		delimiter = invoke(at, "text", f.value(d.Value, memberOrigin(at, *d), x.vars))
	}
	return invoke(x.at, "concat", f.value(values, memberOrigin(at, *n.Member("values")), x.vars), delimiter)
}

func (f *formulas) template(x *formula) ast.Value {
	n, at := x.key.Value, memberOrigin(x.at, x.key)
	text := n.Get("template")
	switch {
	case text == nil:
		return missing(x.at)
	case text.Kind != document.KindText:
		return tree(text, memberOrigin(at, *n.Member("template")))
	}
	args := []ast.Value{textOf(at, text.Text)}
	add := func(m document.Member) {
		if err := f.badPattern(m.Key); err != nil {
			f.error("MEM307", m, "the key is no regular expression: "+err.Error(), "put a backslash before ( ) [ ] { } * + ? . ^ $ |")
		}
		args = append(args, textOf(at, m.Key), f.value(m.Value, memberOrigin(at, m), x.vars))
	}
	values := n.Get("values")
	if values == nil {
		return invoke(x.at, "tpl", args...)
	}
	for _, m := range entries(values) {
		add(m)
	}
	for i, item := range values.Items {
		args = append(args, textOf(at, strconv.Itoa(i)), f.value(item, itemOrigin(at, item, i), x.vars))
	}
	if values.Kind == document.KindText {
		for i, r := range []rune(values.Text) {
			args = append(args, textOf(at, strconv.Itoa(i)), textOf(at, string(r)))
		}
	}
	return invoke(x.at, "tpl", args...)
}

// badPattern says what is wrong with the pattern of a key of $tpl.
func (f *formulas) badPattern(key string) error {
	if f.options.Pattern == nil {
		return nil
	}
	return f.options.Pattern(`\{` + key + `\}`)
}

func (f *formulas) mapping(x *formula) ast.Value {
	n, at := x.key.Value, memberOrigin(x.at, x.key)
	if n.Kind != document.KindObject {
		return missing(x.at)
	}
	if m := n.Member("mappings"); m != nil && n.Get("mapping") == nil {
		f.warn("MEM304", *m, "mappings is ignored", "the key is called mapping")
	}
	out := &ast.Choose{At: x.at, Else: f.memberValue(n, "default", at, x.vars)}
	name := f.local("value")
	if list := n.Get("mapping"); list != nil && list.Kind == document.KindArray {
		for i, item := range list.Items {
			if item.Kind != document.KindObject {
				continue
			}
			here := itemOrigin(at, item, i)
			out.Cases = append(out.Cases, ast.ChooseCase{
				Test: invoke(here, "mapMatches", &ast.Local{At: here, Name: name}, f.memberValue(item, "from", here, x.vars)),
				Then: f.memberValue(item, "to", here, x.vars),
			})
		}
	}
	return &ast.Let{At: x.at, Name: name, Value: f.memberValue(n, "value", at, x.vars), Body: out}
}

// local returns a name that no formula around this one has.
func (f *formulas) local(name string) string {
	f.depth++
	return name + strconv.Itoa(f.depth)
}

func (f *formulas) iterate(x *formula) ast.Value {
	n, at := x.key.Value, memberOrigin(x.at, x.key)
	if n.Kind == document.KindObject && n.Get("source") == nil && (n.Get("locator") != nil || n.Get("items") != nil) {
		f.warn("MEM311", x.key, "$iterate with locator and items is a form that no longer works", "write {source, item}")
	}
	if n.Kind != document.KindObject || n.Get("source") == nil || n.Get("item") == nil {
		return missing(x.at)
	}
	item, index := f.local("item"), f.local("index")
	inner := variables{localVariable("item", item), localVariable("index", index), {name: "parent", members: x.vars}}
	inside, all := f.scoped(inner)
	body := all.bind(at, inner, invoke(at, "keepTruthy", f.memberValue(n, "item", at, inside)))
	return &ast.Each{At: x.at, Source: f.memberValue(n, "source", at, x.vars), Item: item, Index: index, Body: body, Missing: ast.MissingDrop, Prune: true}
}

func (f *formulas) jsonataFormula(x *formula) ast.Value {
	if !f.options.JSONata {
		f.error("MEM308", x.key, "$jsonata needs an engine that is not there", "link package vm/builtin/jsonata, or use other formulas")
		return missing(x.at)
	}
	return &ast.Invoke{At: x.at, Library: "jsonata", Function: "evaluate", Args: []ast.Value{f.argument(x), x.vars.object(x.at)}}
}

// unevaluated lowers $formula: the tree with its $var leaves replaced, and nothing else evaluated.
func (f *formulas) unevaluated(x *formula) ast.Value {
	n, at := x.key.Value, memberOrigin(x.at, x.key)
	if isVar(n) {
		return tree(n, at)
	}
	return f.leaves(n, at, x.vars)
}

func isVar(n *document.Node) bool {
	if n.Kind != document.KindObject {
		return false
	}
	list := entries(n)
	return len(list) > 0 && list[0].Key == "$var"
}

func (f *formulas) leaves(n *document.Node, at ast.Origin, vars variables) ast.Value {
	switch {
	case isVar(n):
		return f.value(n, at, vars)
	case n.Kind == document.KindArray:
		out := &ast.Array{At: at, Missing: ast.MissingDrop}
		for i, item := range n.Items {
			out.Items = append(out.Items, f.leaves(item, itemOrigin(at, item, i), vars))
		}
		return out
	case n.Kind == document.KindObject:
		return f.leafObject(n, at, vars)
	}
	return literal(n, at)
}

// leafObject replaces the leaves in an object: of a formula in its argument only, of $iterate in the source only.
func (f *formulas) leafObject(n *document.Node, at ast.Origin, vars variables) ast.Value {
	out := &ast.Object{At: at}
	list := entries(n)
	for i, m := range list {
		here := memberOrigin(at, m)
		var v ast.Value
		switch {
		case i > 0 && lowerings[list[0].Key] != nil:
			v = tree(m.Value, here)
		case i == 0 && m.Key == "$iterate" && m.Value.Kind == document.KindObject:
			inner := &ast.Object{At: here}
			for _, part := range entries(m.Value) {
				part, there := part, memberOrigin(here, part)
				e := ast.Entry{Key: part.Key, Value: tree(part.Value, there)}
				if part.Key == "source" {
					e.Value = f.leaves(part.Value, there, vars)
				}
				inner.Entries = append(inner.Entries, e)
			}
			v = inner
		default:
			v = f.leaves(m.Value, here, vars)
		}
		out.Entries = append(out.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Value: v})
	}
	return out
}

// copying leaves the copy in the result, with its locator evaluated.
func (f *formulas) copying(x *formula) ast.Value {
	return &ast.Object{At: x.at, Entries: []ast.Entry{{Key: "$copy", KeyAt: x.key.KeySpan, Value: &ast.Choose{At: x.at,
		Cases: []ast.ChooseCase{{Test: &ast.Invoke{At: x.at, Library: "core", Function: "isMissing", Args: []ast.Value{f.argument(x)}}, Then: null(x.at)}},
		Else:  f.argument(x)}}}}
}

func (f *formulas) record(x *formula) ast.Value {
	id := x.key.Value.Member("id")
	if id == nil {
		return missing(x.at)
	}
	return tree(id.Value, memberOrigin(x.at, *id))
}

func (f *formulas) platform(x *formula) ast.Value {
	f.warn("MEM309", x.key, x.key.Key+" needs the state of the platform and is left as data", "")
	return &ast.Object{At: x.at, Entries: []ast.Entry{{Key: x.key.Key, KeyAt: x.key.KeySpan, Value: f.argument(x)}}}
}

func (f *formulas) schemaRef(x *formula) ast.Value {
	f.warn("MEM309", x.key, "$dataSchemaRef needs the state of the platform and is missing here", "")
	return missing(x.at)
}
