package conformance

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// targets are what specs are converted to.
var targets = []string{"make", "membrane", "zapier", "zapier:legacy", "supermetrics"}

// explains lists the codes of losses that may explain a difference of a request, by what differs.
var explains = map[string][]string{
	"method":  {outline.CodeMethod},
	"url":     {outline.CodeURL},
	"query":   {outline.CodeQuery, outline.CodeURL},
	"headers": {outline.CodeHeader, outline.CodeBody},
	"body":    {outline.CodeBody},
	"oauth":   {outline.CodeSigning, outline.CodeAnswer},
	// A run that fails elsewhere, or makes other requests.
	"run": {outline.CodeRequest, outline.CodeJudgement, outline.CodeAnswer, outline.CodeSending, outline.CodeLabel, outline.CodeInput,
		outline.CodeSigning},
	"redirect": {outline.CodeQuery, outline.CodeURL},
	"stored":   {outline.CodeStored},
}

// whole is a case whose spec is converted.
type whole struct {
	*flowCase
	id       string
	src      parser.Source
	compiles bool // the spec itself
	settings *flowSettings
	want     *flowOutcome           // of a run on the spec, once one is compared with it
	there    map[string]*conversion // to other dialects, once they are made
}

// wholeOf reads and compiles the spec of a case.
func wholeOf(t *testing.T, id string, c *flowCase) *whole {
	t.Helper()
	settings, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	w := &whole{flowCase: c, id: id, settings: settings, there: map[string]*conversion{}}
	src, problems, err := c.source(settings)
	if err != nil || problems.HasErrors() {
		return w
	}
	p, _ := imlc.CompileSource(src, settings.Compile)
	w.src, w.compiles = src, p != nil
	return w
}

// outcome runs the case on its own spec.
func (w *whole) outcome(t *testing.T) *flowOutcome {
	t.Helper()
	if w.want == nil {
		var err error
		if w.want, err = (planFlow{}).RunFlow(context.Background(), w.flowCase); err != nil {
			t.Fatal(err)
		}
	}
	return w.want
}

// conversion is one spec in another dialect.
type conversion struct {
	c      *whole
	to     string
	result *imlc.Conversion
}

// convert writes the spec of a case in another dialect; nil when the spec itself does not compile, or is in it.
func (w *whole) convert(t *testing.T, to string) *conversion {
	t.Helper()
	if !w.compiles || w.src.Dialect == to {
		return nil
	}
	if made, ok := w.there[to]; ok {
		return made
	}
	result, list := imlc.ConvertSource(w.src, to, w.settings.Compile)
	if result == nil {
		t.Fatalf("a spec that compiles is not converted: %v", list.Items)
	}
	w.there[to] = &conversion{w, to, result}
	return w.there[to]
}

// has reports whether one of the codes is among the losses.
func (v *conversion) has(codes []string) bool {
	return slices.ContainsFunc(v.result.Losses.Items, func(d diag.Diagnostic) bool { return slices.Contains(codes, d.Code) })
}

// moved is the case with the converted spec and with the names that the host must use now. What the conversion leaves out is
// not run.
func (v *conversion) moved() *flowCase {
	c := *v.c.flowCase
	c.Spec, c.Dialect, c.Dir, c.HasDiagnostics, c.WantDiagnostics = "", v.to, "", false, nil
	c.Flags = slices.DeleteFunc(slices.Clone(c.Flags), func(f string) bool {
		return strings.HasPrefix(f, "--dialect") || strings.HasPrefix(f, "--option") || f == "--plain-secrets"
	})
	files := value.NewObject(1)
	for _, f := range v.result.Files {
		files.Set(f.Name, value.Text(f.Text))
	}
	c.Source = value.Collection(files)
	c.Input.Parameters, c.Input.Common = copied(c.Input.Parameters), copied(c.Input.Common)
	from := map[string]*value.Object{"common": c.Input.Common, "parameter": c.Input.Parameters}
	for _, m := range v.result.Moves {
		to := c.Input.Common
		if m.Kind == "parameter" && m.From == "" {
			to = c.Input.Parameters
		}
		switch {
		case from[m.Kind] == nil:
		case m.From == "":
			if _, there := to.Get(m.To); !there {
				to.Set(m.To, value.Text(m.Value))
			}
		default:
			if x, ok := from[m.Kind].Get(m.From); ok {
				to.Set(m.To, x)
			}
		}
	}
	c.Steps = v.steps(c.Steps)
	return &c
}

// nest gives an object a value under a name of several steps.
func nest(o *value.Object, name string, v value.Value) {
	outer, inner, more := strings.Cut(name, ".")
	if !more {
		o.Set(name, v)
		return
	}
	below := copied(o.Value(outer).Object())
	nest(below, inner, v)
	o.Set(outer, value.Collection(below))
}

func copied(o *value.Object) *value.Object {
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		out.Set(o.At(i))
	}
	return out
}

func (v *conversion) steps(steps []flowStep) []flowStep {
	out := slices.Clone(steps)
	for i := range out {
		s := &out[i]
		name, isCall := strings.CutPrefix(s.Run, "call:")
		if !isCall {
			continue
		}
		input := copied(s.Input.Object())
		for _, name := range input.Keys() { // a name of several steps may be given as one
			nest(input, name, input.Value(name))
		}
		for _, m := range v.result.Moves {
			switch m.Kind {
			case "call":
				if m.From == name {
					s.Run = "call:" + m.To
				}
			case "input":
				if x, ok := input.Get(m.From); ok {
					input.Set(m.To, x)
				}
			}
		}
		s.Input = value.Collection(input)
	}
	return out
}

// TestConversions converts the spec of every example, and of the cases with whole flows, to every dialect and runs the case on
// both. Whatever differs must be explained by what the conversion says it loses.
func TestConversions(t *testing.T) {
	counts := map[string]int{}
	for _, c := range wholeCases(t) {
		for _, to := range targets {
			v := c.convert(t, to)
			if v == nil {
				continue
			}
			t.Run(c.id+"/"+to, func(t *testing.T) {
				if len(v.result.Files) == 0 {
					counts["impossible"]++
					if !v.result.Losses.HasErrors() {
						t.Error("nothing is written, and no error says why")
					}
					return
				}
				counts["converted"]++
				if v.compare(t, v.moved()) {
					counts["equal"]++
				}
			})
		}
	}
	t.Logf("%v", counts)
	if counts["converted"] < 40 {
		t.Errorf("%v, expected at least 40 conversions", counts)
	}
}

// converted are the wholeCases, once they are read.
var converted []*whole

// wholeCases are the cases of the examples and of the dialects whose specs are whole.
func wholeCases(t *testing.T) []*whole {
	t.Helper()
	if converted != nil {
		return converted
	}
	cases, err := Load([]string{filepath.Join("..", "examples"), filepath.Join("cases", "membrane"), filepath.Join("cases", "zapier"), filepath.Join("cases", "supermetrics"),
		filepath.Join("cases", "quirks"),
		filepath.Join("cases", "make", "worked-example.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Flow != nil && len(c.Flow.Steps) > 0 && (c.Flow.Options == nil || c.Flow.Options.Len() == 0) {
			converted = append(converted, wholeOf(t, c.ID, c.Flow))
		}
	}
	return converted
}

// compare runs a case on both specs and tells what differs without a loss that explains it. It reports whether nothing differs.
func (v *conversion) compare(t *testing.T, c *flowCase) bool {
	t.Helper()
	want := v.c.outcome(t)
	got, err := planFlow{}.RunFlow(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Refused {
		if !v.result.Losses.HasErrors() {
			t.Errorf("the converted spec does not compile: %v\n%s", got.Diagnostics, v.result.Files[0].Text)
		}
		return false
	}
	equal, typed := true, v.c.readsAnswers()
	for i := range want.Steps {
		if i >= len(got.Steps) {
			break
		}
		if i > 0 && (want.Steps[i-1].Error == nil) != (got.Steps[i-1].Error == nil) {
			break // told for the step before
		}
		isCall := strings.HasPrefix(v.c.Steps[i].Run, "call:")
		for what, diff := range v.differences(&want.Steps[i], &got.Steps[i]) {
			equal = false
			codes := append(slices.Clone(explains[what]), outline.CodeHook)
			if typed {
				codes = append(codes, outline.CodeAnswer)
			}
			if isCall || v.c.Steps[i].Run == "client" {
				codes = append(codes[:len(codes):len(codes)], outline.CodeRequest)
			}
			if !v.has(codes) {
				t.Errorf("step %d (%s): %s differs and no loss explains it: %s\n%s", i+1, v.c.Steps[i].Run, what, diff, v.result.Files[0].Text)
			}
		}
	}
	return equal
}

// readsAnswers reports whether a token answer of a case is more than pairs of different names, so that how it is read shows in
// whatever is made of it.
func (c *flowCase) readsAnswers() bool {
	for i := range c.Steps {
		if run := c.Steps[i].Run; run != "authorize" && run != "callback" || len(c.Steps[i].HTTP) == 0 {
			continue
		}
		seen := map[string]bool{}
		for _, p := range uri.SplitPairs(string(c.Steps[i].HTTP[0].Respond.Body)) {
			if seen[p.Name] || strings.ContainsAny(p.Name, "{<") {
				return true
			}
			seen[p.Name] = true
		}
	}
	return false
}

// differences compares what two runs of a step did, by what differs.
func (v *conversion) differences(want, got *stepOutcome) map[string]string {
	out := map[string]string{}
	for i := range max(len(want.Exchanges), len(got.Exchanges)) {
		if i >= len(want.Exchanges) || i >= len(got.Exchanges) {
			out["run"] = fmt.Sprintf("%d requests, expected %d (%+v, %+v)", len(got.Exchanges), len(want.Exchanges), got.Error, want.Error)
			break
		}
		compareRequests(out, &want.Exchanges[i], &got.Exchanges[i])
	}
	if (want.Error == nil) != (got.Error == nil) {
		out["run"] = fmt.Sprintf("error %+v, expected %+v", got.Error, want.Error)
	}
	if a, b := sortedURL(want.Redirect), sortedURL(got.Redirect); a != b && (want.Error == nil) == (got.Error == nil) {
		out["redirect"] = b + ", expected " + a
	}
	return out
}

func compareRequests(out map[string]string, want, got *observed) {
	a, b := want.protocol(), got.protocol()
	note := func(what string, x, y any) {
		if d := cmp.Diff(x, y); d != "" {
			out[what] = d
		}
	}
	note("method", want.Method, got.Method)
	wantURL, wantQuery, _ := strings.Cut(sortedURL(a.url), "?")
	gotURL, gotQuery, _ := strings.Cut(sortedURL(b.url), "?")
	note("url", wantURL, gotURL)
	note("query", wantQuery, gotQuery)
	note("body", a.body, b.body)
	note("headers", otherHeaders(want), otherHeaders(got))
	note("oauth", parameters(a), parameters(b))
}

// parameters are the protocol parameters but for the signature, which follows from everything else.
func parameters(p *protocolParams) map[string]string {
	out := map[string]string{}
	for _, x := range p.params {
		if x.Name != "oauth_signature" {
			out[x.Name] = x.Value
		}
	}
	if p.hasRealm {
		out["realm"] = p.realm
	}
	return out
}

func otherHeaders(o *observed) map[string]string {
	out := map[string]string{}
	for _, h := range o.Headers {
		if name := strings.ToLower(h.Name); name != "authorization" && name != "content-length" && name != "host" {
			out[name] = strings.Join(h.Values, "\n")
		}
	}
	return out
}

// sortedURL writes the query of an address in one order and one way, so that equal requests are equal.
func sortedURL(s string) string {
	path, query, found := strings.Cut(s, "?")
	if !found {
		return path
	}
	var pairs []string
	for _, p := range uri.SplitPairs(query) {
		pairs = append(pairs, uri.Encode(p.Name)+"="+uri.Encode(p.Value))
	}
	slices.Sort(pairs)
	return path + "?" + strings.Join(pairs, "&")
}

// TestConversionsThereAndBack converts the spec of every case to each dialect and back: it sends the requests of the spec, but for
// what one of the conversions loses.
func TestConversionsThereAndBack(t *testing.T) {
	n := 0
	for _, c := range wholeCases(t) {
		home := c.Dialect
		if home == "" {
			home = "make"
		}
		if home == "auto" {
			continue
		}
		for _, to := range targets {
			there := c.convert(t, to)
			if there == nil || len(there.result.Files) == 0 {
				continue
			}
			back := wholeOf(t, c.id, there.moved()).convert(t, home)
			if back == nil || len(back.result.Files) == 0 {
				continue
			}
			n++
			again := back.moved()
			both := *there
			both.result = &imlc.Conversion{Files: back.result.Files, Losses: &diag.List{Items: slices.Concat(there.result.Losses.Items, back.result.Losses.Items)}}
			t.Run(c.id+"/"+to, func(t *testing.T) { both.compare(t, again) })
		}
	}
	if n < 40 {
		t.Errorf("%d conversions, expected more", n)
	}
}
