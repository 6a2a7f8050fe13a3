package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// What users give is validated within the run: patterns that backtrack end at its limits, however many values there are.
func TestPatternsOfParametersAreBounded(t *testing.T) {
	p := mustCompileParts(t, map[string]string{make.Communication: `{"url":"https://a.test/"}`,
		make.Params: `[{"name":"list","type":"array","spec":{"type":"text","validate":{"pattern":"^(a+)+$"}}}]`}, nil, imlc.Options{})
	items := value.Array([]value.Value{})
	for range 200 {
		items = value.Array(append(items.Items(), value.Text(strings.Repeat("a", 40)+"b")))
	}
	parameters := value.NewObject(1)
	parameters.Set("list", items)
	w := newWorld(reply{})
	h := w.host()
	h.Limits = vm.Limits{RegexTimeout: 20 * time.Millisecond}
	begin := cputime.Now()
	_, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{Parameters: parameters})
	var limit *vm.LimitError
	if !errors.As(err, &limit) || len(w.sent) != 0 {
		t.Errorf("got %v after %d requests, expected a limit", err, len(w.sent))
	}
	if took := cputime.Since(begin); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// A browser is sent to addresses of http and https only, whatever a service or a spec makes of them.
func TestBrowsersGoToTheWeb(t *testing.T) {
	for target, passes := range map[string]bool{
		"https://a.test/go": true, "http://a.test/go": true, "HTTPS://a.test/go": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "file:///etc/passwd": false, "//a.test/go": false, "/go": false, "ftp://a.test/": false, "": false,
	} {
		w := newWorld(reply{contentType: "application/json", body: `{"oauth_token":"t","oauth_token_secret":"s","oauth_callback_confirmed":"true","go":"` + target + `"}`})
		e := mustEngine(t, mustCompile(t, `{"oauth":{"consumer_key":"k","consumer_secret":"s"},
			"requestToken":{"url":"https://a.test/t","response":{"type":"json","temp":{"token":"{{body.oauth_token}}","go":"{{body.go}}"}}},
			"authorize":{"url":"{{temp.go}}","oauth":{"token":"{{temp.token}}"}},"accessToken":{"url":"https://a.test/a"}}`, imlc.Options{Ignore: []string{"MAKE314", "MAKE315", "MAKE316", "MAKE319"}}), w.host())
		step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "https://host.test/cb"})
		switch {
		case passes && (err != nil || !strings.HasPrefix(strings.ToLower(step.RedirectURL), "http")):
			t.Errorf("%q: %v", target, err)
		case !passes && errorOf(t, err).Type != vm.InvalidConfigurationError:
			t.Errorf("%q: %v", target, err)
		}
	}
}
