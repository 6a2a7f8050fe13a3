package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/conformance/internal/formula"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestGeneratedFormulas compares compiled formulas with the plain evaluator on nested formulas that are made up. They
// are the same in every run; the forms of the machine take turns.
func TestGeneratedFormulas(t *testing.T) {
	const formulas = 6000
	engines := BuiltIn()
	missing, failed := 0, 0
	for i := range formulas {
		f, vars := newFormulas(i).vector()
		got, differs := formulaBothWays(t, engines[i%len(engines)].Formula, f, vars)
		if differs != "" {
			t.Errorf("formula %d: %s\nformula   %s\nvariables %s", i, differs, f, vars)
		}
		switch {
		case got.Error != "":
			failed++
		case got.Value.IsUndefined():
			missing++
		}
	}
	t.Logf("%d formulas: %d come to no value, %d fail", formulas, missing, failed)
	if missing > formulas/3 || failed > formulas/10 {
		t.Errorf("of %d formulas %d come to no value and %d fail: they compare too little", formulas, missing, failed)
	}
}

// FuzzFormulas compares any formula with the plain evaluator.
func FuzzFormulas(f *testing.F) {
	for i := range 40 {
		formula, vars := newFormulas(i).vector()
		f.Add(formula, vars)
	}
	engine := BuiltIn()[0].Formula
	f.Fuzz(func(t *testing.T, formula, vars string) {
		if _, differs := formulaBothWays(t, engine, formula, vars); differs != "" {
			t.Errorf("%s\nformula   %s\nvariables %s", differs, formula, vars)
		}
	})
}

// formulaBothWays evaluates a formula with the machine and plainly, and says how the results differ.
func formulaBothWays(t *testing.T, engine formulaEvaluator, text, vars string) (outcome, string) {
	t.Helper()
	doc, diags := document.ParseJSONC(source.NewFile("formula.json", text), document.Options{})
	tree, err := value.ParseJSON(text, nil)
	variables, varsErr := value.ParseJSON(vars, nil)
	if err != nil || varsErr != nil || len(diags) > 0 || variables.Object() == nil || !comparable(tree) || !comparable(variables) {
		return outcome{}, ""
	}
	v := &formulaVector{Formula: tree, Variables: variables.Object()}
	got, err := engine.EvaluateFormula(context.Background(), v)
	if err != nil {
		return got, err.Error()
	}
	if got.Error == "MEM307" { // told when compiling, also where nothing is evaluated
		return got, ""
	}
	want, wantErr := formula.Evaluate(doc.Root, variables.Object())
	switch {
	case wantErr != nil || got.Error != "":
		if wantErr == nil || got.Error != wantErr.Error() {
			return got, fmt.Sprintf("the machine fails with %q (%s), plainly it is %v %s", got.Error, got.Detail, wantErr, plainJSON(want))
		}
	case got.Value.IsUndefined() != want.IsUndefined() || !value.StrictEqual(got.Value, want):
		return got, fmt.Sprintf("the machine makes %s, plainly it is %s", plainJSON(got.Value), plainJSON(want))
	}
	return got, ""
}

func plainJSON(v value.Value) string {
	if v.IsUndefined() {
		return "missing"
	}
	return string(value.AppendJSON(nil, v))
}

// comparable reports whether the plain evaluator knows what is in a value: it has no integers beyond those that a
// number holds, and no JSONata.
func comparable(v value.Value) bool {
	switch v.Kind() {
	case value.KindInteger:
		return false
	case value.KindArray:
		for _, item := range v.Items() {
			if !comparable(item) {
				return false
			}
		}
	case value.KindCollection:
		for i := range v.Object().Len() {
			if key, inner := v.Object().At(i); key == "$jsonata" || !comparable(inner) {
				return false
			}
		}
	}
	return true
}

// formulas makes formulas up.
type formulas struct {
	*rand.Rand
	// within counts the items of $iterate around a place.
	within int
}

func newFormulas(seed int) *formulas { return &formulas{Rand: rand.New(rand.NewPCG(uint64(seed), 2))} }

func (g *formulas) one(list ...string) string { return list[g.IntN(len(list))] }

// often is true n times in ten.
func (g *formulas) often(n int) bool { return g.IntN(10) < n }

func (g *formulas) vector() (formula, variables string) {
	depth := 2 + g.IntN(4)
	return g.any(depth), g.variables()
}

// variables are those that locators ask for, each at random of one kind or another.
func (g *formulas) variables() string {
	parts := []string{
		`"s": ` + g.one(`"Hello, World"`, `"12px"`, `"-3.5e1abc"`, `"a@b.test"`, `""`, `" 5 "`, `"0x10"`, `"2024-02-29T23:59:59+02:00"`, `"Straße İ ΑΣ"`,
			`"ΑΣΑ"`, `"😀 ǅ ﬁ"`, `"\u00a0 1\ufeff"`, `".5."`, `"-Infinity"`, `"1e400"`, `"-0"`, `"0b11"`, `"a\tb\nc"`, `"$& $1 $$"`, `"{a}{b}"`, `"NaN"`, `"١٢"`, `"\\"`),
		`"n": ` + g.one(`0`, `1`, `2`, `-1`, `1.5`, `1e21`, `1e-7`, `12`, `2024`, `-0`, `1e20`, `5e-324`, `0.000001`,
			`1e300`, `123456789.125`, `9007199254740991`),
		`"t": ` + g.one(`true`, `false`, `null`),
		`"z": null`,
		`"name": ` + g.one(`"Dr. Ana de la Cruz Jr."`, `"Lee, Ann"`, `"Prof Smith"`, `"Madonna"`, `"\"Mary Ann\" van der Berg III"`, `"Lee,Ann,Jr."`,
			`"Lee , Ann"`, `"Smith Jr., John Q."`, `"李 小龙"`, `"Mary St. John"`, `"J. R. R. Tolkien"`, `"  spaced\u00a0 name "`, `"Ms. Lee, Ann PhD"`, `"d'Arc"`, `"\"A\" B"`),
		`"l": ` + g.one(`[0, "x", null, {"b": 2}, [1, [2]]]`, `[]`, `[1, 2, 3]`, `["", false, "last"]`, `["x"]`,
			`[[], {}]`, `[null]`, `["1", 1, true]`, `[0, -0, "0"]`),
		`"o": ` + g.one(`{"a": 1, "b": {"c": "deep", "d": [1, 2]}, "x.y": "dot", "": 7}`, `{}`, `{"a": null, "b": "text"}`, `{"2": "two", "1": "one", "a": [0]}`,
			`{"b": 1, "4294967295": 2, "4294967294": 3, "01": 4, "-1": 5, "a": {"$var": "s"}}`, `{"length": 3, "constructor": "own", "x[0": 1, "ключ": "v"}`),
		`"items": ` + g.one(`[{"id": 1, "name": "Ann Lee", "tags": ["p", "q"]}, {"id": 2, "name": "", "tags": []}, {"id": null}]`, `[{"id": 0}]`, `[]`),
		`"k": ` + g.one(`"s"`, `"o.a"`, `"l[0]"`, `"l["`, `5`),
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// locator is a path to something, or to nothing.
func (g *formulas) locator() string {
	roots := []string{"s", "n", "t", "z", "name", "l", "o", "items", "k", "nope", "l[0]", "l[1]", "l[2]", "l[3].b", "l.0", "l.length", "l[4]", "l[9]", "o.a", "o.b", "o.b.c",
		"o.b.d[1]", "o.x\\\\.y", "o.", "o.nope.x", "items[0].id", "items[0].name", "items[0].tags", "items[0]", "items[1].tags", "items.length", "items[2].id", "$.s", "$", "o.2", "s.length", "l[ 1 ]", "l[]",
		"l[x", "l[-1]", "", "$s", "items[0].tags[1]", "$.", "[0]", "$[0]", ".s", "..s", "l[Infinity]", "l[1e0]", "l[0x1]", "l[+1]", "l[1.5]", "l[\\t1\\n]", "l[0]]", "l[*]", "*",
		"s\\\\", "\\\\s", "o.x\\\\[0", "o.ключ", "o.4294967294", "o.4294967295", "o.constructor", "constructor", "o.toString", "l.concat", "l.01", "l.-1", "items.id", "items[0]."}
	if g.within > 0 && g.often(6) {
		roots = append(roots[:0:0], "item", "index", "item.id", "item.name", "item.b", "item[0]", "item.tags", "parent.s", "parent.l", "parent.o.a", "parent.nope", "item.length", "$.item", "parent.n", "parent")
		if g.within > 1 {
			roots = append(roots, "parent.item", "parent.index", "parent.parent.s", "parent.item.tags")
		}
	}
	return `"` + g.one(roots...) + `"`
}

func (g *formulas) scalar() string {
	return g.one(`null`, `true`, `false`, `0`, `1`, `2`, `-1`, `1.5`, `"x"`, `""`, `"0"`, `"1"`, `"12px"`, `"Hello"`, `"a b"`, `"World"`, `"two"`, `1e21`, `"undefined"`, `"null"`, `-0.0`,
		`"[object Object]"`, `"1,2"`, `" 12 "`, `"ΑΣ"`, `"$1"`, `5e-324`, `1e-7`, `"Infinity"`, `"true"`, `255`)
}

// any is any value; deeper ones are mostly formulas.
func (g *formulas) any(depth int) string {
	if depth <= 0 {
		switch {
		case g.often(4):
			return `{"$var": ` + g.locator() + `}`
		case g.often(1):
			return g.one(`[]`, `{}`)
		}
		return g.scalar()
	}
	switch g.IntN(12) {
	case 0:
		return g.object(depth - 1)
	case 1:
		return g.list(depth-1, g.IntN(4))
	case 2:
		return g.scalar()
	}
	return g.formula(depth - 1)
}

func (g *formulas) object(depth int) string {
	var parts []string
	keys := []string{"a", "b", "10", "c", "2", "4294967294", "4294967295", "01", "id", "", "ключ", "$a", "length", "constructor"}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, key := range keys[:6] {
		if g.often(4) {
			parts = append(parts, `"`+key+`": `+g.any(depth))
		}
	}
	if g.often(1) {
		parts = append(parts, `"$var": `+g.locator())
	}
	if g.often(1) {
		parts = append(parts, `"copied": {"$copy": `+g.one(`"a"`, `"a.b"`, `"b[0]"`, `"nope"`, `"$.b"`, `{"$var": "k"}`, `5`)+`}`)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (g *formulas) list(depth, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = g.any(depth)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// listOr is a list as it is mostly wanted, or anything else.
func (g *formulas) listOr(depth int) string {
	switch {
	case g.often(1):
		return g.any(depth)
	case g.often(2):
		return `{"$var": ` + g.one(`"l"`, `"items"`, `"o.b.d"`, `"items[0].tags"`) + `}`
	}
	return g.list(depth, g.IntN(5))
}

func (g *formulas) formula(depth int) string {
	switch g.IntN(25) {
	case 0, 1, 2:
		return `{"$var": ` + g.locator() + g.further() + `}`
	case 3:
		return `{"$plain": ` + g.any(depth) + g.further() + `}`
	case 4, 5:
		if g.often(5) {
			return `{"$concat": ` + g.listOr(depth) + `}`
		}
		return `{"$concat": {"values": ` + g.listOr(depth) + g.optional("delimiter", g.one(`"-"`, `", "`, `null`, `false`, `[]`, `{"$var": "nope"}`, `{"$var": "s"}`, `["a", 1]`)) + `}}`
	case 6, 7:
		return `{"$tpl": {"template": ` + g.one(`"{a}-{b}-{c}"`, `"{a}{a} {x} {b}"`, `"{10}/{2}"`, `"{ab}{b}"`, `{"$var": "s"}`, `5`, `"{0}{1}"`, `"{{a}}"`, `"${a}"`, `"{a.b}{axb}{}"`) + `, "values": ` + g.one(`{"`, `{"`, `{"`, `{"9": 1, "`) + `a": ` + g.any(depth) +
			`, "b": ` + g.any(depth) + g.optional("10", g.any(depth)) + g.optional("a(b)", g.one(`"$1"`, `"$&"`, `"[$1$$]"`, `"$2"`, `"$01"`, `"$10"`)) +
			g.optional(g.one("(?<n>a)b?", "a.b", "[ab]", "a|b", "", "x?", "."), g.one(`"$<n>"`, "\"$`$'\"", `"<$&>"`, g.any(depth))) + `}}}`
	case 8, 9:
		return g.choose(depth)
	case 10, 11:
		return g.mapping(depth)
	case 12, 13, 14:
		if path := g.locator(); g.often(2) {
			same := g.one(`{"$var": `+path+`}`, `[1, {"$var": `+path+`}]`, `{"$firstNotEmpty": [{"$var": `+path+`}]}`)
			return `{"$eval": {"$var": ` + path + `}, "` + g.one("is", "isNot", "oneOf", "noneOf", "contains") + `": ` + same + `}`
		}
		return `{"$eval": ` + g.any(depth) + `, "` + g.one("is", "isNot", "oneOf", "noneOf", "contains", "doesNotContain", "lt", "lte", "gt", "gte", "isEmpty", "isNotEmpty", "between") + `": ` +
			g.operand(depth) + `}`
	case 15:
		return `{"` + g.one("$and", "$or") + `": ` + g.listOr(depth) + `}`
	case 16:
		return `{"$firstNotEmpty": ` + g.listOr(depth) + `}`
	case 17:
		return `{"$mergeObjects": ` + g.one(g.listOr(depth), `[{"$var": "o"}, `+g.object(depth)+`, {"$var": "o.b"}]`) + `}`
	case 18, 19:
		source := g.listOr(depth)
		inner := *g
		inner.within++
		return `{"$iterate": {"source": ` + source + `, "item": ` + inner.any(depth) + `}}`
	case 20:
		return `{"$formula": ` + g.any(depth) + `}`
	case 21:
		return `{"` + g.one("$firstName", "$lastName") + `": ` + g.one(`{"$var": "name"}`, `{"$var": "name"}`, g.any(depth)) + `}`
	case 22:
		return `{"` + g.one("$extractDate", "$extractTime") + `": ` + g.one(`"2024-01-02T03:04:05Z"`, `"2023-02-29"`, `"Jan 5, 2024"`, `"3/4/2024"`, `"Tue, 02 Jan 2024 03:04:05 +0130"`, `{"$var": "s"}`,
			`{"$var": "n"}`, `"2024-05-06T24:00:00Z"`, `"2024-05-06 07:08"`, `"2024-13-01"`, `"2024-01-32"`, `"2024-05-06T07:08:09.123456+0530"`, `"December 31, 1999"`, `"12/31/1999"`,
			`"2 Jan 2024 03:04:05 -0800"`, `"2024-05"`, `["2024-05-06"]`, `1999`, `"+012024-01-01T00:00:00Z"`, g.any(depth)) + `}`
	case 23:
		return `{"` + g.one("$lookup", "$findExternalRecordId", "$findAppRecordId", "$dataSchemaRef", "$record", "$unknown", "$domainFromEmail") + `": ` +
			g.one(g.any(depth), `{"id": `+g.any(depth)+`}`, `{"$var": "s"}`) + `}`
	}
	return g.object(depth)
}

// further is a key beside a formula now and then, which is ignored.
func (g *formulas) further() string {
	if g.IntN(20) > 0 {
		return ""
	}
	return `, "other": {"$var": ` + g.locator() + `}`
}

// operand is what an operator compares with: often the same kind of thing as the value.
func (g *formulas) operand(depth int) string {
	if g.often(3) {
		return g.listOr(depth)
	}
	return g.any(depth)
}

// optional is a further entry of an object, half of the time.
func (g *formulas) optional(key, v string) string {
	if g.often(5) {
		return ""
	}
	return `, "` + key + `": ` + v
}

func (g *formulas) choose(depth int) string {
	items := make([]string, 1+g.IntN(3))
	for i := range items {
		items[i] = `{"filter": ` + g.filter(depth) + `, "value": ` + g.any(depth) + `}`
		if g.IntN(20) == 0 {
			items[i] = g.one(`{"value": 1}`, `[]`, `5`, `null`, `{"filter": null}`, `{"$var": "s"}`)
		}
	}
	list := "[" + strings.Join(items, ", ") + "]"
	if g.often(4) {
		return `{"$case": ` + list + `}`
	}
	return `{"$case": {"cases": ` + list + g.optional("default", g.any(depth)) + `}}`
}

func (g *formulas) filter(depth int) string {
	if g.often(6) {
		return g.any(depth)
	}
	items := make([]string, 1+g.IntN(2))
	for i := range items {
		items[i] = `{"field": ` + g.locator() + `, "operator": "` + g.one("is", "is_not", "is_one_of", "is_not_one_of", "is_true", "is_false", "contains", "does_not_contain", "array_includes",
			"array_does_not_include", "less_than", "less_than_or_equal", "more_than", "more_than_or_equal", "is_empty", "is_not_empty", "unknown") + `", "value": ` +
			g.one(g.scalar(), `[1, "x", null]`, `{"$var": "s"}`) + `}`
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func (g *formulas) mapping(depth int) string {
	items := make([]string, g.IntN(4))
	for i := range items {
		items[i] = `{"from": ` + g.any(depth) + `, "to": ` + g.any(depth) + `}`
		if g.IntN(20) == 0 {
			items[i] = g.one(`{"to": `+strconv.Itoa(i)+`}`, `{"from": 1}`, `{}`, `5`, `{"$var": "o"}`)
		}
	}
	return `{"$map": {"value": ` + g.any(depth) + `, "mapping": [` + strings.Join(items, ", ") + `]` + g.optional("default", g.any(depth)) + `}}`
}
