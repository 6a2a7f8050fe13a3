package conformance

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/value"
)

// flowCase is one connection spec with a scripted run (docs/architecture.md §9).
type flowCase struct {
	// Dialect is make, membrane, zapier or supermetrics; "" is make.
	Dialect string
	// Spec is the path of the spec, relative to Dir; "" when Source holds it.
	Spec string
	// Source is an inline spec: a text, an object that is the document itself, or an object from file names to texts.
	Source value.Value
	// Syntax is the spec as a tree that no front end read; Spec and Source are empty then. Only tests set it.
	Syntax *ast.Connection
	// Document is the case as it was written.
	Document value.Value
	// Dir is the folder of the case file.
	Dir string
	// Input is what the authorisation is given.
	Input flowInput
	// Now is the clock at the start; nonces, run state and identities are consumed in order.
	Now      time.Time
	Nonce    []string
	State    []string
	Identity []string
	// Options and Flags change compiler and engine: see docs/conformance.md.
	Options *value.Object
	Flags   []string
	Steps   []flowStep
	// Assert are expr-lang expressions over the run.
	Assert []string
	// WantDiagnostics is the complete list, "file:line:col CODE"; compared only when HasDiagnostics.
	WantDiagnostics []string
	HasDiagnostics  bool
	// WantError is the error of the last step; nil when none is demanded here.
	WantError *wantError
}

// flowInput is what a host hands to Authorize.
type flowInput struct {
	Parameters, Common, Environment *value.Object
	RedirectURI                     string
	// RedirectURIs are the further callback addresses by name.
	RedirectURIs map[string]string
	Scope        []string
	ConnectionID string
	// present tells which keys were written, for a step that changes the input of its case.
	present map[string]bool
}

// flowStep is one operation of a host.
type flowStep struct {
	// Run is authorize, callback, test, validate, renew, reauthorize, extendScope, call:NAME or client; info means test.
	Run string
	// Query is the callback's query: an object of decoded parameters, or the raw text.
	Query value.Value
	// Input is the input of a call; for reauthorize and extendScope it replaces single fields of the case's input.
	Input value.Value
	// Advance is added to the clock before the step.
	Advance time.Duration
	// Request is set for client.
	Request *clientRequest
	// HTTP is the script of the transport, in order.
	HTTP []exchange
	// Want is nil when nothing but success is demanded.
	Want      *wantStep
	WantError *wantError
}

// clientRequest is one request through the signing HTTP client of a connection.
type clientRequest struct {
	Method, URL string
	Query       *value.Object
	Headers     []headerField
	// Data is sent as JSON, Form as a form, Body as it is; at most one of them is set.
	Data    value.Value
	Form    *value.Object
	Body    string
	HasBody bool
}

// exchange is one expected request with the scripted answer.
type exchange struct {
	Expect  expect
	Respond respond
}

// expect is what a request must be; it demands exactly what it lists.
type expect struct {
	Method, URL       string
	Headers           []headerField
	AbsentHeaders     []string
	Body              string
	HasBody           bool
	JSON              value.Value
	HasJSON           bool
	OAuth             *value.Object
	Unsigned          bool // oauth: null
	Realm             string
	HasRealm          bool
	BaseString        string
	HasMethod, HasURL bool
}

// respond is the scripted answer. Error, when set, is the cause of a failing exchange instead.
type respond struct {
	Status  int
	Headers []headerField
	Body    []byte
	Error   string
	// Advance is added to the clock when the answer is given.
	Advance time.Duration
}

// wantStep is what a successful step must give; only what is listed is compared.
type wantStep struct {
	has      map[string]bool
	Redirect string
	Data     value.Value
	UID      value.Value
	Metadata value.Value
	Expires  value.Value
	Scope    []string
	Output   value.Value
	Trace    []string
	Stored   bool
	Valid    bool
	Status   int
}

// wantError is what an error must be; only what is listed is compared.
type wantError struct {
	has                          map[string]bool
	Type, Code, Message, Section string
	Status                       int
	Cause                        string
	// Place, Template and Undefined are those of stepError.
	Place, Template string
	Undefined       []string
}

func readFlow(f *decoder) *flowCase {
	c := &flowCase{
		Document: value.Collection(f.obj),
		Dialect:  f.text("dialect"), Spec: f.text("spec"), Source: f.value("source"), Now: f.time("now"),
		Nonce: f.texts("nonce"), State: f.texts("state"), Identity: f.texts("identity"), Options: f.object("options"),
		Flags: f.texts("flags"), Assert: f.texts("assert"), WantDiagnostics: f.texts("want_diagnostics"),
		HasDiagnostics: f.has("want_diagnostics"), WantError: readWantError(f, "want_error"),
	}
	f.has("id")
	f.has("about")
	f.has("note")
	f.has("step")
	if f.has("input") {
		c.Input = readInput(newDecoder(f.at("input"), f.value("input"), f.errs))
	}
	for i, s := range f.items("flow") {
		c.Steps = append(c.Steps, readStep(newDecoder(indexed(f.at("flow"), i), s, f.errs)))
	}
	f.done()
	if (c.Spec == "") == c.Source.IsNil() {
		f.fail("exactly one of spec and source was expected")
	}
	return c
}

func readInput(f *decoder) flowInput {
	in := flowInput{present: map[string]bool{}, RedirectURIs: map[string]string{}}
	for _, k := range f.obj.Keys() {
		in.present[k] = true
	}
	in.Parameters, in.Common, in.Environment = f.object("parameters"), f.object("common"), f.object("environment")
	in.RedirectURI = f.text("redirectUri")
	for name, key := range map[string]string{"local": "localRedirectUri", "make": "makeRedirectUri"} {
		if address := f.text(key); address != "" {
			in.RedirectURIs[name] = address
		}
	}
	in.Scope, in.ConnectionID = f.texts("scope"), f.text("connectionId")
	f.done()
	return in
}

func readStep(f *decoder) flowStep {
	s := flowStep{Run: f.text("run"), Query: f.value("query"), Input: f.value("input"), Advance: f.duration("advance"),
		WantError: readWantError(f, "want_error")}
	f.has("about")
	f.has("step")
	if f.has("request") {
		s.Request = readClientRequest(newDecoder(f.at("request"), f.value("request"), f.errs))
	}
	for i, x := range f.items("http") {
		s.HTTP = append(s.HTTP, readExchange(newDecoder(indexed(f.at("http"), i), x, f.errs)))
	}
	if f.has("want") {
		s.Want = readWant(newDecoder(f.at("want"), f.value("want"), f.errs))
	}
	f.done()
	if !knownRun(s.Run) {
		f.fail("run: unknown operation %q", s.Run)
	}
	if s.Run == "client" && s.Request == nil {
		f.fail("request is missing, as run is client")
	}
	return s
}

func readClientRequest(f *decoder) *clientRequest {
	r := &clientRequest{Method: f.text("method"), URL: f.text("url"), Query: f.object("query"), Headers: f.headers(),
		Data: f.value("data"), Form: f.object("form"), Body: f.text("body"), HasBody: f.has("body")}
	if r.Method == "" {
		r.Method = "GET"
	}
	f.done()
	return r
}

func readExchange(f *decoder) exchange {
	var x exchange
	f.has("about")
	f.has("step")
	if f.has("expect") {
		x.Expect = readExpect(newDecoder(f.at("expect"), f.value("expect"), f.errs))
	}
	if !f.has("respond") {
		f.fail("respond is missing")
		return x
	}
	g := newDecoder(f.at("respond"), f.value("respond"), f.errs)
	x.Respond = respond{Status: g.number("status"), Headers: g.headers(), Error: g.text("error"), Advance: g.duration("advance")}
	if _, known := transportErrors[x.Respond.Error]; !known && x.Respond.Error != "" {
		g.fail("error: one of %s was expected", strings.Join(slices.Sorted(maps.Keys(transportErrors)), ", "))
	}
	x.Respond.Body = readBody(g)
	if g.has("json") && !slices.ContainsFunc(x.Respond.Headers, func(h headerField) bool { return strings.EqualFold(h.Name, "Content-Type") }) {
		x.Respond.Headers = append(x.Respond.Headers, headerField{Name: "Content-Type", Values: []string{"application/json"}})
	}
	if x.Respond.Status == 0 && x.Respond.Error == "" {
		x.Respond.Status = 200
	}
	g.done()
	f.done()
	return x
}

// readBody takes a text as it is, and an object or a list as its JSON.
func readBody(g *decoder) []byte {
	if b := g.value("body_base64"); !b.IsNil() {
		raw, err := decodeBase64(value.ToText(b))
		if err != nil {
			g.fail("body_base64: standard base64 was expected")
		}
		return raw
	}
	if j := g.value("json"); !j.IsUndefined() {
		return value.AppendJSON(nil, j)
	}
	v := g.value("body")
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return nil
	case value.KindText:
		return []byte(v.Str())
	}
	return value.AppendJSON(nil, v)
}

func readExpect(f *decoder) expect {
	e := expect{Method: f.text("method"), HasMethod: f.has("method"), URL: f.text("url"), HasURL: f.has("url"),
		Headers: f.headers(), AbsentHeaders: f.texts("absent_headers"), JSON: f.value("json"), HasJSON: f.has("json"),
		HasBody: f.has("body"), BaseString: f.text("base_string"),
		Realm: f.text("oauth_realm"), HasRealm: f.has("oauth_realm")}
	if v := f.value("body"); v.Kind() == value.KindText {
		e.Body = v.Str()
	} else if !v.IsNil() {
		f.fail("body: a text was expected, found %s; write json for a JSON body", v.Kind())
	}
	if f.has("oauth") {
		if v := f.value("oauth"); v.Kind() == value.KindNull {
			e.Unsigned = true
		} else {
			e.OAuth = f.object("oauth")
		}
	}
	f.done()
	return e
}

func readWant(f *decoder) *wantStep {
	w := &wantStep{has: map[string]bool{}, Redirect: f.text("redirect"), Data: f.value("data"), UID: f.value("uid"),
		Metadata: f.value("metadata"), Expires: f.value("expires"), Scope: f.texts("scope"), Output: f.value("output"),
		Trace: f.texts("trace"), Stored: f.flag("stored"), Valid: f.flag("valid"), Status: f.number("status")}
	for _, k := range f.obj.Keys() {
		w.has[k] = true
	}
	f.done()
	return w
}

func readWantError(f *decoder, key string) *wantError {
	if !f.has(key) {
		return nil
	}
	w := &wantError{has: map[string]bool{}}
	if v := f.value(key); v.Kind() == value.KindText {
		w.Code, w.has["code"] = v.Str(), true
		return w
	}
	g := newDecoder(f.at(key), f.value(key), f.errs)
	w.Type, w.Code, w.Message, w.Section = g.text("type"), g.text("code"), g.text("message"), g.text("section")
	w.Status, w.Cause = g.number("status"), g.text("cause")
	w.Place, w.Template, w.Undefined = g.text("place"), g.text("template"), g.texts("undefined")
	for _, k := range g.obj.Keys() {
		w.has[k] = true
	}
	g.done()
	return w
}
