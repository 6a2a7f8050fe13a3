package run

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// run is one operation: an authorisation up to its redirect or behind it, a proof of credentials, or a call. It belongs
// to one goroutine. Its memory serves later runs: nothing refers to it once close returns.
type run struct {
	*Runner
	spec  *plan.Connection // what is run: the connection of the plan, or one of its variants
	clock clock
	frame *expr.Frame
	at    place
	veil  veil

	conn  Connection
	temp  *value.Object
	terms terms

	op      operation
	id      string       // of the run, "" when nobody reads it
	ended   func(Result) // nil when nobody observes
	began   time.Time
	back    value.Value // what came back through the browser, undefined for nothing
	claimed string      // the pending key that the run holds, "" for none
	resumed string      // the state of a failed run that this one goes on with, "" for none
	granted *milestone  // nil before the run has anything that must not be lost

	sent      int      // requests so far
	retried   int      // of them, those that were sent again
	jar       wire.Jar // of the requests that share cookies
	handshake handshake
	answer    answer      // of the request that was made last
	output    value.Value // of a call
}

// place is where a run is, for errors and traces.
type place struct {
	stage   string
	request int
	call    bool // the requests are those of a call, whose answers are its result; those of stages are stored
	// unlogged says that the contents of the request are not for a log.
	unlogged bool
}

// terms are what an authorisation was granted, and what the host gives beside.
type terms struct {
	common *value.Object
	// bind is what the run is bound to.
	bind []byte
	// note is what the host keeps beside the run.
	note      []byte
	granted   *value.Object // common data that came with the grant, which is sealed into the state; nil for none
	scope     []string
	redirects Redirects
	random    string
	identity  string // of a new connection, once something asked for it
}

// noEntries is the empty object that runs begin with; nothing changes objects in place.
var noEntries = value.NewObject(0)

var runs = sync.Pool{New: func() any { return new(run) }}

// open opens an operation on a connection, which close ends. The error is an *Error.
func (r *Runner) open(ctx context.Context, op operation, conn Connection, common *value.Object) (*run, error) {
	x, err := r.begin(ctx, op, conn)
	opened := false
	defer func() {
		switch {
		case opened:
		case err != nil:
			x.close(err)
		default: // a hook of the host panics
			x.close(panicked())
		}
	}()
	if err == nil {
		err = x.fits()
	}
	if err == nil {
		err = x.enter(common)
	}
	if err != nil {
		err = x.report(err)
		return nil, err
	}
	opened = true
	return x, nil
}

// panicked is the error of an operation that a panic ended, for who observes it: the panic itself goes on.
func panicked() error {
	return HostFailure("part", errors.New("a panic ended the operation"))
}

// begin is open without what the host gives and accepts, which fits and enter ask for. The run is there whatever the
// error is.
func (r *Runner) begin(ctx context.Context, op operation, conn Connection) (*run, error) {
	x := runs.Get().(*run)
	x.Runner, x.spec, x.conn, x.temp, x.op = r, r.plan.Connection, conn, noEntries, op
	err := x.observed(&ctx)
	x.startClock(ctx)
	x.frame = expr.Open(ctx, r.image, r.host.Limits, x.clock.deadline)
	if r.scripts != nil {
		x.frame.Scripts(x)
	}
	return x, err
}

// end closes a run whose operation returns err. A panic that passes through goes on, and who observes the operation is
// told of a failure. It is deferred itself, since only then it sees the panic.
func (r *run) end(err *error) {
	if r.ended == nil || *err != nil {
		r.close(*err)
		return
	}
	p := recover()
	if p == nil {
		r.close(nil)
		return
	}
	r.close(panicked())
	panic(p)
}

// close gives up what the operation holds, and tells who observes it how it ended.
func (r *run) close(err error) {
	if r.ended != nil {
		r.ended(Result{Duration: r.host.Clock().Sub(r.began), Steps: r.frame.Spent(), Memory: r.frame.Meter().SpentMemory(),
			Requests: r.sent, Retries: r.retried, Err: err})
	}
	r.clock.release()
	r.frame.Close()
	secrets := r.veil.secrets
	clear(secrets)
	*r = run{}
	r.veil.secrets = secrets[:0]
	runs.Put(r)
}

// fits refuses a connection that another plan made, unless the host accepts it. One that names no plan was made by the
// host itself.
func (r *run) fits() error {
	made := r.conn.PlanHash
	if made == "" || made == r.hash || r.host.AcceptPlan != nil && r.host.AcceptPlan(made, r.hash) {
		return nil
	}
	e := &Error{Class: ClassHost, Type: InvalidConfigurationError, Code: CodeOtherPlan, Help: "use the plan that made it, or let the host accept it"}
	return e.say(message.OtherPlan, nil)
}

// enter asks the host for common data and environment, which it may change from one operation to the next, and shows
// all that exists from the start.
func (r *run) enter(common *value.Object) (err error) {
	r.terms.granted, r.terms.common = common, common
	if common == nil && r.host.Common != nil {
		if r.terms.common, err = r.host.Common(r.bounded(), r.plan.Meta.Dialect, r.conn.ID); err != nil {
			return hostFailed("giving of common data", err)
		}
		if err := r.frame.Meter().Ended(); err != nil {
			return err
		}
	}
	env := noEntries
	if r.host.Environment != nil {
		if env, err = r.host.Environment(r.bounded()); err != nil {
			return hostFailed("giving of the environment", err)
		}
		if err := r.frame.Meter().Ended(); err != nil {
			return err
		}
	}
	r.bind(rootEnvironment, value.Collection(env))
	r.protect(r.spec.Parameters)
	r.bindTemp()
	return r.bindCommon()
}

// protect marks the values of secret parameters and hides their texts.
func (r *run) protect(defs []plan.Parameter) {
	if form.HasSecrets(defs) {
		r.conn.Data = form.Secrets(defs, r.conn.Data, r.veil.addSecret)
	}
	r.bindData()
}

// eval computes a directive; an absent one is undefined.
func (r *run) eval(ref plan.Ref) (value.Value, error) {
	if ref == 0 {
		return value.Undefined, nil
	}
	if r.clock.now.IsZero() { // what is evaluated before the first request
		r.tick()
	}
	v, err := r.frame.Eval(ref)
	if err != nil {
		err = r.misevaluated(err, ref)
	} else if r.host.Computed != nil {
		r.tell(r.host.Computed, Event{Kind: EventValue, Message: r.pointer(ref), Value: r.veil.masker().Response(v)})
	}
	return v, err
}

// evalObject computes a directive that must be an object; nil means absent.
func (r *run) evalObject(ref plan.Ref) (*value.Object, error) {
	v, err := r.eval(ref)
	if err != nil || v.IsNil() {
		return nil, err
	}
	if o := v.Object(); o != nil {
		return o, nil
	}
	return nil, r.placed(r.noObject(ref, v), ref)
}

func (r *run) noObject(ref plan.Ref, v value.Value) *Error {
	return misconfigured(message.NoObject, message.Args{"pointer": r.pointer(ref), "kind": v.Kind().String()})
}

// pointer returns the place of a directive in its document.
func (r *run) pointer(ref plan.Ref) string { return r.plan.Function(ref).Pointer }

// evalText computes the text of an error message or type; an expression that fails counts as empty.
func (r *run) evalText(ref plan.Ref) string {
	v, err := r.eval(ref)
	if err != nil || value.IsEmpty(v) {
		return ""
	}
	return value.ToText(v)
}

// condition judges a condition by truthiness; an absent one is true.
func (r *run) condition(ref plan.Ref) (bool, error) {
	if ref == 0 {
		return true, nil
	}
	v, err := r.eval(ref)
	return value.IsTruthy(v), err
}

// overlay returns the entries of base with those of top over them, key by key; nil means absent. Neither is changed.
func overlay(base, top *value.Object) *value.Object {
	if base == nil || top == nil {
		if top == nil {
			return base
		}
		return top
	}
	out := base.Clone()
	for i := range top.Len() {
		k, v := top.At(i)
		out.Set(k, v)
	}
	return out
}
