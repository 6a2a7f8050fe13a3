package vm_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// sent is one request as it went out.
type sent struct {
	Method, URL, Body string
	Length            int64
	Header            http.Header
}

// reply is one scripted answer; a status of 0 means 200.
type reply struct {
	status      int
	contentType string
	body        string
	header      map[string]string
	err         error
	then        func() // called before the answer is given
}

// world is what an engine of a test lives in: scripted answers, and a clock and nonces that only the test moves.
type world struct {
	mu      sync.Mutex
	now     time.Time
	nonces  int
	replies []reply
	sent    []sent
	events  []vm.Event
	records []vm.LogRecord
}

func newWorld(replies ...reply) *world {
	return &world{now: time.Unix(1700000000, 0), replies: replies}
}

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	w.mu.Lock()
	w.sent = append(w.sent, sent{req.Method, req.URL.String(), body, req.ContentLength, req.Header.Clone()})
	if len(w.replies) == 0 {
		w.mu.Unlock()
		return nil, fmt.Errorf("nobody expected %s %s", req.Method, req.URL)
	}
	r := w.replies[0]
	w.replies = w.replies[1:]
	w.mu.Unlock()
	if r.then != nil {
		r.then()
	}
	if r.err != nil {
		return nil, r.err
	}
	res := &http.Response{StatusCode: r.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(r.body)), Request: req, ProtoMajor: 1, ProtoMinor: 1}
	if res.StatusCode == 0 {
		res.StatusCode = 200
	}
	if r.contentType != "" {
		res.Header.Set("Content-Type", r.contentType)
	}
	for k, v := range r.header {
		res.Header.Set(k, v)
	}
	return res, nil
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// nonce gives a000…1, a000…2, and so on.
func (w *world) nonce() (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nonces++
	return fmt.Sprintf("a%031d", w.nonces), nil
}

// Event implements vm.Tracer: what a log may show is in what Watch is given.
func (w *world) Event(_ context.Context, _ vm.Event) {}

// Watch implements vm.Watcher.
func (w *world) Watch(ctx context.Context, e vm.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *world) log(_ context.Context, r vm.LogRecord) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records = append(w.records, r)
}

func (w *world) script(replies ...reply) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replies, w.sent, w.events, w.records = replies, nil, nil, nil
}

// host is a host in the world, which sends every request once; change what a test is about.
func (w *world) host() vm.Host {
	return vm.Host{Limits: vm.Limits{Attempts: 1}, Transport: w, Clock: w.clock, Nonce: w.nonce, Tracer: w, Log: w.log}
}

func mustCompile(t testing.TB, text string, o imlc.Options) *plan.Plan {
	t.Helper()
	return mustCompileParts(t, map[string]string{make.Communication: text}, nil, o)
}

func mustCompileParts(t testing.TB, parts map[string]string, calls map[string]string, o imlc.Options) *plan.Plan {
	t.Helper()
	files := func(texts map[string]string) map[string]*source.File {
		out := map[string]*source.File{}
		for name, text := range texts {
			out[name] = source.NewFile(name+".json", text)
		}
		return out
	}
	p, l := imlc.CompileSource(make.Source("", files(parts), files(calls)), o)
	if p == nil {
		t.Fatal(l.Items)
	}
	return p
}

func mustEngine(t testing.TB, p *plan.Plan, h vm.Host) *vm.Engine {
	t.Helper()
	e, err := vm.New(p, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// object reads a collection from JSON.
func object(t testing.TB, text string) *value.Object {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil || v.Object() == nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.Object()
}

func jsonOf(o *value.Object) string { return string(value.AppendJSON(nil, value.Collection(o))) }

// The worked example of spec make.md §23.
const callbackURI = "https://connect.example.test/oauth1/callback"

func workedExample(t testing.TB, o imlc.Options) *plan.Plan {
	t.Helper()
	text, err := os.ReadFile("../compiler/testdata/worked-example.jsonc")
	if err != nil {
		t.Fatal(err)
	}
	return mustCompileParts(t, map[string]string{make.Communication: string(text),
		make.Base: `{"baseUrl":"https://api.example.test/v1","oauth":{"token":"{{connection.accessToken}}","token_secret":"{{connection.accessSecret}}"}}`},
		map[string]string{"notes": `{"url":"/notes","method":"POST","body":{"text":"{{parameters.text}}","size":"{{parameters.size}}"}}`}, o)
}

func workedGrant(t testing.TB) vm.Grant {
	return vm.Grant{Parameters: object(t, `{"consumerKey":"ck-demo","consumerSecret":"cs demo&1"}`), RedirectURI: callbackURI}
}

var (
	initiated = reply{contentType: "text/html", body: "oauth_token=rq%2F7f3a&oauth_token_secret=rs%2Bq%3D9&oauth_callback_confirmed=true"}
	exchanged = reply{contentType: "text/plain", body: "oauth_token=at.5c&oauth_token_secret=as%26x"}
	about     = reply{contentType: "application/json", body: `{"id":9007199254740993,"active":true,"contact":{"email":"desk@example.test"}}`}
)

const workedCallback = "?oauth_token=rq%2F7f3a&oauth_verifier=88-41"

// started runs the worked example up to the redirect.
func started(t testing.TB, w *world, e *vm.Engine) *vm.Step {
	t.Helper()
	w.script(initiated)
	step, err := e.Authorize(context.Background(), workedGrant(t))
	if err != nil {
		t.Fatal(err)
	}
	w.script(exchanged, about)
	return step
}

// connected runs it to the end.
func connected(t testing.TB, w *world, e *vm.Engine) *vm.Connection {
	t.Helper()
	step := started(t, w, e)
	conn, err := e.Callback(context.Background(), step.State, workedCallback)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// heapGrowth returns by how many bytes the live heap grows in do.
func heapGrowth(do func()) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // pools keep what they hold for one collection more
	runtime.ReadMemStats(&before)
	do()
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// rsaKey returns a new private key as PEM.
func rsaKey(t testing.TB) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
