package vm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

func errorOf(t *testing.T, err error) *vm.Error {
	t.Helper()
	var e *vm.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no *vm.Error", err, err)
	}
	return e
}

// An operation that fails leaves the connection as it was; Test discards what Validate keeps.
func TestCommitIsAtomic(t *testing.T) {
	ctx := context.Background()
	w := newWorld()
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	conn := connected(t, w, e)
	before, _ := conn.MarshalJSON()
	unchanged := func(what string) {
		t.Helper()
		if after, _ := conn.MarshalJSON(); string(after) != string(before) {
			t.Errorf("%s changed the connection to %s", what, after)
		}
	}
	other := reply{contentType: "application/json", body: `{"id":7,"active":true,"contact":{"email":"new@example.test"}}`}
	w.script(other)
	if err := e.Test(ctx, conn); err != nil {
		t.Error(err)
	}
	unchanged("Test")
	w.script(about)
	if got, changed, err := e.Validate(ctx, conn); err != nil || changed || got.UID != conn.UID {
		t.Errorf("nothing changed: %v, %v, %v", got, changed, err)
	}
	w.script(other)
	got, changed, err := e.Validate(ctx, conn)
	if err != nil || !changed || got.UID != "7" || got.Metadata.Value != "new@example.test" {
		t.Errorf("Validate: %v, %v, %v", got, changed, err)
	}
	unchanged("Validate")
	w.script(reply{status: 401})
	if got, changed, err := e.Validate(ctx, conn); err == nil || changed || got != conn {
		t.Errorf("a failing Validate: %v, %v, %v", got, changed, err)
	}
	if err := e.Test(ctx, conn); err == nil {
		t.Error("nobody answers, yet Test passes")
	}
	w.script(initiated)
	grant := workedGrant(t)
	grant.Parameters, grant.Scope = nil, []string{"more"}
	step, err := e.Reauthorize(ctx, conn, grant)
	if err != nil {
		t.Fatal(err)
	}
	unchanged("ExtendScope")
	w.script(exchanged, reply{status: 500})
	if _, err := e.Callback(ctx, step.State, workedCallback); errorOf(t, err).Type != "ConnectionError" {
		t.Error(err)
	}
	unchanged("a failing Callback")
	w.script(initiated)
	if step, err = e.Reauthorize(ctx, conn, grant); err != nil {
		t.Fatal(err)
	}
	w.script(reply{contentType: "text/plain", body: "oauth_token=at2"}, other) // without a secret: the old one is kept
	if got, err = e.Callback(ctx, step.State, workedCallback); err != nil {
		t.Fatal(err)
	}
	if jsonOf(got.Data) != `{"consumerKey":"ck-demo","consumerSecret":"cs demo&1","accessToken":"at2","accessSecret":"as&x"}` || fmt.Sprint(got.Scope) != "[more]" || got.UID != "7" {
		t.Errorf("reauthorised: %s, scope %v, uid %s", jsonOf(got.Data), got.Scope, got.UID)
	}
	unchanged("Reauthorize")
}

// A nil connection is an empty one: what needs its consumer key says so and sends nothing, what needs none works.
func TestNilConnection(t *testing.T) {
	ctx := context.Background()
	w := newWorld(reply{}, reply{})
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	for name, run := range map[string]func(*vm.Connection) error{
		"Test": func(c *vm.Connection) error { return e.Test(ctx, c) },
		"Validate": func(c *vm.Connection) error {
			out, changed, err := e.Validate(ctx, c)
			if out != c || changed {
				t.Errorf("Validate returns %v, changed %v", out, changed)
			}
			return err
		},
		"Reauthorize": func(c *vm.Connection) error { _, err := e.Reauthorize(ctx, c, vm.Grant{}); return err },
		"Call":        func(c *vm.Connection) error { _, err := e.Call(ctx, c, "notes", nil); return err },
		"Client":      func(c *vm.Connection) error { _, err := e.Client(c).Get("https://api.example.test/"); return err },
	} {
		for what, conn := range map[string]*vm.Connection{"nil": nil, "empty": {}, "without data": {ID: "c"}} {
			if err := run(conn); errorOf(t, err).Type != "InvalidConfigurationError" || !strings.Contains(err.Error(), "consumer_key is required") || len(w.sent) > 0 {
				t.Errorf("%s, %s connection: %v after %d requests", name, what, err, len(w.sent))
			}
		}
	}
	if _, err := e.Call(ctx, &vm.Connection{}, "nonsense", nil); errorOf(t, err).Type != "InvalidConfigurationError" || !strings.Contains(err.Error(), "nonsense") {
		t.Error(err)
	}
	free := mustEngine(t, mustCompileParts(t, map[string]string{make.Communication: `{"url":"https://a.test/"}`}, map[string]string{"get": `{"url":"https://a.test/get"}`}, imlc.Options{}), w.host())
	if err := free.Test(ctx, nil); err != nil {
		t.Errorf("Test without keys: %v", err)
	}
	if _, err := free.Call(ctx, nil, "get", nil); err != nil || len(w.sent) != 2 || w.sent[1].URL != "https://a.test/get" {
		t.Errorf("Call without keys: %v, %v", err, w.sent)
	}
}

func TestScope(t *testing.T) {
	p := mustCompileParts(t, map[string]string{make.Communication: `{"oauth":{"consumer_key":"k"},"info":{"url":"https://a.test/","qs":{"s":"{{join(oauth.scope; ' ')}}"},"log":{"sanitize":[]}}}`,
		make.DefaultScope: `["read","write"]`}, nil, imlc.Options{})
	w := newWorld(reply{}, reply{})
	e := mustEngine(t, p, w.host())
	step, err := e.Authorize(context.Background(), vm.Grant{Scope: []string{"write", "admin"}})
	if err != nil || step.RedirectURL != "" || fmt.Sprint(step.Connection.Scope) != "[read write admin]" {
		t.Fatalf("%+v, %v", step, err)
	}
	step, err = e.Reauthorize(context.Background(), step.Connection, vm.Grant{Scope: []string{"x", "read"}})
	if err != nil || fmt.Sprint(step.Connection.Scope) != "[read write admin x]" {
		t.Fatalf("%+v, %v", step, err)
	}
	if w.sent[1].URL != "https://a.test/?s=read%20write%20admin%20x" {
		t.Error(w.sent[1].URL)
	}
}

// The repetition ends by its limit, by its condition, by an error, or by the limits of the engine.
func TestRepeatAndLimits(t *testing.T) {
	spec := func(repeat string) string {
		return `{"url":"https://a.test/{{temp.n}}","temp":{"n":"{{ifempty(temp.n; 0) + 1}}"},"response":{"temp":{"go":"{{body.go}}"},"valid":"{{!body.bad}}"},"repeat":` + repeat + `,"log":{"sanitize":[]}}`
	}
	forever := `{"condition":"{{true && temp.n}}"}`
	body := func(s string) reply { return reply{contentType: "application/json", body: s} }
	many := func(n int) (out []reply) {
		for range n {
			out = append(out, body(`{"go":true}`))
		}
		return out
	}
	for _, c := range []struct {
		name     string
		repeat   string
		replies  []reply
		limits   vm.Limits
		requests int
		limit    string
	}{
		{"by limit", `{"condition":"{{temp.go}}","limit":3}`, many(9), vm.Limits{}, 3, ""},
		{"by condition", `{"condition":"{{temp.go}}"}`, append(many(2), body(`{"go":false}`)), vm.Limits{}, 3, ""},
		{"sees the answer", `{"condition":"{{body.go && statusCode = 200}}"}`, append(many(2), body(`{"go":false}`)), vm.Limits{}, 3, ""},
		{"by requests", forever, many(300), vm.Limits{}, 250, "requests"},
		{"by fewer requests", forever, many(300), vm.Limits{Requests: 4}, 4, "requests"},
		{"by time", `{"condition":"{{temp.go}}","delay":60000}`, many(9), vm.Limits{RunTimeout: 30 * time.Millisecond}, 1, "run time"},
		{"by steps", forever, many(300), vm.Limits{Steps: 100}, -1, "steps"},
		{"by memory", forever, many(300), vm.Limits{Memory: 4000}, -1, "memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(c.replies...)
			h := w.host()
			h.Limits = c.limits
			_, err := mustEngine(t, mustCompile(t, spec(c.repeat), imlc.Options{}), h).Authorize(context.Background(), vm.Grant{})
			if len(w.sent) != c.requests && c.requests >= 0 {
				t.Errorf("%d requests, want %d", len(w.sent), c.requests)
			}
			for i, s := range w.sent {
				if want := fmt.Sprint("https://a.test/", i+1); s.URL != want {
					t.Errorf("request %d went to %s", i+1, s.URL)
				}
			}
			if c.limit == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e := errorOf(t, err)
			var limit *vm.LimitError
			if e.Type != vm.LimitErrorType || !errors.As(err, &limit) || limit.Name != c.limit || !strings.Contains(e.Message, c.limit) {
				t.Errorf("%v, want the limit on %s", err, c.limit)
			}
		})
	}
	if _, err := vm.New(mustCompile(t, `{}`, imlc.Options{}), vm.Host{Limits: vm.Limits{Requests: -1}}); err == nil {
		t.Error("a negative limit is accepted")
	}
}

// slow never answers.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestTimeouts(t *testing.T) {
	p := mustCompile(t, `{"url":"https://a.test/","log":{"sanitize":[]}}`, imlc.Options{})
	authorize := func(ctx context.Context, l vm.Limits) *vm.Error {
		_, err := mustEngine(t, p, vm.Host{Transport: slow{}, Limits: l}).Authorize(ctx, vm.Grant{})
		return errorOf(t, err)
	}
	if e := authorize(context.Background(), vm.Limits{RequestTimeout: 20 * time.Millisecond}); e.Type != "ConnectionError" || e.Cause != "timeout" {
		t.Errorf("request timeout: %+v", e)
	}
	if e := authorize(context.Background(), vm.Limits{RunTimeout: 20 * time.Millisecond}); e.Type != vm.LimitErrorType || !strings.Contains(e.Message, "run time") {
		t.Errorf("run timeout: %+v", e)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if e := authorize(ctx, vm.Limits{}); e.Type != vm.LimitErrorType || e.Code != "IML506" {
		t.Errorf("cancelled: %+v", e)
	}
}

// errBroken is what a host says; its text may be shown.
var errBroken = errors.New("the vault is closed")

type brokenHost struct{}

func (brokenHost) Seal([]byte) (string, error)                  { return "", errBroken }
func (brokenHost) Open(string) ([]byte, error)                  { return nil, errBroken }
func (brokenHost) Put(context.Context, string, time.Time) error { return errBroken }
func (brokenHost) Take(context.Context, string) (bool, error)   { return false, errBroken }
func (brokenHost) Read([]byte) (int, error)                     { return 0, errBroken }
func (brokenHost) Claim(context.Context, string, string, time.Time) (vm.PendingHold, error) {
	return 0, errBroken
}
func (brokenHost) Confirm(context.Context, string, string) (bool, error) { return false, errBroken }
func (brokenHost) Release(context.Context, string, string) error         { return errBroken }
func (brokenHost) RoundTrip(*http.Request) (*http.Response, error)       { return nil, errBroken }

func TestHostErrors(t *testing.T) {
	p := workedExample(t, imlc.Options{})
	for name, change := range map[string]func(*vm.Host){
		"common": func(h *vm.Host) {
			h.Common = func(context.Context, string, string) (*value.Object, error) { return nil, errBroken }
		},
		"environment": func(h *vm.Host) {
			h.Environment = func(context.Context) (*value.Object, error) { return nil, errBroken }
		},
		"seal": func(h *vm.Host) { h.Seal = brokenHost{} }, "pending": func(h *vm.Host) { h.Pending = brokenHost{} },
		"nonce": func(h *vm.Host) { h.Nonce = func() (string, error) { return "", errBroken } }, "transport": func(h *vm.Host) { h.Transport = brokenHost{} },
	} {
		w := newWorld(initiated)
		h := w.host()
		change(&h)
		step, err := mustEngine(t, p, h).Authorize(context.Background(), workedGrant(t))
		if step != nil || !errors.Is(err, errBroken) {
			t.Errorf("%s: %v, %v", name, step, err)
			continue
		}
		if e := errorOf(t, err); e.Message == "" || e.Type == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if _, err := vm.New(p, vm.Host{Entropy: brokenHost{}}); !errors.Is(err, errBroken) {
		t.Errorf("an engine without entropy: %v", err)
	}
	w := newWorld()
	h := w.host()
	h.Seal = sealer(t, "k")
	step := started(t, w, mustEngine(t, p, h))
	h.Pending = brokenHost{}
	if _, err := mustEngine(t, p, h).Callback(context.Background(), step.State, workedCallback); !errors.Is(err, errBroken) {
		t.Errorf("a store that fails to take: %v", err)
	}
}

func TestCommon(t *testing.T) {
	p := mustCompileParts(t, map[string]string{make.Communication: `{"oauth":{"consumer_key":"{{common.key}}","consumer_secret":"{{common.secret}}"},
		"requestToken":{"url":"https://a.test/t","response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}"}}},"authorize":{"url":"https://a.test/go","oauth":{"token":"{{temp.t}}"}},
		"info":{"url":"https://a.test/{{common.key}}/{{common.only}}"}}`, make.Common: `{"key":"spec","only":"spec"}`}, nil, imlc.Options{})
	w := newWorld()
	h := w.host()
	var asked []string
	h.Common = func(_ context.Context, dialect, id string) (*value.Object, error) {
		asked = append(asked, dialect+"/"+id)
		return object(t, `{"key":"host","secret":"s"}`), nil
	}
	e := mustEngine(t, p, h)
	for name, grant := range map[string]vm.Grant{"host": {ConnectionID: "c9"}, "grant": {Common: object(t, `{"key":"grant","secret":"s"}`)}} {
		w.script(reply{body: "oauth_token=t&oauth_callback_confirmed=true"}, reply{})
		asked = nil
		step, err := e.Authorize(context.Background(), grant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Callback(context.Background(), step.State, "oauth_token=t"); err != nil {
			t.Fatal(err)
		}
		if got, want := w.sent[1].URL, "https://a.test/"+name+"/spec"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if want := map[string]string{"host": "[make/c9 make/c9]", "grant": "[]"}[name]; fmt.Sprint(asked) != want {
			t.Errorf("%s: the host was asked for %v", name, asked)
		}
	}
}

// Many flows at once through one engine, each with answers of its own.
func TestConcurrentFlows(t *testing.T) {
	h := vm.Host{Transport: echo{}}
	e := mustEngine(t, workedExample(t, imlc.Options{}), h)
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 4 {
				id := fmt.Sprintf("u%d-%d", g, i)
				params := value.NewObject(2)
				params.Set("consumerKey", value.Text(id))
				params.Set("consumerSecret", value.Text("s"))
				step, err := e.Authorize(context.Background(), vm.Grant{Parameters: params, RedirectURI: callbackURI})
				if err != nil {
					t.Error(err)
					return
				}
				conn, err := e.Callback(context.Background(), step.State, "oauth_token=t-"+id+"&oauth_verifier=v")
				if err != nil || conn.UID != id || conn.Data.Value("accessToken").Str() != "t-"+id {
					t.Errorf("%s: %v, %v", id, conn, err)
					return
				}
				if err := e.Test(context.Background(), conn); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
}

// echo answers by the consumer key of the request.
type echo struct{}

func (echo) RoundTrip(r *http.Request) (*http.Response, error) {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), `oauth_consumer_key="`)
	id, _, _ := strings.Cut(rest, `"`)
	body, kind := "oauth_token=t-"+id+"&oauth_token_secret=s&oauth_callback_confirmed=true", "text/html"
	if r.Method == "GET" {
		body, kind = `{"id":"`+id+`","active":1,"contact":{}}`, "application/json"
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// The events of the worked example, in order.
func TestTracerOrder(t *testing.T) {
	w := newWorld(initiated)
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	var all []vm.Event
	step, err := e.Authorize(context.Background(), workedGrant(t))
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, w.events...)
	w.script(exchanged, about)
	if _, err := e.Callback(context.Background(), step.State, workedCallback); err != nil {
		t.Fatal(err)
	}
	all = append(all, w.events...)
	var got []string
	steps := int64(0)
	for i, event := range all {
		got = append(got, event.Section+" "+string(event.Kind))
		if event.Time.IsZero() || i > 0 && event.Kind != vm.EventResume && event.Steps < steps {
			t.Errorf("event %d: time %v, steps %d after %d", i, event.Time, event.Steps, steps)
		}
		steps = event.Steps
	}
	want := []string{"requestToken section", "requestToken signed", "requestToken request", "requestToken response", "requestToken response", "requestToken temp", "authorize section", "authorize suspend",
		"authorize resume", "authorize temp", "accessToken section", "accessToken signed", "accessToken request", "accessToken response", "accessToken response", "accessToken stored",
		"info section", "info signed", "info request", "info response", "info response", "info identity", "info identity", "info commit"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Who observes learns the names of calls that the spec has, and no others: they name spans, whose number is bounded.
func TestOperationsNameCallsOfTheSpec(t *testing.T) {
	var told []string
	h := newWorld(reply{}).host()
	h.Observe = func(ctx context.Context, o vm.Operation) (context.Context, func(vm.Result)) {
		told = append(told, o.Call)
		return ctx, nil
	}
	p := mustCompileParts(t, map[string]string{"communication": `{"url":"https://a.test/me"}`}, map[string]string{"list": `{"url":"https://a.test/list"}`}, imlc.Options{})
	e := mustEngine(t, p, h)
	if _, err := e.Call(context.Background(), &vm.Connection{}, "list", nil); err != nil {
		t.Error(err)
	}
	_, err := e.Call(context.Background(), &vm.Connection{}, "whatever a user typed", nil)
	if got := errorOf(t, err); got.Code != vm.CodeNoCall || got.Class != vm.ClassHost || got.Retryable() {
		t.Errorf("%+v", got)
	}
	if len(told) != 2 || told[0] != "list" || told[1] != "" {
		t.Errorf("%q", told)
	}
	_, err = e.Do(context.Background(), &vm.Connection{}, request(t, "GET", "/x", ""))
	if got := errorOf(t, err); got.Code != vm.CodeNoBaseURL || got.Class != vm.ClassHost {
		t.Errorf("%+v", got)
	}
}
