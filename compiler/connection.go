package compiler

import (
	"maps"
	"math"
	"slices"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Connection compiles a whole connection. The plan is nil when a diagnostic is an error.
func Connection(conn *ast.Connection, opts Options) (*plan.Plan, *diag.List) {
	if conn.Library != "" {
		opts.Library = conn.Library
	}
	c := newCompiler(opts, conn.At.Span)
	c.plan.Meta.Dialect, c.plan.Meta.Name = conn.Dialect, conn.Name
	for _, f := range conn.Files {
		c.file(f)
	}
	if conn.Kind == ast.KindOAuth2 {
		c.diags.Errorf("IMLC002", conn.At.Span, "this is an OAuth 2.0 connection; only OAuth 1.0 and basic connections can be compiled")
		return c.finish()
	}
	k := &lowering{compiler: c, conn: conn, out: &plan.Connection{Kind: string(conn.Kind), Scope: conn.Scope}}
	c.plan.Connection = k.out
	k.lower()
	return c.finish()
}

// lowering carries one connection from the syntax tree to the plan.
type lowering struct {
	*compiler
	conn *ast.Connection
	out  *plan.Connection
}

func (k *lowering) lower() {
	for _, s := range k.conn.ScopeList {
		k.out.ScopeList = append(k.out.ScopeList, plan.ScopeEntry{Name: s.Name, Description: s.Description})
	}
	k.out.Parameters = parameters(k.conn.Parameters)
	k.roots = &rootSet{names: []string{"environment"}}
	k.out.Common = k.leaf(k.conn.Common)

	ps := phases(k.conn.Kind)
	if k.conn.Kind == ast.KindBasic {
		p := ps["communication"]
		k.roots = p.request
		k.out.OAuth = k.oauth(k.conn.OAuth)
		k.out.Info = k.requests(k.conn.Info, p)
	} else {
		k.roots = ps["info"].request // the root directive is evaluated in every section
		k.out.OAuth = k.oauth(k.conn.OAuth)
		k.out.RequestToken = k.requests(k.conn.RequestToken, ps["requestToken"])
		if k.conn.Authorize != nil {
			r := k.request(k.conn.Authorize, ps["authorize"])
			k.out.Authorize = &r
		}
		k.out.AccessToken = k.requests(k.conn.AccessToken, ps["accessToken"])
		k.out.Info = k.requests(k.conn.Info, ps["info"])
	}
	if k.conn.Base != nil {
		r := k.request(k.conn.Base, callPhase())
		k.out.Base = &r
	}
	for _, call := range k.conn.Calls {
		requests := k.requests(call.Requests, callPhase())
		if k.out.Base != nil {
			for i := range requests {
				inherit(k.conn.Base, call.Requests[i], k.out.Base, &requests[i])
			}
		}
		k.out.Calls = append(k.out.Calls, plan.Call{Name: call.Name, Requests: requests})
	}
}

// leaf compiles a directive that may compute; an absent one has no function.
func (k *lowering) leaf(v ast.Value) plan.Ref {
	if v == nil {
		return 0
	}
	return k.function(v.Origin(), k.leafNode(v), plan.ModeValue)
}

func (k *lowering) requests(list []*ast.Request, p phase) []plan.Request {
	var out []plan.Request
	for _, r := range list {
		out = append(out, k.request(r, p))
	}
	return out
}

func (k *lowering) request(r *ast.Request, p phase) plan.Request {
	k.roots = p.request
	out := plan.Request{
		Pointer: r.At.Pointer,
		Temp:    k.leaf(r.Temp), BaseURL: k.leaf(r.BaseURL), URL: k.leaf(r.URL), Method: k.leaf(r.Method),
		Headers: k.leaf(r.Headers), Query: k.leaf(r.Query), QueryMode: uint8(r.QueryMode),
		BodyType: k.leaf(r.BodyType), OAuth: k.oauth(r.OAuth), CA: k.leaf(r.CA),
		EncodeURL:           flag(r, r.EncodeURL, true, "encodeUrl"),
		Gzip:                flag(r, r.Gzip, false, "gzip"),
		ShareCookies:        flag(r, r.ShareCookies, false, "shareCookies"),
		RejectUnauthorized:  flag(r, r.RejectUnauthorized, true, "rejectUnauthorized"),
		FollowRedirects:     flag(r, r.FollowRedirects, true, "followRedirects", "followRedirect"),
		FollowAllRedirects:  flag(r, r.FollowAllRedirects, true, "followAllRedirects", "followAllRedirect"),
		TimeoutMilliseconds: int32(min(r.TimeoutMilliseconds, math.MaxInt32)),
		HasLog:              r.HasLog && r.Sanitize != nil, Sanitize: r.Sanitize, // without log.sanitize nothing is logged (spec make.md §18)
		WholeHeaders: whole(r.Headers), WholeQuery: whole(r.Query), WholeBody: whole(r.Body),
		CallbackOptional: r.CallbackToken == ast.CallbackTokenOptional,
	}
	if r.Condition != nil {
		out.Condition = k.leaf(r.Condition.Expr)
	}
	out.Body, out.BodyJSON = k.body(r)
	if r.Repeat != nil {
		k.roots = &rootSet{names: []string{"temp"}, phases: p.request.phases}
		out.Repeat = &plan.Repeat{
			Condition: k.leaf(r.Repeat.Condition), DelayMilliseconds: int32(min(r.Repeat.DelayMilliseconds, math.MaxInt32)),
			Limit: int32(min(r.Repeat.Limit, math.MaxInt32)),
		}
	}
	if r.Response != nil {
		out.Response = k.response(r.Response, p)
	}
	return out
}

// whole reports whether a directive is one template, which replaces that of Base as a whole.
func whole(v ast.Value) bool {
	_, written := v.(*ast.Object)
	return v != nil && !written
}

// flag keeps a literal directive that was written or differs from its default.
func flag(r *ast.Request, v, def bool, names ...string) plan.Flag {
	written := slices.ContainsFunc(names, func(n string) bool { return r.Set[n] })
	switch {
	case v == def && !written:
		return plan.FlagAbsent
	case v:
		return plan.FlagTrue
	}
	return plan.FlagFalse
}

// body compiles the body to a value and, when it is JSON for certain, to a function that writes it directly.
func (k *lowering) body(r *ast.Request) (val, emit plan.Ref) {
	if r.Body == nil {
		return 0, 0
	}
	n := k.leafNode(r.Body)
	val = k.function(r.Body.Origin(), n, plan.ModeValue)
	if t, ok := r.BodyType.(*ast.Template); ok {
		if text, literal := t.Literal(); !literal || text != "json" {
			return val, 0
		}
	} else if r.BodyType != nil {
		return val, 0
	}
	if emittable(n) {
		emit = k.function(r.Body.Origin(), n, plan.ModeEmit)
	}
	return val, emit
}

func (k *lowering) oauth(o *ast.OAuth) *plan.OAuth {
	if o == nil {
		return nil
	}
	out := &plan.OAuth{Off: o.Off, Value: k.leaf(o.Value), Version: k.leaf(o.Version)}
	if o.Extra != nil {
		out.Extra = k.leaf(o.Extra)
	}
	if obj, ok := o.Value.(*ast.Object); ok {
		for _, e := range obj.Entries {
			if t, ok := e.Value.(*ast.Template); ok && e.Key == "signature_method" {
				if method, fixed := t.Literal(); fixed {
					k.methods[method] = true
				}
			}
		}
		out.WritesConsumerKey = slices.ContainsFunc(obj.Entries, func(e ast.Entry) bool { return e.Key == "consumer_key" && !e.Spread })
	}
	return out
}

func (k *lowering) response(r *ast.Response, p phase) *plan.Response {
	out := &plan.Response{}
	k.roots = p.typed
	if r.Type != nil {
		out.Type = k.leaf(r.Type.Value)
		for _, s := range r.Type.Ranges {
			if typ := k.leaf(s.Type); s.Last > 0 { // no answer has the status 0
				out.Ranges = append(out.Ranges, plan.StatusRange{First: int32(max(s.First, 1)), Last: int32(s.Last), Type: typ})
			}
		}
	}
	k.roots = p.response
	out.Temp, out.Data, out.UID, out.Expires = k.leaf(r.Temp), k.leaf(r.Data), k.leaf(r.UID), k.leaf(r.Expires)
	out.Output, out.Limit, out.DataFields = k.leaf(r.Output), k.leaf(r.Limit), r.DataFields
	if r.Valid != nil {
		out.Valid = &plan.Valid{Condition: k.leaf(r.Valid.Condition), Message: k.leaf(r.Valid.Message), Type: k.leaf(r.Valid.Type)}
	}
	if r.Error != nil {
		out.Error = &plan.Error{Message: k.leaf(r.Error.Message), Type: k.leaf(r.Error.Type)}
		for _, s := range r.Error.Status {
			entry := plan.StatusError{Status: int32(s.Status), Message: k.leaf(s.Message), Type: k.leaf(s.Type)}
			if s.Status > 0 {
				out.Error.Status = append(out.Error.Status, entry)
			}
		}
	}
	if r.Metadata != nil {
		out.Metadata = &plan.Metadata{Type: k.leaf(r.Metadata.Type)}
		if out.Metadata.Value = out.Metadata.Type; r.Metadata.Value != r.Metadata.Type {
			out.Metadata.Value = k.leaf(r.Metadata.Value)
		}
	}
	if r.Iterate != nil {
		out.Iterate = &plan.Iterate{Container: k.leaf(r.Iterate.Container), Condition: k.leaf(r.Iterate.Condition)}
	}
	return out
}

// capabilities lists what an engine must have to run the plan, sorted.
func (c *compiler) capabilities() []string {
	set := map[string]bool{}
	for _, call := range c.plan.Calls {
		set[plan.FunctionCapability(c.plan.Strings[call.Function], call.Version)] = true
	}
	for m := range c.methods {
		set["oauth1/"+m+"@1"] = true
	}
	if d := c.plan.Meta.Dialect; d != "" {
		set["dialect/"+d+"@1"] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func parameters(list []*ast.Parameter) []plan.Parameter {
	var out []plan.Parameter
	for _, p := range list {
		v := p.Validate
		q := plan.Parameter{
			Name: p.Name, Type: p.Type, Label: p.Label, Help: p.Help, Required: p.Required, Advanced: p.Advanced,
			Editable: p.Editable, Multiline: p.Multiline, Multiple: p.Multiple, HasDefault: p.HasDefault,
			Default: constantTree(p.Default), Nested: parameters(p.Nested), Spec: parameters(p.Spec), SpecIsItem: p.SpecIsItem, Static: p.Static,
			Validate: plan.Validate{Pattern: v.Pattern, Enum: v.Enum,
				MinLength: bound(v.MinLength), MaxLength: bound(v.MaxLength), Min: bound(v.Min), Max: bound(v.Max),
				MinItems: bound(v.MinItems), MaxItems: bound(v.MaxItems)},
		}
		for _, o := range p.Options {
			q.Options = append(q.Options, plan.ParameterOption{Label: o.Label, Value: constantTree(o.Value), Nested: parameters(o.Nested)})
		}
		out = append(out, q)
	}
	return out
}

func bound(f *float64) float64 {
	if f == nil {
		return math.NaN()
	}
	return *f
}

// constantTree converts a literal tree of the spec to a value; texts are taken as they are written.
func constantTree(v ast.Value) value.Value {
	switch v := v.(type) {
	case *ast.Literal:
		return literal(v)
	case *ast.Template:
		return value.Text(value.ValidText(v.Text))
	case *ast.Array:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = constantTree(item)
		}
		return value.Array(items)
	case *ast.Object:
		o := value.NewObject(len(v.Entries))
		for _, e := range v.Entries {
			o.Set(e.Key, constantTree(e.Value))
		}
		return value.Collection(o)
	}
	return value.Undefined
}
