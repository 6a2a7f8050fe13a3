package jsonata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

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

func evaluateText(t *testing.T, expression, data string, limits builtin.Limits) (value.Value, error) {
	t.Helper()
	v, err := value.ParseJSON(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var m builtin.Meter
	m.Start(context.Background(), limits)
	f, _ := library.Lookup("evaluate")
	return builtin.Invoke(f, &builtin.Context{Meter: &m}, builtin.MakeArgs([]value.Value{value.Text(expression), v}, 3))
}

// TestBoundRefuses has what would take processor time or memory without end, over little data.
func TestBoundRefuses(t *testing.T) {
	chain := "($a := [1,1];" + strings.Repeat("$a := [[$a],[$a]];", 100) + "$string($a))"
	for _, expression := range []string{
		"[1..10000000]", "[1..items.id]", "[0..$max(items.id)]", "$pad('x', 100000000)", "$pad('x', -100000000)", "$pad('x', one.id)", chain,
		"($s := text; " + strings.Repeat("$s := $s & $s; ", 60) + "$length($s))", "($f := function($n){$map([1,2], $f)}; $map([1], $f))",
		"$reduce(items, function($a, $b){$append($a, $a)})", "$reduce(items, function($a, $b){$a & $a})", "items.(" + strings.Repeat("$$.items.(", 6) + "1" + strings.Repeat(")", 7),
		"items[$x := [$x, $x]]", "$fromMillis(1, '[Z,9999999-9999999]')", "$now('[Z,9999999-9999999]')", "$formatNumber(1, text)", "$replace(text, /a*/, text)",
		"$replace($string($$) & $string($$), /./, '$0$0$0$0$0$0$0$0$0$0')", "**.**.**.**", "*.*.(**).(**).(**.($$.**))", "$sort(items, function($x, $y){$count($$.items.($$.items.id)) > 1})",
		"$map(items, function($v){$map($$.items, function($w){$map($$.items, function($x){$v})})})", "items ~> |$|{'a': $$}|", "$map(items, function($v){$v ~> $string()})", "/a{1000}{1000}/",
		"(/(((a{30}){30}){30})/)", "$join(items.s, $join(items.s, $join(items.s, text)))",
		"($f := function($n){$f($n)}; $f(1))", "(function($f){$f($f)})(function($f){$f($f)})", "($f := function($n){1 ~> $f}; 1 ~> $f)", "$map(items, function($g){$g(1)})",
		"$zip(items, items) ~> $zip(items) ~> $string", "items.l[[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]][[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]][[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]][[0,0,0,0,0,0,0,0]]",
	} {
		begin := time.Now()
		v, err := evaluateText(t, expression, items(200), builtin.DefaultLimits())
		var limit *builtin.LimitError
		if !errors.As(err, &limit) && !v.IsUndefined() {
			t.Errorf("%.100s: got %.60s, %v, expected a limit", expression, value.AppendJSON(nil, v), err)
		}
		if took := time.Since(begin); took > race.Slowdown*500*time.Millisecond {
			t.Errorf("%.100s: it took %v", expression, took)
		}
	}
}

// TestBoundAllows has what authors write, over data as large as answers are.
func TestBoundAllows(t *testing.T) {
	for expression, want := range map[string]string{
		"items[id=7].s": `"name 7"`, "items[on].id ~> $count": "150", "$sum(items.(id*2))": "22350", "items[id=$$.one.id].s": `"name 3"`, "$join(items[id<3].s, ', ')": `"name 0, name 1, name 2"`,
		"$map(items[id<2], function($v){$uppercase($v.s)})": `["NAME 0","NAME 1"]`, "items[id<2].{'id': id, 'name': s & '!'}": `[{"id":0,"name":"name 0!"},{"id":1,"name":"name 1!"}]`,
		"$reduce(items.id, function($a, $b){$a + $b})": "11175", "items[-1].id": "149", "$count(items^(>id).s)": "150", "items^(>id)[0].id": "149", "one.{'x': id}": `{"x":3}`,
		"$sort(items.s)[0]": `"name 0"`, "(($x := one.id; $x + 1))": "4", "$filter(items, function($i){$i.id > 147}).id": "[148,149]", "$substring(text, 0, 2)": `"ab"`,
		"$map([0..2], function($i){$i * 2})": "[0,2,4]", "$count([0..$count(items)-1])": "150", "$replace('a-b', '-', '+')": `"a+b"`, "$replace('a-b', /[a-z]/, '<$0>')": `"<a>-<b>"`,
		"$distinct(items.on)": "[true]", "$exists(items.nope) ? 1 : 2": "2", "'a' in items.s": "false", "$string(one)": `"{\"id\":3}"`, "$count(items.l.x)": "300", "items[0].n[1]": "0",
		"$lookup(one, 'id')": "3", "$count($keys(items[0]))": "6", "items.in.a.b ~> $max": "149", "$split('a,b', ',')": `["a","b"]`, "$fromMillis(0, '[Y0001]-[M01]-[D01]')": `"1970-01-01"`,
	} {
		v, err := evaluateText(t, expression, items(150), builtin.DefaultLimits())
		if got := string(value.AppendJSON(nil, v)); err != nil || got != want {
			t.Errorf("%s: got %.80s, %v, want %s", expression, got, err, want)
		}
	}
}

// phrase makes up an expression of some depth.
func phrase(r *rand.Rand, depth int) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	if depth == 0 {
		return pick("items", "items.id", "$", "$$", "one", "text", "s", "id", "n", "l.x", "*", "**", "1", "'ab'", "[0,0,0]", "$v", "items[on]", "$$.items.l", "[0..9]", "true", "in.a")
	}
	x := func() string { return phrase(r, r.IntN(depth)) }
	function := func() string {
		return pick("function($v){"+x()+"}", "function($v, $i){["+x()+", $v]}", "$string", "$count", "$uppercase", "function($v, $i, $a){$a}")
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
		return "$" + pick("string", "length", "uppercase", "trim", "base64encode", "encodeUrl", "sum", "max", "distinct", "count", "reverse", "keys", "spread", "merge", "exists", "boolean", "number", "sort") + "(" + x() + ")"
	case 9:
		return "$" + pick("append", "zip", "join", "split", "contains", "substringBefore", "lookup") + "(" + x() + ", " + x() + ")"
	case 10:
		return "(" + x() + ")^(" + pick("<", ">") + x() + ")"
	case 11:
		return "(" + x() + "){" + pick("s", "'k'", "$string($)", "$type($)") + ": " + x() + "}"
	case 12:
		return "$replace(" + x() + ", " + pick("/./", "/[a-z]+/", "/(a)(b)/", "'a'") + ", " + pick("'$0$0'", "'x'", "'$1'", x()) + ")"
	case 13:
		return "$match(" + x() + ", " + pick("/./", "/(a)|b/", "/x*/") + ")"
	case 14:
		return "(" + x() + " " + pick("=", "<", "in", "and", "or", "+", "!=") + " " + x() + ")"
	case 15:
		return x() + " ? " + x() + " : " + x()
	}
	return "$sort(" + x() + ", function($v, $w){" + x() + "})"
}

// TestBoundHolds makes up expressions and measures those that are allowed: none takes more than its bound says.
func TestBoundHolds(t *testing.T) {
	const (
		perWeight = 600  // bytes that are allocated for a weight of 1
		start     = 2000 // the weight of what every evaluation does, and of what measuring it cannot tell apart
		longest   = race.Slowdown * 500 * time.Millisecond
	)
	n := 3000
	if testing.Short() {
		n = 800
	}
	r := rand.New(rand.NewPCG(7, 8))
	var small, large any
	for text, into := range map[string]*any{items(5): &small, items(60): &large} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	allowed, worst, slowest := 0, 0.0, 0.0
	for i := range n {
		expression, data := phrase(r, 1+i%5), small
		if i%2 == 1 {
			data = large
		}
		expr, node, err := compile(expression)
		if err != nil {
			continue
		}
		most, _ := estimate(node, data, nil)
		if most > maxWork {
			continue
		}
		allowed++
		weighs, made, took := measured(t, expr, data)
		if took > longest { // a machine that does other things costs time too
			weighs, made, took = measured(t, expr, data)
		}
		slowest, worst = max(slowest, took.Seconds()*1e9/(most+start)), max(worst, made/(most+start))
		if made > perWeight*(most+start) || weighs > most+1 || took > longest {
			t.Errorf("%s: it weighs %.0f, took %v and %.0f bytes; its bound is %.0f", expression, weighs, took, made, most)
		}
	}
	t.Logf("%d of %d were allowed, at most %.0f bytes were made for a weight of 1, and %.0f ns went by", allowed, n, worst, slowest)
	if allowed < n/4 {
		t.Errorf("only %d of %d were allowed", allowed, n)
	}
}

// measured evaluates and returns the weight of the result, the bytes that were allocated, and the time.
func measured(t *testing.T, expr interface{ Eval(any) (any, error) }, data any) (weighs weight, made float64, took time.Duration) {
	t.Helper()
	before, begin := allocated(), time.Now()
	weighs = evaluated(t, expr, data)
	return weighs, float64(allocated() - before), time.Since(begin)
}

// evaluated returns the weight of a result.
func evaluated(t *testing.T, expr interface{ Eval(any) (any, error) }, data any) (w weight) {
	t.Helper()
	defer func() { _ = recover() }() // defects of the library
	out, err := expr.Eval(data)
	if err != nil {
		return 0
	}
	text, err := json.Marshal(out)
	if err != nil {
		return 0
	}
	var again any
	if json.Unmarshal(text, &again) != nil {
		return 0
	}
	return weigh(again, new(walk))
}

func allocated() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// TestContextsStayApart evaluates over different data at once: the library keeps the context of a call in one place.
func TestContextsStayApart(t *testing.T) {
	var wg sync.WaitGroup
	for _, word := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			for range 200 {
				v, err := evaluateText(t, "l.$uppercase()", `{"l":["`+word+`","`+word+`"]}`, builtin.DefaultLimits())
				if want := `["` + strings.ToUpper(word) + `","` + strings.ToUpper(word) + `"]`; err != nil || string(value.AppendJSON(nil, v)) != want {
					t.Errorf("got %s, %v, want %s", value.AppendJSON(nil, v), err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestEstimateOfNothing(t *testing.T) {
	_, node, err := compile("nope")
	if err != nil {
		t.Fatal(err)
	}
	if w, _ := estimate(node, map[string]any{}, nil); !(w > 0 && w < 100) || math.IsNaN(w) {
		t.Errorf("got %v", w)
	}
}
