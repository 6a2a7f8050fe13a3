package hostile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/jsonata" // which expressions are attacked here
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Expressions of JSONata can compute without end, so that each must end at a limit, or be cheap.
func init() {
	quoted := func(s string) string { return string(value.AppendJSON(nil, value.Text(s))) }
	row := `{"a":{"b":{"c":1}},"s":"word","n":[1,2],"on":true}`
	nest := func(n int, open, inside, shut string) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(shut, n)
	}
	expressions := map[string]string{
		"range": "[1..10000000]", "range-of-ranges": "[1..1000].[1..1000].[1..1000]", "pad": "$pad('', 2000000000)", "doubled-text": "($s := y; " + strings.Repeat("$s := $s & $s; ", 200) + "$s)",
		"doubled-lists": "($s := x; " + strings.Repeat("$s := [[$s],[$s]]; ", 150) + "$string($s))", "recursion": "($f := function($n){$map([1], $f)}; $map([1], $f))",
		"loops": nest(6, "$$.x.(", "$$.x", ")"), "maps": nest(5, "$map($$.x, function($v){", "$v", "})"), "filters": "$$.x" + nest(6, "[$$.x", "[true]", "]"),
		"sorts": "$sort(x, function($a, $b){$sort($$.x, function($c, $d){$sort($$.x, function($e, $f){true})})})", "descendants": "**.**.**.**.**", "wildcards": strings.Repeat("*.", 900) + "*",
		"pattern": "$replace(y, /(a|b|c|w)*?o/, '$1$1$1$1')", "replacement": "$replace(y, /./, '" + strings.Repeat("$0", 1000) + "')", "program": "/" + nest(3, "(", "a", "{10}){9}") + "/",
		"program-twice": "[" + strings.Repeat("/a{1000}/,", 300) + "1]", "match": "$match(y, /(((((((((((((a?)?)?)?)?)?)?)?)?)?)?)?)?)/)", "split": "$split(y, '').$split($$.y, '')",
		"join": "$join(x.s, $$.y)", "reduced": "$reduce(x, function($a, $b){[$a, $a]})", "reduced-texts": "$reduce(x.s, function($a, $b){$a & $b & $$.y})", "picture": "$fromMillis(0, '[Y,99999999-99999999]')",
		"number": "$formatNumber(1e308, '" + strings.Repeat("#", 3000) + "0')", "digits": strings.Repeat("9", 4000), "brackets": nest(2000, "(", "1", ")"), "lists": nest(2000, "[", "1", "]"),
		"operators": strings.Repeat("1+", 2000) + "1", "conditions": strings.Repeat("x?1:", 1000) + "1", "negations": strings.Repeat("-", 4000) + "1", "paths": strings.Repeat("x.", 2000) + "x",
		"grouped": "x{$string($$): $$}", "objects": "x.{'a': $$, 'b': $$, 'c': $$}", "keys": "$merge(x.{$string($$): 1})", "zipped": "$zip(x, x, x) ~> $string", "equal": "x[$$ = $$]",
		"assigned": "x[$s := [$s, $s, $$]]", "distinct": "$distinct(x.[$$])", "encoded": nest(30, "$base64encode(", "y", ")"), "escaped": nest(40, "$string([", "y", "])"), "sifted": "$sift($$, function($v){$string($$)})",
		"same-names": strings.Repeat("$$.x.a.b.c;", 300) + "1", "applied": "x.(s ~> $zip(1))", "shuffled": nest(100, "$append(", "x", ", $$.x)"), "plain": "x[on].a.b.c ~> $sum",
	}
	add("formulas/jsonata", attack{run: func(n int, started func()) error { // all in one process, which bounds them together
		data := `{"x":[` + repeated(500*n, row) + `],"y":` + quoted(strings.Repeat("word ", 2000*n)) + "}"
		started()
		for _, name := range slices.Sorted(maps.Keys(expressions)) { // the same each time
			expression := expressions[name]
			err := evaluate(func() (*plan.Plan, *diag.List) {
				return imlc.CompileFormula("f", `{"$jsonata":`+quoted(expression)+"}", []string{"x", "y"})
			}, data, func() {})
			if limit := (*builtin.LimitError)(nil); err != nil && !errors.As(err, &limit) {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}, ends: []string{""}})
	for name, data := range map[string]string{"zeros": repeated(900_000, "0"), "objects": repeated(300_000, `{"a":1}`), "texts": repeated(1000, `"`+strings.Repeat("a", 8000)+`"`), "deep": strings.Repeat("[", 200) + strings.Repeat("]", 200)} {
		attackFormula("jsonata-over-"+name, func(n int) (string, string) {
			return `{"$jsonata":"(` + strings.Repeat("$$.x;", 200*n) + `$$.x[0])"}`, `{"x":[` + data + "]}"
		}, "work of an expression of JSONata", "memory", "items", "value bytes", "nesting", "steps", "")
	}
}
