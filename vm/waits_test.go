package vm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// waiting returns a function of the host, slow, that calls wait.
func waiting(t *testing.T, wait func()) []*builtin.Function {
	t.Helper()
	f, err := builtin.Host("slow", 0, 0, func(*builtin.Context, builtin.Args) (value.Value, error) {
		wait()
		return value.Text("x"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return []*builtin.Function{f}
}

// A timestamp that is as old as what the operation waited for would be refused.
func TestTimestampBehindAWait(t *testing.T) {
	const long = 10 * time.Minute
	const keys = `"oauth":{"consumer_key":"k","consumer_secret":"s"}`
	for name, set := range map[string]func(h *vm.Host, wait func()){
		"nothing": func(*vm.Host, func()) {},
		"common data": func(h *vm.Host, wait func()) {
			h.Common = func(context.Context, string, string) (*value.Object, error) {
				wait()
				return nil, nil
			}
		},
		"the environment": func(h *vm.Host, wait func()) {
			h.Environment = func(context.Context) (*value.Object, error) {
				wait()
				return nil, nil
			}
		},
		"leave to send": func(h *vm.Host, wait func()) {
			h.Allow = func(context.Context, string) error {
				wait()
				return nil
			}
		},
		"the plan of a connection": func(h *vm.Host, wait func()) {
			h.AcceptPlan = func(string, string) bool {
				wait()
				return true
			}
		},
		"a tracer": func(h *vm.Host, wait func()) {
			h.Tracer = tracer(func(e vm.Event) {
				if e.Kind == "section" {
					wait()
				}
			})
		},
	} {
		w := newWorld(reply{contentType: "application/json", body: `{}`}, reply{contentType: "application/json", body: `{}`})
		h := w.host()
		h.Tracer = nil
		set(&h, func() { w.advance(long) })
		parts := map[string]string{make.Communication: `{` + keys + `,"info":{"url":"https://a.test/"}}`, make.Base: `{"baseUrl":"https://a.test/",` + keys + `}`}
		e := mustEngine(t, mustCompileParts(t, parts, map[string]string{"list": `{"url":"/list"}`}, imlc.Options{}), h)
		conn := &vm.Connection{PlanHash: "another"}
		if h.AcceptPlan == nil {
			conn.PlanHash = ""
		}
		stamped := func(by string) {
			t.Helper()
			header := w.sent[len(w.sent)-1].Header.Get("Authorization")
			if want := fmt.Sprintf(`oauth_timestamp="%d"`, w.clock().Unix()); !strings.Contains(header, want) {
				t.Errorf("%s waits for %s: %s, expected %s", by, name, header, want)
			}
		}
		if _, err := e.Call(context.Background(), conn, "list", nil); err != nil {
			t.Fatal(name, err)
		}
		stamped("a call")
		req, _ := http.NewRequest("GET", "/list", nil)
		res, err := e.Do(context.Background(), conn, req)
		if err != nil {
			t.Fatal(name, err)
		}
		res.Body.Close()
		stamped("a request of the host")
	}
}

// What is computed before the first request has an instant too.
func TestInstantOfCommonData(t *testing.T) {
	p := scripted(t, func(c *ast.Connection, at ast.Origin, call ast.Value) {
		c.Common, c.Stages = &ast.Object{At: at, Entries: []ast.Entry{{Key: "x", Value: call}}}, nil
	})
	w := newWorld()
	h := w.host()
	var seen int64
	h.Scripts = scriptHost(func(s vm.Script, _ []value.Value) (value.Value, error) {
		seen = s.World.Functions.Now
		return value.Text("x"), nil
	})
	if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err != nil {
		t.Fatal(err)
	}
	if want := w.clock().UnixMilli(); seen != want {
		t.Errorf("common data saw the instant %d, expected %d", seen, want)
	}
}

type tracer func(vm.Event)

// Event implements vm.Tracer.
func (f tracer) Event(_ context.Context, e vm.Event) { f(e) }

// The time of a request begins when it is sent, not when its operation began to wait.
func TestTimeoutBehindAWait(t *testing.T) {
	const wait, limit = 500 * time.Millisecond, 10 * time.Second
	slow := func() { time.Sleep(wait) }
	for name, h := range map[string]vm.Host{
		"leave to send": {Allow: func(context.Context, string) error {
			slow()
			return nil
		}},
		"a function": {Functions: waiting(t, slow)},
	} {
		var left time.Duration
		h.Limits.RequestTimeout = limit
		h.Transport = transportFunc(func(req *http.Request) (*http.Response, error) {
			deadline, _ := req.Context().Deadline()
			left = time.Until(deadline)
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
		})
		spec := `{"url":"https://a.test/"}`
		if h.Functions != nil {
			spec = `{"url":"https://a.test/{{slow()}}"}`
		}
		if _, err := mustEngine(t, mustCompile(t, spec, imlc.Options{Functions: h.Functions}), h).Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(name, err)
		}
		if left < limit-wait/2 || left > limit {
			t.Errorf("%s: a request has %v left when it is sent, expected %v", name, left, limit)
		}
	}
}

// What was cancelled, or is over its time, makes no connection: nobody waits for one, or it may be made a second time.
func TestEndedRunMakesNoConnection(t *testing.T) {
	const empty, sent, quick = `{"info":{"response":{"data":{"t":"{{slow()}}"}}},"oauth":{"consumer_key":"k","consumer_secret":"s"}}`,
		`{"url":"https://a.test/","response":{"data":{"t":"{{slow()}}"}}}`,
		`{"info":{"response":{"data":{"t":"x"}}},"oauth":{"consumer_key":"k","consumer_secret":"s"}}`
	const limit = 100 * time.Millisecond
	ends := map[string]func(cancel func()){"cancelled": func(cancel func()) { cancel() }, "late": func(func()) { time.Sleep(2 * limit) }}
	for way, end := range ends {
		for name, spec := range map[string]string{"without a request": empty, "behind an answer": sent, "in common data": quick, "in the environment": quick} {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ends := func() { end(cancel) }
			h := vm.Host{Limits: vm.Limits{RunTimeout: limit}, Functions: waiting(t, ends)}
			switch name {
			case "in common data":
				h.Common = func(context.Context, string, string) (*value.Object, error) {
					ends()
					return nil, nil
				}
			case "in the environment":
				h.Environment = func(context.Context) (*value.Object, error) {
					ends()
					return nil, nil
				}
			}
			h.Transport = transportFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})
			step, err := mustEngine(t, mustCompile(t, spec, imlc.Options{Functions: h.Functions}), h).Authorize(ctx, vm.Grant{})
			var failed *vm.Error
			if !errors.As(err, &failed) || failed.Class != vm.ClassLimit {
				t.Errorf("%s, %s: %+v, %v", way, name, step, err)
			}
		}
	}
}

// A request of a script is one of its own: what the connection says of requests sees no answer that came before.
func TestScriptRequestSeesNoAnswer(t *testing.T) {
	p := scripted(t, func(c *ast.Connection, at ast.Origin, _ ast.Value) {
		text := func(s string) ast.Value { return &ast.Template{At: at, Text: s, Parts: []ast.Part{{Text: s}}} }
		c.Base = &ast.Request{At: at, BaseURL: text("https://a.test"),
			Headers: &ast.Object{At: at, Entries: []ast.Entry{{Key: "X-Status", Value: &ast.Root{At: at, Name: ast.RootStatus}}}}}
		c.Stages[0].Requests[0].URL = text("https://a.test/outer")
	})
	w := newWorld(reply{status: 207, body: "outer"}, reply{body: "{}"})
	h := w.host()
	h.Scripts = scriptHost(func(s vm.Script, _ []value.Value) (value.Value, error) {
		_, err := s.World.Send(script.Request{URL: "/inner", Connection: true})
		return value.Text("x"), err
	})
	if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err != nil {
		t.Fatal(err)
	}
	if inner := w.sent[1]; inner.Header.Get("X-Status") != "" {
		t.Errorf("%s was sent with the status of another answer, %s", inner.URL, inner.Header.Get("X-Status"))
	}
}
