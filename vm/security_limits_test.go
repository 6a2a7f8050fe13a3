package vm_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// limitCase is one limit: a spec and answers that stay within one setting and go beyond a tighter one.
type limitCase struct {
	spec    string
	replies []reply
	within  vm.Limits
	beyond  vm.Limits
	// errorType, code and limit are what the operation ends as: the type of its error, what code or message must hold,
	// and the name of the limit inside, "" when there is none.
	errorType, code, limit string
}

var limitCases = map[string]limitCase{
	"`Steps`": {`{"url":"https://a.test/","response":{"temp":{"n":"{{length(split(body; ''))}}"}}}`, []reply{{body: strings.Repeat("x", 2000)}}, vm.Limits{}, vm.Limits{Steps: 1000},
		"LimitError", "IML504", "steps"},
	"`Memory`": {`{"url":"https://a.test/"}`, []reply{{body: strings.Repeat("x", 5000)}}, vm.Limits{Memory: 20_000}, vm.Limits{Memory: 4999},
		"LimitError", "LIMIT", "memory"},
	"`ValueBytes`": {`{"url":"https://a.test/","response":{"temp":{"t":"{{body}}{{body}}"}}}`, []reply{{body: strings.Repeat("x", 500)}}, vm.Limits{ValueBytes: 1100}, vm.Limits{ValueBytes: 999},
		"LimitError", "IML503", "value bytes"},
	"`Items`": {`{"url":"https://a.test/","response":{"temp":{"t":"{{split(body; ',')}}"}}}`, []reply{{body: strings.Repeat(",", 99)}}, vm.Limits{Items: 100}, vm.Limits{Items: 99},
		"LimitError", "IML503", "items"},
	"`Nesting`": {`{"url":"https://a.test/","response":{"type":"json","temp":{"t":"{{body}}"}}}`, []reply{{contentType: "application/json", body: strings.Repeat("[", 20) + strings.Repeat("]", 20)}}, vm.Limits{Nesting: 20}, vm.Limits{Nesting: 19},
		"LimitError", "nesting", ""},
	"`Requests`": {`[{"url":"https://a.test/1"},{"url":"https://a.test/2"}]`, []reply{{}, {}}, vm.Limits{Requests: 2}, vm.Limits{Requests: 1},
		"LimitError", "LIMIT", "requests"},
	"`Redirects`": {`{"url":"https://a.test/"}`, []reply{{status: 302, header: map[string]string{"Location": "/1"}}, {status: 302, header: map[string]string{"Location": "/2"}}, {}}, vm.Limits{Redirects: 2}, vm.Limits{Redirects: 1},
		"RuntimeError", "", ""},
	"`ResponseBytes`": {`{"url":"https://a.test/"}`, []reply{{body: strings.Repeat("x", 5000)}}, vm.Limits{ResponseBytes: 5000}, vm.Limits{ResponseBytes: 4999},
		"LimitError", "response", ""},
	"`RegexTimeout`": {`{"url":"https://a.test/","response":{"temp":{"t":"{{replace(body; '/^(a+)+$/'; 'x')}}"}}}`, []reply{{body: strings.Repeat("a", 40) + "b"}}, vm.Limits{}, vm.Limits{RegexTimeout: time.Millisecond},
		"LimitError", "IML505", "regular expression time"},
}

// testLimitRows holds each row of the table of limits, with the error that it names.
func testLimitRows(t *testing.T) {
	tests := map[string]func(*testing.T){"`Attempts`": TestDoTriesAgain, "`RepeatDelay`": TestRepeatDelay, "`RequestTimeout`": TestTimeouts, "`RunTimeout`": testRunTimeoutWhileComputing, "`PendingTTL`": TestExpiryAndChange}
	for name, c := range limitCases {
		tests[name] = c.run
	}
	holdRows(t, "security.md", "Limits", tests)
	for _, cells := range rowsUnder(t, "security.md", "Limits") {
		if c, ok := limitCases[cells[0]]; ok && !strings.Contains(cells[2], c.errorType) && (c.code == "" || !strings.Contains(cells[2], c.code)) {
			t.Errorf("%s ends as %s or %s, the document says %q", cells[0], c.errorType, c.code, cells[2])
		}
	}
}

func (c limitCase) run(t *testing.T) {
	under := func(l vm.Limits) error {
		w := newWorld(append([]reply(nil), c.replies...)...)
		h := w.host()
		h.Limits = l
		_, err := mustEngine(t, mustCompile(t, c.spec, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{})
		return err
	}
	if c.code != "IML505" {
		if err := under(c.within); err != nil {
			t.Errorf("within %+v: %v", c.within, err)
		}
	}
	err := under(c.beyond)
	e := errorOf(t, err)
	var limit *vm.LimitError
	name := ""
	if errors.As(err, &limit) {
		name = limit.Name
	}
	if e.Type != c.errorType || c.code != "" && !strings.Contains(e.Code+e.Message, c.code) || c.limit != "" && name != c.limit {
		t.Errorf("it ended as %s, code %q, limit %q, %q; expected %s, code %q, limit %q", e.Type, e.Code, name, e.Message, c.errorType, c.code, c.limit)
	}
}

// testRunTimeoutWhileComputing lets an expression call a function of the host that takes its time: the run ends amid
// the expression, not behind it.
func testRunTimeoutWhileComputing(t *testing.T) {
	const pause, calls, timeout = time.Millisecond, 3000, 30 * time.Millisecond
	var called atomic.Int32
	work, err := builtin.Host("work", 0, 0, func(c *builtin.Context, _ builtin.Args) (value.Value, error) {
		called.Add(1)
		time.Sleep(pause)
		return value.Text("x"), c.Tick(1000)
	})
	if err != nil {
		t.Fatal(err)
	}
	options := imlc.Options{Functions: []*builtin.Function{work}}
	spec := `{"url":"https://a.test/","temp":{"t":"` + strings.Repeat("{{work()}}", calls) + `"}}`
	w := newWorld(reply{})
	h := w.host()
	h.Functions, h.Limits = options.Functions, vm.Limits{RunTimeout: timeout, Steps: 1 << 40}
	_, err = mustEngine(t, mustCompile(t, spec, options), h).Authorize(context.Background(), vm.Grant{})
	var limit *vm.LimitError
	if !errors.As(err, &limit) || limit.Name != "run time" || len(w.sent) > 0 {
		t.Errorf("got %v after %d requests, expected the limit on run time", err, len(w.sent))
	}
	if n := called.Load(); n > calls/3 {
		t.Errorf("it computed through %d calls of %v, expected to end after %v", n, pause, timeout)
	}
}
