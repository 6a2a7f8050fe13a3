package oracle

import (
	"context"
	"crypto/subtle"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/vm/value"
)

// resume goes on after the browser came back (spec make.md §13.5).
func (h *host) resume(ctx context.Context, text string) (*connection, error) {
	query := content.FormValue(text)
	rec := h.state
	if rec == nil { // 1
		return nil, unknown(query.Object())
	}
	o, err := h.operation(ctx, rec.conn)
	if err != nil {
		return nil, err
	}
	o.section, o.temp, o.scope, o.redirects, o.query = "authorize", rec.temp, rec.scope, rec.redirects, query
	for _, s := range rec.secrets {
		o.addSecret(s)
	}
	end, err := o.resume(rec, query.Object())
	if err != nil {
		return nil, o.report(err)
	}
	return end.connection, nil
}

// unknown is the error of a callback that belongs to no authorisation.
func unknown(query *value.Object) *failure {
	f := fail(runtimeError, "oauth1/unknown-pending", "this authorisation is not known")
	if words := refusal(query); words != "" {
		f = fail(runtimeError, "oauth1/refused", "%s", words)
	}
	f.Section = "authorize"
	return f
}

func (o *operation) resume(rec *record, query *value.Object) (*ending, error) {
	taken := o.host.pending[rec.key]
	delete(o.host.pending, rec.key) // 2: whatever the outcome
	switch {
	case !taken:
		return nil, fail(runtimeError, "oauth1/unknown-pending", "this authorisation was already used or is not known")
	case o.host.script.Clock().After(rec.deadline):
		return nil, fail(runtimeError, "oauth1/expired", "this authorisation took too long")
	}
	if err := checkToken(rec, query); err != nil { // 3
		return nil, err
	}
	if err := o.judgeCallback(o.host.tree.Authorize.Response, query); err != nil { // 4
		return nil, err
	}
	return o.finish("info") // 5 to 7
}

// checkToken is the session-fixation defence; a token that differs comes before any refusal (spec make.md §13.5,
// §26.7).
func checkToken(rec *record, query *value.Object) error {
	token, denied := value.ToText(query.Value("oauth_token")), value.ToText(query.Value("denied"))
	for _, x := range []string{token, denied} {
		if x != "" && subtle.ConstantTimeCompare([]byte(x), []byte(rec.key)) != 1 {
			return fail(runtimeError, "oauth1/token-mismatch", "the callback does not belong to this authorisation")
		}
	}
	if token == "" && refusal(query) == "" && !rec.outOfBand {
		return fail(runtimeError, "oauth1/no-callback-token", "the callback has no oauth_token")
	}
	return nil
}

// refusal is the text for a callback that says no, "" for any other (spec make.md §13.5, §26.7).
func refusal(query *value.Object) string {
	const words = "Authorization was refused by the service "
	switch {
	case !value.IsEmpty(query.Value("denied")):
		return words + "(denied)" // without its value, which is the token
	case !value.IsEmpty(query.Value("oauth_problem")):
		return words + "(oauth_problem: " + value.ToText(query.Value("oauth_problem")) + ")"
	case !value.IsEmpty(query.Value("error")) && value.IsEmpty(query.Value("oauth_verifier")):
		return words + "(error: " + value.ToText(query.Value("error")) + ")"
	}
	return ""
}

// judgeCallback runs authorize.response. A refusal is an error even if valid passes; its message is that of a falsy
// valid, else the one of error, else a fixed one.
func (o *operation) judgeCallback(resp *ast.Response, query *value.Object) error {
	if resp == nil {
		resp = &ast.Response{}
	}
	if err := o.mergeTemp(nil, resp.Temp); err != nil {
		return err
	}
	valid := true
	if resp.Valid != nil {
		var err error
		if valid, err = o.truthy(resp.Valid.Condition, nil); err != nil {
			return err
		}
	}
	words := refusal(query)
	if valid && words == "" {
		return nil
	}
	code, message, judged := "oauth1/callback-invalid", "Response marked as invalid.", resp.Valid
	if words != "" {
		code, message = "oauth1/refused", words
	}
	if valid {
		judged = nil
	}
	f := o.authorsError(judged, resp.Error, nil, message, runtimeError)
	f.Code = code
	return f
}
