package oracle

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// Flow runs the flows of make connections by walking their syntax trees. It implements conformance.Flow; the zero Flow
// is ready to use and safe for concurrent use.
type Flow struct{}

var _ conformance.Flow = Flow{}

// RunFlow implements conformance.Flow.
func (Flow) RunFlow(ctx context.Context, c *conformance.FlowCase) (*conformance.FlowOutcome, error) {
	settings, err := c.Settings()
	if err != nil {
		return nil, err
	}
	tree, diagnostics, err := c.Tree(settings)
	if err != nil {
		return nil, err
	}
	out := &conformance.FlowOutcome{Diagnostics: diagnostics, Refused: tree == nil}
	if tree == nil {
		return out, nil
	}
	h := newHost(c, tree, settings)
	for i := range c.Steps {
		out.Steps = append(out.Steps, h.step(ctx, &c.Steps[i]))
	}
	return out, nil
}

// host is the program around a connection (spec make.md §1.2) with the one connection that it stores.
type host struct {
	c        *conformance.FlowCase
	tree     *ast.Connection
	settings *conformance.FlowSettings
	script   *conformance.Script
	entropy  io.Reader
	client   *wire.Client

	stored  *connection
	state   *record         // of the last authorisation that sent the browser away
	pending map[string]bool // the request tokens that may still come back
	trace   []string
}

func newHost(c *conformance.FlowCase, tree *ast.Connection, s *conformance.FlowSettings) *host {
	h := &host{c: c, tree: tree, settings: s, script: conformance.NewScript(c), entropy: conformance.Entropy(), pending: map[string]bool{}}
	h.client = h.sender(s.UserAgent)
	return h
}

func (h *host) sender(userAgent string) *wire.Client {
	s := h.settings
	return wire.NewClient(wire.ClientOptions{Transport: h.script, Egress: s.Egress, UserAgent: userAgent, MaxRedirects: s.Redirects,
		MaxBody: s.ResponseBytes, Timeout: s.RequestTimeout, AddSystemRoots: s.AddSystemRoots, AllowInsecureTLS: s.AllowInsecureTLS})
}

// step runs one operation and reports what was seen.
func (h *host) step(ctx context.Context, s *conformance.FlowStep) conformance.StepOutcome {
	h.script.Begin(s)
	h.trace = nil
	var out conformance.StepOutcome
	if err := h.run(ctx, s, &out); err != nil {
		out.Error = seen(err)
	}
	out.Exchanges, out.Trace = h.script.Observed(), h.trace
	if h.stored != nil {
		out.Connection = h.stored.state()
	}
	return out
}

func (h *host) run(ctx context.Context, s *conformance.FlowStep, out *conformance.StepOutcome) (err error) {
	switch {
	case s.Run == "authorize":
		return h.begun(out)(h.authorize(ctx, h.c.InputOf(s)))
	case s.Run == "callback":
		conn, err := h.resume(ctx, s.QueryText())
		if err == nil {
			h.commit(conn, out)
		}
		return err
	case h.stored == nil:
		return conformance.ErrNoConnection
	case s.Run == "test" || s.Run == "info":
		_, err := h.verify(ctx)
		return err
	case s.Run == "validate":
		conn, err := h.verify(ctx)
		out.Valid = err == nil
		if err == nil && !conn.same(h.stored) {
			h.commit(conn, out)
		}
		return err
	case s.Run == "reauthorize" || s.Run == "extendScope":
		return h.begun(out)(h.reauthorize(ctx, h.c.InputOf(s)))
	case s.Run == "client":
		return h.request(ctx, s.Request, out)
	}
	name, _ := strings.CutPrefix(s.Run, "call:")
	input := s.Input.Object()
	if input == nil {
		input = value.NewObject(0)
	}
	out.Output, err = h.call(ctx, name, input)
	return err
}

// begun keeps what an authorisation gave: a redirect to wait for, or a connection.
func (h *host) begun(out *conformance.StepOutcome) func(*ending, error) error {
	return func(e *ending, err error) error {
		switch {
		case err != nil:
			return err
		case e.state != nil:
			out.Redirect, h.state = e.redirect, e.state
		default:
			h.commit(e.connection, out)
		}
		return nil
	}
}

func (h *host) commit(conn *connection, out *conformance.StepOutcome) {
	h.stored, out.Stored = conn, true
}

// seen is an error as a case sees it.
func seen(err error) *conformance.StepError {
	var f *failure
	if errors.As(err, &f) {
		return &f.StepError
	}
	return &conformance.StepError{Message: err.Error()}
}
