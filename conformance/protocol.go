package conformance

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// The protocol between the runner and an engine in another process: one JSON object per line, each request answered
// by one reply with the same seq (docs/conformance.md).

// object builds a collection from pairs of key and value, leaving out those that are undefined.
func object(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		switch x := pairs[i+1].(type) {
		case value.Value:
			o.Set(key, x)
		case string:
			if x != "" {
				o.Set(key, value.Text(x))
			}
		case bool:
			if x {
				o.Set(key, value.Bool(true))
			}
		case int:
			if x != 0 {
				o.Set(key, value.Int(int64(x)))
			}
		}
	}
	return value.Collection(o)
}

func textList(items []string) value.Value {
	out := make([]value.Value, len(items))
	for i, s := range items {
		out[i] = value.Text(s)
	}
	return value.Array(out)
}

// without returns a copy of a collection without some keys.
func without(v value.Value, keys ...string) *value.Object {
	o := value.NewObject(0)
	if v.Object() != nil {
		o = v.Object().Clone()
	}
	for _, k := range keys {
		o.Delete(k)
	}
	return o
}

// blindDocument is the case without everything that says what is expected.
func blindDocument(c *Case) value.Value {
	o := without(c.Document, "want", "want_undefined", "want_error", "expected", "signed_url", "signed_body", "want_diagnostics", "assert")
	if steps, ok := o.Get("flow"); ok {
		items := make([]value.Value, 0, len(steps.Items()))
		for _, s := range steps.Items() {
			step := without(s, "want", "want_error")
			if x, ok := step.Get("http"); ok {
				var exchanges []value.Value
				for _, e := range x.Items() {
					exchanges = append(exchanges, value.Collection(without(e, "expect")))
				}
				step.Set("http", value.Array(exchanges))
			}
			items = append(items, value.Collection(step))
		}
		o.Set("flow", value.Array(items))
	}
	return value.Collection(o)
}

func encodeOutcome(o outcome) value.Value {
	if o.Error != "" {
		return object("error", object("code", o.Error, "message", o.Detail))
	}
	t := Encode(o.Value)
	return object("result", object("type", t.Type, "value", t.Value))
}

// decodeOutcome rebuilds an outcome so that Encode of its value gives the reply's type and value again.
func decodeOutcome(f *decoder) outcome {
	if f.has("error") {
		g := newDecoder("error", f.value("error"), f.errs)
		return outcome{Error: g.text("code"), Detail: g.text("message")}
	}
	t := f.typed("result")
	if t == nil {
		f.fail("result or error was expected")
		return outcome{}
	}
	v, err := t.value()
	if err != nil {
		f.fail("result: %v", err)
	}
	return outcome{Value: v}
}

// value turns a typed value back into a value of its type.
func (t *TypedValue) value() (value.Value, error) {
	switch t.Type {
	case "undefined":
		return value.Undefined, nil
	case "null":
		return value.Null(), nil
	case "date":
		at, err := parseISO(value.ToText(t.Value))
		return value.Date(at.UnixMilli()), err
	case "buffer":
		raw, err := base64.StdEncoding.DecodeString(value.ToText(t.Value))
		return value.Buffer(raw), err
	case "number":
		if t.Value.Kind() == value.KindText {
			return value.Number(value.StringToNumber(t.Value.Str())), nil
		}
	}
	if got := t.Value.Kind().String(); got != t.Type {
		return value.Undefined, fmt.Errorf("type %s with a value that is a %s", t.Type, got)
	}
	return t.Value, nil
}

// parseISO reads what value.AppendISO writes: a year outside 0…9999 has a sign and six digits, which package time
// cannot read.
func parseISO(s string) (time.Time, error) {
	if len(s) < 7 || s[0] != '+' && s[0] != '-' {
		return time.Parse(time.RFC3339Nano, s)
	}
	year, err := strconv.Atoi(s[:7])
	if err != nil {
		return time.Time{}, fmt.Errorf("a signed year of six digits was expected, found %q", s[:7])
	}
	const leap = 2000 // so that 29 February can be read
	t, err := time.Parse(time.RFC3339Nano, strconv.Itoa(leap)+s[7:])
	return t.AddDate(year-leap, 0, 0), err
}

func encodeSigning(o signingOutcome) value.Value {
	return object("text", value.Text(o.Text), "base_string", o.BaseString, "signature", o.Signature, "wire_base_string", o.WireBaseString,
		"wire_signature", o.WireSignature, "authorization", o.Authorization, "signed_url", o.SignedURL, "signed_body", o.SignedBody)
}

func decodeSigning(f *decoder) signingOutcome {
	return signingOutcome{Text: f.text("text"), BaseString: f.text("base_string"), Signature: f.text("signature"),
		WireBaseString: f.text("wire_base_string"), WireSignature: f.text("wire_signature"),
		Authorization: f.text("authorization"), SignedURL: f.text("signed_url"), SignedBody: f.text("signed_body")}
}

func encodeFlow(o *flowOutcome) value.Value {
	steps := make([]value.Value, len(o.Steps))
	for i := range o.Steps {
		steps[i] = encodeStep(&o.Steps[i])
	}
	return object("diagnostics", textList(o.Diagnostics), "refused", o.Refused, "steps", value.Array(steps))
}

func encodeStep(s *stepOutcome) value.Value {
	exchanges := make([]value.Value, len(s.Exchanges))
	for i := range s.Exchanges {
		x := &s.Exchanges[i]
		headers := value.NewObject(len(x.Headers))
		for _, h := range x.Headers {
			headers.Set(h.Name, textList(h.Values))
		}
		exchanges[i] = object("method", x.Method, "url", x.URL, "headers", value.Collection(headers),
			"body_base64", base64.StdEncoding.EncodeToString(x.Body))
	}
	connection, failure := value.Undefined, value.Undefined
	if c := s.Connection; c != nil {
		metadata, expires := value.Undefined, ""
		if c.HasLabel {
			metadata = object("type", value.Text(c.Type), "value", value.Text(c.Label))
		}
		if !c.Expires.IsZero() {
			expires = string(value.AppendISO(nil, c.Expires.UnixMilli()))
		}
		connection = object("data", value.Collection(c.Data), "uid", c.UID, "metadata", metadata, "expires", expires, "scope", textList(c.Scope))
	}
	if e := s.Error; e != nil {
		failure = object("type", e.Type, "code", e.Code, "message", e.Message, "section", e.Section, "cause", e.Cause, "status", e.Status, "place", e.Place, "template", e.Template, "undefined", textList(e.Undefined))
	}
	return object("exchanges", value.Array(exchanges), "redirect", s.Redirect, "connection", connection, "stored", s.Stored,
		"output", s.Output, "status", s.Status, "valid", s.Valid, "trace", textList(s.Trace), "error", failure)
}

func decodeFlow(f *decoder, c *flowCase) *flowOutcome {
	o := &flowOutcome{Diagnostics: f.texts("diagnostics"), Refused: f.flag("refused")}
	for i, s := range f.items("steps") {
		step := decodeStep(newDecoder(indexed("steps", i), s, f.errs))
		for k := range step.Exchanges {
			if i < len(c.Steps) && k < len(c.Steps[i].HTTP) {
				step.Exchanges[k].Respond = c.Steps[i].HTTP[k].Respond
			}
		}
		o.Steps = append(o.Steps, step)
	}
	return o
}

func decodeStep(f *decoder) stepOutcome {
	s := stepOutcome{Redirect: f.text("redirect"), Stored: f.flag("stored"), Output: f.value("output"), Status: f.number("status"),
		Valid: f.flag("valid"), Trace: f.texts("trace")}
	for i, x := range f.items("exchanges") {
		g := newDecoder(indexed(f.at("exchanges"), i), x, f.errs)
		raw, err := decodeBase64(g.text("body_base64"))
		if err != nil {
			g.fail("body_base64: standard base64 was expected")
		}
		s.Exchanges = append(s.Exchanges, observed{Method: g.text("method"), URL: g.text("url"), Headers: g.headers(), Body: raw})
	}
	if f.has("connection") {
		g := newDecoder(f.at("connection"), f.value("connection"), f.errs)
		s.Connection = &connectionState{Data: g.object("data"), UID: g.text("uid"), Expires: g.time("expires"), Scope: g.texts("scope")}
		if g.has("metadata") {
			m := newDecoder("metadata", g.value("metadata"), f.errs)
			s.Connection.Type, s.Connection.Label, s.Connection.HasLabel = m.text("type"), m.text("value"), true
		}
	}
	if f.has("error") {
		g := newDecoder(f.at("error"), f.value("error"), f.errs)
		s.Error = &stepError{Type: g.text("type"), Code: g.text("code"), Message: g.text("message"), Section: g.text("section"),
			Cause: g.text("cause"), Status: g.number("status"), Place: g.text("place"), Template: g.text("template"), Undefined: g.texts("undefined")}
	}
	return s
}
