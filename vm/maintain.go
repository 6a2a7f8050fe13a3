package vm

import (
	"context"
	"slices"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Test runs info (basic: the whole communication) and discards every change. A nil error means that the connection
// works.
func (e *Engine) Test(ctx context.Context, conn *Connection) error {
	_, err := e.verify(ctx, conn)
	return err
}

// Validate runs info (basic: the whole communication) and returns the connection with what changed, and whether
// anything did. An error leaves the connection as it was.
func (e *Engine) Validate(ctx context.Context, conn *Connection) (*Connection, bool, error) {
	out, err := e.verify(ctx, conn)
	if err != nil {
		return conn, false, err
	}
	return out, !sameConnection(conn.clone(), out), nil
}

func (e *Engine) verify(ctx context.Context, conn *Connection) (*Connection, error) {
	r, err := e.begin(ctx, conn.clone(), nil)
	if err != nil {
		return nil, err
	}
	defer r.end()
	r.protectParameters()
	r.scope = r.conn.Scope
	section := sectionInfo
	if e.plan.Connection.Kind == "basic" {
		section = sectionCommunication
	} else {
		r.bindOAuth()
	}
	if err := r.runSection(section, e.plan.Connection.Info); err != nil {
		return nil, r.report(err)
	}
	return r.commit(), nil
}

func sameConnection(a, b *Connection) bool {
	same := a.UID == b.UID && a.Expires.Equal(b.Expires) && value.StrictEqual(value.Collection(a.Data), value.Collection(b.Data))
	if a.Metadata == nil || b.Metadata == nil {
		return same && a.Metadata == b.Metadata
	}
	return same && *a.Metadata == *b.Metadata
}

// Call runs a named call of the spec with a connection; input is what the expressions read as parameters (spec make.md
// §16). The result is that of output, iterate and limit, or the body of the last answer.
func (e *Engine) Call(ctx context.Context, conn *Connection, name string, input *value.Object) (value.Value, error) {
	for i := range e.plan.Connection.Calls {
		if c := &e.plan.Connection.Calls[i]; c.Name == name {
			return e.runCall(ctx, conn, c, input)
		}
	}
	return value.Undefined, &Error{Type: InvalidConfigurationError, Message: "the spec has no call named " + name, Section: sectionCall}
}

func (e *Engine) runCall(ctx context.Context, conn *Connection, c *plan.Call, input *value.Object) (value.Value, error) {
	r, err := e.beginCall(ctx, conn)
	if err != nil {
		return value.Undefined, err
	}
	defer r.end()
	r.module = true
	r.protectParameters()
	r.scope = r.conn.Scope
	r.bindOAuth()
	if input == nil {
		input = noEntries
	}
	r.bind(rootParameters, value.Collection(input))
	r.bind(rootInput, value.Collection(input))
	r.section = sectionCall
	if err := e.checkOAuth(c); err != nil {
		return value.Undefined, r.report(err)
	}
	if err := r.runSection(sectionCall, c.Requests); err != nil {
		return value.Undefined, r.report(err)
	}
	return value.Detach(r.output), nil
}

// checkOAuth refuses oauth in Base and in requests for a connection that is not OAuth 1.0 (spec make.md §16).
func (e *Engine) checkOAuth(c *plan.Call) error {
	signs := func(o *plan.OAuth) bool { return o != nil && !o.Off }
	base := e.plan.Connection.Base
	if e.plan.Connection.Kind == "oauth1" ||
		!(base != nil && signs(base.OAuth)) && !slices.ContainsFunc(c.Requests, func(q plan.Request) bool { return signs(q.OAuth) }) {
		return nil
	}
	return &Error{Type: InvalidConfigurationError, Message: "oauth: the connection is not OAuth 1.0", Section: sectionCall}
}

// yield computes the result of a call: output for the answer or for each item of iterate, at most limit of them.
func (r *run) yield(resp *plan.Response, a answer) error {
	if resp.Iterate == nil {
		r.output = a.body
		if resp.Output != 0 {
			v, err := r.eval(resp.Output)
			r.output = v
			return err
		}
		return nil
	}
	container, err := r.eval(resp.Iterate.Container)
	if err != nil {
		return err
	}
	limit, err := r.eval(resp.Limit)
	if err != nil {
		return err
	}
	var out []value.Value
	for _, item := range container.Items() {
		if limit.IsNumber() && float64(len(out)) >= limit.Float() {
			break
		}
		r.bind(rootItem, item)
		keep, err := r.condition(resp.Iterate.Condition)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		v := item
		if resp.Output != 0 {
			if v, err = r.eval(resp.Output); err != nil {
				return err
			}
		}
		if v.IsUndefined() {
			v = value.Null()
		}
		if err := r.frame.Reserve(builtin.ValueBytes); err != nil {
			return err
		}
		out = append(out, v)
	}
	r.output = value.Array(out)
	return nil
}
