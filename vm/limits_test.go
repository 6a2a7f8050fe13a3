package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/internal/source"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// forms returns a template's program, linked and in the loop.
func forms(t *testing.T, template string) map[string]*Program {
	t.Helper()
	p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{ExtraPack: true})
	if p == nil {
		t.Fatalf("%s: %v", template, l.Items)
	}
	linked, err := NewProgram(p)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Program{"linked": linked, "loop": plain(t, p)}
}

// used returns what a run takes from the budgets of steps and memory.
func used(t *testing.T, p *Program, doc *value.Object) (steps, memory int64) {
	t.Helper()
	f := frames.Get().(*frame)
	defer f.leave()
	f.enter(p.image, &Env{Context: doc})
	if _, err := f.eval(p.fn); err != nil {
		t.Fatal(err)
	}
	return DefaultLimits.Steps - f.steps - int64(f.fuel), DefaultLimits.Memory - f.memory
}

// wantLimit checks that err is the limit of a name and a code.
func wantLimit(t *testing.T, err error, name, code string) {
	t.Helper()
	var limit *LimitError
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
				{"steps", codeSteps, Limits{Steps: steps}, Limits{Steps: steps - 1}},
				{"memory", codeLimit, Limits{Memory: memory}, Limits{Memory: memory - 1}},
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

func TestSizesEndAtTheirEdge(t *testing.T) {
	const n = 1000
	text := strings.Repeat("x", n)
	doc := document(t, `{"s":"`+text+`","parts":"`+strings.Repeat("y,", n-1)+`y","json":"`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`"}`)
	for _, tt := range []struct {
		template, name, code string
		fits, misses         Limits
	}{
		{`{{s}}!`, "value bytes", codeResultSize, Limits{ValueBytes: n + 1}, Limits{ValueBytes: n}},
		{`{{upper(s)}}`, "result size", codeResultSize, Limits{ValueBytes: n}, Limits{ValueBytes: n - 1}},
		{`{{replace(s; "x"; "yy")}}`, "result size", codeResultSize, Limits{ValueBytes: 2 * n}, Limits{ValueBytes: 2*n - 1}},
		{`{{split(parts; ",")}}`, "result size", codeResultSize, Limits{Items: n}, Limits{Items: n - 1}},
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

// answers is a transport that answers by the number of the request, from 1.
type answers struct {
	sent   int
	answer func(n int, req *http.Request) (*http.Response, error)
}

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	a.sent++
	return a.answer(a.sent, req)
}

func respond(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"text/plain"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// test runs the info section of a basic connection under limits.
func testUnder(t *testing.T, ctx context.Context, communication string, limits Limits, transport http.RoundTripper) error {
	t.Helper()
	p, l := imlc.Compile(makespec.Input{Name: "limits", DeclaredType: "basic", Parts: map[makespec.Role]*source.File{
		makespec.Communication: source.NewFile("communication.jsonc", communication),
	}}, imlc.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	eng, err := New(p, Host{Transport: transport, Limits: limits, Egress: wire.Egress{AllowHTTP: true}})
	if err != nil {
		t.Fatal(err)
	}
	return eng.Test(ctx, &Connection{Data: value.NewObject(0)})
}

// wantLimitError checks that err is a failed run whose cause is a limit.
func wantRunLimit(t *testing.T, err error, part string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, part) {
		t.Errorf("got %v, expected an error of the %s", err, part)
	}
}

func TestRequestLimitsEndAtTheirEdge(t *testing.T) {
	ok := func(int, *http.Request) (*http.Response, error) { return respond(200, "ok"), nil }
	const three = `[{"url":"https://h.test/1"},{"url":"https://h.test/2"},{"url":"https://h.test/3"}]`
	t.Run("requests", func(t *testing.T) {
		if err := testUnder(t, t.Context(), three, Limits{Requests: 3}, &answers{answer: ok}); err != nil {
			t.Errorf("three of three: %v", err)
		}
		transport := &answers{answer: ok}
		wantRunLimit(t, testUnder(t, t.Context(), three, Limits{Requests: 2}, transport), "requests")
		if transport.sent != 2 {
			t.Errorf("%d requests were sent, expected 2", transport.sent)
		}
	})
	t.Run("redirects", func(t *testing.T) {
		hops := func(n int, _ *http.Request) (*http.Response, error) {
			if n <= 4 {
				return respond(302, "", "Location", fmt.Sprintf("/%d", n)), nil
			}
			return respond(200, "ok"), nil
		}
		if err := testUnder(t, t.Context(), `{"url":"https://h.test/"}`, Limits{Redirects: 4}, &answers{answer: hops}); err != nil {
			t.Errorf("four of four: %v", err)
		}
		wantRunLimit(t, testUnder(t, t.Context(), `{"url":"https://h.test/"}`, Limits{Redirects: 3}, &answers{answer: hops}), "edirect")
	})
	t.Run("response body", func(t *testing.T) {
		body := func(int, *http.Request) (*http.Response, error) { return respond(200, strings.Repeat("b", 5000)), nil }
		if err := testUnder(t, t.Context(), `{"url":"https://h.test/"}`, Limits{ResponseBytes: 5000}, &answers{answer: body}); err != nil {
			t.Errorf("5000 of 5000: %v", err)
		}
		wantRunLimit(t, testUnder(t, t.Context(), `{"url":"https://h.test/"}`, Limits{ResponseBytes: 4999}, &answers{answer: body}), "body")
	})
}

func TestTimeLimits(t *testing.T) {
	slow := func(_ int, req *http.Request) (*http.Response, error) {
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(10 * time.Second):
			return respond(200, "late"), nil
		}
	}
	quick := func(int, *http.Request) (*http.Response, error) { return respond(200, "ok"), nil }
	t.Run("request", func(t *testing.T) {
		limits := Limits{RequestTimeout: 30 * time.Millisecond}
		if err := testUnder(t, t.Context(), `{"url":"https://h.test/"}`, limits, &answers{answer: quick}); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		err := testUnder(t, t.Context(), `{"url":"https://h.test/"}`, limits, &answers{answer: slow})
		var e *Error
		if !errors.As(err, &e) || e.Type != ConnectionError {
			t.Errorf("got %v, expected a connection error", err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
	})
	t.Run("run", func(t *testing.T) {
		limits := Limits{RunTimeout: 50 * time.Millisecond}
		wantRunLimit(t, testUnder(t, t.Context(), `{"url":"https://h.test/"}`, limits, &answers{answer: slow}), "run time")
		repeat := `{"url":"https://h.test/","repeat":{"condition":"{{true}}","delay":20}}`
		wantRunLimit(t, testUnder(t, t.Context(), repeat, limits, &answers{answer: quick}), "run time")
	})
}

// TestCancellationIsQuick cancels long computations; they must end within a millisecond. The shortest of several tries counts,
// because the machine may do other things in between.
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
	f := frames.Get().(*frame)
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
	wantLimit(t, err, "cancellation", codeCancelled)
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
		var limit *LimitError
		if _, err := program.Run(&Env{Context: doc}); err != nil && !errors.As(err, &limit) {
			t.Errorf("%.40s…: %v", template, err)
		}
	}
}
