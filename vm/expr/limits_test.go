package expr

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// forms returns a template's program, by closures and by the interpreter.
func forms(t *testing.T, template string) map[string]*Program {
	t.Helper()
	p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{WhiteLabel: true})
	if p == nil {
		t.Fatalf("%s: %v", template, l.Items)
	}
	linked, err := NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Program{"closures": linked, "interpreter": interpreted(t, p)}
}

// used returns what a run takes from the budgets of steps and memory.
func used(t *testing.T, p *Program, doc *value.Object) (steps, memory int64) {
	t.Helper()
	f := frames.Get().(*Frame)
	defer f.leave()
	f.enter(p.image, &Env{Context: doc})
	if _, err := f.eval(p.fn); err != nil {
		t.Fatal(err)
	}
	return f.meter.Spent(), f.meter.SpentMemory()
}

// wantLimit checks that err is the limit of a name and a code.
func wantLimit(t *testing.T, err error, name, code string) {
	t.Helper()
	var limit *builtin.LimitError
	if !errors.As(err, &limit) || limit.Name != name || limit.Code != code {
		t.Errorf("got %v, expected the limit on %s, %s", err, name, code)
	}
}

func document(t testing.TB, text string) *value.Object {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Object()
}

func TestBudgetsEndAtTheirEdge(t *testing.T) {
	doc := document(t, `{"list":[`+strings.Repeat(`{"k":"v","n":1},`, 1500)+`{"k":"w"}],"s":"`+strings.Repeat("a b", 2000)+`"}`)
	for _, template := range []string{`{{join(map(list; "k"); ",")}}`, `{{upper(s)}}{{lower(s)}}`, `{{length(split(s; " "))}}`, `{{replace(s; "a"; "bb")}}`} {
		for form, p := range forms(t, template) {
			steps, memory := used(t, p, doc)
			if steps < 2 || memory < 2 {
				t.Errorf("%s: %d steps, %d bytes: nothing was charged", template, steps, memory)
			}
			for _, edge := range []struct {
				name, code   string
				fits, misses Limits
			}{
				{"steps", builtin.CodeSteps, Limits{Steps: steps}, Limits{Steps: steps - 1}},
				{"memory", builtin.CodeLimit, Limits{Memory: memory}, Limits{Memory: memory - 1}},
			} {
				t.Run(fmt.Sprintf("%s/%s/%s", template, form, edge.name), func(t *testing.T) {
					if _, err := p.Run(&Env{Context: doc, Limits: &edge.fits}); err != nil {
						t.Errorf("a budget of exactly what is needed: %v", err)
					}
					_, err := p.Run(&Env{Context: doc, Limits: &edge.misses})
					wantLimit(t, err, edge.name, edge.code)
				})
			}
		}
	}
}

// What a function reads a long text into counts, although its result is short.
func TestWorkingMemoryCounts(t *testing.T) {
	const n = 40_000
	doc := document(t, `{"digits":"`+strings.Repeat("1", n)+`"}`)
	for template, least := range map[string]int64{
		`{{sha1("a"; "hex"; digits)}}`:           2 * n,
		`{{sha1("a"; "hex"; digits; "hex")}}`:    2 * n,
		`{{sha1("a"; "hex"; digits; "base64")}}`: 2 * n,
		`{{parseNumber(digits)}}`:                n,
	} {
		for form, p := range forms(t, template) {
			if _, memory := used(t, p, doc); memory < least {
				t.Errorf("%s, %s: %d bytes were taken, expected %d at least", template, form, memory, least)
			}
		}
	}
}

func TestSizesEndAtTheirEdge(t *testing.T) {
	const n = 1000
	text := strings.Repeat("x", n)
	doc := document(t, `{"s":"`+text+`","parts":"`+strings.Repeat("y,", n-1)+`y","json":"`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`"}`)
	for _, tt := range []struct {
		template, name, code string
		fits, misses         Limits
	}{
		{`{{s}}!`, "value bytes", builtin.CodeSize, Limits{ValueBytes: n + 1}, Limits{ValueBytes: n}},
		{`{{upper(s)}}`, "value bytes", builtin.CodeSize, Limits{ValueBytes: n}, Limits{ValueBytes: n - 1}},
		{`{{replace(s; "x"; "yy")}}`, "value bytes", builtin.CodeSize, Limits{ValueBytes: 2 * n}, Limits{ValueBytes: 2*n - 1}},
		{`{{split(parts; ",")}}`, "items", builtin.CodeSize, Limits{Items: n}, Limits{Items: n - 1}},
	} {
		for form, p := range forms(t, tt.template) {
			t.Run(tt.template+"/"+form, func(t *testing.T) {
				if _, err := p.Run(&Env{Context: doc, Limits: &tt.fits}); err != nil {
					t.Errorf("at the limit: %v", err)
				}
				_, err := p.Run(&Env{Context: doc, Limits: &tt.misses})
				wantLimit(t, err, tt.name, tt.code)
			})
		}
	}
	for form, p := range forms(t, `{{parseJSON(json)}}`) {
		if _, err := p.Run(&Env{Context: doc, Limits: &Limits{Nesting: 40}}); err != nil {
			t.Errorf("%s: nesting at the limit: %v", form, err)
		}
		if _, err := p.Run(&Env{Context: doc, Limits: &Limits{Nesting: 39}}); err == nil {
			t.Errorf("%s: nesting beyond the limit was accepted", form)
		}
	}
}

// TestCancellationIsQuick cancels long computations; they must end within a millisecond. The shortest of several tries
// counts, because the machine may do other things in between.
func TestCancellationIsQuick(t *testing.T) {
	const tries, most = 20, race.Slowdown * time.Millisecond
	doc := document(t, `{"s":"`+strings.Repeat("word ", 200)+`","list":[`+strings.Repeat(`{"k":"v"},`, 300)+`{"k":"w"}]}`)
	for form, p := range forms(t, `{{join(map(list; "k"); ",")}}{{length(split(s; " "))}}`) {
		shortest := time.Hour
		for range tries {
			shortest = min(shortest, cancelOnce(t, p, doc))
		}
		if shortest > most {
			t.Errorf("%s: it went on for %v, expected at most %v", form, shortest, most)
		}
	}
}

// cancelOnce cancels a running evaluation and returns how long it went on.
func cancelOnce(t *testing.T, p *Program, doc *value.Object) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	limits := Limits{Steps: 1 << 60, Memory: 1 << 60}
	f := frames.Get().(*Frame)
	f.enter(p.image, &Env{Context: doc, Ctx: ctx, Limits: &limits})
	defer f.leave()
	var err error
	var stopped time.Time
	done := make(chan struct{})
	go func() {
		defer close(done)
		for err == nil {
			_, err = f.eval(p.fn)
		}
		stopped = time.Now()
	}()
	time.Sleep(5 * time.Millisecond)
	cancelled := time.Now()
	cancel()
	<-done
	wantLimit(t, err, "cancellation", builtin.CodeCancelled)
	return stopped.Sub(cancelled)
}

// TestHostilePlansStayInMemory runs templates that try to grow without end while the runtime's memory limit is low.
func TestHostilePlansStayInMemory(t *testing.T) {
	before := debug.SetMemoryLimit(256 << 20)
	defer debug.SetMemoryLimit(before)
	grow := "s"
	for range 40 {
		grow = "(" + grow + " + " + grow + ")"
		if len(grow) > 20_000 {
			break
		}
	}
	nested := "list"
	for range 30 {
		nested = "add(" + nested + "; " + "list)"
	}
	doc := document(t, `{"s":"`+strings.Repeat("x", 1<<20)+`","list":[`+strings.Repeat("1,", 100_000)+`1]}`)
	for _, template := range []string{"{{" + grow + "}}", strings.Repeat("{{s}}", 500), "{{" + strings.Repeat("replace(", 20) + "s" + strings.Repeat(`; "x"; "xx")`, 20) + "}}",
		"{{" + strings.Repeat("base64(", 40) + "s" + strings.Repeat(")", 40) + "}}", "{{merge(" + strings.Repeat("list;", 200) + "list)}}", "{{" + nested + "}}"} {
		p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{})
		if p == nil {
			t.Fatal(l.Items)
		}
		program, err := NewProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		var limit *builtin.LimitError
		if _, err := program.Run(&Env{Context: doc}); err != nil && !errors.As(err, &limit) {
			t.Errorf("%.40s…: %v", template, err)
		}
	}
}

// Values cannot grow deeper than a document and a template together, in whatever way they are made: no walk through
// them overflows the stack.
func TestValuesEndAtTheirDepth(t *testing.T) {
	deep := strings.Repeat("[", 240) + strings.Repeat("]", 240)
	object := strings.Repeat(`{"a":`, 240) + "1" + strings.Repeat("}", 240)
	doc := document(t, `{"deep":`+deep+`,"object":`+object+`,"path":"`+strings.Repeat("a.", 248)+`a"}`)
	for _, tt := range []struct {
		template string
		json     bool
		depth    int // of the result; 0 when it is too deep
	}{
		{template: "{{set(emptyarray; '[1]'; deep)}}", depth: 241},
		{template: "{{set(object; path; object)}}", depth: 489},
		{template: "{{set(object; path; set(object; path; object))}}"},
		{template: `["{{set(object; path; object)}}"]`, json: true, depth: 490},
		{template: strings.Repeat("[", 12) + `"{{set(object; path; object)}}"` + strings.Repeat("]", 12), json: true},
		{template: strings.Repeat(`{"{{...}}":{},"k":`, 12) + `"{{set(object; path; object)}}"` + strings.Repeat("}", 12), json: true},
		{template: strings.Repeat(`{"k":`, 12) + `"{{set(object; path; object)}}"` + strings.Repeat("}", 12), json: true},
	} {
		compile := imlc.CompileTemplate
		if tt.json {
			compile = imlc.CompileTemplateJSON
		}
		p, l := compile("t", tt.template, imlc.TemplateOptions{})
		if p == nil {
			t.Fatal(l.Items)
		}
		linked, err := NewProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, program := range []*Program{linked, interpreted(t, p)} {
			v, err := program.Run(&Env{Context: doc})
			if tt.depth == 0 {
				wantLimit(t, err, "nesting", limit.CodeNesting)
			} else if err != nil || value.Depth(v) != tt.depth {
				t.Errorf("%.40s: depth %d, want %d (%v)", tt.template, value.Depth(v), tt.depth, err)
			}
		}
	}
}
