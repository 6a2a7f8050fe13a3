package examples

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// engineFor compiles a communication and prepares it for a host that may reach loopback.
func engineFor(t *testing.T, communication string, h vm.Host) *vm.Engine {
	t.Helper()
	p, list := imlc.CompileSource(make.Source("", map[string]*source.File{make.Communication: source.NewFile("spec.jsonc", communication)}, nil), imlc.Options{})
	if p == nil {
		t.Fatal(list.Items)
	}
	h.Egress = wire.Egress{AllowPrivate: true, AllowHTTP: true}
	e, err := vm.New(p, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// received is a request as a server saw it.
type received struct{ Line, ContentType, Length, Body string }

// recorder answers like a service of many formats and keeps what it received.
type recorder struct {
	seen []received
	auth []string
}

func (s *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.seen = append(s.seen, received{r.Method + " " + r.RequestURI, r.Header.Get("Content-Type"), r.Header.Get("Content-Length"), string(body)})
	s.auth = append(s.auth, r.Header.Get("Authorization"))
	answer := func(contentType, text string) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, text)
	}
	switch r.URL.Path {
	case "/json":
		answer("application/json", `{"n":9007199254740993}`)
	case "/form":
		answer("text/html", "a=1+2&b=x&b=y")
	case "/xml":
		answer("application/xml", `<r><m k="v">hi</m></r>`)
	case "/gzip":
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/plain")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, "packed for "+r.Header.Get("Accept-Encoding"))
		z.Close()
	case "/moved":
		http.Redirect(w, r, "/json", http.StatusFound)
	case "/kept":
		http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
	case "/away":
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusPermanentRedirect)
	case "/loop":
		http.Redirect(w, r, "/loop", http.StatusFound)
	case "/slow":
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	case "/cut":
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "short")
	case "/fail":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"why":"too fast"}`)
	default:
		answer("text/plain; charset=utf-8", "got "+string(body))
	}
}

func serve(t *testing.T) (*recorder, string) {
	t.Helper()
	s := &recorder{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// TestBodiesOverHTTP sends a body of every type and looks at the bytes that arrived.
func TestBodiesOverHTTP(t *testing.T) {
	s, base := serve(t)
	e := engineFor(t, `[
		{"url": "{{parameters.base}}/1?lost=1", "qs": {"a": ["x y", null, 2]}, "method": "POST", "body": {"t": "<&>", "u": "{{parameters.none}}", "n": 9007199254740993}},
		{"url": "{{parameters.base}}/2", "method": "PUT", "type": "urlencoded", "body": {"a": "x y", "l": [1, 2], "o": "{{parameters.o}}"}},
		{"url": "{{parameters.base}}/3/ä b%2F", "method": "PATCH", "type": "text", "body": "<m>{{parameters.o.k}}</m>"},
		{"url": "{{parameters.base}}/4", "method": "POST", "type": "binary", "body": "{{toBinary(\"00ff\"; \"hex\")}}"},
		{"url": "{{parameters.base}}/5", "method": "POST"},
		{"url": "{{parameters.base}}/6", "method": "DELETE"},
		{"url": "{{parameters.base}}/7", "body": {"ignored": true}},
		{"url": "{{parameters.base}}/8/a%2Fb\"|<x>//../ü?q=%41+%zz", "encodeUrl": false, "method": "POST"},
		{"url": "{{parameters.base}}/9", "method": "POST", "type": "multipart/form-data", "body": {"f": {"value": "hi", "options": {"filename": "a.txt", "contentType": "text/plain"}}}}
	]`, vm.Host{Entropy: strings.NewReader(strings.Repeat("0123456789abcdef", 100))})
	params := object("base", base)
	params.Set("o", value.Collection(object("k", "v")))
	if _, err := e.Authorize(context.Background(), vm.Grant{Parameters: params}); err != nil {
		t.Fatal(err)
	}
	last := s.seen[len(s.seen)-1]
	_, boundary, _ := strings.Cut(last.ContentType, "multipart/form-data; boundary=")
	want := []received{
		{"POST /1?a=x%20y&a=2", "application/json", "34", `{"t":"<&>","n":9007199254740993}`},
		{"PUT /2", "application/x-www-form-urlencoded", "27", "a=x%20y&l=1&l=2&o%5Bk%5D=v"},
		{"PATCH /3/%C3%A4%20b%252F", "", "8", "<m>v</m>"},
		{"POST /4", "", "2", "\x00\xff"},
		{"POST /5", "", "0", ""},
		{"DELETE /6", "", "", ""},
		{"GET /7", "", "", ""},
		{"POST /8/a%2Fb\"|<x>//../%C3%BC?q=%41+%25zz", "", "0", ""},
		{"POST /9", "multipart/form-data; boundary=" + boundary, last.Length, "--" + boundary +
			"\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--" + boundary + "--\r\n"},
	}
	for i := range want {
		if want[i].Length != "" {
			want[i].Length = fmt.Sprint(len(want[i].Body))
		}
	}
	if diff := cmp.Diff(want, s.seen); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestAnswersOverHTTP reads every kind of answer and follows redirects of one origin, signed at each hop.
func TestAnswersOverHTTP(t *testing.T) {
	s, base := serve(t)
	e := engineFor(t, `{"oauth": {"consumer_key": "ck", "consumer_secret": "cs"}, "info": [
		{"url": "{{parameters.base}}/json", "response": {"data": {"json": "{{body.n}}"}}},
		{"url": "{{parameters.base}}/form", "response": {"type": "urlencoded", "data": {"form": "{{body}}"}}},
		{"url": "{{parameters.base}}/xml", "response": {"data": {"xml": "{{body.r[].m[]._value}}"}}},
		{"url": "{{parameters.base}}/gzip", "gzip": true, "response": {"data": {"gzip": "{{body}}"}}},
		{"url": "{{parameters.base}}/moved", "method": "POST", "body": {"a": 1}, "response": {"data": {"moved": "{{body.n}}"}}},
		{"url": "{{parameters.base}}/kept", "method": "POST", "type": "urlencoded", "body": {"a": 1}, "response": {"data": {"kept": "{{body}}"}}}
	]}`, vm.Host{})
	step, err := e.Authorize(context.Background(), vm.Grant{Parameters: object("base", base)})
	if err != nil {
		t.Fatal(err)
	}
	data := step.Connection.Data
	data.Delete("base")
	const want = `{"json":9007199254740993,"form":{"a":"1 2","b":["x","y"]},"xml":"hi","gzip":"packed for gzip, deflate","moved":9007199254740993,"kept":"got a=1"}`
	if got := string(value.AppendJSON(nil, value.Collection(data))); got != want {
		t.Errorf("data\n got %s\nwant %s", got, want)
	}
	signatures := map[string]bool{}
	for i, a := range s.auth {
		if !strings.HasPrefix(a, "OAuth ") || signatures[a] {
			t.Errorf("request %d, %s: Authorization %q is missing or was used before", i, s.seen[i].Line, a)
		}
		signatures[a] = true
	}
}

func TestCredentialsStayAtTheirOrigin(t *testing.T) {
	s, base := serve(t)
	other, away := serve(t)
	e := engineFor(t, `{"oauth": {"consumer_key": "ck", "consumer_secret": "cs"},
		"info": {"url": "{{parameters.base}}/away", "qs": {"to": "{{parameters.away}}/echo"}, "method": "POST", "body": {"a": 1}, "headers": {"Cookie": "c=1"}}}`, vm.Host{})
	if _, err := e.Authorize(context.Background(), vm.Grant{Parameters: object("base", base, "away", away)}); err != nil {
		t.Fatal(err)
	}
	if s.auth[0] == "" || len(other.auth) != 1 || other.auth[0] != "" || other.seen[0].Body != `{"a":1}` {
		t.Errorf("first server %v, second %v %v: the second must get the body and no credentials", s.auth, other.auth, other.seen)
	}
}

// TestFailuresOverHTTP fails in each way that a server or the net can bring about.
func TestFailuresOverHTTP(t *testing.T) {
	_, base := serve(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, tc := range []struct {
		name, request              string
		typ, cause, message        string
		status                     int
		retryAfter, requestTimeout time.Duration
	}{
		{name: "status", request: `"url": "{{parameters.base}}/fail", "response": {"error": "slow down: {{body.why}}"}`,
			typ: "RateLimitError", message: "slow down: too fast", status: 429, retryAfter: 7 * time.Second},
		{name: "valid", request: `"url": "{{parameters.base}}/json", "response": {"valid": {"condition": "{{body.ok}}", "message": "not ok", "type": "DataError"}}`,
			typ: "DataError", message: "not ok", status: 200},
		{name: "not json", request: `"url": "{{parameters.base}}/xml", "response": {"type": "json"}`,
			typ: "RuntimeError", message: "Failed to parse response body as JSON", status: 200},
		{name: "loop", request: `"url": "{{parameters.base}}/loop"`,
			typ: "RuntimeError", message: "Exceeded maxRedirects. Probably stuck in a redirect loop " + base + "/loop", status: 302},
		{name: "timeout of the spec", request: `"url": "{{parameters.base}}/slow", "timeout": 50`, typ: "ConnectionError", cause: "timeout"},
		{name: "refused", request: `"url": "{{parameters.closed}}/"`, typ: "ConnectionError", cause: "connect"},
		{name: "cut off", request: `"url": "{{parameters.base}}/cut"`, typ: "ConnectionError", cause: "reset"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := engineFor(t, "{"+tc.request+"}", vm.Host{})
			_, err := e.Authorize(context.Background(), vm.Grant{Parameters: object("base", base, "closed", closed.URL)})
			var got *vm.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want a *vm.Error", err)
			}
			if got.Type != tc.typ || got.Cause != tc.cause || got.Status != tc.status || got.RetryAfter != tc.retryAfter {
				t.Errorf("type %s, cause %q, status %d, retry after %s (%s)", got.Type, got.Cause, got.Status, got.RetryAfter, got.Message)
			}
			if tc.message != "" && got.Message != tc.message {
				t.Errorf("message %q, want %q", got.Message, tc.message)
			}
		})
	}
}

// TestCertificateAuthority: ca replaces the system's roots, and verification is off only where spec and host agree.
func TestCertificateAuthority(t *testing.T) {
	server := httptest.NewUnstartedServer(&recorder{})
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are wanted here
	server.StartTLS()
	defer server.Close()
	own := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for _, tc := range []struct {
		name, request, cause string
		host                 vm.Host
	}{
		{name: "own authority", request: `"url": "{{parameters.base}}/json", "ca": "{{parameters.ca}}"`},
		{name: "system roots", request: `"url": "{{parameters.base}}/json"`, cause: "tls"},
		{name: "verification off", request: `"url": "{{parameters.base}}/json", "rejectUnauthorized": false`, host: vm.Host{AllowInsecureTLS: true}},
		{name: "system roots beside the own", request: `"url": "{{parameters.base}}/json", "ca": "{{parameters.ca}}"`, host: vm.Host{AddSystemRoots: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := engineFor(t, "{"+tc.request+"}", tc.host)
			_, err := e.Authorize(context.Background(), vm.Grant{Parameters: object("base", server.URL, "ca", own)})
			var got *vm.Error
			switch {
			case tc.cause == "" && err != nil:
				t.Error(err)
			case tc.cause != "" && (!errors.As(err, &got) || got.Cause != tc.cause):
				t.Errorf("error %v, want the cause %s", err, tc.cause)
			}
		})
	}
}

// TestLogMasking: contents are logged only with sanitize, paths of it and secrets are masked.
func TestLogMasking(t *testing.T) {
	_, base := serve(t)
	var records []vm.LogRecord
	e := engineFor(t, `{"oauth": {"consumer_key": "ck", "consumer_secret": "{{parameters.secret}}", "token": "tok-123456"}, "info": [
		{"url": "{{parameters.base}}/json"},
		{"url": "{{parameters.base}}/json", "method": "POST", "qs": {"page": 1},
		 "headers": {"X-Key": "key-77", "X-Open": "open", "Cookie": "c=cookie-1"}, "body": {"password": "pw-1", "list": [{"t": "one"}, {"t": "two"}], "free": "text", "leak": "{{parameters.secret}}"},
		 "log": {"sanitize": ["request.headers.x-key", "request.body.password", "request.body.list.t", "response.body.n"]}}
	]}`, vm.Host{Log: func(_ context.Context, r vm.LogRecord) { records = append(records, r) }})
	if _, err := e.Authorize(context.Background(), vm.Grant{Parameters: object("base", base, "secret", "consumer-secret")}); err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 {
		t.Fatalf("%d records, want 2", len(records))
	}
	first := records[0]
	if !first.Sent.IsUndefined() || !first.Received.IsUndefined() || first.Method != "GET" || first.Path != "/json" || first.Status != 200 {
		t.Errorf("without sanitize: %+v", first)
	}
	var b bytes.Buffer
	b.Write(value.AppendJSON(nil, records[1].Sent))
	b.Write(value.AppendJSON(nil, records[1].Received))
	text := b.String()
	for _, hidden := range []string{"key-77", "pw-1", `"one"`, `"two"`, "consumer-secret", "tok-123456", "cookie-1", "9007199254740993", `oauth_signature=`} {
		if strings.Contains(text, hidden) {
			t.Errorf("the log shows %q: %s", hidden, text)
		}
	}
	for _, shown := range []string{"open", "text", "••••", "page"} {
		if !strings.Contains(text, shown) {
			t.Errorf("the log lacks %q: %s", shown, text)
		}
	}
}
