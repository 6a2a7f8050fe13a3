package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/imlc-lang/imlc/internal/interpret"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// planFlow judges compiler and engine on whole connections; with reload the plan goes through its file form first, and
// every callback is resumed by an engine of its own, as another process would do it; with interpreted the interpreter
// runs the code.
type planFlow struct{ reload, interpreted bool }

// RunFlow implements flow.
func (f planFlow) RunFlow(ctx context.Context, c *flowCase) (*flowOutcome, error) {
	settings, err := c.Settings()
	if err != nil {
		return nil, err
	}
	p, diagnostics, err := c.compile(settings)
	if err != nil {
		return nil, err
	}
	out := &flowOutcome{Diagnostics: diagnostics, Refused: p == nil}
	if p == nil || len(c.Steps) == 0 {
		return out, nil
	}
	if f.reload {
		if p, err = reload(p); err != nil {
			return nil, err
		}
	}
	r := &flowRun{c: c, world: newScript(c), plan: p, settings: settings, fresh: f.reload, interpreted: f.interpreted}
	if err := r.start(); err != nil {
		return nil, err
	}
	for i := range c.Steps {
		out.Steps = append(out.Steps, r.step(ctx, &c.Steps[i]))
	}
	return out, nil
}

// flowRun is one run of a case: a host with its stored connection.
type flowRun struct {
	c           *flowCase
	world       *script
	plan        *plan.Plan
	settings    *flowSettings
	fresh       bool
	interpreted bool

	host   vm.Host
	engine *vm.Engine
	conn   *vm.Connection
	state  string
	trace  []string
}

// entropy returns the random bytes of a flow case: the same ones in every run. The seal of suspended state has a source
// of its own.
func entropy() io.Reader {
	return rand.NewChaCha8([32]byte([]byte("conformance flows are repeatable")))
}

// Event implements vm.Tracer.
func (r *flowRun) Event(ctx context.Context, e vm.Event) {
	if e.Kind == vm.EventWarning || e.Kind == vm.EventError && e.Code != "" {
		r.trace = append(r.trace, e.Code)
	}
}

func (r *flowRun) start() error {
	seal, err := vm.NewSealer(entropy(), vm.SealKey{ID: "case", Secret: []byte("a key that every run of a case shares")})
	if err != nil {
		return err
	}
	o := r.settings
	r.host = vm.Host{Scripts: o.Scripts, Egress: o.Egress, AllowInsecureTLS: o.AllowInsecureTLS, AddSystemRoots: o.AddSystemRoots, Recover: o.Recover,
		UserAgent: o.UserAgent, PendingTTL: o.PendingTTL, Timezone: o.Timezone,
		Limits: vm.Limits{Attempts: 1, Redirects: o.Redirects, Requests: o.Requests, Steps: o.Steps, ResponseBytes: o.ResponseBytes, Nesting: o.Nesting,
			RequestTimeout: o.RequestTimeout, RunTimeout: o.RunTimeout}}
	r.host.Transport, r.host.Clock, r.host.Entropy = r.world, r.world.Clock, entropy()
	r.host.Nonce = func() (string, error) { return r.world.Nonce(), nil }
	r.host.Identity = func() (string, error) { return r.world.Identity(), nil }
	r.host.State = func() (string, error) { return r.world.State(), nil }
	r.host.Seal, r.host.Pending, r.host.Tracer = seal, vm.NewMemoryPending(r.world.Clock), r
	r.host.Origins = r.c.origins()
	in := r.c.Input
	r.host.Common = func(context.Context, string, string) (*value.Object, error) { return in.Common, nil }
	r.host.Environment = func(context.Context) (*value.Object, error) { return in.Environment, nil }
	link := func() { r.engine, err = vm.New(r.plan, r.host) }
	if r.interpreted {
		interpret.During(link)
	} else {
		link()
	}
	return err
}

// step runs one operation and keeps what it committed.
func (r *flowRun) step(ctx context.Context, s *flowStep) stepOutcome {
	r.world.Begin(s)
	r.trace = nil
	if r.fresh {
		if e, err := vm.New(r.plan, r.host); err == nil {
			r.engine = e
		}
	}
	var out stepOutcome
	err := r.operate(ctx, s, &out)
	if err != nil {
		out.Error = stepErrorOf(err)
	}
	out.Exchanges, out.Trace = r.world.Observed(), r.trace
	if r.conn != nil {
		out.Connection = stateOf(r.conn)
	}
	return out
}

// errNoConnection is the error of a step that needs a connection which no step before it has made.
var errNoConnection = errors.New("there is no connection yet: a step before this one must have made it")

func (r *flowRun) operate(ctx context.Context, s *flowStep, out *stepOutcome) (err error) {
	switch {
	case s.Run == "authorize":
		return r.begun(out)(r.engine.Authorize(ctx, r.grant(s)))
	case s.Run == "callback":
		conn, err := r.engine.Callback(ctx, r.state, s.QueryText())
		r.commit(conn, err, out)
		return err
	case r.conn == nil:
		return errNoConnection
	case s.Run == "test" || s.Run == "info":
		return r.engine.Test(ctx, r.conn)
	case s.Run == "validate":
		conn, changed, err := r.engine.Validate(ctx, r.conn)
		out.Valid = err == nil
		if changed {
			r.commit(conn, err, out)
		}
		return err
	case s.Run == "renew":
		conn, err := r.engine.Renew(ctx, r.conn)
		r.commit(conn, err, out)
		return err
	case s.Run == "reauthorize" || s.Run == "extendScope":
		return r.begun(out)(r.engine.Reauthorize(ctx, r.conn, r.grant(s)))
	case s.Run == "client":
		return r.request(ctx, s.Request, out)
	}
	name, _ := strings.CutPrefix(s.Run, "call:")
	out.Output, err = r.engine.Call(ctx, r.conn, name, s.Input.Object())
	return err
}

// begun keeps what an authorisation gave: a redirect to wait for, or a connection.
func (r *flowRun) begun(out *stepOutcome) func(*vm.Step, error) error {
	return func(step *vm.Step, err error) error {
		if err != nil {
			return err
		}
		out.Redirect = step.RedirectURL
		if step.State != "" {
			r.state = step.State
		}
		r.commit(step.Connection, nil, out)
		return nil
	}
}

// commit stores a connection in the form in which a host stores it.
func (r *flowRun) commit(conn *vm.Connection, err error, out *stepOutcome) {
	if err != nil || conn == nil {
		return
	}
	r.conn, out.Stored = conn, true
	if !r.fresh {
		return
	}
	if stored, err := conn.MarshalJSON(); err == nil {
		again := &vm.Connection{}
		if again.UnmarshalJSON(stored) == nil {
			r.conn = again
		}
	}
}

// grant is what an authorisation is given.
func (r *flowRun) grant(s *flowStep) vm.Grant {
	in := r.c.InputOf(s)
	return vm.Grant{Parameters: in.Parameters, RedirectURI: in.RedirectURI, RedirectURIs: in.RedirectURIs, Scope: in.Scope,
		ConnectionID: in.ConnectionID, Variant: r.settings.Variant}
}

// origins are where the requests of a host's own go in a case: that it may send them there is no matter of the spec.
func (c *flowCase) origins() (origins []string) {
	for i := range c.Steps {
		if q := c.Steps[i].Request; q != nil {
			if u, err := uri.Parse(q.URL, false); err == nil {
				origins = append(origins, u.Origin())
			}
		}
	}
	return origins
}

// request sends one request through the signing client.
func (r *flowRun) request(ctx context.Context, q *clientRequest, out *stepOutcome) error {
	req, err := q.HTTP(ctx)
	if err != nil {
		return err
	}
	res, err := r.engine.Client(r.conn).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	out.Status = res.StatusCode
	if out.Output, err = value.ParseJSON(string(answer), nil); err != nil {
		out.Output = value.Text(string(answer))
	}
	return nil
}

func stateOf(c *vm.Connection) *connectionState {
	s := &connectionState{Data: c.Data, UID: c.UID, Expires: c.Expires, Scope: c.Scope}
	if m := c.Metadata; m != nil {
		s.Type, s.Label, s.HasLabel = m.Type, m.Value, true
	}
	return s
}

func stepErrorOf(err error) *stepError {
	var failure *vm.Error
	if errors.As(err, &failure) {
		e := &stepError{Type: failure.Type, Code: failure.Code, Message: failure.Message, Section: failure.Section,
			Cause: failure.Cause, Status: failure.Status, Detail: failure.Detail()}
		if p := failure.Place; p != nil {
			e.Place, e.Template, e.Undefined = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column), p.Template, p.Undefined
		}
		return e
	}
	var fields *form.Error
	if errors.As(err, &fields) {
		return parameterError(fields)
	}
	return &stepError{Message: err.Error()}
}

// parameterError is the error of a step whose parameters do not pass.
func parameterError(e *form.Error) *stepError {
	texts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = f.Path + ": " + f.Message
	}
	return &stepError{Type: "ParameterError", Code: "parameters", Section: "parameters", Message: strings.Join(texts, "; ")}
}
