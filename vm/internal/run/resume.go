package run

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/internal/state"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Resume goes on with a suspended run, to its end, with what the provider appended to the callback address. A run that
// failed behind its redirect goes on where it failed and needs no query. bind is what the run must be bound to. The
// error is an *Error.
func (r *Runner) Resume(ctx context.Context, bind []byte, sealed, rawQuery string) (*Connection, error) {
	if len(rawQuery) > mostCallback {
		return nil, r.Told(ctx, OpCallback, "", r.Failed(ctx, limitReached("callback query", mostCallback)))
	}
	query := content.FormValue(strings.TrimPrefix(rawQuery, "?"))
	back := callback{query.Object()}
	c, err := r.unseal(ctx, sealed)
	if err != nil {
		return nil, r.Told(ctx, OpCallback, "", r.notOpened(err, back))
	}
	resumed := ""
	if c.Callback != nil {
		back.query, query, resumed = c.Callback, value.Collection(c.Callback), sealed
	}
	conn := Connection{ID: c.ConnectionID, Data: c.Data, UID: c.UID, Label: (*Label)(c.Label), Expires: c.Expires, Variant: c.Variant, Revision: c.Revision, Renewals: c.Renewals, Written: c.Written}
	x, err := r.open(ctx, operation{Name: OpCallback}, conn, c.Common)
	if err != nil {
		return nil, err
	}
	defer x.end(&err)
	for _, s := range c.Secrets {
		x.veil.addSecret(s)
	}
	x.temp, x.at.stage, x.back = c.Temp, redirectStage(x.spec), query
	x.terms.scope, x.terms.random, x.terms.note = c.Scope, c.Random, c.Note
	x.terms.redirects = Redirects{Default: c.Redirect, Others: c.Redirects}
	x.bindTemp()
	x.bind(rootCallback, query)
	if x.tracing() {
		x.trace(Event{Kind: EventResume, Value: x.veil.tracing().Response(query)})
	}
	x.terms.bind, x.resumed = bind, resumed
	step, err := x.resume(c, back, state.PendingKey(sealed))
	if err != nil {
		err = x.report(err)
		return nil, err
	}
	return step.Connection, nil
}

// mostCallback is the length of the longest query that may come back through a browser, in bytes: none takes a longer
// address along.
const mostCallback = 64 << 10

// notOpened is the error of a state that cannot be opened.
func (r *Runner) notOpened(err error, back callback) *Error {
	e := (&Error{Class: ClassUser, Type: RuntimeError, Code: CodeUnknownPending, Help: startAgain, Err: err}).say(message.UnknownPending, nil)
	var own *Error
	switch name, _ := back.refusal(); {
	case name != "":
		e = back.refused()
	case errors.Is(err, state.ErrUnknownKey):
		e.Code = CodeUnknownKey
		e.say(message.UnknownKey, nil)
	case errors.As(err, &own):
		e = own
	}
	e.Section = redirectStage(r.plan.Connection)
	return e
}

// Told tells who observes of an operation that failed before it came to a run, or behind it, and returns its error.
func (r *Runner) Told(ctx context.Context, operation, connectionID string, err error) error {
	if r.host.Observe != nil {
		_, ended := r.host.Observe(ctx, Operation{Name: operation, ConnectionID: connectionID, PlanHash: r.hash, Plan: r.plan.Meta.Name})
		if ended != nil {
			ended(Result{Err: err})
		}
	}
	return err
}

// redirectStage returns the name of the stage that suspends, for errors of a callback that belongs to no known run.
func redirectStage(c *plan.Connection) string {
	for i := range c.Stages {
		if c.Stages[i].Redirect != nil {
			return c.Stages[i].Name
		}
	}
	for i := range c.Variants {
		if name := redirectStage(&c.Variants[i].Connection); name != "" {
			return name
		}
	}
	return ""
}

const startAgain = "start the authorisation again"

func (r *Runner) unseal(ctx context.Context, sealed string) (*state.Continuation, error) {
	plain, err := r.host.Open(ctx, sealed)
	if err != nil {
		return nil, err
	}
	return state.Decode(plain, r.image.Shapes())
}

// resume checks the callback, claims the authorisation that waits under a key and runs to the end. What costs nothing is
// checked first, so that a callback which does not belong here, or comes to a replica with another plan, uses nothing
// up.
func (r *run) resume(c *state.Continuation, back callback, waiting string) (*Step, error) {
	switch {
	case subtle.ConstantTimeCompare(c.Bind, state.BindDigest(r.terms.bind)) != 1:
		return nil, r.refuse(CodeTokenMismatch, message.TokenMismatch)
	case c.PlanHash != r.hash:
		return nil, r.refuse(CodeSpecChanged, message.SpecChanged)
	case r.host.Clock().After(c.Deadline):
		return nil, r.refuse(CodeExpired, message.Expired)
	}
	if err := r.resumeVariant(); err != nil {
		return nil, err
	}
	r.bindTerms()
	if c.Stage >= len(r.spec.Stages) || c.Callback == nil && r.spec.Stages[c.Stage].Redirect == nil {
		return nil, r.refuse(CodeSpecChanged, message.SpecChanged)
	}
	s := &r.spec.Stages[c.Stage]
	if c.Callback == nil {
		r.at.stage, r.at.request = s.Name, len(s.Requests)
		if err := r.checkToken(c, back, s.Redirect.CallbackOptional); err != nil {
			return nil, err
		}
	}
	claim, err := r.claim(waiting)
	if err != nil {
		return nil, err
	}
	defer r.hold(claim)()
	if c, err = r.takeOver(claim, c); err != nil {
		return nil, r.settled(claim, err)
	}
	step, err := r.goOn(c, back)
	if err == nil && r.host.Keep != nil && step.Connection != nil && step.Connection.ID != "" {
		switch failed := r.host.Keep(r.bounded(), step.Connection); {
		case errors.Is(failed, ErrGone):
			err = r.refuse(CodeGone, message.Gone)
		case failed != nil:
			err = hostFailed("keeping of connections", failed)
		}
	}
	return step, r.settled(claim, err)
}

// ErrGone is what Host.Keep returns when the connection that was authorised again is not there any more.
var ErrGone = errors.New("the connection was deleted meanwhile")

// takeOver returns where the authorisation stands: at its callback, or behind what a process that ended was granted.
func (r *run) takeOver(claim claim, c *state.Continuation) (*state.Continuation, error) {
	r.claimed = claim.key
	if r.host.Saved == nil {
		return c, nil
	}
	plain, err := r.host.Saved(r.waiting(), claim.key)
	if err != nil {
		return c, hostFailed("keeping of state", err)
	}
	if plain == nil {
		return c, nil
	}
	kept, err := state.Decode(plain, r.image.Shapes())
	if err != nil || kept.PlanHash != c.PlanHash {
		return c, nil // of another version: the service will tell whether the callback is of use still
	}
	for _, s := range kept.Secrets {
		r.veil.addSecret(s)
	}
	r.conn.Data, r.conn.UID, r.conn.Label, r.conn.Expires, r.conn.Written = kept.Data, kept.UID, (*Label)(kept.Label), kept.Expires, kept.Written
	r.temp, r.back = kept.Temp, value.Collection(kept.Callback)
	r.bindData()
	r.bindTemp()
	r.bind(rootCallback, r.back)
	r.granted = &milestone{kept.Stage, kept.Request, r.temp, r.conn}
	return kept, nil
}

// claimLife is how long a claim holds that nobody prolongs: the time after which another process takes over what a dead
// one has left.
const claimLife = 15 * time.Second

// hold prolongs a claim until the function that it returns is called.
func (r *run) hold(c claim) (stop func()) {
	if r.holdsPending() {
		return func() {} // it ends with this process
	}
	pending, clock, ended := r.host.Pending, r.host.Clock, make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.clock.ctx))
	go func() {
		defer close(ended)
		for ticker := time.NewTicker(claimLife / 3); ; {
			select {
			case <-ctx.Done():
				ticker.Stop()
				return
			case <-ticker.C:
				_, _ = pending.Claim(ctx, c.key, c.id, clock().Add(claimLife))
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// goOn runs behind the redirect, or from the request at which the run failed.
func (r *run) goOn(c *state.Continuation, back callback) (*Step, error) {
	if c.Callback != nil {
		return r.stages(c.Stage, c.Request)
	}
	if err := r.judgeCallback(r.spec.Stages[c.Stage].Redirect, back); err != nil {
		return nil, r.failure(err)
	}
	return r.stages(c.Stage+1, 0)
}

// claim is the hold of a run on its authorisation.
type claim struct{ key, id string }

// claim takes hold of the authorisation for as long as the run may take.
func (r *run) claim(waiting string) (claim, error) {
	id, err := r.host.RunID()
	if err != nil {
		return claim{}, hostFailed("giving of a random text", err)
	}
	out := claim{waiting, id}
	life := claimLife
	if r.holdsPending() {
		life = r.host.Limits.RunTimeout
	}
	hold, err := r.host.Pending.Claim(r.waiting(), out.key, id, r.host.Clock().Add(life))
	switch {
	case err != nil:
		return out, hostFailed("keeping of pending authorisations", err)
	case hold == state.Held:
		e := r.failure((&Error{Class: ClassUser, Type: RuntimeError, Code: CodeInProgress}).say(message.InProgress, nil))
		return out, e
	case hold != state.Claimed:
		return out, r.refuse(CodeUnknownPending, message.AlreadyUsed)
	}
	return out, nil
}

// settled ends the hold of a run. An authorisation that came to nothing by a fault that may pass, before anything was
// granted, can be completed by the same callback again; of one that failed behind that the error has what goes on, which
// stays the same until a run gets further.
func (r *run) settled(c claim, err error) error {
	ctx, cancel := r.settling()
	defer cancel()
	var failed *Error
	if err != nil {
		failed = r.failure(err)
		if r.granted == nil && (r.resumed != "" || passes(failed) || r.clock.over()) {
			failed.Resume = r.resumed
			_ = r.host.Pending.Release(ctx, c.key, c.id) // else the hold runs out by itself
			return failed
		}
		failed.Resume = r.resumption(ctx)
	}
	held, lost := r.host.Pending.Confirm(ctx, c.key, c.id)
	switch {
	case failed != nil:
		return failed
	case lost != nil:
		e := r.failure(hostFailed("keeping of pending authorisations", lost))
		e.Resume = r.resumption(ctx)
		return e
	case !held:
		return r.refuse(CodeUnknownPending, message.AlreadyUsed)
	}
	return nil
}

// settling returns the context of what a run does about its authorisation when its own time may be over already.
func (r *run) settling() (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(r.clock.ctx)
	if r.keepsHere() {
		return ctx, func() {} // nothing is waited for
	}
	return context.WithTimeout(ctx, settleTimeout)
}

const settleTimeout = 10 * time.Second

// passes reports whether an error may be gone a little later.
func passes(e *Error) bool {
	return e.Class == ClassNetwork || e.Class == ClassProvider && (e.Status == http.StatusTooManyRequests || e.Status >= 500) || e.Code == CodeNotAllowed
}

func (r *run) refuse(code, id string) error {
	return r.failure((&Error{Class: ClassUser, Type: RuntimeError, Code: code, Help: startAgain}).say(id, nil))
}

// checkToken compares the callback's token with the one that was sent out: the session-fixation defence.
func (r *run) checkToken(c *state.Continuation, back callback, optional bool) error {
	token, denied := back.text(tokenParam), back.text("denied")
	switch {
	case token != "" && !sameText(token, c.Key), denied != "" && !sameText(denied, c.Key):
		return r.refuse(CodeTokenMismatch, message.TokenMismatch)
	case token != "" || denied != "" || optional || c.OutOfBand:
		return nil
	}
	if name, _ := back.refusal(); name != "" {
		return nil
	}
	return r.refuse(CodeNoCallbackToken, message.NoCallbackToken)
}

// judgeCallback runs the response directives of a redirect on its callback. The author's words come first, then what
// the provider said, then the verdict.
func (r *run) judgeCallback(d *plan.Redirect, back callback) error {
	resp := responseOf(d.Response)
	if err := r.mergeTemp(resp.Temp...); err != nil {
		return err
	}
	valid, ok := resp.Valid, true
	if valid != nil {
		var err error
		if ok, err = r.condition(valid.Condition); err != nil {
			return err
		}
	}
	refusal, text := back.refusal()
	switch {
	case ok && refusal == "":
		return nil
	case refusal == "":
		return r.invalid(valid, resp.Error, r.verdict(d.Verdict), answer{}, CodeCallbackInvalid)
	}
	e, refused := &Error{}, back.refused()
	if !ok {
		e = r.wordsOfValid(valid)
	}
	r.addWords(e, resp.Error, 0, r.verdict(d.Verdict))
	if e.Type = cmp.Or(e.Type, RuntimeError); e.Message == "" {
		e.say(refused.MessageID, refused.Args)
	}
	e.Class, e.Code, e.Problem, e.Help = ClassUser, refused.Code, refused.Problem, refused.Help
	if refusal != "denied" { // whose value is the token
		e.Provider = r.veil.message(text)
	}
	return e
}

// callback is what came back through the browser.
type callback struct{ query *value.Object }

func (c callback) text(name string) string { return value.ToText(c.query.Value(name)) }

// refusal returns the parameter that says that the user or the provider refused, "" when there is none.
func (c callback) refusal() (name, text string) {
	for _, name := range [...]string{"denied", "oauth_problem", "error"} {
		v := c.query.Value(name)
		if name == "error" && !value.IsEmpty(c.query.Value("oauth_verifier")) {
			break
		}
		if !value.IsEmpty(v) {
			return name, value.ToText(v)
		}
	}
	return "", ""
}

// refused is the error of a refusal without words of the author.
func (c callback) refused() *Error {
	name, text := c.refusal()
	said := name + ": " + media.Line(text, 200)
	if name == "denied" {
		said = name
	}
	e := &Error{Class: ClassUser, Type: RuntimeError, Code: CodeRefused, Help: "start again and approve the access"}
	e.say(message.Refused, message.Args{"said": said})
	if name == "oauth_problem" && oauth1.ProblemCode(text).Advice() != "" {
		e.Problem = text
	}
	return e
}
