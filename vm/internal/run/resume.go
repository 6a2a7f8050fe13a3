package run

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"strings"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/internal/state"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Resume goes on with a suspended run, to its end, with what the provider appended to the callback address; bind is
// what the run must be bound to. The error is an *Error.
func (r *Runner) Resume(ctx context.Context, bind []byte, sealed, rawQuery string) (*Connection, error) {
	query := content.FormValue(strings.TrimPrefix(rawQuery, "?"))
	back := callback{query.Object()}
	c, err := r.unseal(sealed)
	if err != nil {
		e := &Error{Class: ClassUser, Type: RuntimeError, Code: CodeUnknownPending, Message: "this authorisation is not known", Help: startAgain, Err: err}
		if errors.Is(err, state.ErrUnknownKey) {
			e.Code, e.Message = CodeUnknownKey, "this authorisation was sealed under a key that is not known here"
		}
		if name, _ := back.refusal(); name != "" {
			e = back.refused()
		}
		e.Section = redirectStage(r.plan.Connection)
		return nil, e
	}
	conn := Connection{ID: c.ConnectionID, Data: c.Data, UID: c.UID, Label: (*Label)(c.Label), Expires: c.Expires, Variant: c.Variant}
	x, err := r.open(ctx, conn, c.Common)
	if err != nil {
		return nil, err
	}
	defer x.close()
	for _, s := range c.Secrets {
		x.veil.addSecret(s)
	}
	x.temp, x.at.stage = c.Temp, redirectStage(x.spec)
	x.terms.scope, x.terms.random = c.Scope, c.Random
	x.terms.redirects = Redirects{Default: c.Redirect, Others: c.Redirects}
	x.bindTemp()
	x.bind(rootCallback, query)
	if x.tracing() {
		x.trace(Event{Kind: EventResume, Value: x.veil.tracing().Response(query)})
	}
	x.terms.bind = bind
	step, err := x.resume(c, back, state.PendingKey(sealed))
	if err != nil {
		return nil, x.report(err)
	}
	return step.Connection, nil
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

func (r *Runner) unseal(sealed string) (*state.Continuation, error) {
	plain, err := r.host.Open(sealed)
	if err != nil {
		return nil, err
	}
	return state.Decode(plain, r.image.Shapes())
}

// resume checks the callback and runs to the end. What costs nothing is checked before the state is claimed, so that a
// callback that does not belong to it, or that reaches another plan, does not use it up.
func (r *run) resume(c *state.Continuation, back callback, waiting string) (*Step, error) {
	switch {
	case subtle.ConstantTimeCompare(c.Bind, state.BindDigest(r.terms.bind)) != 1:
		return nil, r.refuse(CodeTokenMismatch, "the callback does not belong to this authorisation")
	case r.host.Clock().After(c.Deadline):
		return nil, r.refuse(CodeExpired, "this authorisation took too long")
	case c.PlanHash != r.hash:
		return nil, r.refuse(CodeSpecChanged, "the connection's specification changed meanwhile")
	}
	if err := r.resumeVariant(); err != nil {
		return nil, err
	}
	r.bindTerms()
	if c.Stage >= len(r.spec.Stages) || r.spec.Stages[c.Stage].Redirect == nil {
		return nil, r.refuse(CodeSpecChanged, "the connection's specification changed meanwhile")
	}
	s := &r.spec.Stages[c.Stage]
	r.at.stage, r.at.request = s.Name, len(s.Requests)
	if err := r.checkToken(c, back, s.Redirect.CallbackOptional); err != nil {
		return nil, err
	}
	taken, err := r.host.Pending.Take(r.waiting(), waiting)
	switch {
	case err != nil:
		return nil, hostFailed("keeping of pending authorisations", err)
	case !taken:
		return nil, r.refuse(CodeUnknownPending, "this authorisation was already used or is not known")
	}
	if err := r.judgeCallback(s.Redirect, back); err != nil {
		return nil, r.failure(err)
	}
	return r.stages(c.Stage + 1)
}

func (r *run) refuse(code, message string) error {
	return r.failure(&Error{Class: ClassUser, Type: RuntimeError, Code: code, Message: message, Help: startAgain})
}

// checkToken compares the callback's token with the one that was sent out: the session-fixation defence.
func (r *run) checkToken(c *state.Continuation, back callback, optional bool) error {
	token, denied := back.text(tokenParam), back.text("denied")
	switch {
	case token != "" && !sameText(token, c.Key), denied != "" && !sameText(denied, c.Key):
		return r.refuse(CodeTokenMismatch, "the callback does not belong to this authorisation")
	case token != "" || denied != "" || optional || c.OutOfBand:
		return nil
	}
	if name, _ := back.refusal(); name != "" {
		return nil
	}
	return r.refuse(CodeNoCallbackToken, "the callback has no oauth_token")
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
	e.Type, e.Message = cmp.Or(e.Type, RuntimeError), cmp.Or(e.Message, r.veil.message(refused.Message))
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
	e := &Error{Class: ClassUser, Type: RuntimeError, Code: CodeRefused, Message: "Authorization was refused by the service (" + said + ")",
		Help: "start again and approve the access"}
	if name == "oauth_problem" && oauth1.ProblemCode(text).Advice() != "" {
		e.Problem = text
	}
	return e
}
