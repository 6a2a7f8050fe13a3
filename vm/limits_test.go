package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/source"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

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
	p, l := imlc.CompileSource(makespec.Source("limits", map[string]*source.File{
		makespec.Communication: source.NewFile("communication.jsonc", communication),
	}, nil), imlc.Options{})
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
		begin := cputime.Now()
		err := testUnder(t, t.Context(), `{"url":"https://h.test/"}`, limits, &answers{answer: slow})
		var e *Error
		if !errors.As(err, &e) || e.Type != ConnectionError {
			t.Errorf("got %v, expected a connection error", err)
		}
		if took := cputime.Since(begin); took > 5*time.Second {
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
