package vm_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Validate says that something changed whatever it was: the data, the identity, the label, or only when the connection
// expires.
func TestValidateNoticesEveryChange(t *testing.T) {
	spec := `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"https://a.test/","response":{"uid":"{{body.uid}}","expires":"{{body.expires}}",
		"metadata":{"type":"{{body.type}}","value":"{{body.label}}"},"data":{"kept":"{{body.kept}}"}}}}`
	w := newWorld()
	e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), w.host())
	answer := func(change map[string]string) reply {
		all := map[string]string{"uid": "1", "expires": "2030-01-01T00:00:00Z", "type": "text", "label": "me", "kept": "x"}
		for k, v := range change {
			all[k] = v
		}
		b, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return reply{contentType: "application/json", body: string(b)}
	}
	w.script(answer(nil))
	step, err := e.Authorize(context.Background(), vm.Grant{})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(step.Connection)
	for name, c := range map[string]struct {
		change  map[string]string
		changed bool
	}{
		"nothing": {nil, false}, "uid": {map[string]string{"uid": "2"}, true}, "expires": {map[string]string{"expires": "2030-01-01T00:00:01Z"}, true}, "the same instant": {map[string]string{"expires": "2030-01-01T01:00:00+01:00"}, false},
		"label": {map[string]string{"label": "you"}, true}, "type": {map[string]string{"type": "email"}, true}, "data": {map[string]string{"kept": "y"}, true},
	} {
		w.script(answer(c.change))
		got, changed, err := e.Validate(context.Background(), step.Connection)
		if err != nil || changed != c.changed || len(w.sent) != 1 {
			t.Errorf("%s: changed is %v, %v after %d requests", name, changed, err, len(w.sent))
		}
		if after, _ := json.Marshal(got); (string(after) != string(before)) != c.changed {
			t.Errorf("%s: %s became %s", name, before, after)
		}
		if after, _ := json.Marshal(step.Connection); string(after) != string(before) {
			t.Errorf("%s: Validate changed the connection that it was given to %s", name, after)
		}
	}
}

// What a call says itself wins over what Base says, part by part.
func testCallMergesBase(t *testing.T) {
	p := mustCompileParts(t, map[string]string{make.Communication: `{"oauth":{"consumer_key":"k","consumer_secret":"s"}}`,
		make.Base: `{"baseUrl":"https://a.test/v1","headers":{"X-Base":"b","X-Both":"base"},"qs":{"q":"base","r":"base"},"response":{"error":{"message":"base says {{statusCode}}","type":"DataError","404":{"message":"base 404"}}}}`},
		map[string]string{
			"own":     `{"url":"/own","headers":{"X-Both":"own"},"qs":{"q":"own"},"response":{"error":{"message":"own says {{statusCode}}"}}}`,
			"inherit": `{"url":"/inherit"}`,
		}, imlc.Options{})
	w := newWorld()
	e := mustEngine(t, p, w.host())
	for name, want := range map[string]struct{ url, both, error string }{
		"own": {"https://a.test/v1/own?q=own&r=base", "own", "own says 500"}, "inherit": {"https://a.test/v1/inherit?q=base&r=base", "base", "base says 500"},
	} {
		w.script(reply{status: 500})
		_, err := e.Call(context.Background(), &vm.Connection{}, name, nil)
		if got := errorOf(t, err); got.Message != want.error || got.Type != "DataError" {
			t.Errorf("%s: %s %s, expected DataError %s", name, got.Type, got.Message, want.error)
		}
		if s := w.sent[0]; s.URL != want.url || s.Header.Get("X-Base") != "b" || s.Header.Get("X-Both") != want.both || !strings.HasPrefix(s.Header.Get("Authorization"), "OAuth ") {
			t.Errorf("%s: %s %v", name, s.URL, s.Header)
		}
		w.script(reply{status: 404})
		if _, err := e.Call(context.Background(), &vm.Connection{}, name, nil); errorOf(t, err).Message != "base 404" {
			t.Errorf("%s: %v, expected base 404", name, err)
		}
	}
}

// A clock that moves at each look shows how often it is looked at: expressions of one request see one instant, each hop
// has a timestamp of its own.
func testClock(t *testing.T) {
	w := newWorld(reply{status: 302, header: map[string]string{"Location": "/hop"}}, reply{contentType: "application/json", body: `{}`}, reply{contentType: "application/json", body: `{}`})
	h := w.host()
	h.Clock = func() time.Time {
		w.advance(time.Second)
		return w.clock()
	}
	spec := `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":[{"url":"https://a.test/","qs":{"a":"{{timestamp}}","b":"{{timestamp}}"},"response":{"data":{"one":"{{now}}","two":"{{now}}"}}},
		{"url":"https://a.test/second","qs":{"a":"{{timestamp}}"}}]}`
	step, err := mustEngine(t, mustCompile(t, spec, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{})
	if err != nil {
		t.Fatal(err)
	}
	if d := step.Connection.Data; !value.StrictEqual(d.Value("one"), d.Value("two")) {
		t.Errorf("one answer has two instants: %s", jsonOf(d))
	}
	first := w.sent[0].URL
	if a, b, ok := strings.Cut(strings.TrimPrefix(first, "https://a.test/?a="), "&b="); !ok || a != b {
		t.Errorf("one request has two instants: %s", first)
	}
	if second := w.sent[2].URL; strings.HasSuffix(second, strings.TrimPrefix(first, "https://a.test/")) {
		t.Errorf("two requests have one instant: %s and %s", first, second)
	}
	stamp := regexp.MustCompile(`oauth_timestamp="(\d+)"`)
	seen := map[string]bool{}
	for _, s := range w.sent {
		m := stamp.FindStringSubmatch(s.Header.Get("Authorization"))
		if m == nil || seen[m[1]] {
			t.Errorf("the timestamps of hops: %v, then %v", seen, m)
			continue
		}
		seen[m[1]] = true
	}
}

// onlyReader fails when two goroutines read at once.
type onlyReader struct {
	inside, overlaps atomic.Int32
	n                byte
}

func (r *onlyReader) Read(p []byte) (int, error) {
	if r.inside.Add(1) > 1 {
		r.overlaps.Add(1)
	}
	defer r.inside.Add(-1)
	time.Sleep(10 * time.Microsecond)
	for i := range p {
		r.n++
		p[i] = r.n
	}
	return len(p), nil
}

func testEntropyIsReadByOne(t *testing.T) {
	entropy := &onlyReader{}
	p := mustCompile(t, `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://a.test/t","qs":{"u":"{{uuid}}"},"response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}"}}},
		"authorize":{"url":"https://a.test/go","oauth":{"token":"{{temp.t}}"}}}`, imlc.Options{})
	e := mustEngine(t, p, vm.Host{Entropy: entropy, Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("oauth_token=t&oauth_callback_confirmed=true")), Request: r}, nil
	})})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := e.Authorize(context.Background(), vm.Grant{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := entropy.overlaps.Load(); n > 0 || entropy.n == 0 {
		t.Errorf("%d reads overlapped another", n)
	}
}

func testNonces(t *testing.T) {
	nonce := regexp.MustCompile(`oauth_nonce="([^"]*)"`)
	plain := regexp.MustCompile(`^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$`) // a UUID of version 4 without dashes
	seen := map[string]bool{}
	w := newWorld()
	h := w.host()
	h.Nonce = nil
	e := mustEngine(t, mustCompile(t, `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"https://a.test/"}}`, imlc.Options{}), h)
	for range 200 {
		w.script(reply{status: 302, header: map[string]string{"Location": "/hop"}}, reply{})
		if _, err := e.Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(err)
		}
		for _, s := range w.sent {
			m := nonce.FindStringSubmatch(s.Header.Get("Authorization"))
			if m == nil || seen[m[1]] || !plain.MatchString(m[1]) {
				t.Fatalf("nonce %v after %d others", m, len(seen))
			}
			seen[m[1]] = true
		}
	}
	if len(seen) != 400 {
		t.Errorf("%d nonces, expected one for each hop", len(seen))
	}
}

// The transport is called once for each hop, whatever comes back, and nothing is compressed behind the engine's back.
func testTransport(t *testing.T) {
	for name, r := range map[string]reply{"no answer": {err: errors.New("reset")}, "503": {status: 503}, "401": {status: 401}} {
		w := newWorld(r, reply{})
		if _, err := mustEngine(t, workedExample(t, imlc.Options{}), w.host()).Authorize(context.Background(), workedGrant(t)); err == nil || len(w.sent) != 1 {
			t.Errorf("%s: %v after %d requests", name, err, len(w.sent))
		}
	}
	var accepts []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		accepts = append(accepts, r.Header.Get("Accept-Encoding"))
	}))
	defer server.Close()
	for _, transport := range []http.RoundTripper{nil, &http.Transport{}} {
		e := mustEngine(t, mustCompile(t, `{"url":"`+server.URL+`"}`, imlc.Options{}), vm.Host{Transport: transport, Egress: wire.Egress{AllowPrivate: true}})
		if _, err := e.Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"", ""}, accepts); diff != "" {
		t.Errorf("Accept-Encoding that nobody asked for: %s", diff)
	}
}

// Of many callbacks at once one resumes.
func testOneOfManyResumes(t *testing.T) {
	e := mustEngine(t, workedExample(t, imlc.Options{}), vm.Host{Transport: echo{}})
	for range 20 {
		step, err := e.Authorize(context.Background(), workedGrant(t))
		if err != nil {
			t.Fatal(err)
		}
		var resumed, used atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				switch _, err := e.Callback(context.Background(), step.State, "oauth_token=t-ck-demo&oauth_verifier=v"); {
				case err == nil:
					resumed.Add(1)
				case code(err) == vm.CodeUnknownPending, code(err) == vm.CodeInProgress:
					used.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if resumed.Load() != 1 || used.Load() != 15 {
			t.Fatalf("%d callbacks resumed, %d were refused", resumed.Load(), used.Load())
		}
	}
}

func testPendingTTL(t *testing.T) {
	for wait, want := range map[time.Duration]string{vm.DefaultPendingTTL: "", vm.DefaultPendingTTL + time.Millisecond: "oauth1/expired"} {
		w := newWorld()
		e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
		step := started(t, w, e)
		w.advance(wait)
		if _, err := e.Callback(context.Background(), step.State, workedCallback); code(err) != want {
			t.Errorf("after %v: %v, expected %q", wait, err, want)
		}
	}
}

func testEnvironment(t *testing.T) {
	w := newWorld()
	h := w.host()
	asked := 0
	h.Environment = func(context.Context) (*value.Object, error) {
		asked++
		return object(t, `{"region":"eu"}`), nil
	}
	for host, want := range map[*vm.Host]string{{Transport: w}: "https://a.test/none", &h: "https://a.test/eu"} {
		w.script(reply{})
		if _, err := mustEngine(t, mustCompile(t, `{"url":"https://a.test/{{ifempty(environment.region; 'none')}}"}`, imlc.Options{}), *host).Authorize(context.Background(), vm.Grant{}); err != nil || w.sent[0].URL != want {
			t.Errorf("%v, expected %s", err, want)
		}
	}
	if asked != 1 {
		t.Errorf("the host was asked %d times", asked)
	}
}

func testLimits(t *testing.T) {
	p := mustCompile(t, `{}`, imlc.Options{})
	for name, l := range map[string]vm.Limits{"steps": {Steps: -1}, "memory": {Memory: -1}, "value": {ValueBytes: -1}, "items": {Items: -1}, "nesting": {Nesting: -1}, "requests": {Requests: -1}, "redirects": {Redirects: -1},
		"response": {ResponseBytes: -1}, "request time": {RequestTimeout: -1}, "run time": {RunTimeout: -1}, "regex time": {RegexTimeout: -1}} {
		if _, err := vm.New(p, vm.Host{Limits: l}); err == nil {
			t.Errorf("%s: a negative limit is accepted", name)
		}
	}
	if _, err := vm.New(p, vm.Host{PendingTTL: -1}); err == nil {
		t.Error("authorisations that are over before they begin are accepted")
	}
	TestRepeatAndLimits(t)
}

func testHostFunctions(t *testing.T) {
	greet, err := builtin.Host("greet", 1, 1, func(_ *builtin.Context, a builtin.Args) (value.Value, error) {
		return value.Text("hello-" + value.ToText(a.V[0])), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	functions := []*builtin.Function{greet}
	p := mustCompile(t, `{"url":"https://a.test/{{greet('ada')}}"}`, imlc.Options{Functions: functions})
	var missing *vm.UnsupportedError
	if _, err := vm.New(p, vm.Host{}); !errors.As(err, &missing) || !strings.Contains(fmt.Sprint(missing.Missing), "greet") {
		t.Errorf("a plan whose function is missing: %v", err)
	}
	w := newWorld(reply{})
	h := w.host()
	h.Functions = functions
	if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err != nil || w.sent[0].URL != "https://a.test/hello-ada" {
		t.Errorf("%v, %v", err, w.sent)
	}
}

// A spec may neither switch verification off unless the host lets it, nor do its certificates join those of the system.
func testTLSOfTheSpec(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each client that goes away
	server.StartTLS()
	defer server.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	quoted, err := json.Marshal(ca)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, directive string
		insecure        bool
		want            string
	}{
		{"unknown authority", ``, false, "certificate"},
		{"verification off", `,"rejectUnauthorized":false`, false, "cannot be switched off here"},
		{"verification off, allowed", `,"rejectUnauthorized":false`, true, ""},
		{"allowed, not asked for", ``, true, "certificate"},
		{"own authority", `,"ca":` + string(quoted), false, ""},
	} {
		e := mustEngine(t, mustCompile(t, `{"url":"`+server.URL+`"`+c.directive+`,"log":{"sanitize":[]}}`, imlc.Options{}), vm.Host{AllowInsecureTLS: c.insecure, Egress: wire.Egress{AllowPrivate: true}})
		_, err := e.Authorize(context.Background(), vm.Grant{})
		if text := fmt.Sprint(err) + fmt.Sprint(errors.Unwrap(err)); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(text, c.want)) {
			t.Errorf("%s: %s, expected %q", c.name, text, c.want)
		}
	}
}

// With clock, entropy, nonce and transport fixed every run sends identical bytes, boundaries of multipart bodies
// included.
func TestRunsAreReproducible(t *testing.T) {
	spec := `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":[{"url":"https://a.test/{{uuid}}/{{random}}","method":"POST","type":"multipart/form-data","body":{"a":"1","f":{"value":"{{toBinary('ff'; 'hex')}}","options":{"filename":"f"}}}},
		{"url":"https://a.test/x","qs":{"n":"{{now}}"}}]}`
	p := mustCompile(t, spec, imlc.Options{})
	var runs [2][]sent
	for i := range runs {
		w := newWorld(reply{}, reply{})
		h := w.host()
		h.Entropy = &onlyReader{}
		if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(err)
		}
		runs[i] = w.sent
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" || len(runs[0]) != 2 || !strings.Contains(runs[0][0].Body, "Content-Disposition") {
		t.Errorf("two runs differ: %s", diff)
	}
}

// Whatever is stored holds on to itself alone, not to the answer that it was taken from.
func TestConnectionsDoNotHoldAnswers(t *testing.T) {
	const size, count = 1 << 20, 24
	spec := `{"url":"https://a.test/","response":{"type":"json","data":{"token":"{{body.token}}","list":"{{body.list}}","inner":"{{body.inner}}"},"uid":"{{body.uid}}","metadata":{"type":"text","value":"{{body.label}}"}}}`
	answer := reply{contentType: "application/json", body: `{"token":"abcdefgh","list":["one","two"],"inner":{"k":"value"},"uid":"user-1","label":"me","filler":"` + strings.Repeat("x", size) + `"}`}
	e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), vm.Host{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {answer.contentType}}, Body: io.NopCloser(strings.NewReader(answer.body)), Request: r}, nil
	})})
	kept := []*vm.Connection{}
	grow := heapGrowth(func() {
		for range count {
			step, err := e.Authorize(context.Background(), vm.Grant{})
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, step.Connection)
		}
	})
	if grow > count*size/4 {
		t.Errorf("%d connections hold %d KiB, the answers had %d KiB each", len(kept), grow>>10, size>>10)
	}
}

// Credentials that were rotated are signed with from the next request on: nothing prepared earlier is used with them.
func TestRotatedCredentials(t *testing.T) {
	spec := `{"oauth":{"consumer_key":"{{data.ck}}","consumer_secret":"{{data.cs}}","token":"{{data.tk}}","token_secret":"{{data.ts}}","private_key":"{{data.pk}}","signature_method":"{{data.method}}"},"info":{"url":"https://a.test/"}}`
	w := newWorld()
	h := w.host()
	h.Nonce = func() (string, error) { return "n", nil }
	e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), h)
	signature := func(change map[string]string) string {
		t.Helper()
		data := value.NewObject(6)
		for _, k := range []string{"ck", "cs", "tk", "ts", "pk", "method"} {
			data.Set(k, value.Text(map[string]string{"ck": "consumer", "cs": "consumer secret", "tk": "token", "ts": "token secret", "method": "HMAC-SHA1"}[k]))
			if v, ok := change[k]; ok {
				data.Set(k, value.Text(v))
			}
		}
		var all []string
		for range 3 { // the first signature, the second, and those after it
			w.script(reply{})
			if err := e.Test(context.Background(), &vm.Connection{Data: data}); err != nil {
				t.Fatal(err)
			}
			all = append(all, w.sent[0].Header.Get("Authorization"))
			w.script(reply{})
			res, err := e.Client(&vm.Connection{Data: data}).Get("https://a.test/")
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			all = append(all, w.sent[0].Header.Get("Authorization"))
		}
		for _, a := range all {
			if a != all[0] {
				t.Errorf("one connection is signed as %s and as %s", all[0], a)
			}
		}
		return all[0]
	}
	one, two := rsaKey(t), rsaKey(t)
	seen := map[string]string{}
	for _, c := range []struct {
		name   string
		change map[string]string
	}{
		{"nothing", nil}, {"consumer key", map[string]string{"ck": "other"}}, {"consumer secret", map[string]string{"cs": "other"}}, {"token", map[string]string{"tk": "other"}}, {"token secret", map[string]string{"ts": "other"}},
		{"method", map[string]string{"method": "HMAC-SHA256"}}, {"private key", map[string]string{"method": "RSA-SHA256", "pk": one}}, {"another private key", map[string]string{"method": "RSA-SHA256", "pk": two}},
	} {
		got := signature(c.change)
		if before, taken := seen[got]; taken {
			t.Errorf("with another %s the request is signed as with another %s: %s", c.name, before, got)
		}
		seen[got] = c.name
	}
}
