package oracle

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Spec is a connection spec with the program around it. It is for one goroutine.
type Spec struct {
	tree    *ast.Connection
	host    Host
	pending map[*Suspended]bool // what may still come back
}

// New returns a Spec of a tree that the compiler accepts.
func New(tree *ast.Connection, host Host) *Spec {
	return &Spec{tree: tree, host: host, pending: map[*Suspended]bool{}}
}

// Host is the program around a connection. The zero values of its options are their defaults.
type Host struct {
	HTTP         wire.ClientOptions
	Clock        func() time.Time
	Nonce, State func() string
	// Identity gives the id of a new connection.
	Identity            func() string
	Entropy             io.Reader
	Common, Environment *value.Object
	// Form checks what a user filled in for the connection, or for its variant of that name, and returns it as it is stored.
	Form func(variant string, given *value.Object) (*value.Object, error)
	// CommonForm checks the common data for the connection and its variant of that name, and returns it with defaults.
	CommonForm func(variant string, given *value.Object) (*value.Object, error)
	// Warn is told the events of a run, by the words of the dialect.
	Warn func(word string)

	Strict, StrictEquality bool
	Timezone               *time.Location
	PendingTTL             time.Duration
	Steps                  int64
	Requests, Nesting      int
}

// Grant is what an authorisation is given. Redirects are the callback addresses by name.
type Grant struct {
	Parameters *value.Object
	Redirects  map[string]string
	Scope      []string
}

// Connection is a stored link to a service. Nothing changes its data in place.
type Connection struct {
	Data             *value.Object
	UID              string
	LabelType, Label string // no type: no label
	Expires          time.Time
	Scope            []string
	Variant          string
}

// Step is where an authorisation stands: it waits for the browser, or it is done.
type Step struct {
	RedirectURL string
	Suspended   *Suspended
	Connection  *Connection
}

// Authorize begins a connection.
func (s *Spec) Authorize(ctx context.Context, g Grant) (*Step, error) {
	if g.Parameters == nil {
		g.Parameters = value.NewObject(0)
	}
	return s.Reauthorize(ctx, Connection{}, g)
}

// Reauthorize begins again on a copy of a connection, for the union of its scope and the one asked for (spec make.md §2.3).
// Parameters, if there are any, replace those that are stored. The variant is chosen anew.
func (s *Spec) Reauthorize(ctx context.Context, c Connection, g Grant) (*Step, error) {
	fill := func(variant string) (err error) {
		if g.Parameters == nil {
			return nil
		}
		var filled *value.Object
		if filled, err = s.host.Form(variant, g.Parameters); err == nil {
			c.Data, g.Parameters = over(c.Data, filled), filled
		}
		return err
	}
	if err := fill(""); err != nil {
		return nil, err
	}
	c.Variant = ""
	r := s.begin(ctx, c)
	if len(s.tree.Variants) > 0 {
		c.Variant = r.choose()
		if err := r.report(); err != nil {
			return nil, err
		}
		if err := fill(c.Variant); err != nil {
			return nil, err
		}
		r = s.begin(ctx, c)
	}
	scope := c.Scope
	if scope == nil {
		scope = r.tree.DefaultScope
	}
	r.conn.Scope = union(scope, g.Scope)
	r.addresses(g.Redirects)
	r.set(ast.RootState, value.Text(s.host.State()))
	step := r.stages(0)
	if err := r.report(); err != nil {
		return nil, err
	}
	return step, nil
}

// choose returns the name of the one variant that is enabled.
func (r *run) choose() string {
	var chosen, all []string
	for _, v := range r.tree.Variants {
		if all = append(all, v.Name); r.holds(v.Enabled) {
			chosen = append(chosen, v.Name)
		}
	}
	found := "no variant of the spec is enabled"
	switch {
	case len(chosen) == 1:
		return chosen[0]
	case len(chosen) > 1:
		found = "several variants of the spec are enabled: " + strings.Join(chosen, ", ")
	}
	r.fail(fail(configurationError, r.word(ast.EventVariant), "%s; expected exactly one of %s", found, strings.Join(all, ", ")))
	return ""
}

// union joins scopes without duplicates, the default ones first (spec make.md §17.3).
func union(a, b []string) []string {
	out := []string{}
	for _, s := range slices.Concat(a, b) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Test runs the requests that prove the credentials and returns what the connection is then; the caller compares.
func (s *Spec) Test(ctx context.Context, c Connection) (*Connection, error) {
	r := s.begin(ctx, c)
	for _, stage := range r.tree.Stages {
		if stage.Proof {
			r.identify()
			r.requests(stage.Name, stage.Requests)
		}
	}
	return &r.conn, r.report()
}

// Renew renews the token of a connection (docs/directives.md, renew); a renewal that makes no request is none.
func (s *Spec) Renew(ctx context.Context, c Connection) (*Connection, error) {
	r := s.begin(ctx, c)
	r.requests("renew", r.tree.Renew)
	if r.err == nil && r.made == 0 {
		r.stage = "renew"
		r.fail(fail(configurationError, "connection/no-renewal", "the specification does not say how to renew the connection"))
	}
	if err := r.report(); err != nil {
		return nil, err
	}
	return &r.conn, nil
}

// Same reports whether a check has changed nothing.
func (c *Connection) Same(d *Connection) bool {
	return c.UID == d.UID && c.LabelType == d.LabelType && c.Label == d.Label && c.Expires.Equal(d.Expires) &&
		value.StrictEqual(value.Collection(c.Data), value.Collection(d.Data))
}

// Call runs a named call and returns its output.
func (s *Spec) Call(ctx context.Context, c Connection, name string, input *value.Object) (value.Value, error) {
	r := s.begin(ctx, c)
	r.stage, r.calling = "call", true
	r.set(ast.RootInput, value.Collection(over(nil, input)))
	i := slices.IndexFunc(r.tree.Calls, func(c *ast.Call) bool { return c.Name == name })
	if i < 0 {
		r.fail(fail(configurationError, "connection/no-call", "the spec has no call named %s", name))
	} else {
		r.requests("call", r.tree.Calls[i].Requests)
	}
	if err := r.report(); err != nil {
		return value.Undefined, err
	}
	return r.output, nil
}

// begin starts an operation. Common data and environment are asked for every time (spec make.md §26.17); what the host gives
// wins over what the spec holds.
func (s *Spec) begin(ctx context.Context, c Connection) *run {
	r := &run{ctx: ctx, spec: s, tree: s.tree, conn: c, roots: value.NewObject(12)}
	limits := builtin.DefaultLimits()
	limits.Steps = cmp.Or(s.host.Steps, limits.Steps)
	r.meter.Start(context.Background(), limits)
	if i := slices.IndexFunc(s.tree.Variants, func(v *ast.Variant) bool { return v.Name == c.Variant }); i >= 0 {
		r.tree = s.tree.Variants[i].Connection
	}
	r.tick()
	r.store(over(nil, c.Data))
	r.set(ast.RootTemp, value.Collection(value.NewObject(0)))
	r.set(ast.RootEnvironment, value.Collection(over(nil, s.host.Environment)))
	r.learn(s.tree.Parameters, c.Data)
	r.learn(r.tree.Parameters, c.Data)
	var common *value.Object
	for _, tree := range []*ast.Connection{s.tree, r.tree} {
		common = over(common, r.object(tree.Common))
	}
	common = over(common, s.host.Common)
	if s.host.CommonForm != nil && r.err == nil {
		filled, err := s.host.CommonForm(c.Variant, common)
		if err != nil {
			r.fail(fail(configurationError, r.word(ast.EventCommon), "%v", err))
		} else {
			common = filled
		}
	}
	r.set(ast.RootCommon, value.Collection(common))
	r.set(ast.RootScope, texts(c.Scope))
	return r
}

func texts(list []string) value.Value {
	out := make([]value.Value, len(list))
	for i, s := range list {
		out[i] = value.Text(s)
	}
	return value.Array(out)
}
