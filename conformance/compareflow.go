package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// flowJudge collects the differences of one flow.
type flowJudge struct{ out []mismatch }

func (j *flowJudge) check(where, got, want string) {
	if got != want {
		j.out = append(j.out, mismatched(where, got, want))
	}
}

func (j *flowJudge) fail(where, got, want string) {
	j.out = append(j.out, mismatched(where, got, want))
}

// same compares JSON values; the order of keys does not matter.
func (j *flowJudge) same(where string, got, want value.Value) {
	if want.IsNil() && got.IsNil() {
		return
	}
	if !value.StrictEqual(jsonOrUndefined(got), want) {
		j.fail(where, jsonText(got), jsonText(want))
	}
}

func jsonOrUndefined(v value.Value) value.Value {
	if v.IsUndefined() {
		return v
	}
	return jsonOf(v)
}

func jsonText(v value.Value) string {
	if v.IsUndefined() {
		return "undefined"
	}
	return string(value.AppendJSON(nil, v))
}

func list(items []string) string {
	b, err := json.Marshal(items)
	if err != nil {
		return fmt.Sprint(items)
	}
	return string(b)
}

// compareFlow judges what a flow did. The error is about the case's own assert expressions.
func compareFlow(c *flowCase, o *flowOutcome) ([]mismatch, error) {
	j := &flowJudge{}
	if c.HasDiagnostics && !slices.Equal(o.Diagnostics, c.WantDiagnostics) {
		j.fail("want_diagnostics", list(o.Diagnostics), list(c.WantDiagnostics))
	}
	if o.Refused {
		if len(c.Steps) > 0 {
			j.fail("compile", "refused with "+list(o.Diagnostics), "a plan, as the case has steps to run")
		}
		return j.out, nil
	}
	for i := range c.Steps {
		where := indexed("flow", i)
		if i >= len(o.Steps) {
			j.fail(where, "the step did not run", "a run of "+c.Steps[i].Run)
			return j.out, nil
		}
		step := &c.Steps[i]
		wantError := step.WantError
		if wantError == nil && i == len(c.Steps)-1 {
			wantError = c.WantError
		}
		j.step(where, step, wantError, &o.Steps[i])
	}
	failed, err := runAsserts(c, o)
	j.out = append(j.out, failed...)
	return j.out, err
}

func (j *flowJudge) step(where string, s *flowStep, wantError *wantError, o *stepOutcome) {
	for i := range max(len(s.HTTP), len(o.Exchanges)) {
		at := indexed(where+".http", i)
		switch {
		case i >= len(o.Exchanges):
			j.fail(at, "no request was sent", s.HTTP[i].Expect.Method+" "+s.HTTP[i].Expect.URL)
		case i >= len(s.HTTP):
			j.fail(at, "unexpected "+o.Exchanges[i].Method+" "+o.Exchanges[i].URL, "no further request")
		default:
			j.request(at+".expect", &s.HTTP[i].Expect, &o.Exchanges[i])
		}
	}
	switch {
	case wantError != nil && o.Error == nil:
		j.fail(where+".want_error", "success", wantError.String())
	case wantError != nil:
		j.stepError(where+".want_error", wantError, o.Error)
	case o.Error != nil:
		j.fail(where, "error "+o.Error.String(), "success")
	}
	if s.Want != nil {
		j.want(where+".want", s.Want, o)
	}
}

// String names what a wanted error lists.
func (w *wantError) String() string {
	var parts []string
	add := func(key, v string) {
		if w.has[key] {
			parts = append(parts, key+" "+v)
		}
	}
	add("type", w.Type)
	add("code", w.Code)
	add("message", fmt.Sprintf("%q", w.Message))
	add("status", fmt.Sprint(w.Status))
	add("section", w.Section)
	add("cause", w.Cause)
	add("place", w.Place)
	add("template", fmt.Sprintf("%q", w.Template))
	add("undefined", list(w.Undefined))
	return "an error with " + strings.Join(parts, ", ")
}

// String shows an error on one line.
func (e *stepError) String() string {
	text := fmt.Sprintf("type %s, code %s, message %q, status %d, section %s", e.Type, e.Code, e.Message, e.Status, e.Section)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

func (j *flowJudge) stepError(where string, w *wantError, e *stepError) {
	check := func(key, got, want string) {
		if w.has[key] {
			j.check(where+"."+key, got, want)
		}
	}
	check("type", e.Type, w.Type)
	check("code", e.Code, w.Code)
	check("message", e.Message, w.Message)
	check("status", fmt.Sprint(e.Status), fmt.Sprint(w.Status))
	check("section", e.Section, w.Section)
	check("cause", e.Cause, w.Cause)
	if e.Placeless {
		return
	}
	check("place", e.Place, w.Place)
	check("template", e.Template, w.Template)
	if w.has["undefined"] && !slices.Equal(e.Undefined, w.Undefined) {
		j.fail(where+".undefined", list(e.Undefined), list(w.Undefined))
	}
}

func (j *flowJudge) want(where string, w *wantStep, o *stepOutcome) {
	if w.has["redirect"] {
		j.check(where+".redirect", o.Redirect, w.Redirect)
	}
	if w.has["stored"] {
		j.check(where+".stored", fmt.Sprint(o.Stored), fmt.Sprint(w.Stored))
	}
	if w.has["valid"] {
		j.check(where+".valid", fmt.Sprint(o.Valid), fmt.Sprint(w.Valid))
	}
	if w.has["status"] {
		j.check(where+".status", fmt.Sprint(o.Status), fmt.Sprint(w.Status))
	}
	if w.has["output"] {
		j.same(where+".output", o.Output, w.Output)
	}
	for _, code := range w.Trace {
		if !slices.Contains(o.Trace, code) {
			j.fail(where+".trace", list(o.Trace), "a trace with "+code)
		}
	}
	j.connection(where, w, o.Connection)
}

func (j *flowJudge) connection(where string, w *wantStep, c *connectionState) {
	if !w.has["data"] && !w.has["uid"] && !w.has["metadata"] && !w.has["expires"] && !w.has["scope"] {
		return
	}
	if c == nil {
		j.fail(where, "no connection", "a connection")
		return
	}
	if w.has["data"] {
		j.same(where+".data", value.Collection(c.Data), w.Data)
	}
	if w.has["uid"] {
		j.check(where+".uid", c.UID, value.ToText(w.UID))
	}
	if w.has["metadata"] {
		got := value.Undefined
		if c.HasLabel {
			o := value.NewObject(2)
			o.Set("type", value.Text(c.Type))
			o.Set("value", value.Text(c.Label))
			got = value.Collection(o)
		}
		j.same(where+".metadata", got, w.Metadata)
	}
	if w.has["expires"] {
		got, want := "", value.ToText(w.Expires)
		if !c.Expires.IsZero() {
			got = string(value.AppendISO(nil, c.Expires.UnixMilli()))
		}
		if t, err := time.Parse(time.RFC3339Nano, want); err == nil {
			want = string(value.AppendISO(nil, t.UnixMilli()))
		}
		j.check(where+".expires", got, want)
	}
	if w.has["scope"] && !slices.Equal(c.Scope, w.Scope) {
		j.fail(where+".scope", list(c.Scope), list(w.Scope))
	}
}

func (j *flowJudge) request(where string, e *expect, o *observed) {
	p := o.protocol()
	if e.HasMethod {
		j.check(where+".method", o.Method, e.Method)
	}
	// A case may list the URL and body as sent, or as they were before the query or body transport added to them.
	if e.HasURL && canonicalURL(o.URL) != canonicalURL(e.URL) && (p.url == o.URL || canonicalURL(p.url) != canonicalURL(e.URL)) {
		j.fail(where+".url", o.URL, e.URL)
	}
	if e.HasBody && string(o.Body) != e.Body && (p.body == string(o.Body) || p.body != e.Body) {
		j.fail(where+".body", string(o.Body), e.Body)
	}
	if e.HasJSON {
		got, err := value.ParseJSON(string(o.Body), nil)
		if err != nil {
			j.fail(where+".json", string(o.Body), jsonText(e.JSON))
		} else {
			j.same(where+".json", got, e.JSON)
		}
	}
	j.headers(where, e, o)
	j.signing(where, e, o, p)
}

func (j *flowJudge) headers(where string, e *expect, o *observed) {
	for _, h := range e.Headers {
		got, ok := o.header(h.Name)
		at := where + ".headers." + h.Name
		switch {
		case !ok:
			j.fail(at, "absent", list(h.Values))
		case len(h.Values) == 1 && strings.EqualFold(h.Name, "Authorization") && sameAuthorization(got, h.Values[0]):
		case !slices.Equal(got, h.Values):
			j.fail(at, list(got), list(h.Values))
		}
	}
	for _, name := range e.AbsentHeaders {
		if got, ok := o.header(name); ok {
			j.fail(where+".absent_headers."+name, list(got), "absent")
		}
	}
}

// sameAuthorization compares OAuth headers after parsing: order and separators do not matter.
func sameAuthorization(got []string, want string) bool {
	if len(got) != 1 {
		return false
	}
	a, err := oauth1.ParseAuthorization(got[0])
	b, err2 := oauth1.ParseAuthorization(want)
	return err == nil && err2 == nil && pairs(a.Params) == pairs(b.Params) && a.Realm == b.Realm && a.HasRealm == b.HasRealm
}

func (j *flowJudge) signing(where string, e *expect, o *observed, p *protocolParams) {
	if e.Unsigned && (p.signed() || len(p.params) > 0) {
		j.fail(where+".oauth", pairs(p.params), "an unsigned request")
	}
	if e.OAuth != nil {
		want := make([]uri.Pair, 0, e.OAuth.Len())
		for i := range e.OAuth.Len() {
			name, v := e.OAuth.At(i)
			want = append(want, uri.Pair{Name: name, Value: value.ToText(v)})
		}
		got := p.params
		if e.OAuth.Index("oauth_signature") < 0 {
			got = slices.DeleteFunc(slices.Clone(got), func(x uri.Pair) bool { return x.Name == "oauth_signature" })
		}
		j.check(where+".oauth", pairs(got), pairs(want))
	}
	if e.HasRealm {
		got := "absent"
		if p.hasRealm {
			got = p.realm
		}
		j.check(where+".oauth_realm", got, e.Realm)
	}
	if e.BaseString != "" {
		got, err := o.baseString()
		if err != nil {
			got = err.Error()
		}
		j.check(where+".base_string", got, e.BaseString)
	}
}
