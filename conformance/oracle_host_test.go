package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/conformance/internal/oracle"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// oracleFlow runs the flow cases of every dialect on the oracle. It is a host of the oracle that keeps one connection.
type oracleFlow struct{}

// RunFlow implements flow.
func (oracleFlow) RunFlow(ctx context.Context, c *flowCase) (*flowOutcome, error) {
	settings, err := c.Settings()
	if err != nil {
		return nil, err
	}
	if settings.Scripts != nil { // the walker runs none: they are judged by their cases alone
		return BuiltIn()[0].Flow.RunFlow(ctx, c)
	}
	tree, p, diagnostics, err := c.Tree(settings)
	if err != nil || p == nil {
		return &flowOutcome{Diagnostics: diagnostics, Refused: true}, err
	}
	h := newOracleHost(c, settings, p)
	h.spec = oracle.New(tree, h.host)
	out := &flowOutcome{Diagnostics: diagnostics}
	for i := range c.Steps {
		out.Steps = append(out.Steps, h.step(ctx, &c.Steps[i]))
	}
	return out, nil
}

// oracleHost is one run of a case.
type oracleHost struct {
	c      *flowCase
	script *script
	host   oracle.Host
	spec   *oracle.Spec

	suspended *oracle.Suspended
	stored    *oracle.Connection
	trace     []string
}

func newOracleHost(c *flowCase, s *flowSettings, p *plan.Plan) *oracleHost {
	h := &oracleHost{c: c, script: newScript(c)}
	h.host = oracle.Host{
		HTTP: wire.ClientOptions{Transport: h.script, Egress: s.Egress, UserAgent: s.UserAgent, MaxRedirects: s.Redirects, MaxBody: s.ResponseBytes,
			Timeout: s.RequestTimeout, AddSystemRoots: s.AddSystemRoots, AllowInsecureTLS: s.AllowInsecureTLS},
		Clock: h.script.Clock, Nonce: h.script.Nonce, State: h.script.State, Identity: h.script.Identity, Entropy: entropy(),
		Common: c.Input.Common, Environment: c.Input.Environment,
		Form: func(variant string, given *value.Object) (*value.Object, error) {
			defs := p.Connection.Parameters
			if i := slices.IndexFunc(p.Connection.Variants, func(v plan.Variant) bool { return v.Name == variant }); i >= 0 {
				defs = p.Connection.Variants[i].Connection.Parameters
			}
			return form.Validate(nil, defs, given)
		},
		CommonForm: func(variant string, given *value.Object) (*value.Object, error) {
			defs := p.Connection.CommonParameters
			if i := slices.IndexFunc(p.Connection.Variants, func(v plan.Variant) bool { return v.Name == variant }); i >= 0 {
				defs = slices.Concat(defs, p.Connection.Variants[i].Connection.CommonParameters)
			}
			filled, err := form.Validate(nil, defs, given)
			if bad, ok := errors.AsType[*form.Error](err); ok {
				return nil, errors.New("the common data is not valid: " + bad.List())
			}
			return filled, err
		},
		Warn:   func(word string) { h.trace = append(h.trace, word) },
		Strict: s.Compile.Strict, StrictEquality: s.Compile.StrictEquality, Timezone: s.Timezone, PendingTTL: s.PendingTTL,
		Steps: s.Steps, Requests: s.Requests, Nesting: s.Nesting,
	}
	return h
}

// step runs one operation and reports what was seen.
func (h *oracleHost) step(ctx context.Context, s *flowStep) stepOutcome {
	h.script.Begin(s)
	h.trace = nil
	var out stepOutcome
	if err := h.operate(ctx, s, &out); err != nil {
		out.Error = oracleError(err)
	}
	out.Exchanges, out.Trace = h.script.Observed(), h.trace
	if c := h.stored; c != nil {
		out.Connection = &connectionState{Data: c.Data, UID: c.UID, Type: c.LabelType, Label: c.Label, HasLabel: c.LabelType != "",
			Expires: c.Expires, Scope: c.Scope}
	}
	return out
}

func (h *oracleHost) operate(ctx context.Context, s *flowStep, out *stepOutcome) (err error) {
	switch {
	case s.Run == "authorize":
		return h.begun(out)(h.spec.Authorize(ctx, h.grant(s)))
	case s.Run == "callback":
		return h.keep(out)(h.spec.Callback(ctx, h.suspended, s.QueryText()))
	case h.stored == nil:
		return errNoConnection
	case s.Run == "test" || s.Run == "info":
		_, err := h.spec.Test(ctx, *h.stored)
		return err
	case s.Run == "validate":
		c, err := h.spec.Test(ctx, *h.stored)
		if out.Valid = err == nil; out.Valid && !c.Same(h.stored) {
			return h.keep(out)(c, nil)
		}
		return err
	case s.Run == "renew":
		return h.keep(out)(h.spec.Renew(ctx, *h.stored))
	case s.Run == "reauthorize" || s.Run == "extendScope":
		return h.begun(out)(h.spec.Reauthorize(ctx, *h.stored, h.grant(s)))
	case s.Run == "client":
		return h.request(ctx, s.Request, out)
	}
	name, _ := strings.CutPrefix(s.Run, "call:")
	out.Output, err = h.spec.Call(ctx, *h.stored, name, s.Input.Object())
	return err
}

func (h *oracleHost) grant(s *flowStep) oracle.Grant {
	in := h.c.InputOf(s)
	g := oracle.Grant{Parameters: in.Parameters, Redirects: map[string]string{"default": in.RedirectURI}, Scope: in.Scope}
	for name, uri := range in.RedirectURIs {
		g.Redirects[name] = uri
	}
	return g
}

// begun keeps what an authorisation gave: a redirect to wait for, or a connection.
func (h *oracleHost) begun(out *stepOutcome) func(*oracle.Step, error) error {
	return func(step *oracle.Step, err error) error {
		if err != nil {
			return err
		}
		if step.Suspended != nil {
			out.Redirect, h.suspended = step.RedirectURL, step.Suspended
			return nil
		}
		return h.keep(out)(step.Connection, nil)
	}
}

func (h *oracleHost) keep(out *stepOutcome) func(*oracle.Connection, error) error {
	return func(c *oracle.Connection, err error) error {
		if err == nil {
			h.stored, out.Stored = c, true
		}
		return err
	}
}

// request sends one request of the host's own.
func (h *oracleHost) request(ctx context.Context, q *clientRequest, out *stepOutcome) error {
	req, err := q.HTTP(ctx)
	if err != nil {
		return err
	}
	res, err := h.spec.Send(ctx, *h.stored, req)
	if err != nil {
		return err
	}
	out.Status = res.Status
	if out.Output, err = value.ParseJSON(res.Body, nil); err != nil {
		out.Output = value.Text(res.Body)
	}
	return nil
}

// oracleError is an error as a case sees it.
func oracleError(err error) *stepError {
	var failure *oracle.Failure
	var fields *form.Error
	switch {
	case errors.As(err, &failure):
		return &stepError{Type: failure.Type, Code: failure.Code, Message: failure.Message, Section: failure.Section,
			Cause: failure.Cause, Status: failure.Status, Placeless: true}
	case errors.As(err, &fields):
		return parameterError(fields)
	}
	return &stepError{Message: err.Error()}
}
