package conformance

import (
	"fmt"

	"github.com/expr-lang/expr"

	"github.com/imlc-lang/imlc/vm/value"
)

// maxAssert bounds the source of one assertion in bytes: the library's parser recurses with the nesting of its input.
const maxAssert = 4 << 10

// runAsserts evaluates the assert expressions of a case over what happened. The error is about an expression that
// cannot be run.
func runAsserts(c *flowCase, o *flowOutcome) ([]mismatch, error) {
	if len(c.Assert) == 0 {
		return nil, nil
	}
	env := assertEnv(o)
	var out []mismatch
	for i, source := range c.Assert {
		where := indexed("assert", i)
		if len(source) > maxAssert {
			return out, fmt.Errorf("%s: %d bytes, at most %d are allowed", where, len(source), maxAssert)
		}
		program, err := expr.Compile(source, expr.AllowUndefinedVariables(), expr.AsBool())
		if err != nil {
			return out, fmt.Errorf("%s: %w", where, err)
		}
		got, err := expr.Run(program, env)
		if err != nil {
			return out, fmt.Errorf("%s: %w", where, err)
		}
		if ok, _ := got.(bool); !ok {
			out = append(out, mismatched(where, "false", source))
		}
	}
	return out, nil
}

// assertEnv is what assertions see: exchanges of all steps in order, steps, the last connection, diagnostics, trace.
func assertEnv(o *flowOutcome) map[string]any {
	exchanges, steps, trace := []any{}, []any{}, []any{}
	var connection any
	for i := range o.Steps {
		s := &o.Steps[i]
		step := map[string]any{"redirect": s.Redirect, "stored": s.Stored, "output": plain(s.Output), "status": s.Status, "valid": s.Valid,
			"error": nil, "requests": len(s.Exchanges)}
		if e := s.Error; e != nil {
			step["error"] = map[string]any{"type": e.Type, "code": e.Code, "message": e.Message, "status": e.Status, "section": e.Section, "cause": e.Cause,
				"place": e.Place, "template": e.Template, "undefined": e.Undefined}
		}
		steps = append(steps, step)
		for k := range s.Exchanges {
			exchanges = append(exchanges, exchangeEnv(&s.Exchanges[k]))
		}
		for _, t := range s.Trace {
			trace = append(trace, t)
		}
		if s.Connection != nil {
			connection = connectionEnv(s.Connection)
		}
	}
	diagnostics := make([]any, len(o.Diagnostics))
	for i, d := range o.Diagnostics {
		diagnostics[i] = d
	}
	return map[string]any{"exchanges": exchanges, "steps": steps, "connection": connection, "diagnostics": diagnostics, "trace": trace}
}

func exchangeEnv(x *observed) map[string]any {
	headers := map[string]any{}
	for _, h := range x.Headers {
		if len(h.Values) > 0 {
			headers[h.Name] = h.Values[0]
		}
	}
	oauth := map[string]any{}
	for _, p := range x.protocol().params {
		oauth[p.Name] = p.Value
	}
	base, err := x.baseString()
	if err != nil {
		base = ""
	}
	return map[string]any{"method": x.Method, "url": x.URL, "headers": headers, "body": string(x.Body), "oauth": oauth,
		"base_string": base, "status": x.Respond.Status}
}

func connectionEnv(c *connectionState) map[string]any {
	m := map[string]any{"data": plain(value.Collection(c.Data)), "uid": c.UID, "scope": c.Scope, "metadata": nil, "expires": nil}
	if c.HasLabel {
		m["metadata"] = map[string]any{"type": c.Type, "value": c.Label}
	}
	if !c.Expires.IsZero() {
		m["expires"] = string(value.AppendISO(nil, c.Expires.UnixMilli()))
	}
	return m
}

// plain converts a value for an assertion; integers become int where they fit, so that uid == 42 holds.
func plain(v value.Value) any {
	switch v.Kind() {
	case value.KindNumber:
		if f := v.Float(); f == float64(int(f)) {
			return int(f)
		}
		return v.Float()
	case value.KindInteger, value.KindDate:
		return value.ToText(v)
	case value.KindArray:
		out := make([]any, len(v.Items()))
		for i, x := range v.Items() {
			out[i] = plain(x)
		}
		return out
	case value.KindCollection:
		out := map[string]any{}
		o := v.Object()
		for i := range o.Len() {
			k, x := o.At(i)
			out[k] = plain(x)
		}
		return out
	}
	return value.ToAny(v)
}
