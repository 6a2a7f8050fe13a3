package vm

import (
	"context"
	"strings"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/value"
)

// Callback resumes an authorisation with what the provider appended to the callback address, in any process that has
// the key of Host.Seal and shares Host.Pending. A state works once and until its deadline. Errors are *Error (spec
// make.md §13.5).
func (e *Engine) Callback(ctx context.Context, state, rawQuery string) (*Connection, error) {
	query := content.FormValue(strings.TrimPrefix(rawQuery, "?"))
	rec, err := e.unseal(state)
	if err != nil {
		if name, _ := refusal(query.Object()); name != "" {
			return nil, refused(query.Object(), "")
		}
		return nil, &Error{Type: RuntimeError, Code: "oauth1/unknown-pending", Section: sectionAuthorize,
			Message: "this authorisation is not known", Help: "start the authorisation again", Err: err}
	}
	conn := &Connection{ID: rec.ConnectionID, Data: rec.Data, UID: rec.UID, Metadata: rec.Metadata, Expires: rec.Expires}
	r, err := e.begin(ctx, conn, rec.Common)
	if err != nil {
		return nil, err
	}
	defer r.end()
	r.passing = true
	r.section, r.temp, r.scope, r.redirects = sectionAuthorize, rec.Temp, rec.Scope, rec.Redirects
	for _, s := range rec.Secrets {
		r.addSecret(s)
	}
	r.protectParameters()
	r.bindTemp()
	r.bindOAuth()
	r.bind(rootQuery, query)
	if r.tracing() {
		r.trace(Event{Kind: EventResume, Value: r.masked(query)})
	}
	step, err := r.resume(rec, query.Object())
	if err != nil {
		return nil, r.report(err)
	}
	return step.Connection, nil
}

func (e *Engine) unseal(state string) (*continuation, error) {
	plain, err := e.host.Seal.Open(state)
	if err != nil {
		return nil, err
	}
	return decodeContinuation(plain, e.image.Shapes())
}

// resume checks the callback and runs to the end.
func (r *run) resume(rec *continuation, query *value.Object) (*Step, error) {
	e := r.engine
	fail := func(code, message, help string) error {
		return &Error{Type: RuntimeError, Code: code, Message: message, Help: help, Section: sectionAuthorize}
	}
	taken, err := e.host.Pending.Take(r.waiting(), pendingKey(rec.PlanHash, rec.Key))
	switch {
	case err != nil:
		return nil, err
	case !taken:
		return nil, fail("oauth1/unknown-pending", "this authorisation was already used or is not known", "start the authorisation again")
	case e.host.Clock().After(rec.Deadline):
		return nil, fail("oauth1/expired", "this authorisation took too long", "start the authorisation again")
	case rec.PlanHash != e.hash:
		return nil, fail("oauth1/spec-changed", "the connection's specification changed meanwhile", "start the authorisation again")
	}
	if err := checkToken(rec, query, e.plan.Connection.Authorize != nil && e.plan.Connection.Authorize.CallbackOptional); err != nil {
		return nil, err
	}
	if err := r.authorizeResponse(query); err != nil {
		return nil, err
	}
	return r.finish()
}

// checkToken compares the callback's token with the one that was sent out: the session-fixation defence (spec make.md
// §13.5, §26.7).
func checkToken(rec *continuation, query *value.Object, optional bool) error {
	token, denied := value.ToText(query.Value("oauth_token")), value.ToText(query.Value("denied"))
	switch {
	case token != "" && !sameText(token, rec.Key), denied != "" && !sameText(denied, rec.Key):
		return &Error{Type: RuntimeError, Code: "oauth1/token-mismatch", Section: sectionAuthorize,
			Message: "the callback does not belong to this authorisation", Help: "start the authorisation again"}
	case token != "" || denied != "" || optional || rec.OutOfBand:
		return nil
	}
	if name, _ := refusal(query); name != "" {
		return nil
	}
	return &Error{Type: RuntimeError, Code: "oauth1/no-callback-token", Section: sectionAuthorize,
		Message: "the callback has no oauth_token", Help: "start the authorisation again"}
}

// authorizeResponse runs authorize.response on the callback.
func (r *run) authorizeResponse(query *value.Object) error {
	c := r.engine.plan.Connection.Authorize
	name, text := refusal(query)
	if c == nil || c.Response == nil {
		if name != "" {
			return refused(query, "")
		}
		return nil
	}
	if err := r.mergeTemp(c.Response.Temp); err != nil {
		return r.failure(err)
	}
	ok := true
	if c.Response.Valid != nil {
		var err error
		if ok, err = r.condition(c.Response.Valid.Condition); err != nil {
			return r.failure(err)
		}
	}
	if ok && name == "" {
		return nil
	}
	var e *Error
	if !ok {
		e = r.invalid(c.Response.Valid, c.Response.Error, 0)
		e.Code = "oauth1/callback-invalid"
	} else {
		e = r.newError(c.Response.Error, 0, "")
	}
	if name == "" {
		return e
	}
	if e.Code = "oauth1/refused"; name != "denied" { // whose value is the token
		e.Provider = r.message(text)
	}
	e.Problem = knownProblem(name, text)
	if e.Type == "" {
		e.Type = RuntimeError
	}
	if e.Message == "" || !ok && r.evalText(c.Response.Valid.Message) == "" && e.Message == "Response marked as invalid." {
		e.Message = refused(query, "").Message
	}
	return e
}

// refusal returns the parameter that says the user or the provider refused, "" when there is none (spec make.md §13.5).
func refusal(query *value.Object) (name, text string) {
	for _, name := range []string{"denied", "oauth_problem"} {
		if v := query.Value(name); !value.IsEmpty(v) {
			return name, value.ToText(v)
		}
	}
	if v := query.Value("error"); !value.IsEmpty(v) && value.IsEmpty(query.Value("oauth_verifier")) {
		return "error", value.ToText(v)
	}
	return "", ""
}

// refused is the error of a refusal without author's words.
func refused(query *value.Object, message string) *Error {
	name, text := refusal(query)
	if message == "" {
		message = "Authorization was refused by the service (" + name + ": " + media.Line(text, 200) + ")"
		if name == "denied" {
			message = "Authorization was refused by the service (denied)"
		}
	}
	return &Error{Type: RuntimeError, Code: "oauth1/refused", Message: message, Section: sectionAuthorize,
		Problem: knownProblem(name, text), Help: "start again and approve the access"}
}

// knownProblem returns the problem code of a callback, "" when it has none or one that nothing is known of.
func knownProblem(name, text string) string {
	if name != "oauth_problem" || oauth1.ProblemCode(text).Advice() == "" {
		return ""
	}
	return text
}
