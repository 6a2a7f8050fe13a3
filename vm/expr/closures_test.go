package expr

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// sample is a template with what it sees, taken from the vectors of the language.
type sample struct {
	id       string
	template value.Value
	context  value.Value
	zone     string
}

// samples returns all expression vectors, of the project and of the specification.
func samples(t testing.TB) []sample {
	own, err := filepath.Glob(filepath.Join("..", "..", "conformance", "cases", "iml", "*.jsonl"))
	if err != nil || len(own) == 0 {
		t.Fatalf("no cases found: %v", err)
	}
	shared := filepath.Join("..", "..", "..", "shared", "data", "iml-vectors.jsonl")
	if _, err := os.Stat(shared); err == nil {
		own = append(own, shared)
	} else if os.Getenv("CI") == "true" {
		t.Fatal("../shared is absent")
	}
	var out []sample
	for _, name := range own {
		out = append(out, readSamples(t, name)...)
	}
	return out
}

func readSamples(t testing.TB, name string) (out []sample) {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if lines.Text() == "" {
			continue
		}
		v, err := value.ParseJSON(lines.Text(), &value.JSONOptions{MaxDepth: 10_000})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		o := v.Object()
		out = append(out, sample{o.Value("id").Str(), o.Value("template"), o.Value("context"), o.Value("timezone").Str()})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// compileSample returns the plan of a template, nil when it does not compile.
func compileSample(template value.Value, o imlc.TemplateOptions) *plan.Plan {
	if template.Kind() == value.KindText {
		p, _ := imlc.CompileTemplate("t", template.Str(), o)
		return p
	}
	p, _ := imlc.CompileTemplateJSON("t", string(value.AppendJSON(nil, template)), o)
	return p
}

// plain returns a program that the interpreter runs.
func interpreted(t testing.TB, p *plan.Plan) *Program {
	out, err := NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range out.image.funcs {
		out.image.funcs[i].fast = nil
	}
	return out
}

// outcome is all that a run shows.
type outcome struct {
	v      value.Value
	json   string
	err    string
	memory int64
}

func runOnce(p *Program, env *Env) outcome {
	f := frames.Get().(*Frame)
	defer f.leave()
	f.enter(p.image, env)
	var out outcome
	var err error
	if p.fn.Mode == plan.ModeEmit {
		var b []byte
		b, err = f.appendJSON([]byte("before"), p.fn)
		out.json = string(b)
	} else {
		out.v, err = f.eval(p.fn)
	}
	if err != nil {
		return outcome{err: err.Error()}
	}
	out.memory = f.meter.SpentMemory()
	return out
}

// boxedOnce is runOnce for Session.RunAny; of its outcome there is text only.
func boxedOnce(p *Program, env *Env) string {
	s := p.Session(env)
	defer s.Close()
	x, err := s.RunAny()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%#v, %d bytes taken", x, s.frame.meter.SpentMemory())
}

// boxed is what boxedOnce should return.
func (o outcome) boxed() string {
	if o.err != "" {
		return o.err
	}
	return fmt.Sprintf("%#v, %d bytes taken", value.ToAny(o.v), o.memory)
}

func (o outcome) same(other outcome) bool {
	return o.json == other.json && o.err == other.err && o.memory == other.memory && identical(o.v, other.v)
}

// identical is equality down to marks, signs and kinds.
func identical(a, b value.Value) bool {
	if a.Kind() != b.Kind() || a.IsSecret() != b.IsSecret() || a.GoString() != b.GoString() {
		return false
	}
	switch a.Kind() {
	case value.KindArray:
		for i := range a.Items() {
			if i >= len(b.Items()) || !identical(a.Items()[i], b.Items()[i]) {
				return false
			}
		}
		return len(a.Items()) == len(b.Items())
	case value.KindCollection:
		x, y := a.Object(), b.Object()
		for i := range x.Len() {
			k, v := x.At(i)
			if i >= y.Len() || y.Keys()[i] != k || !identical(v, y.Value(k)) {
				return false
			}
		}
		return x.Len() == y.Len()
	}
	return value.ToText(a) == value.ToText(b)
}

// contextsOf returns the same documents in the forms that paths treat differently: with keys of their own, with shared
// shapes, and as secrets.
func contextsOf(doc string, shapes *value.Shapes) []*value.Object {
	own, err := value.ParseJSON(doc, nil)
	if err != nil || own.Object() == nil {
		return nil
	}
	shaped, _ := value.ParseJSON(doc, &value.JSONOptions{Shapes: shapes})
	return []*value.Object{own.Object(), shaped.Object(), secretRoots(shaped.Object()), deepSecret(shaped).Object()}
}

// secretRoots marks the roots themselves.
func secretRoots(o *value.Object) *value.Object {
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		k, v := o.At(i)
		out.Set(k, v.AsSecret())
	}
	return out
}

// deepSecret marks what lies in the values of the roots, not the roots.
func deepSecret(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindCollection:
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			o.Set(k, deepSecret(item))
		}
		return value.Collection(o)
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = item.AsSecret()
		}
		return value.Array(items)
	}
	return v.AsSecret()
}

func environment(o *value.Object, zone string, limits *Limits) *Env {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return &Env{Context: o, Now: time.UnixMilli(1704164645678), Timezone: loc, Limits: limits,
		Entropy: rand.NewChaCha8([32]byte([]byte("closures agree with interpreter!")))}
}

// compareForms runs p both ways on every form of the context and under limits that bite.
func compareForms(t testing.TB, id string, p *plan.Plan, doc, zone string, limits ...*Limits) {
	linked, err := NewProgram(p)
	if err != nil {
		var missing *UnsupportedError
		if errors.As(err, &missing) {
			return
		}
		t.Fatalf("%s: %v", id, err)
	}
	if linked.constant || linked.fn.fast == nil {
		return
	}
	reference := interpreted(t, p)
	for i, o := range contextsOf(doc, linked.Shapes()) {
		for j, l := range append(limits, nil) {
			for range 2 {
				got, want := runOnce(linked, environment(o, zone, l)), runOnce(reference, environment(o, zone, l))
				if strings.Contains(got.err+want.err, builtin.CodeRegex) {
					continue // the time of a regular expression is a guard and not deterministic
				}
				if p.Functions[0].Mode == plan.ModeValue {
					if boxed := boxedOnce(linked, environment(o, zone, l)); boxed != want.boxed() && !strings.Contains(boxed, builtin.CodeRegex) {
						t.Errorf("%s: context %d, limits %d\nboxed       %s\ninterpreter %s\n%s", id, i, j, boxed, want.boxed(), disassembled(p))
						return
					}
				}
				if !got.same(want) {
					t.Errorf("%s: context %d, limits %d\nclosures    %s\ninterpreter %s\n%s", id, i, j, show(got), show(want), disassembled(p))
					return
				}
			}
		}
	}
}

func show(o outcome) string {
	return fmt.Sprintf("%#v %s error %q, %d bytes taken", o.v, o.json, o.err, o.memory)
}

func disassembled(p *plan.Plan) string {
	var out strings.Builder
	_ = plan.Disassemble(&out, p, plan.DisassembleOptions{})
	return out.String()
}

// tightLimits are budgets that small templates reach.
func tightLimits() []*Limits {
	return []*Limits{{ValueBytes: 12}, {Memory: 100}, {Steps: 12}, {Items: 2}, {ValueBytes: 3, Memory: 64}, {Steps: 1030}}
}

// shape is what linking makes of a plan's code: operations, the kinds of constants, calls. Templates of one shape are
// linked to the same closures.
func shape(p *plan.Plan) string {
	var b strings.Builder
	for _, in := range p.Functions[0].Code {
		b.WriteByte(byte(in.Op))
		switch in.Op {
		case plan.OpConst:
			b.WriteString(p.Constants[in.A].Kind().String())
		case plan.OpCall, plan.OpEmitCall:
			c := &p.Calls[in.A]
			fmt.Fprint(&b, p.Strings[c.Function], c.Args, c.Given)
		case plan.OpItem, plan.OpArray, plan.OpJoin:
			fmt.Fprint(&b, in.A)
		case plan.OpEqual, plan.OpNotEqual, plan.OpCase:
			fmt.Fprint(&b, p.Meta.StrictEquality)
		}
	}
	return b.String()
}

// TestClosuresAreTheInterpreter adds to TestOperatorForms every shape of code that the vectors have, and budgets that
// end amid each.
func TestClosuresAreTheInterpreter(t *testing.T) {
	compared := map[string]bool{}
	for _, s := range samples(t) {
		for _, o := range []imlc.TemplateOptions{{}, {Emit: true}, {StrictEquality: true}} {
			p := compileSample(s.template, o)
			if p == nil || compared[shape(p)] {
				continue
			}
			compared[shape(p)] = true
			compareForms(t, s.id, p, string(value.AppendJSON(nil, s.context)), s.zone, tightLimits()...)
		}
	}
	if len(compared) < 400 {
		t.Fatalf("only %d shapes were compared", len(compared))
	}
}

func FuzzClosures(f *testing.F) {
	if flag.Lookup("test.fuzz").Value.String() != "" { // as seeds they would repeat TestClosuresAreTheInterpreter
		for i, s := range samples(f) {
			f.Add(string(value.AppendJSON(nil, s.template)), string(value.AppendJSON(nil, s.context)), byte(i))
		}
	}
	for i, template := range fuzzTemplates {
		f.Add(template, fuzzDocument, byte(i))
	}
	f.Add(`{"a":"{{a.b}}","b":["{{upper(trim(a.c))}}","x{{formatDate(d;\"YYYY\")}}y"],"c":{"d":"{{a.b*2-1}}"}}`, `{"a":{"b":1,"c":" x\"\u00e9 "},"d":"2024-01-01T00:00:00Z"}`, byte(1))
	f.Fuzz(func(t *testing.T, template, doc string, options byte) {
		v, err := value.ParseJSON(template, nil)
		if err != nil || len(template) > 4096 || len(doc) > 4096 {
			return
		}
		p := compileSample(v, imlc.TemplateOptions{Emit: options&1 != 0, StrictEquality: options&2 != 0, WhiteLabel: options&4 != 0})
		if p == nil {
			return
		}
		compareForms(t, "fuzz", p, doc, "Europe/Prague", tightLimits()...)
	})
}

// TestPreparedCallsAreInvoked holds every function that has a prepared form equal to the plain call, on arguments of
// all kinds.
func TestPreparedCallsAreInvoked(t *testing.T) {
	doc := `{"a":" Straße\t","b":5,"c":null,"d":"2024-02-29T10:20:30.123Z","e":[{"k":1,"f":true},{"f":"x"},{"k":2}],"g":{"k":"v"},
		"h":[1,null,"x"],"i":"","j":true,"k":123456789012345678901234567890,"l":"ΑΣ","m":"a\u0000\"\\b","n":"2024-13-01","o":[{"k":1}],"p":-1e300}`
	templates := []string{`upper(X)`, `lower(X)`, `trim(X)`, `upper(trim(X))`, `"<"+trim(X)+">"`, `formatDate(X; "YYYY-MM-DD HH:mm:ss")`,
		`formatDate(X; "LLLL"; "Asia/Tokyo")`, `formatDate(X; "x"; "Nowhere/At")`, `formatDate(X; "")`, `map(X; "k")`, `map(X; "k"; "f")`,
		`map(X; "k.x"; "f")`, `map(X; "k"; )`, `map(X; "k"; "f"; 1)`, `lower(upper(X)+trim(X))`, `(X > 3) && (X != "x")`, `X * 2 - X / 3`,
		`(X + X) * 2`, `if(X = 5; a; false)`, `X = true`, `X = "" || a`, `ifempty(X; 1)`, `-X`, `!X`}
	for _, form := range templates {
		for name := 'a'; name <= 'q'; name++ {
			expr := strings.ReplaceAll(form, "X", "r."+string(name))
			for _, around := range []string{`"{{X}}"`, `["{{X}}"]`, `{"k":"{{X}}","l":"[{{X}}]"}`} {
				quoted := string(value.AppendEscaped(nil, expr))
				v, err := value.ParseJSON(strings.ReplaceAll(around, "X", quoted), nil)
				if err != nil {
					t.Fatal(err)
				}
				p := compileSample(v, imlc.TemplateOptions{Emit: true})
				if p == nil {
					t.Fatalf("%s does not compile", expr)
				}
				compareForms(t, expr, p, `{"r":`+doc+`}`, "Europe/Prague", tightLimits()...)
			}
		}
	}
}
