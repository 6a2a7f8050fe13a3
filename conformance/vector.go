package conformance

import (
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// expressionVector is one case of the expression language: a template, what it sees, and what it must give
// (spec iml.md §14).
type expressionVector struct {
	// Template is a text, an array or an object template, as JSON.
	Template value.Value
	// Context holds the roots; never nil.
	Context *value.Object
	// Timezone is an IANA name; "" is UTC.
	Timezone string
	// Now is the frozen instant; the zero time leaves it to the engine.
	Now time.Time
	// Want is the expected result; nil when WantError is set.
	Want *TypedValue
	// WantError is the code of the first error, of compile or run time.
	WantError string
}

// TypedValue is a result as vectors write it: the name of the type and a JSON value. Undefined and null have no value,
// dates are ISO texts, buffers base64, and NaN and the infinities texts.
type TypedValue struct {
	Type  string
	Value value.Value
}

// formulaVector is one formula of the membrane dialect with what it must give (spec dialects.md §2.4). Exactly one of
// the three expectations is set.
type formulaVector struct {
	// Formula is the tree as it was written, keys in order.
	Formula value.Value
	// Variables holds what locators see; never nil.
	Variables *value.Object
	// Want is the expected JSON value when HasWant, null included.
	Want    value.Value
	HasWant bool
	// WantUndefined demands that the formula comes to no value at all.
	WantUndefined bool
	// WantError is the code of the first error, of compile or run time.
	WantError string
}

// signingVector is one case of OAuth 1.0a (spec oauth1.md §0). Kind says which fields have a meaning.
type signingVector struct {
	// Kind is encode, normalize, base_uri, sign, request or body_hash.
	Kind string
	// Name is free text.
	Name string

	Input string // encode
	Form  string // normalize
	URL   string // base_uri, request
	Host  string // base_uri: host; request: host_header; "" when the URL says it

	SignatureMethod string // sign, request
	BaseString      string // sign
	ConsumerSecret  string
	TokenSecret     string
	RSAKey          string // base64 of a PKCS#8 DER

	Method      string // request
	Headers     []headerField
	Body        string // request, body_hash
	HasBody     bool
	OAuthParams *value.Object
	Realm       string
	HasRealm    bool
	SignedURL   string
	SignedBody  string

	Hash string // body_hash

	// Expected is the expected text of every kind but request.
	Expected string
	// Document is the vector as it was written.
	Document value.Value
	// ExpectedRequest is set for the kind request.
	ExpectedRequest *expectedRequest
}

// expectedRequest is what a signed request must be.
type expectedRequest struct {
	// BaseString is compared when HasBaseString; PLAINTEXT vectors have null there.
	BaseString    string
	HasBaseString bool
	Signature     string
	// Authorization is compared after parsing, "" when the vector has none.
	Authorization string
	// WireBaseString and WireSignature are the results for the URL as it is escaped to be sent; "" when absent.
	WireBaseString, WireSignature string
}

// headerField is one header with its values in order; more than one for a repeated header.
type headerField struct {
	Name   string
	Values []string
}

func (f *decoder) typed(key string) *TypedValue {
	if !f.has(key) {
		return nil
	}
	g := newDecoder(f.at(key), f.value(key), f.errs)
	t := &TypedValue{Type: g.text("type"), Value: g.value("value")}
	if !typeNames[t.Type] {
		g.fail("type: unknown type %q", t.Type)
	}
	g.done()
	return t
}

var typeNames = map[string]bool{"undefined": true, "null": true, "text": true, "number": true, "boolean": true,
	"date": true, "buffer": true, "collection": true, "array": true}

func readExpression(f *decoder) *expressionVector {
	v := &expressionVector{
		Template: f.value("template"), Context: f.object("context"), Timezone: f.text("timezone"), Now: f.time("now"),
		Want: f.typed("want"), WantError: f.text("want_error"),
	}
	describe(f)
	f.done()
	if v.Context == nil {
		v.Context = value.NewObject(0)
	}
	if !f.blind && (v.Want == nil) == (v.WantError == "") {
		f.fail("exactly one of want and want_error was expected")
	}
	return v
}

// document writes the vector as a case of its own.
func (v *expressionVector) document() value.Value {
	now := ""
	if !v.Now.IsZero() {
		now = string(value.AppendISO(nil, v.Now.UnixMilli()))
	}
	return object("id", "request", "template", v.Template, "context", value.Collection(v.Context), "timezone", v.Timezone, "now", now)
}

func readFormula(f *decoder) *formulaVector {
	v := &formulaVector{Formula: f.value("formula"), Variables: f.object("variables"), Want: f.value("want"), HasWant: f.has("want"),
		WantUndefined: f.flag("want_undefined"), WantError: f.text("want_error")}
	describe(f)
	f.done()
	if v.Variables == nil {
		v.Variables = value.NewObject(0)
	}
	wants := 0
	for _, wanted := range []bool{v.HasWant, v.WantUndefined, v.WantError != ""} {
		if wanted {
			wants++
		}
	}
	if !f.blind && wants != 1 {
		f.fail("exactly one of want, want_undefined and want_error was expected")
	}
	return v
}

// document writes the vector as a case of its own.
func (v *formulaVector) document() value.Value {
	return object("id", "request", "formula", v.Formula, "variables", value.Collection(v.Variables))
}

// describe marks the keys that only explain a case (docs/architecture.md §9).
func describe(f *decoder) {
	for _, k := range []string{"id", "about", "note", "source", "name", "kind"} {
		f.known[k] = true
	}
}

func readSigning(f *decoder) *signingVector {
	v := &signingVector{Document: value.Collection(f.obj), Kind: f.text("kind"), Name: f.text("name"),
		ConsumerSecret: f.text("consumer_secret"), TokenSecret: f.text("token_secret"), RSAKey: f.text("rsa_key_pkcs8"),
		SignatureMethod: f.text("signature_method")}
	describe(f)
	switch v.Kind {
	case "encode":
		v.Input = f.text("input")
	case "normalize":
		v.Form = f.text("form")
	case "base_uri":
		v.URL, v.Host = f.text("url"), f.text("host")
	case "sign":
		v.BaseString = f.text("base_string")
	case "body_hash":
		v.Body, v.Hash = f.text("body"), f.text("hash")
	case "request":
		readRequestVector(f, v)
		f.done()
		return v
	default:
		f.fail("unknown kind %q", v.Kind)
	}
	if !f.has("expected") && !f.blind {
		f.fail("expected is missing")
	}
	v.Expected = f.text("expected")
	f.done()
	return v
}

func readRequestVector(f *decoder, v *signingVector) {
	v.Method, v.URL, v.Host = f.text("method"), f.text("url"), f.text("host_header")
	v.Headers = f.headers()
	v.Body, v.HasBody = f.text("body"), f.has("body") && !f.value("body").IsNil()
	v.OAuthParams = f.object("oauth_params")
	v.Realm, v.HasRealm = f.text("realm"), f.has("realm") && !f.value("realm").IsNil()
	v.SignedURL, v.SignedBody = f.text("signed_url"), f.text("signed_body")
	if v.OAuthParams == nil {
		v.OAuthParams = value.NewObject(0)
	}
	if f.blind {
		v.ExpectedRequest = &expectedRequest{}
		return
	}
	e := newDecoder(f.at("expected"), f.value("expected"), f.errs)
	v.ExpectedRequest = &expectedRequest{
		BaseString: e.text("base_string"), HasBaseString: !e.value("base_string").IsNil(), Signature: e.text("signature"),
		Authorization: e.text("authorization"), WireBaseString: e.text("wire_base_string"), WireSignature: e.text("wire_signature"),
	}
	e.done()
}
