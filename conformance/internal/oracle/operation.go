package oracle

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// operation is one run from a call of the host to its return (spec make.md §1.2).
type operation struct {
	ctx  context.Context
	host *host

	section string
	now     time.Time

	conn        connection // the working copy
	temp        *value.Object
	common      *value.Object
	environment *value.Object
	scope       []string
	redirects   redirects
	query       value.Value
	// module is set for calls and the client: Base applies and callbacks do not. input is what a call is given.
	module       bool
	input        *value.Object
	item, output value.Value

	requests int
	meter    builtin.Meter
	jar      wire.Jar
	secrets  []string

	lastToken string // oauth_token of the last body of requestToken
	callback  string // the oauth_callback that was sent last
	confirmed *bool  // whether the service confirmed it; nil when none was sent
}

// redirects are the callback addresses of an authorisation.
type redirects struct{ uri, local, make string }

// answer is what the response directives see; nil is no answer at all.
type answer struct {
	status        int
	body, headers value.Value
}

// operation begins an operation on a copy of a connection. Common data and environment are asked for every time (spec
// make.md §26.17); what the host gives wins over what the spec holds.
func (h *host) operation(ctx context.Context, conn connection) (*operation, error) {
	o := &operation{ctx: ctx, host: h, conn: conn, temp: value.NewObject(0), scope: conn.scope}
	limits := builtin.DefaultLimits()
	limits.Steps = cmp.Or(h.settings.Steps, limits.Steps)
	o.meter.Start(nil, limits)
	o.tick()
	if o.environment = h.c.Input.Environment; o.environment == nil {
		o.environment = value.NewObject(0)
	}
	written, err := o.object(h.tree.Common, nil)
	if err != nil {
		return nil, o.report(err)
	}
	if o.common = overlay(written, h.c.Input.Common); o.common == nil {
		o.common = value.NewObject(0)
	}
	o.learn(h.tree.Parameters, conn.data)
	return o, nil
}

// tick takes a new instant: the templates of one request see the same now.
func (o *operation) tick() { o.now = o.host.script.Clock() }

func (o *operation) warn(code string) { o.host.trace = append(o.host.trace, code) }

// context holds the variables of spec make.md §14. A call reads its input as parameters; the root oauth directive reads
// those of the connection also then (§16).
func (o *operation) context(a *answer, root bool) *value.Object {
	store := value.Collection(o.conn.data)
	vars := value.NewObject(16)
	vars.Set("parameters", store)
	vars.Set("data", store)
	vars.Set("connection", store)
	vars.Set("common", value.Collection(o.common))
	vars.Set("environment", value.Collection(o.environment))
	vars.Set("temp", value.Collection(o.temp))
	vars.Set("query", o.query)
	if o.host.tree.Kind == ast.KindOAuth1 || o.module {
		vars.Set("oauth", value.Collection(o.oauthVariable()))
	}
	if o.input != nil {
		vars.Set("input", value.Collection(o.input))
		vars.Set("item", o.item)
		if !root {
			vars.Set("parameters", value.Collection(o.input))
		}
	}
	if a != nil {
		vars.Set("statusCode", value.Number(float64(a.status)))
		vars.Set("headers", a.headers)
		vars.Set("body", a.body)
	}
	return vars
}

// oauthVariable is the variable oauth, not the directive: the scope and the callback addresses, which default to the
// first.
func (o *operation) oauthVariable() *value.Object {
	out := value.NewObject(4)
	scope := make([]value.Value, len(o.scope))
	for i, s := range o.scope {
		scope[i] = value.Text(s)
	}
	out.Set("scope", value.Array(scope))
	for _, x := range [...]struct{ name, uri string }{{"redirectUri", o.redirects.uri},
		{"localRedirectUri", cmp.Or(o.redirects.local, o.redirects.uri)}, {"makeRedirectUri", cmp.Or(o.redirects.make, o.redirects.uri)}} {
		if x.uri != "" {
			out.Set(x.name, value.Text(x.uri))
		}
	}
	return out
}

// eval evaluates a directive; an absent one is undefined.
func (o *operation) eval(v ast.Value, a *answer) (value.Value, error) {
	return o.evalIn(v, o.context(a, false))
}

func (o *operation) evalIn(v ast.Value, vars *value.Object) (value.Value, error) {
	if v == nil {
		return value.Undefined, nil
	}
	s := o.host.settings
	x, err := Evaluate(v, Env{Context: vars, Now: o.now, Timezone: s.Timezone, Entropy: o.host.entropy,
		StrictEquality: s.Compile.StrictEquality, Meter: &o.meter})
	if err != nil {
		return value.Undefined, o.expressionFailure(v.Origin().Pointer, err)
	}
	return x, nil
}

// object evaluates a directive that must be an object; nil means that it is absent (spec make.md §1.3).
func (o *operation) object(v ast.Value, a *answer) (*value.Object, error) {
	x, err := o.eval(v, a)
	if err != nil || x.IsNil() {
		return nil, err
	}
	if x.Object() == nil {
		return nil, notAnObject(v.Origin().Pointer, x.Kind())
	}
	return x.Object(), nil
}

// truthy evaluates a judgement; an absent one is true.
func (o *operation) truthy(v ast.Value, a *answer) (bool, error) {
	if v == nil {
		return true, nil
	}
	x, err := o.eval(v, a)
	return value.IsTruthy(x), err
}

// text evaluates the text of a message or type: one that fails counts as empty (spec make.md §6.1).
func (o *operation) text(v ast.Value, a *answer) string {
	x, err := o.eval(v, a)
	if err != nil || value.IsEmpty(x) {
		return ""
	}
	return value.ToText(x)
}

// mergeTemp evaluates blocks of one level each against the state before them, and merges them (spec make.md §6.1).
func (o *operation) mergeTemp(a *answer, blocks ...ast.Value) error {
	var all *value.Object
	for _, b := range blocks {
		block, err := o.object(b, a)
		if err != nil {
			return err
		}
		all = overlay(all, block)
	}
	o.temp = mergeDeep(o.temp, all)
	return nil
}

// addSecret remembers a text that no error may show.
func (o *operation) addSecret(s string) {
	if s != "" && !slices.Contains(o.secrets, s) {
		o.secrets = append(o.secrets, s)
	}
}

// learn remembers the texts of password and key parameters at any depth (spec make.md §18).
func (o *operation) learn(defs []*ast.Parameter, data *value.Object) {
	for _, d := range defs {
		o.learnValue(d, data.Value(d.Name))
		o.learn(d.Nested, data)
		for _, option := range d.Options {
			o.learn(option.Nested, data)
		}
	}
}

func (o *operation) learnValue(d *ast.Parameter, x value.Value) {
	if items := x.Items(); len(items) > 0 {
		for _, item := range items {
			o.learnValue(d, item)
		}
		return
	}
	if d.Type == "password" || d.Type == "pkey" {
		o.addSecret(value.ToText(x))
	}
	if d.SpecIsItem {
		o.learnValue(d.Spec[0], x)
	} else if x.Object() != nil {
		o.learn(d.Spec, x.Object())
	}
}
