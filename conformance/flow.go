package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// planFlow judges compiler and engine on whole connections; with reload the plan goes through its file form first, and
// every callback is resumed by an engine of its own, as another process would do it; with plain the loop runs the code.
type planFlow struct{ reload, plain bool }

// RunFlow implements Flow.
func (f planFlow) RunFlow(ctx context.Context, c *FlowCase) (*FlowOutcome, error) {
	settings, err := readSettings(c)
	if err != nil {
		return nil, err
	}
	p, diagnostics, err := compileFlow(c, settings)
	if err != nil {
		return nil, err
	}
	out := &FlowOutcome{Diagnostics: diagnostics, Refused: p == nil}
	if p == nil || len(c.Steps) == 0 {
		return out, nil
	}
	if f.reload {
		if p, err = reload(p); err != nil {
			return nil, err
		}
	}
	r := &flowRun{c: c, world: newScript(c), plan: p, settings: settings, fresh: f.reload, plain: f.plain}
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
	c        *FlowCase
	world    *script
	plan     *plan.Plan
	settings *flowSettings
	fresh    bool
	plain    bool

	host   vm.Host
	engine *vm.Engine
	conn   *vm.Connection
	state  string
	trace  []string
}

// Event implements vm.Tracer.
func (r *flowRun) Event(e vm.Event) {
	if e.Code != "" {
		r.trace = append(r.trace, e.Code)
	}
}

func (r *flowRun) start() error {
	entropy := rand.NewChaCha8([32]byte([]byte("conformance flows are repeatable")))
	seal, err := vm.NewSealer(entropy, vm.SealKey{ID: "case", Secret: []byte("a key that every run of a case shares")})
	if err != nil {
		return err
	}
	r.host = r.settings.host
	r.host.Plain = r.plain
	r.host.Transport, r.host.Clock, r.host.Entropy = r.world, r.world.clock, entropy
	r.host.Nonce = func() (string, error) { return r.world.nonce(), nil }
	r.host.Seal, r.host.Pending, r.host.Tracer = seal, vm.NewMemoryPending(r.world.clock), r
	in := r.c.Input
	r.host.Common = func(context.Context, string, string) (*value.Object, error) { return in.Common, nil }
	r.host.Environment = func(context.Context) (*value.Object, error) { return in.Environment, nil }
	r.engine, err = vm.New(r.plan, r.host)
	return err
}

// step runs one operation and keeps what it committed.
func (r *flowRun) step(ctx context.Context, s *FlowStep) StepOutcome {
	r.world.begin(s)
	r.trace = nil
	if r.fresh {
		if e, err := vm.New(r.plan, r.host); err == nil {
			r.engine = e
		}
	}
	var out StepOutcome
	err := r.operate(ctx, s, &out)
	if err != nil {
		out.Error = stepError(err)
	}
	out.Exchanges, out.Trace = r.world.observed(), r.trace
	if r.conn != nil {
		out.Connection = connectionState(r.conn)
	}
	return out
}

var errNoConnection = errors.New("there is no connection yet: a step before this one must have made it")

func (r *flowRun) operate(ctx context.Context, s *FlowStep, out *StepOutcome) (err error) {
	switch {
	case s.Run == "authorize":
		return r.begun(out)(r.engine.Authorize(ctx, r.grant(s)))
	case s.Run == "callback":
		conn, err := r.engine.Callback(ctx, r.state, callbackQuery(s.Query))
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
	case s.Run == "reauthorize":
		return r.begun(out)(r.engine.Reauthorize(ctx, r.conn, r.grant(s)))
	case s.Run == "extendScope":
		return r.begun(out)(r.engine.ExtendScope(ctx, r.conn, r.grant(s)))
	case s.Run == "client":
		return r.request(ctx, s.Request, out)
	}
	name, _ := strings.CutPrefix(s.Run, "call:")
	out.Output, err = r.engine.Call(ctx, r.conn, name, s.Input.Object())
	return err
}

// begun keeps what an authorisation gave: a redirect to wait for, or a connection.
func (r *flowRun) begun(out *StepOutcome) func(*vm.Step, error) error {
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
func (r *flowRun) commit(conn *vm.Connection, err error, out *StepOutcome) {
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

// grant is the input of the case, with the fields that the step replaces.
func (r *flowRun) grant(s *FlowStep) vm.Grant {
	in := r.c.Input
	if s.Input.Kind() == value.KindCollection {
		var errs []string
		over := readInput(readFields("input", s.Input, &errs))
		if over.present["parameters"] {
			in.Parameters = over.Parameters
		}
		if over.present["redirectUri"] {
			in.RedirectURI = over.RedirectURI
		}
		if over.present["scope"] {
			in.Scope = over.Scope
		}
	}
	if s.Run != "authorize" && s.Input.IsNil() {
		in.Parameters = nil
	}
	return vm.Grant{Parameters: in.Parameters, RedirectURI: in.RedirectURI, LocalRedirectURI: in.LocalRedirectURI,
		MakeRedirectURI: in.MakeRedirectURI, Scope: in.Scope, ConnectionID: in.ConnectionID}
}

// callbackQuery writes the callback's parameters as a query; a list repeats its name.
func callbackQuery(v value.Value) string {
	o := v.Object()
	if o == nil {
		return strings.TrimPrefix(value.ToText(v), "?")
	}
	return formOf(o)
}

func formOf(o *value.Object) string {
	var params []oauth1.Param
	for i := range o.Len() {
		k, x := o.At(i)
		if x.Kind() == value.KindArray {
			for _, item := range x.Items() {
				params = append(params, oauth1.Param{Name: k, Value: value.ToText(item)})
			}
			continue
		}
		params = append(params, oauth1.Param{Name: k, Value: value.ToText(x)})
	}
	return oauth1.JoinForm(params)
}

// request sends one request through the signing client.
func (r *flowRun) request(ctx context.Context, q *ClientRequest, out *StepOutcome) error {
	target := q.URL
	if q.Query != nil && q.Query.Len() > 0 {
		sep := "?"
		if strings.Contains(target, "?") {
			sep = "&"
		}
		target += sep + formOf(q.Query)
	}
	var body io.Reader = http.NoBody
	contentType := ""
	switch {
	case !q.Data.IsUndefined():
		body, contentType = bytes.NewReader(value.AppendJSON(nil, q.Data)), "application/json"
	case q.Form != nil:
		body, contentType = strings.NewReader(formOf(q.Form)), oauth1.FormMediaType
	case q.HasBody:
		body = strings.NewReader(q.Body)
	}
	req, err := http.NewRequestWithContext(ctx, q.Method, target, body)
	if err != nil {
		return err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for _, h := range q.Headers {
		req.Header.Del(h.Name)
		for _, v := range h.Values {
			req.Header.Add(h.Name, v)
		}
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

func connectionState(c *vm.Connection) *ConnectionState {
	s := &ConnectionState{Data: c.Data, UID: c.UID, Expires: c.Expires, Scope: c.Scope}
	if m := c.Metadata; m != nil {
		s.Type, s.Label, s.HasLabel = m.Type, m.Value, true
	}
	return s
}

func stepError(err error) *StepError {
	var failure *vm.Error
	if errors.As(err, &failure) {
		return &StepError{Type: failure.Type, Code: failure.Code, Message: failure.Message, Section: failure.Section,
			Cause: failure.Cause, Status: failure.Status}
	}
	var parameters *vm.ParameterError
	if errors.As(err, &parameters) {
		e := &StepError{Type: "ParameterError", Code: "parameters", Section: "parameters"}
		for i, f := range parameters.Fields {
			if i > 0 {
				e.Message += "; "
			}
			e.Message += f.Path + ": " + f.Message
		}
		return e
	}
	return &StepError{Message: err.Error()}
}

// flowSettings are the options and flags of a case.
type flowSettings struct {
	strict, strictEquality, legacyErrorTypes, lint, disableAngle, extraPack bool

	host vm.Host
}

// readSettings reads options and flags. Plain http is allowed unless an option says no: the transport is a script, no
// network is reached.
func readSettings(c *FlowCase) (*flowSettings, error) {
	s := &flowSettings{host: vm.Host{Egress: wire.Egress{AllowHTTP: true}}}
	var errs []string
	if c.Options != nil {
		f := readFields("options", value.Collection(c.Options), &errs)
		s.strict, s.strictEquality, s.legacyErrorTypes = f.flag("strict"), f.flag("strictEquality"), f.flag("legacyErrorTypes")
		s.lint, s.disableAngle, s.extraPack = f.flag("lint"), f.flag("disableAngle"), f.flag("extraPack")
		if f.has("allowHttp") {
			s.host.Egress.AllowHTTP = f.flag("allowHttp")
		}
		if f.has("allowPrivate") {
			s.host.Egress.AllowPrivate = f.flag("allowPrivate")
		}
		s.host.AllowInsecureTLS, s.host.AddSystemRoots, s.host.Recover = f.flag("allowInsecureTls"), f.flag("addSystemRoots"), f.flag("recover")
		s.host.UserAgent, s.host.PendingTTL = f.text("userAgent"), f.duration("pendingTtl")
		if name := f.text("timezone"); name != "" {
			zone, err := time.LoadLocation(name)
			if err != nil {
				f.fail("timezone: unknown zone %q", name)
			}
			s.host.Timezone = zone
		}
		s.host.Limits = vm.Limits{Redirects: f.number("maxRedirects"), Requests: f.number("maxRequests"), Steps: int64(f.number("maxSteps")),
			ResponseBytes: int64(f.number("maxResponseBytes")), Nesting: f.number("maxNesting"),
			RequestTimeout: f.duration("requestTimeout"), RunTimeout: f.duration("runTimeout")}
		f.done()
	}
	for _, flag := range c.Flags {
		switch flag {
		case "--strict":
			s.strict = true
		case "--legacy-error-types":
			s.legacyErrorTypes = true
		case "--lint":
			s.lint = true
		case "--no-angle":
			s.disableAngle = true
		case "--allow-http":
			s.host.Egress.AllowHTTP = true
		case "--allow-private":
			s.host.Egress.AllowPrivate = true
		default:
			errs = append(errs, fmt.Sprintf("flags: %s is not supported by this build", flag))
		}
	}
	if len(errs) > 0 {
		return nil, errors.New(strings.Join(errs, "; "))
	}
	return s, nil
}
