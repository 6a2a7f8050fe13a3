package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm/plan"
)

func TestMain(m *testing.M) {
	jshost.Worker()
	os.Exit(m.Run())
}

// TestScriptsInProcessesOfTheirOwn runs every case with scripts once more, its scripts in other processes: nothing is different.
func TestScriptsInProcessesOfTheirOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	scripted := func(c *Case) bool { return c.Flow != nil && slices.Contains(c.Flow.Flags, "--enable-js") }
	report, err := Run(t.Context(), []string{filepath.Join("cases", "make", "js-functions.yaml"), filepath.Join("cases", "membrane", "js-hooks.yaml"),
		filepath.Join("cases", "zapier", "js-hooks.yaml")}, Options{Engines: BuiltIn()[:1], Match: scripted, Flags: []string{"--js-process"}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if !report.OK() || len(report.Results) < 60 {
		t.Errorf("%d cases\n%s", len(report.Results), b.String())
	}
}

// TestScriptsRunOnlyWhenSwitchedOn compiles every case whose scripts run, in every place that a dialect has for them,
// once more without the switch: nothing of a script is in the plan, if there is one, so that nothing can run.
func TestScriptsRunOnlyWhenSwitchedOn(t *testing.T) {
	cases, err := Load([]string{filepath.Join("cases", "make"), filepath.Join("cases", "membrane"), filepath.Join("cases", "zapier")})
	if err != nil {
		t.Fatal(err)
	}
	places, compiled := map[string]bool{}, 0
	for _, c := range cases {
		if c.Flow == nil || !slices.Contains(c.Flow.Flags, "--enable-js") {
			continue
		}
		settings, err := c.Flow.Settings()
		if err != nil {
			t.Fatal(err)
		}
		if _, p, _, err := c.Flow.Tree(settings); err == nil && p != nil {
			for _, s := range p.Connection.Scripts {
				places[c.Flow.Dialect+" "+strings.Fields(s.Title)[0]+" "+strings.Trim(s.Title[strings.IndexByte(s.Title, ' ')+1:], `"`)] = true
			}
			if len(p.Connection.Scripts) > 0 && !slices.Contains(p.Meta.Capabilities, plan.FeatureScripts) {
				t.Errorf("%s: the plan has scripts and does not say so", c.ID)
			}
		}
		settings.Compile.Scripts = nil
		_, p, _, err := c.Flow.Tree(settings)
		if err != nil || p == nil {
			continue
		}
		compiled++
		calls := slices.ContainsFunc(p.Calls, func(s plan.CallSite) bool { return strings.HasPrefix(p.Strings[s.Function], "script.") })
		if len(p.Connection.Scripts)+len(p.Connection.Modules) > 0 || calls || slices.Contains(p.Meta.Capabilities, plan.FeatureScripts) {
			t.Errorf("%s: a script is in the plan without the switch", c.ID)
		}
	}
	for _, place := range []string{"make function twice", "membrane hook getOAuthConfig", "membrane hook makeApiClient", "membrane hook test", "membrane hook refreshCredentials",
		"membrane hook disconnect", "zapier hook getRequestToken", "zapier hook authorizeUrl", "zapier hook getAccessToken", "zapier hook test", "zapier hook beforeRequest",
		"zapier hook afterResponse", "zapier hook triggers.item.perform", "zapier hook create_ticket_pre_write", "zapier hook tickets_post_poll"} {
		if !places[place] {
			t.Errorf("no case has a script as %s", place)
		}
	}
	if compiled < 20 {
		t.Errorf("%d cases compile without their scripts, expected more", compiled)
	}
}
