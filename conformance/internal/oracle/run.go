package oracle

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// run is one operation, from a call of the host to its return. Behind its first error it evaluates and sends nothing any
// more.
type run struct {
	ctx   context.Context
	spec  *Spec
	tree  *ast.Connection // of the chosen variant
	conn  Connection      // the working copy
	roots *value.Object   // what expressions can read, by neutral name
	now   time.Time       // the instant that the templates of one request see
	stage string
	err   error

	calling bool // Base and the input of a call apply, and nothing is stored
	output  value.Value
	past    int // requests that are over, made or skipped
	made    int // requests made
	meter   builtin.Meter
	jar     wire.Jar
	secrets []string

	lastToken string // oauth_token of the last answer to a request for temporary credentials
	callback  string // the oauth_callback that was sent last
	confirmed *bool  // whether the service confirmed it; nil when none was sent
}

func (r *run) set(root string, v value.Value) { r.roots.Set(root, v) }

func (r *run) root(name string) *value.Object { return r.roots.Value(name).Object() }

func (r *run) tick() { r.now = r.spec.host.Clock() }

// store replaces the data of the connection.
func (r *run) store(data *value.Object) {
	r.conn.Data = data
	r.set(ast.RootData, value.Collection(data))
}

// addresses sets the callback addresses; the default one stands in for those that are not given.
func (r *run) addresses(given map[string]string) {
	first := cmp.Or(given[ast.DefaultRedirect], "oob")
	all := value.NewObject(4)
	all.Set(ast.DefaultRedirect, value.Text(first))
	for _, name := range r.tree.Redirects {
		all.Set(name, value.Text(cmp.Or(given[name], first)))
	}
	r.set(ast.RootRedirect, value.Collection(all))
	r.set(ast.RootScope, texts(r.conn.Scope))
}

// address is the callback address of the run.
func (r *run) address() string {
	return value.ToText(r.root(ast.RootRedirect).Value(ast.DefaultRedirect))
}

// word is what the dialect calls an event.
func (r *run) word(event string) string {
	return cmp.Or(r.tree.Words[event], r.spec.tree.Words[event], event)
}

func (r *run) warn(event string) { r.spec.host.Warn(r.word(event)) }

// fail keeps the first error.
func (r *run) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// eval evaluates a directive; an absent one is undefined.
func (r *run) eval(v ast.Value) value.Value {
	if v == nil || r.err != nil {
		return value.Undefined
	}
	h := &r.spec.host
	x, err := Evaluate(v, Env{Context: r.roots, Now: r.now, Timezone: h.Timezone, Entropy: h.Entropy, Library: r.tree.Library,
		StrictEquality: h.StrictEquality, Meter: &r.meter})
	var broken *builtin.Error
	if errors.As(err, &broken) && broken.Type != "" { // it speaks for itself
		err = fail(broken.Type, broken.Code, "%s", broken.Message)
	} else if broken != nil { // spec make.md §26.5
		err = fail(runtimeError, broken.Code, "%s: %s %s", v.Origin().Pointer, broken.Code, broken.Message)
	}
	r.fail(err)
	return x
}

// object evaluates a directive that must be an object; nil means that it is absent (spec make.md §1.3).
func (r *run) object(v ast.Value) *value.Object {
	x := r.eval(v)
	if !x.IsNil() && x.Object() == nil {
		r.fail(notAnObject(v, x))
	}
	return x.Object()
}

func notAnObject(v ast.Value, x value.Value) error {
	return fail(configurationError, "", "%s: expected an object, got %s", v.Origin().Pointer, x.Kind())
}

// holds evaluates a judgement; an absent one is true.
func (r *run) holds(v ast.Value) bool {
	return r.err == nil && (v == nil || value.IsTruthy(r.eval(v)) && r.err == nil)
}

// words evaluates texts up to the first that is not empty. One that fails counts as empty (spec make.md §6.1).
func (r *run) words(list ...ast.Value) string {
	before := r.err
	for _, v := range list {
		x := r.eval(v)
		if r.err == nil && !value.IsEmpty(x) {
			return value.ToText(x)
		}
		r.err = before
	}
	return ""
}

// remember evaluates temp blocks against the state before all of them, the keys of later ones winning, and merges the
// result (spec make.md §6.1).
func (r *run) remember(blocks ...ast.Value) {
	all := value.NewObject(0)
	for _, b := range blocks {
		all = over(all, r.object(b))
	}
	r.set(ast.RootTemp, value.Collection(into(r.root(ast.RootTemp), all)))
}

// over returns the entries of base with those of top, which win; nil is an absent object.
func over(base, top *value.Object) *value.Object {
	out := value.NewObject(base.Len() + top.Len())
	for _, o := range []*value.Object{base, top} {
		for i := range o.Len() {
			out.Set(o.At(i))
		}
	}
	return out
}

// into merges objects deeply; everything else replaces (spec make.md §6.1).
func into(base, top *value.Object) *value.Object {
	out := over(base, top)
	for i := range top.Len() {
		k, v := top.At(i)
		if below := base.Value(k).Object(); below != nil && v.Object() != nil {
			out.Set(k, value.Collection(into(below, v.Object())))
		}
	}
	return out
}

// keepSecret remembers texts that no error may show.
func (r *run) keepSecret(list ...string) {
	for _, s := range list {
		if s != "" && !slices.Contains(r.secrets, s) {
			r.secrets = append(r.secrets, s)
		}
	}
}

// textsIn are the texts within a value.
func textsIn(v value.Value) (out []string) {
	switch v.Kind() {
	case value.KindText:
		return []string{v.Str()}
	case value.KindArray:
		for _, item := range v.Items() {
			out = append(out, textsIn(item)...)
		}
	case value.KindCollection:
		for i := range v.Object().Len() {
			_, x := v.Object().At(i)
			out = append(out, textsIn(x)...)
		}
	}
	return out
}

// learn remembers the values of secret parameters.
func (r *run) learn(defs []*ast.Parameter, data *value.Object) {
	for _, d := range defs {
		r.learnOne(d, data.Value(d.Name))
		r.learn(d.Nested, data)
		for _, o := range d.Options {
			r.learn(o.Nested, data)
		}
	}
}

func (r *run) learnOne(d *ast.Parameter, v value.Value) {
	if v.Kind() == value.KindArray {
		for _, item := range v.Items() {
			r.learnOne(d, item)
		}
		return
	}
	if d.Secret {
		r.keepSecret(value.ToText(v))
	}
	switch {
	case d.SpecIsItem:
		r.learnOne(d.Spec[0], v)
	case v.Object() != nil:
		r.learn(d.Spec, v.Object())
	}
}

// identify sets the id of the user, for a new connection one of the host.
func (r *run) identify() {
	id := cmp.Or(r.conn.UID, value.ToText(r.roots.Value(ast.RootIdentity)))
	if id == "" && r.err == nil && r.spec.host.Identity != nil {
		id = r.spec.host.Identity()
	}
	r.set(ast.RootIdentity, value.Text(id))
}
