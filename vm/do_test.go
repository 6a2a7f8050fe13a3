package vm_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// basePlan is a connection whose Base has something of everything that goes along with a request of the host's own.
func basePlan(t testing.TB) *plan.Plan {
	t.Helper()
	return mustCompileParts(t, map[string]string{
		make.Communication: `{"oauth":{"consumer_key":"ck","consumer_secret":"cs-1234"},"info":{"url":"https://id.example.test/me"}}`,
		make.Base: `{"baseUrl":"https://api.example.test/v1/","headers":{"X-Base":"b","X-Both":"base","Accept":"application/json"},
			"qs":{"key":"base","page":1},"oauth":{"token":"{{connection.token}}","token_secret":"{{connection.secret}}"},
			"log":{"sanitize":["request.headers.x-base"]}}`,
		make.Params: `[{"name":"secret","type":"password"}]`,
	}, nil, imlc.Options{})
}

func baseConnection() *vm.Connection {
	data := value.NewObject(2)
	data.Set("token", value.Text("tk-1234"))
	data.Set("secret", value.Text("ts-1234"))
	return &vm.Connection{Data: data}
}

func request(t testing.TB, method, url, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if body == "" {
		req, err = http.NewRequest(method, url, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// Base is merged as a whole into a request of the host's own, which wins where both say something.
func TestDoMergesBase(t *testing.T) {
	w := newWorld(reply{status: 404, contentType: "application/json", body: `{"gone":true}`})
	e := mustEngine(t, basePlan(t), w.host())
	req := request(t, "POST", "/notes?page=7&q=a%20b", "x=1&y=2")
	req.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Both": {"own", "twice"}}
	res, err := e.Do(context.Background(), baseConnection(), req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != `{"gone":true}` || res.StatusCode != 404 || res.Status != "404 Not Found" || res.Header.Get("Content-Type") != "application/json" ||
		res.ContentLength != int64(len(body)) || res.Request != req {
		t.Errorf("%s %s %v, %v", res.Status, body, res.Header, err)
	}
	s := w.sent[0]
	got := []string{s.Method, s.URL, s.Body, strings.Join(s.Header["X-Base"], ","), strings.Join(s.Header["X-Both"], ","), s.Header.Get("Accept")}
	want := []string{"POST", "https://api.example.test/v1/notes?page=7&q=a%20b&key=base", "x=1&y=2", "b", "own,twice", "application/json"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if auth := s.Header.Get("Authorization"); !strings.Contains(auth, `oauth_token="tk-1234"`) || strings.Contains(auth, "oauth_callback") {
		t.Error(auth)
	}
	if len(w.records) != 1 || w.records[0].Status != 404 || w.records[0].Path != "/v1/notes" {
		t.Errorf("logged: %+v", w.records)
	}
	for _, r := range w.records {
		if text := string(value.AppendJSON(nil, r.Sent)); !strings.Contains(text, `"x-base":"••••"`) || !strings.Contains(text, `"x-both"`) || strings.Contains(text, "tk-1234") {
			t.Errorf("logged: %s", text)
		}
	}
	kinds := ""
	for _, event := range w.events {
		kinds += event.Kind + " "
	}
	if kinds != "signed request response response " {
		t.Errorf("traced: %s", kinds)
	}
}

// A request that carries something of the connection goes nowhere else: it is refused before anything is signed.
func TestDoIsPinned(t *testing.T) {
	proved := mustCompile(t, `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"info":{"url":"https://id.example.test/{{data.token}}"}}`, imlc.Options{})
	nowhere := mustCompile(t, `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"}}`, imlc.Options{})
	bare := mustCompile(t, `{}`, imlc.Options{})
	headers := mustCompileParts(t, map[string]string{make.Communication: `{}`, make.Base: `{"baseUrl":"https://api.example.test","headers":{"Authorization":"Bearer {{connection.token}}"}}`}, nil, imlc.Options{})
	for name, c := range map[string]struct {
		plan    *plan.Plan
		url     string
		origins []string
		passes  bool
	}{
		"base":                  {plan: basePlan(t), url: "https://api.example.test/elsewhere", passes: true},
		"relative":              {plan: basePlan(t), url: "notes", passes: true},
		"default port":          {plan: basePlan(t), url: "https://API.example.test:443/", passes: true},
		"another host":          {plan: basePlan(t), url: "https://evil.example.test/"},
		"another port":          {plan: basePlan(t), url: "https://api.example.test:8443/"},
		"plain http":            {plan: basePlan(t), url: "http://api.example.test/"},
		"host in disguise":      {plan: basePlan(t), url: "https://api.example.test@evil.example.test/"},
		"no scheme":             {plan: basePlan(t), url: "//evil.example.test/", passes: true}, // a path, behind the base URL
		"where it is proved":    {plan: basePlan(t), url: "https://id.example.test/me"},
		"allowed":               {plan: basePlan(t), url: "https://files.example.test/x", origins: []string{"https://files.example.test"}, passes: true},
		"allowed, another port": {plan: basePlan(t), url: "https://files.example.test:1/x", origins: []string{"https://files.example.test"}},
		"without base":          {plan: proved, url: "https://id.example.test/other", passes: true},
		"without base, another": {plan: proved, url: "https://evil.example.test/"},
		"nothing known":         {plan: nowhere, url: "https://api.example.test/"},
		"nothing goes along":    {plan: bare, url: "https://anywhere.example.test/", passes: true},
		"headers go along":      {plan: headers, url: "https://evil.example.test/"},
	} {
		w := newWorld(reply{})
		h := w.host()
		h.Origins = c.origins
		h.Egress = wire.Egress{AllowHTTP: true}
		_, err := mustEngine(t, c.plan, h).Do(context.Background(), baseConnection(), request(t, "GET", c.url, ""))
		switch {
		case c.passes && (err != nil || len(w.sent) != 1):
			t.Errorf("%s: %v", name, err)
		case !c.passes && (len(w.sent) > 0 || w.nonces > 0):
			t.Errorf("%s: signed %d, sent %v", name, w.nonces, w.sent)
		case !c.passes && errorOf(t, err).Code != vm.CodeForeignOrigin:
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(name, "no scheme") && w.sent[0].URL != "https://api.example.test/v1/evil.example.test/?key=base&page=1" {
			t.Errorf("%s: %s", name, w.sent[0].URL)
		}
	}
}

// A Host that is not one of the connection's origins is refused like a URL that is not: the secrets of PLAINTEXT would
// reach whoever has it at the same server. That of the spec stays.
func TestDoIsPinnedByHost(t *testing.T) {
	base := func(headers string) *plan.Plan {
		return mustCompileParts(t, map[string]string{
			make.Communication: `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"}}`,
			make.Base:          `{"baseUrl":"https://api.example.test:8443/v1"` + headers + `,"oauth":{"signature_method":"PLAINTEXT","token":"t","token_secret":"ts-1234"}}`,
		}, nil, imlc.Options{})
	}
	own := base("")
	bare := mustCompile(t, `{}`, imlc.Options{})
	for name, c := range map[string]struct {
		plan   *plan.Plan
		url    string
		hosts  []string
		passes bool
		want   string // the Host header, "" for that of the URL
	}{
		"none":                    {plan: own, passes: true},
		"its own":                 {plan: own, hosts: []string{"api.example.test:8443"}, passes: true, want: "api.example.test:8443"},
		"its own in capitals":     {plan: own, hosts: []string{"API.example.test:8443"}, passes: true, want: "API.example.test:8443"},
		"an allowed one":          {plan: own, hosts: []string{"files.example.test"}, passes: true, want: "files.example.test"},
		"an allowed one, in full": {plan: own, hosts: []string{"files.example.test:443"}, passes: true, want: "files.example.test:443"},
		"another":                 {plan: own, hosts: []string{"evil.example.test"}},
		"another behind its own":  {plan: own, hosts: []string{"api.example.test:8443", "evil.example.test"}},
		"another port":            {plan: own, hosts: []string{"api.example.test"}},
		"a user":                  {plan: own, hosts: []string{"evil@api.example.test:8443"}},
		"a path":                  {plan: own, hosts: []string{"api.example.test:8443/x"}},
		"a subdomain":             {plan: own, hosts: []string{"api.example.test.evil.test:8443"}},
		"that of the spec":        {plan: base(`,"headers":{"Host":"tenant.example.test"}`), passes: true, want: "tenant.example.test"},
		"over that of the spec":   {plan: base(`,"headers":{"Host":"tenant.example.test"}`), hosts: []string{"evil.example.test"}},
		"nothing goes along":      {plan: bare, url: "https://anywhere.example.test/", hosts: []string{"evil.example.test"}, passes: true, want: "evil.example.test"},
	} {
		for _, header := range []bool{false, true} {
			if !header && len(c.hosts) > 1 {
				continue
			}
			seen := "nothing"
			w := newWorld()
			h := w.host()
			h.Origins = []string{"https://files.example.test"}
			h.WrapTransport = func(http.RoundTripper) http.RoundTripper {
				return roundTripper(func(req *http.Request) (*http.Response, error) {
					seen = req.Host
					return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
				})
			}
			req := request(t, "GET", c.url, "")
			if header {
				req.Header["Host"] = c.hosts
			} else if len(c.hosts) > 0 {
				req.Host = c.hosts[0]
			}
			_, err := mustEngine(t, c.plan, h).Do(context.Background(), baseConnection(), req)
			if c.want == "" {
				c.want = "api.example.test:8443"
			}
			switch {
			case c.passes && (err != nil || seen != c.want):
				t.Errorf("%s: sent to %s, expected %s: %v", name, seen, c.want, err)
			case !c.passes && (seen != "nothing" || w.nonces > 0 || errorOf(t, err).Code != vm.CodeForeignOrigin && !strings.ContainsAny(c.hosts[0], "@/") || errorOf(t, err).Class != vm.ClassHost):
				t.Errorf("%s: signed %d, sent to %s, %v", name, w.nonces, seen, err)
			}
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A request that is none is the host's fault, and no reason to panic.
func TestDoWithoutRequest(t *testing.T) {
	e := mustEngine(t, basePlan(t), newWorld().host())
	for _, req := range []*http.Request{nil, {}, {Method: "POST", Host: "api.example.test"}} {
		_, err := e.Do(context.Background(), baseConnection(), req)
		_, streamed := e.Stream(context.Background(), baseConnection(), req, vm.Streaming{})
		for _, err := range []error{err, streamed} {
			if got := errorOf(t, err); got.Class != vm.ClassHost || got.Retryable() || got.Err == nil || !strings.Contains(got.Err.Error(), "no URL") {
				t.Errorf("%+v", got)
			}
		}
	}
}

// An answer tells of the body that it has, or for HEAD of the one that GET would have.
func TestDoTellsOfBodies(t *testing.T) {
	packed := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, text)
		z.Close()
		return b.String()
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Encoding", r.URL.Query().Get("coding"))
		text := packed("text")
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = io.WriteString(w, text)
	}))
	defer server.Close()
	p := mustCompileParts(t, map[string]string{make.Communication: `{}`, make.Base: `{"baseUrl":"` + server.URL + `","gzip":true}`}, nil, imlc.Options{})
	e := mustEngine(t, p, vm.Host{Egress: wire.Egress{AllowPrivate: true}})
	raw := strconv.Itoa(len(packed("text")))
	for _, c := range []struct{ method, asks, coding, body, encoding, header string }{
		{"GET", "", "gzip", "text", "", ""},
		{"GET", "", "br, gzip", "text", "br", ""}, // what is not undone stays named
		{"GET", "", "br", packed("text"), "br", raw},
		{"GET", "gzip", "gzip", packed("text"), "gzip", raw},
		{"HEAD", "", "gzip", "", "gzip", raw},
		{"HEAD", "gzip", "gzip", "", "gzip", raw},
	} {
		for _, stream := range []bool{false, true} {
			req := request(t, c.method, "/?coding="+url.QueryEscape(c.coding), "")
			if c.asks != "" {
				req.Header.Set("Accept-Encoding", c.asks)
			}
			send := e.Do
			if stream {
				send = func(ctx context.Context, conn *vm.Connection, req *http.Request) (*http.Response, error) {
					return e.Stream(ctx, conn, req, vm.Streaming{})
				}
			}
			res, err := send(context.Background(), nil, req)
			if err != nil {
				t.Fatal(c, err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			length := strconv.FormatInt(res.ContentLength, 10)
			want := strconv.Itoa(len(body))
			switch {
			case c.method == "HEAD":
				want = raw
			case stream && c.header == "":
				want = "-1"
			}
			if err != nil || string(body) != c.body || res.Header.Get("Content-Encoding") != c.encoding || res.Header.Get("Content-Length") != c.header || length != want || res.Uncompressed != (c.header == "") {
				t.Errorf("%v, stream %v: %q of length %s (%s), %v, uncompressed %v, %v", c, stream, body, length, want, res.Header, res.Uncompressed, err)
			}
		}
	}
}

// A safe request is sent again, signed anew, where the service was not there; others are not, and nobody waits for
// ever.
func TestDoTriesAgain(t *testing.T) {
	reset := &wire.ConnectionError{Cause: wire.CauseReset, Host: "api.example.test"}
	for name, c := range map[string]struct {
		method  string
		limits  vm.Limits
		replies []reply
		sent    int
		status  int
	}{
		"overloaded":         {method: "GET", replies: []reply{{status: 503}, {}}, sent: 2, status: 200},
		"reset":              {method: "HEAD", replies: []reply{{err: reset}, {}}, sent: 2, status: 200},
		"asked to wait":      {method: "GET", replies: []reply{{status: 429, header: map[string]string{"Retry-After": "0"}}, {status: 201}}, sent: 2, status: 201},
		"for too long":       {method: "GET", replies: []reply{{status: 429, header: map[string]string{"Retry-After": "60"}}}, sent: 1, status: 429},
		"at most as often":   {method: "GET", limits: vm.Limits{Attempts: 2}, replies: []reply{{status: 502}, {status: 504}, {}}, sent: 2, status: 504},
		"once":               {method: "GET", limits: vm.Limits{Attempts: 1}, replies: []reply{{status: 503}, {}}, sent: 1, status: 503},
		"not safe":           {method: "POST", replies: []reply{{status: 503}, {}}, sent: 1, status: 503},
		"not safe, reset":    {method: "DELETE", replies: []reply{{err: reset}, {}}, sent: 1},
		"an answer":          {method: "GET", replies: []reply{{status: 500}, {}}, sent: 1, status: 500},
		"refused by policy":  {method: "GET", replies: []reply{{err: &wire.ConnectionError{Cause: wire.CausePolicy}}, {}}, sent: 1},
		"no time left":       {method: "GET", limits: vm.Limits{RunTimeout: 100 * time.Millisecond}, replies: []reply{{status: 503}, {}}, sent: 1, status: 503},
		"no request allowed": {method: "GET", limits: vm.Limits{Requests: 1}, replies: []reply{{status: 503}, {}}, sent: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(c.replies...)
			h := w.host()
			h.Limits = c.limits
			res, err := mustEngine(t, basePlan(t), h).Do(context.Background(), baseConnection(), request(t, c.method, "/notes", ""))
			status := 0
			if err == nil {
				status = res.StatusCode
			}
			if len(w.sent) != c.sent || status != c.status {
				t.Errorf("%d requests, status %d, %v", len(w.sent), status, err)
			}
			var nonces []string
			for _, s := range w.sent {
				nonces = append(nonces, s.Header.Get("Authorization"))
			}
			if slices.Sort(nonces); len(slices.Compact(nonces)) != len(w.sent) {
				t.Errorf("a signature was used twice: %s", nonces)
			}
		})
	}
}

// A request that was refused for its nonce or timestamp alone did nothing, so that any one may be sent again; the time
// of the service is learnt for those that follow.
func TestDoRecovers(t *testing.T) {
	problem := func(name string) reply {
		return reply{status: 401, contentType: "application/x-www-form-urlencoded", body: "oauth_problem=" + name, header: map[string]string{"Date": "Tue, 14 Nov 2023 22:18:20 GMT"}}
	}
	for name, c := range map[string]struct {
		recover bool
		replies []reply
		want    []string
	}{
		"nonce":         {true, []reply{problem("nonce_used"), {}}, []string{"1700000000", "1700000000"}},
		"timestamp":     {true, []reply{problem("timestamp_refused"), {}}, []string{"1700000000", "1700000300"}},
		"only once":     {true, []reply{problem("nonce_used"), problem("nonce_used"), {}}, []string{"1700000000", "1700000000"}},
		"another cause": {true, []reply{problem("token_rejected"), {}}, []string{"1700000000"}},
		"switched off":  {false, []reply{problem("nonce_used"), {}}, []string{"1700000000"}},
	} {
		w := newWorld(c.replies...)
		h := w.host()
		h.Recover, h.Limits = c.recover, vm.Limits{}
		e := mustEngine(t, basePlan(t), h)
		if _, err := e.Do(context.Background(), baseConnection(), request(t, "POST", "/notes", "")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, s := range w.sent {
			_, at, _ := strings.Cut(s.Header.Get("Authorization"), `oauth_timestamp="`)
			at, _, _ = strings.Cut(at, `"`)
			got = append(got, at)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if name == "timestamp" {
			w.script(reply{})
			if _, err := e.Do(context.Background(), baseConnection(), request(t, "GET", "/notes", "")); err != nil || !strings.Contains(w.sent[0].Header.Get("Authorization"), `oauth_timestamp="1700000300"`) {
				t.Errorf("the time was not learnt: %v %v", w.sent, err)
			}
		}
	}
}

// What cannot be sent is an error of its own; nothing goes out.
func TestDoRefuses(t *testing.T) {
	broken := request(t, "POST", "/notes", "")
	broken.Body = io.NopCloser(io.MultiReader(strings.NewReader("half"), brokenHost{}))
	large := request(t, "POST", "/notes", strings.Repeat("x", 101))
	header := request(t, "GET", "/notes", "")
	header.Header = http.Header{"X-Note": {"two\nlines"}}
	without := mustCompile(t, `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"info":{"url":"https://id.example.test/"}}`, imlc.Options{})
	for name, c := range map[string]struct {
		plan *plan.Plan
		req  *http.Request
		want string
	}{
		"body that breaks off": {basePlan(t), broken, "RuntimeError: the body of the request cannot be read"},
		"body too large":       {basePlan(t), large, "LimitError: LIMIT: the limit on request body is reached (100)"},
		"bad header":           {basePlan(t), header, "InvalidConfigurationError: headers: "},
		"relative, no base":    {without, request(t, "GET", "/notes", ""), `InvalidConfigurationError: the connection has no base URL to put "/notes" behind`},
		"method":               {basePlan(t), request(t, "CONNECT", "/notes", ""), "InvalidConfigurationError: method: "},
	} {
		w := newWorld(reply{})
		h := w.host()
		h.Limits = vm.Limits{ValueBytes: 100}
		_, err := mustEngine(t, c.plan, h).Do(context.Background(), baseConnection(), c.req)
		if e := errorOf(t, err); !strings.HasPrefix(e.Type+": "+e.Message, c.want) || len(w.sent) > 0 {
			t.Errorf("%s: %v after %d requests", name, err, len(w.sent))
		}
	}
}

// The time and the size of an answer are bounded as those of every request are, by Do and by the client over it.
func TestDoIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 2000))
	}))
	defer server.Close()
	p := mustCompileParts(t, map[string]string{make.Communication: `{}`, make.Base: `{"baseUrl":"` + server.URL + `"}`}, nil, imlc.Options{})
	e := mustEngine(t, p, vm.Host{Egress: wire.Egress{AllowPrivate: true}, Limits: vm.Limits{ResponseBytes: 1000, RequestTimeout: 50 * time.Millisecond, Attempts: 1}})
	for path, want := range map[string]string{"/slow": vm.ConnectionError, "/large": vm.LimitErrorType} {
		_, err := e.Do(context.Background(), &vm.Connection{}, request(t, "GET", path, ""))
		if got := errorOf(t, err); got.Type != want {
			t.Errorf("%s: %v", path, err)
		}
		var own *vm.Error
		if _, err := e.Client(&vm.Connection{}).Get(server.URL + path); !errors.As(err, &own) || own.Type != want {
			t.Errorf("client, %s: %v", path, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Do(ctx, &vm.Connection{}, request(t, "GET", "/slow", "")); err == nil {
		t.Error("a cancelled context")
	}
}

func TestBaseURL(t *testing.T) {
	for _, c := range []struct {
		plan *plan.Plan
		want string
	}{{basePlan(t), "https://api.example.test/v1/"}, {mustCompile(t, `{}`, imlc.Options{}), ""}} {
		if got, err := mustEngine(t, c.plan, vm.Host{}).BaseURL(context.Background(), baseConnection()); got != c.want || err != nil {
			t.Errorf("%q, %v, expected %q", got, err, c.want)
		}
	}
}

// Engines that are made with one host's defaults share its connections; what wraps the transport sees every request,
// and loses neither the certificate authority of a spec nor the egress guard.
func TestOneTransport(t *testing.T) {
	opened := new(atomic.Int32)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	private := httptest.NewTLSServer(server.Config.Handler)
	defer private.Close()
	authority, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: private.Certificate().Raw})))
	if err != nil {
		t.Fatal(err)
	}
	var seen atomic.Int32
	h, err := vm.Host{Egress: wire.Egress{AllowPrivate: true, DenyHosts: []string{"denied.example.test"}}, WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(r *http.Request) (*http.Response, error) {
			seen.Add(1)
			return next.RoundTrip(r)
		})
	}}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	do := func(base, more, path string) error {
		p := mustCompileParts(t, map[string]string{make.Communication: `{}`, make.Base: `{"baseUrl":"` + base + `"` + more + `}`}, nil, imlc.Options{})
		e, err := vm.New(p, h)
		if err != nil {
			t.Fatal(err)
		}
		res, err := e.Do(context.Background(), &vm.Connection{}, request(t, "GET", path, ""))
		if err == nil {
			err = res.Body.Close()
		}
		return err
	}
	for range 5 {
		if err := do(server.URL, "", "/"); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 || seen.Load() != 5 {
		t.Errorf("5 engines opened %d connections, the wrapper saw %d requests", n, seen.Load())
	}
	if err := do(private.URL, `,"ca":`+string(authority), "/"); err != nil || seen.Load() != 6 {
		t.Errorf("under the spec's own authority: %v, %d requests seen", err, seen.Load())
	}
	if err := do(private.URL, "", "/"); err == nil {
		t.Error("an unknown authority was accepted")
	}
	if got := errorOf(t, do("https://denied.example.test", "", "/")); got.Cause != "policy" {
		t.Errorf("a denied host: %v", got)
	}
}

// A server that drops a kept connection while a request is under way gets another one, signed anew, and not the same
// bytes once more.
func TestDroppedConnections(t *testing.T) {
	var signatures []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if signatures = append(signatures, r.Header.Get("Authorization")); len(signatures) == 2 {
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = c.Close()
			}
		}
	}))
	defer server.Close()
	p := mustCompileParts(t, map[string]string{make.Communication: `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"}}`, make.Base: `{"baseUrl":"` + server.URL + `"}`}, nil, imlc.Options{})
	e := mustEngine(t, p, vm.Host{Egress: wire.Egress{AllowPrivate: true}, Limits: vm.Limits{Attempts: 1}})
	for range 2 {
		if _, err := e.Do(context.Background(), &vm.Connection{}, request(t, "GET", "/", "")); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Sort(signatures); len(signatures) != 3 || len(slices.Compact(signatures)) != 3 {
		t.Errorf("arrived: %s, expected three signatures", signatures)
	}
}

// What a service says behind an answer, or later, is not the answer to the next request.
func TestAnswersThatNobodyAskedFor(t *testing.T) {
	const answer, poison = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
	for name, late := range map[string]time.Duration{"at once": 0, "later": 50 * time.Millisecond} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			time.AfterFunc(10*time.Second, func() { c.Close() })
			if late == 0 {
				_, _ = io.WriteString(c, answer+poison)
				return
			}
			_, _ = io.WriteString(c, answer)
			time.Sleep(late)
			_, _ = io.WriteString(c, poison)
		}))
		defer server.Close()
		p := mustCompileParts(t, map[string]string{make.Communication: `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"}}`, make.Base: `{"baseUrl":"` + server.URL + `"}`}, nil, imlc.Options{})
		e := mustEngine(t, p, vm.Host{Egress: wire.Egress{AllowPrivate: true}})
		for range 3 {
			res, err := e.Do(context.Background(), &vm.Connection{}, request(t, "POST", "/", "a=1"))
			if err != nil {
				t.Fatal(name, err)
			}
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != "ok" {
				t.Errorf("%s: %q, %v", name, body, err)
			}
			time.Sleep(2 * late)
		}
	}
}
