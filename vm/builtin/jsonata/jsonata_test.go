package jsonata

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// items is data of n items with members of all kinds.
func items(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,{"id":%d,"s":"name %d","on":true,"n":[%d,%d],"in":{"a":{"b":%d}},"l":[{"x":"é%d"},{"x":"y"}]}`, i, i, i, i, i, i)
	}
	return `{"items":[` + strings.TrimPrefix(b.String(), ",") + `],"one":{"id":3},"text":"` + strings.Repeat("ab ", n) + `"}`
}

func parsed(t *testing.T, data string) value.Value {
	t.Helper()
	v, err := value.ParseJSON(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func invoke(expression string, data value.Value, m *builtin.Meter) (value.Value, error) {
	f, _ := library.Lookup("evaluate")
	return builtin.Invoke(f, &builtin.Context{Meter: m}, builtin.MakeArgs([]value.Value{value.Text(expression), data}, 3))
}

func meter() *builtin.Meter {
	m := new(builtin.Meter)
	m.Start(context.Background(), builtin.DefaultLimits())
	return m
}

// TestEvaluate has what authors write, over data as large as answers are. What the language means is in the cases of
// conformance/cases/membrane/jsonata.jsonl.
func TestEvaluate(t *testing.T) {
	data := parsed(t, items(150))
	for expression, want := range map[string]string{
		"items[id=7].s": `"name 7"`, "items[on].id ~> $count": "150", "$sum(items.(id*2))": "22350", "items[id=$$.one.id].s": `"name 3"`, "$join(items[id<3].s, ', ')": `"name 0, name 1, name 2"`,
		"$map(items[id<2], function($v){$uppercase($v.s)})": `["NAME 0","NAME 1"]`, "$reduce(items.id, function($a, $b){$a + $b})": "11175", "items^(>id)[0].id": "149",
		"$count(items[id in $$.items.id])": "150", "$count(items.l.x)": "300", "items.in.a.b ~> $max": "149", "$replace('a-b', /[a-z]/, '<$0>')": `"<a>-<b>"`,
		"($f := function($n){$n < 2 ? 1 : $n * $f($n - 1)}; $f(10))": "3628800", "($f := function($n){$n = 0 ? 'end' : $f($n - 1)}; $f(5000))": `"end"`,
		// missing
		"": "", "nope": "", "((": "", "$sum(text)": "", "$nope(1)": "", "1 / 'a'": "", strings.Repeat(" ", maxBytes) + "1": "",
		strings.Repeat("(", 20_000) + strings.Repeat(")", 20_000): "",
	} {
		got, err := invoke(expression, data, meter())
		if err != nil || string(value.AppendJSON(nil, got)) != want && !(want == "" && got.IsUndefined()) {
			t.Errorf("%.60s: got %.80s, %v, want %s", expression, value.AppendJSON(nil, got), err, want)
		}
	}
}

// pictures works with a picture of some length again and again.
func pictures(work, unit, last string) string {
	return "($p := '" + strings.Repeat(unit, (longestPicture-8)/len(unit)) + last + "'; [1..100000].(" + work + "))"
}

// TestExpensive has what would take processor time or memory without end, over little data.
func TestExpensive(t *testing.T) {
	chain := "($a := [1,1];" + strings.Repeat("$a := [[$a],[$a]];", 100) + "$string($a))"
	data := parsed(t, items(100))
	for _, expression := range []string{
		"[1..9999999]", "[1..1000].([1..1000].[1..1000])", "$pad('x', 100000000)", "$pad('x', -1e300)", chain, "($f := function(){$f()}; $f())", "($f := function($n){1 + $f($n)}; $f(1))",
		"($s := text; " + strings.Repeat("$s := $s & $s; ", 60) + "$length($s))", "($f := function($n){$map([1,2], $f)}; $map([1], $f))", "(function($f){$f($f)})(function($f){$f($f)})",
		"$reduce(items, function($a, $b){$append($a, $a)})", "$reduce(items, function($a, $b){$a & $a}, 'x')", "items.(" + strings.Repeat("$$.items.(", 6) + "1" + strings.Repeat(")", 7),
		"$reduce([1..20], function($a, $b){$replace($a & $a, /./, '$0$0$0$0$0$0$0$0$0$0')}, 'x')", "$reduce([1..100000], function($a, $b){[$a]})",
		"$sort(items, function($x, $y){$count($$.items.($$.items.id)) > 1})", "/a{1000}{1000}/", "$match(text, /(((a{30}){30}){30})/)", "$formatInteger(1e300, 'I')", "$eval('$eval(' & $string($string(1)) & ')')", "items ~> |$|{'a': $$.items.($$.items.id)}|", "items@$i.items@$j.items@$k", "$reduce([1..60], function($a, $b){$base64encode($a)}, text)",
		"$distinct($append(items.s, items.($$.items.(s & $string(id)))))",
		pictures("$formatNumber(1, $p)", "#,", "0"), pictures("$formatNumber(1, $p)", "0,", "0"), pictures("$formatNumber(1, '0.' & $p)", "0,", "0"), pictures("$formatInteger(1, $p)", "0,", "0"),
		pictures("$formatInteger(1, $p)", "0,0;", "0"), pictures("$parseInteger($p, $p)", "0,0;", "0"), pictures("$fromMillis(0, $p)", "[Y]", "0"), pictures("$toMillis($p, $p)", "[Y]", "0"),
		"$formatNumber(1, '" + strings.Repeat("#,", 300_000) + "0')", "$fromMillis(0, '" + strings.Repeat("[Y]", 300_000) + "0')", "$parseInteger('1', '" + strings.Repeat("0,", 300_000) + "0')",
	} {
		begin := cputime.Now()
		v, err := invoke(expression, data, meter())
		var limit *builtin.LimitError
		if !errors.As(err, &limit) && (err != nil || !v.IsUndefined()) {
			t.Errorf("%.100s: got %.60s, %v, expected a limit", expression, value.AppendJSON(nil, v), err)
		}
		if took := cputime.Since(begin).Seconds(); took > race.Slowdown*0.5 {
			t.Errorf("%.100s: it took %v s", expression, took)
		}
	}
}

// phrase makes up an expression of some depth.
func phrase(r *rand.Rand, depth int) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	if depth == 0 {
		return pick("items", "items.id", "$", "$$", "one", "text", "s", "id", "n", "l.x", "*", "**", "1", "'ab'", "[0,0,0]", "$v", "items[on]", "$$.items.l", "[0..9]", "true", "in.a", "l.x.%.x", "items@$w")
	}
	x := func() string { return phrase(r, r.IntN(depth)) }
	function := func() string {
		return pick("function($v){"+x()+"}", "function($v, $i){["+x()+", $v]}", "$string", "$count", "$uppercase", "function($v, $i, $a){$a}", "$append(?, "+x()+")")
	}
	switch r.IntN(17) {
	case 0:
		return x() + ".(" + x() + ")"
	case 1:
		return "(" + x() + ")[" + x() + "]"
	case 2:
		return "[" + x() + ", " + x() + "]"
	case 3:
		return "{'a': " + x() + ", 'b': " + x() + "}"
	case 4:
		return "(" + x() + ") & (" + x() + ")"
	case 5:
		return "($v := " + x() + "; $w := " + x() + "; " + x() + ")"
	case 6:
		return "$" + pick("map", "filter", "single", "each", "sift") + "(" + x() + ", " + function() + ")"
	case 7:
		return "$reduce(" + x() + ", function($v, $w){" + pick("$append($v, $w)", "$v & $w", "[$v, $w]", x()) + "})"
	case 8:
		return "$" + pick("string", "length", "uppercase", "trim", "base64encode", "encodeUrl", "sum", "max", "distinct", "count", "reverse", "keys", "spread", "merge", "exists", "clone", "number", "sort", "eval") + "(" + x() + ")"
	case 9:
		return "$" + pick("append", "zip", "join", "split", "contains", "substringBefore", "lookup", "pad") + "(" + x() + ", " + x() + ")"
	case 10:
		return "(" + x() + ")^(" + pick("<", ">") + x() + ")"
	case 11:
		return "(" + x() + "){" + pick("s", "'k'", "$string($)", "$type($)") + ": " + x() + "}"
	case 12:
		return "$replace(" + x() + ", " + pick("/./", "/[a-z]+/", "/(a)(b)/", "'a'") + ", " + pick("'$0$0'", "'x'", "'$1'", x()) + ")"
	case 13:
		return "$match(" + x() + ", " + pick("/./", "/(a)|b/", "/x*/") + ")"
	case 14:
		return "(" + x() + " " + pick("=", "<", "in", "and", "or", "+", "!=", "~>") + " " + x() + ")"
	case 15:
		return x() + " ? " + x() + " : " + x()
	}
	return "$sort(" + x() + ", function($v, $w){" + x() + "})"
}

// TestBudgetHolds makes up expressions and measures them: none allocates or takes more than it took from the budget.
func TestBudgetHolds(t *testing.T) {
	const (
		perStep = 2000      // bytes that are allocated, and nanoseconds that go by, for a step
		start   = 1_200_000 // what every evaluation allocates, and what measuring cannot tell apart
	)
	n := 2000
	if testing.Short() {
		n = 500
	}
	r := rand.New(rand.NewPCG(7, 8))
	small, large := parsed(t, items(5)), parsed(t, items(60))
	worst, results := 0.0, 0
	for i := range n {
		expression, data := phrase(r, 1+i%5), small
		if i%2 == 1 {
			data = large
		}
		m := meter()
		before := allocated()
		v, err := invoke(expression, data, m)
		made := float64(allocated() - before)
		if !v.IsUndefined() {
			results++
		}
		budget := perStep*float64(m.Spent()) + 4*float64(m.SpentMemory())
		worst = max(worst, (made-start)/budget)
		if made > budget+start {
			t.Errorf("%s: %v, %.0f bytes were allocated for %d steps and %d bytes", expression, err, made, m.Spent(), m.SpentMemory())
		}
	}
	t.Logf("%d of %d gave something, at most %.2f of the budget was used", results, n, worst)
	if results < n/4 {
		t.Errorf("only %d of %d gave something", results, n)
	}
}

func allocated() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// FuzzEvaluate holds that no expression ends the process.
func FuzzEvaluate(f *testing.F) {
	for _, expression := range []string{"a.b[0]", "$map(a, function($v, $i)<xn:x>{$v & $i})", "a@$x#$y.(%)^(>$x){b: $}", "$formatNumber(a, '#,##0.0#;(#)')", "$toMillis('1st', '[D1o]')", "a ~> |b|{}, 'c'| ~> $string(?)"} {
		f.Add(expression, `{"a":[{"b":1},[2]],"s":"x"}`)
	}
	f.Fuzz(func(t *testing.T, expression, data string) {
		v, err := value.ParseJSON(data, nil)
		if err != nil {
			return
		}
		if _, err := invoke(expression, v, meter()); err != nil {
			if limit := (*builtin.LimitError)(nil); !errors.As(err, &limit) {
				t.Error(err)
			}
		}
	})
}
