package cli

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/jshost"
)

// processes are what the test binary does instead of testing, by the value of IMLC_TEST_PROCESS.
var processes = map[string]func(){"imlc": func() { os.Exit(Main()) }}

func TestMain(m *testing.M) {
	jshost.Worker()
	if process := processes[os.Getenv("IMLC_TEST_PROCESS")]; process != nil {
		process()
	}
	testscript.Main(m, map[string]func(){"imlc": func() { os.Exit(Main()) }})
}

// TestScripts runs imlc as users type it. Each script has a provider of its own at $PROVIDER.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			p, err := provider.New(provider.Config{AutoApprove: true})
			if err != nil {
				return err
			}
			server, err := p.Start("127.0.0.1:0")
			if err != nil {
				return err
			}
			env.Defer(func() { server.Close() })
			env.Setenv("PROVIDER", server.URL())
			env.Setenv("IMLC_KEYRING", "off")
			env.Setenv("NO_COLOR", "1")
			env.Setenv("ESC", "\x1b")
			return os.WriteFile(env.WorkDir+"/demo.jsonc", []byte(demoSpec), 0o644)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"approve": approve, "contains": contains},
	})
}

// approve URLFILE FILE plays the browser: it fetches the address in URLFILE and writes where it was sent to.
func approve(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: approve URLFILE FILE")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(res.Header.Get("Location")), 0o644))
}

// contains FILE TEXT looks for a text as it is, no pattern.
func contains(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: contains FILE TEXT")
	}
	if strings.Contains(ts.ReadFile(args[0]), args[1]) == neg {
		ts.Fatalf("%s: expected %q to be found: %v, in\n%s", args[0], args[1], !neg, ts.ReadFile(args[0]))
	}
}
