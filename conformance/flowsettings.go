package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// flowSettings are the options and flags of a case. What a case does not set is zero and means the default of spec
// make.md §19.
type flowSettings struct {
	// Compile are the options of the compiler.
	Compile imlc.Options
	// Scripts runs the scripts of the spec; nil when none may run.
	Scripts vm.ScriptHost
	// Variant is the way to authorise that the host asks for.
	Variant string

	Egress                                    wire.Egress
	AllowInsecureTLS, AddSystemRoots, Recover bool
	UserAgent                                 string
	PendingTTL                                time.Duration
	Timezone                                  *time.Location
	// Redirects bounds the hops of a request, Requests and Steps those of an operation, ResponseBytes and Nesting an
	// answer.
	Redirects, Requests, Nesting int
	Steps, ResponseBytes         int64
	RequestTimeout, RunTimeout   time.Duration
}

// Settings reads options and flags of the case; an error names what this build does not know. Plain http is allowed
// unless an option says no: the transport is a script, no network is reached.
func (c *flowCase) Settings() (*flowSettings, error) {
	s := &flowSettings{Egress: wire.Egress{AllowHTTP: true}}
	var errs []string
	if c.Options != nil {
		f := newDecoder("options", value.Collection(c.Options), &errs)
		s.Compile.Strict, s.Compile.StrictEquality, s.Compile.LegacyErrorTypes = f.flag("strict"), f.flag("strictEquality"), f.flag("legacyErrorTypes")
		if f.flag("enableJs") {
			s.enableScripts()
		}
		s.Compile.Lint, s.Compile.DisableAngle, s.Compile.WhiteLabel = f.flag("lint"), f.flag("disableAngle"), f.flag("extraPack")
		if f.has("allowHttp") {
			s.Egress.AllowHTTP = f.flag("allowHttp")
		}
		if f.has("allowPrivate") {
			s.Egress.AllowPrivate = f.flag("allowPrivate")
		}
		s.AllowInsecureTLS, s.AddSystemRoots, s.Recover = f.flag("allowInsecureTls"), f.flag("addSystemRoots"), f.flag("recover")
		s.Compile.Query, s.Variant = f.text("query"), f.text("variant")
		s.UserAgent, s.PendingTTL = f.text("userAgent"), f.duration("pendingTtl")
		if name := f.text("timezone"); name != "" {
			zone, err := time.LoadLocation(name)
			if err != nil {
				f.fail("timezone: unknown zone %q", name)
			}
			s.Timezone = zone
		}
		s.Redirects, s.Requests, s.Steps = f.number("maxRedirects"), f.number("maxRequests"), int64(f.number("maxSteps"))
		s.ResponseBytes, s.Nesting = int64(f.number("maxResponseBytes")), f.number("maxNesting")
		s.RequestTimeout, s.RunTimeout = f.duration("requestTimeout"), f.duration("runTimeout")
		f.done()
	}
	for _, flag := range c.Flags {
		if !s.flag(flag) {
			errs = append(errs, fmt.Sprintf("flags: %s is not supported by this build", flag))
		}
	}
	if len(errs) > 0 {
		return nil, errors.New(strings.Join(errs, "; "))
	}
	return s, nil
}

// enableScripts lets the scripts of the spec run.
func (s *flowSettings) enableScripts() {
	h := jshost.New(jshost.Limits{})
	s.Compile.Scripts, s.Scripts = h, h
}

// processes is the host of all cases whose scripts run in processes of their own, which end with this one.
var processes = sync.OnceValue(func() *jshost.Subprocess { return jshost.NewSubprocess(jshost.Limits{}) })

// flag reads a command-line option; false means that this build does not know it.
func (s *flowSettings) flag(text string) bool {
	switch text {
	case "--enable-js":
		s.enableScripts()
		return true
	case "--js-process":
		h := processes()
		s.Compile.Scripts, s.Scripts = h, h
		return true
	}
	name, v, given := strings.Cut(strings.Replace(text, " ", "=", 1), "=")
	switches := map[string]*bool{"--strict": &s.Compile.Strict, "--legacy-error-types": &s.Compile.LegacyErrorTypes, "--lint": &s.Compile.Lint,
		"--no-angle": &s.Compile.DisableAngle, "--allow-http": &s.Egress.AllowHTTP, "--allow-private": &s.Egress.AllowPrivate}
	if on, ok := switches[text]; ok {
		*on = true
		return true
	}
	if name == "--ignore" && given {
		s.Compile.Ignore = append(s.Compile.Ignore, strings.Split(v, ",")...)
		return true
	}
	values := map[string]*string{"--dialect": &s.Compile.Dialect, "--query": &s.Compile.Query}
	if to, ok := values[name]; ok && given {
		*to = v
		return true
	}
	if text == "--plain-secrets" {
		v, given = "true", true
	}
	if slices.Contains(settings, name) && given {
		if s.Compile.Settings == nil {
			s.Compile.Settings = map[string]string{}
		}
		s.Compile.Settings[strings.TrimPrefix(name, "--")] = v
		return true
	}
	return false
}

// settings are the options that single dialects have (spec dialects.md §2.2, §3.3, §4.2).
var settings = []string{"--option", "--plain-secrets", "--zapier-auth-curlies", "--zapier-parity"}
