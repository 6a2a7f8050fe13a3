package vm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// provider answers like a small OAuth 1.0 service.
func provider(r *http.Request) (*http.Response, error) {
	body := map[string]string{
		"/request": "oauth_token=rt&oauth_token_secret=request-secret&oauth_callback_confirmed=true",
		"/access":  "oauth_token=at&oauth_token_secret=as",
		"/me":      `{"id": 42}`,
	}[r.URL.Path]
	if !strings.HasPrefix(r.Header.Get("Authorization"), "OAuth ") {
		return nil, fmt.Errorf("the request is not signed")
	}
	kind := "application/x-www-form-urlencoded"
	if r.URL.Path == "/me" {
		kind = "application/json"
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const exampleSpec = `{
  "oauth": {"consumer_key": "{{parameters.key}}", "consumer_secret": "{{parameters.secret}}"},
  "requestToken": {"url": "https://api.example.test/request", "method": "POST",
    "response": {"temp": {"t": "{{body.oauth_token}}", "s": "{{body.oauth_token_secret}}"}}},
  "authorize": {"url": "https://api.example.test/approve", "oauth": {"token": "{{temp.t}}"}},
  "accessToken": {"url": "https://api.example.test/access", "method": "POST",
    "oauth": {"token": "{{temp.t}}", "token_secret": "{{temp.s}}", "verifier": "{{query.oauth_verifier}}"},
    "response": {"data": {"token": "{{body.oauth_token}}", "tokenSecret": "{{body.oauth_token_secret}}"}}},
  "info": {"url": "https://api.example.test/me", "oauth": {"token": "{{data.token}}", "token_secret": "{{data.tokenSecret}}"},
    "response": {"uid": "{{body.id}}"}}
}`

func examplePlan() *plan.Plan {
	p, problems := imlc.CompileSource(make.Source("", map[string]*source.File{make.Communication: source.NewFile("api.json", exampleSpec)}, nil), imlc.Options{})
	if p == nil {
		panic(fmt.Sprint(problems.Items))
	}
	return p
}

func exampleEngine() *vm.Engine {
	engine, err := vm.New(examplePlan(), vm.Host{Transport: transportFunc(provider)})
	if err != nil {
		panic(err)
	}
	return engine
}

func exampleGrant() vm.Grant {
	parameters, _ := value.FromAny(map[string]any{"key": "ck", "secret": "cs"})
	return vm.Grant{Parameters: parameters.Object(), RedirectURI: "https://host.example.test/callback"}
}

func ExampleEngine_Authorize() {
	step, err := exampleEngine().Authorize(context.Background(), exampleGrant())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(step.RedirectURL) // send the browser there; keep step.State in its session
	// Output: https://api.example.test/approve?oauth_token=rt
}

func ExampleEngine_Callback() {
	ctx, engine := context.Background(), exampleEngine()
	step, err := engine.Authorize(ctx, exampleGrant())
	if err != nil {
		fmt.Println(err)
		return
	}
	conn, err := engine.Callback(ctx, step.State, "oauth_token=rt&oauth_verifier=123")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(conn.UID, conn.Data.Keys())
	_, err = engine.Callback(ctx, step.State, "oauth_token=rt&oauth_verifier=123")
	fmt.Println(err)
	// Output:
	// 42 [key secret token tokenSecret]
	// authorize: RuntimeError: this authorisation was already used or is not known [oauth1/unknown-pending]
}

func ExampleEngine_Test() {
	data, _ := value.FromAny(map[string]any{"key": "ck", "secret": "cs", "token": "at", "tokenSecret": "as"})
	fmt.Println(exampleEngine().Test(context.Background(), &vm.Connection{Data: data.Object()}))
	// Output: <nil>
}

func ExampleEngine_Client() {
	data, _ := value.FromAny(map[string]any{"key": "ck", "secret": "cs", "token": "at", "tokenSecret": "as"})
	client := exampleEngine().Client(&vm.Connection{Data: data.Object()})
	res, err := client.Get("https://api.example.test/me")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(body), err) // the request was signed; the provider would have refused it otherwise
	// Output: 200 {"id": 42} <nil>
}

func ExampleConnection() {
	data, _ := value.FromAny(map[string]any{"token": "at", "since": time.Unix(0, 0)})
	stored, _ := json.Marshal(&vm.Connection{ID: "c1", Data: data.Object(), UID: "42"}) // with its secrets: encrypt it
	var conn vm.Connection
	err := json.Unmarshal(stored, &conn)
	fmt.Println(conn.UID, conn.Data.Value("since"), err)
	// Output: 42 1970-01-01T00:00:00.000Z <nil>
}

func ExampleNewSealer() {
	entropy := strings.NewReader(strings.Repeat("0123456789abcdef", 8)) // crypto/rand.Reader in a real host
	old := vm.SealKey{ID: "2024-01", Secret: []byte("32 secret bytes of the old key..")}
	current := vm.SealKey{ID: "2024-02", Secret: []byte("32 secret bytes of the new key..")}
	before, _ := vm.NewSealer(entropy, old)
	state, _ := before.Seal([]byte("sealed before the rotation"))
	after, _ := vm.NewSealer(entropy, current, old) // seals under the first, opens under any
	plain, err := after.Open(state)
	fmt.Println(string(plain), err)
	// Output: sealed before the rotation <nil>
}

// A tracer prints what happens; it never sees a secret.
type printer struct{}

func (printer) Event(ctx context.Context, e vm.Event) {
	if e.Kind == vm.EventSection || e.Kind == vm.EventTemp {
		fmt.Println(e.Section, e.Kind, e.Value)
	}
}

func ExampleTracer() {
	engine, _ := vm.New(examplePlan(), vm.Host{Transport: transportFunc(provider), Tracer: printer{}})
	_, _ = engine.Authorize(context.Background(), exampleGrant())
	// Output:
	// requestToken section undefined
	// requestToken temp {"t":"••••","s":"••••"}
	// authorize section undefined
}
