package oracle

import (
	"cmp"
	"context"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// Suspended is what outlives the redirect (spec make.md §13.2).
type Suspended struct {
	behind   int // the number of the stage that suspended
	key      string
	deadline time.Time
	oob      bool
	conn     Connection
	roots    *value.Object
	secrets  []string
}

// stages runs the stages from a number on, up to a redirect or to the end (spec make.md §13.1).
func (r *run) stages(from int) *Step {
	for i := from; i < len(r.tree.Stages); i++ {
		stage := r.tree.Stages[i]
		r.confirmed = nil
		if stage.Proof {
			r.identify()
		}
		r.requests(stage.Name, stage.Requests)
		if r.err == nil && r.confirmed != nil && !*r.confirmed { // spec make.md §13.4, §26.8
			if r.spec.host.Strict {
				r.fail(fail(runtimeError, "oauth1/callback-not-confirmed", "the service did not confirm the callback address (oauth_callback_confirmed)"))
			} else {
				r.warn(ast.EventCallbackUnconfirmed)
			}
		}
		if r.err != nil || stage.Redirect == nil {
			continue
		}
		r.tick()
		r.forget()
		if url := r.redirect(stage.Redirect); url != nil {
			return r.suspend(i, url)
		}
	}
	return &Step{Connection: &r.conn}
}

// redirect is where the browser is sent, with the request token unless it is there already; nil when the condition is
// falsy (spec make.md §13.1, §13.3).
func (r *run) redirect(d *ast.Redirect) *uri.URL {
	r.remember(d.Temp)
	if !r.holds(conditionOf(d.Condition)) {
		return nil
	}
	text, query := value.ToText(r.eval(d.URL)), r.object(d.Query)
	var token value.Value
	if d.OAuth != nil {
		token = r.laid(r.tree.OAuth, d.OAuth).of["token"]
	}
	u := r.url(text, d.EncodeURL != ast.FlagOff)
	final := addQuery(u.Query, query, d.QueryMode)
	if !value.IsEmpty(token) && tokenIn(final) == "" {
		add := member("oauth_token", token)
		if final = addQuery(final, add, ast.QueryAppend); d.TokenFirst && query != nil {
			final = addQuery(u.Query, over(add, query), d.QueryMode)
		}
	}
	u.Query = final
	return &u
}

// tokenIn is the first oauth_token of a query; an empty one counts as none (spec make.md §26.8).
func tokenIn(query string) string {
	for _, p := range uri.SplitPairs(query) {
		if p.Name == "oauth_token" && p.Value != "" {
			return p.Value
		}
	}
	return ""
}

func (r *run) suspend(stage int, u *uri.URL) *Step {
	key := cmp.Or(tokenIn(u.Query), r.lastToken)
	if key == "" {
		r.fail(fail(configurationError, "oauth1/no-request-token", "Request token is missing"))
	}
	if r.err != nil {
		return nil
	}
	s := &Suspended{behind: stage, key: key, deadline: r.spec.host.Clock().Add(cmp.Or(r.spec.host.PendingTTL, 15*time.Minute)),
		oob: cmp.Or(r.callback, r.address()) == "oob", conn: r.conn, roots: r.roots, secrets: r.secrets}
	r.spec.pending[s] = true
	return &Step{RedirectURL: u.Redirect(), Suspended: s}
}

// Callback goes on after the browser came back; s is nil when nobody waits for it (spec make.md §13.5).
func (s *Spec) Callback(ctx context.Context, from *Suspended, query string) (*Connection, error) {
	back := formOf(query)
	if from == nil {
		f := fail(runtimeError, "oauth1/unknown-pending", "this authorisation is not known")
		if words := refusal(back); words != "" {
			f = fail(runtimeError, "oauth1/refused", "%s", words)
		}
		f.Section = redirectStage(s.tree)
		return nil, f
	}
	r := s.begin(ctx, from.conn)
	r.stage, r.secrets = r.tree.Stages[from.behind].Name, from.secrets
	for _, root := range []string{ast.RootTemp, ast.RootScope, ast.RootRedirect, ast.RootState} {
		r.set(root, from.roots.Value(root))
	}
	r.set(ast.RootCallback, value.Collection(back))
	r.comeBack(from, back)
	r.stages(from.behind + 1)
	if err := r.report(); err != nil {
		f := worded(err)
		passes := f.Status >= 500 || f.Status == 429 || f.Cause != "" && f.Cause != "policy"
		if r.past == 0 && passes { // nothing was granted: the same callback may come again (spec make.md §13.5)
			r.spec.pending[from] = true
		}
		return nil, err
	}
	return &r.conn, nil
}

// redirectStage is the name of the stage that a callback of nobody's would belong to: the first that redirects, of any
// variant.
func redirectStage(c *ast.Connection) string {
	for _, stage := range c.Stages {
		if stage.Redirect != nil {
			return stage.Name
		}
	}
	for _, v := range c.Variants {
		if name := redirectStage(v.Connection); name != "" {
			return name
		}
	}
	return ""
}

// comeBack judges a callback: its token first, which uses nothing up; then what waits is taken, and words and refusal
// are looked at.
func (r *run) comeBack(from *Suspended, back *value.Object) {
	d := r.tree.Stages[from.behind].Redirect
	token, denied, refused := value.ToText(back.Value("oauth_token")), value.ToText(back.Value("denied")), refusal(back)
	other := func(x string) bool { return x != "" && x != from.key }
	switch {
	case r.spec.host.Clock().After(from.deadline):
		r.fail(fail(runtimeError, "oauth1/expired", "this authorisation took too long"))
	case other(token) || other(denied): // before any refusal (§26.7)
		r.fail(fail(runtimeError, "oauth1/token-mismatch", "the callback does not belong to this authorisation"))
	case token == "" && refused == "" && !from.oob && d.CallbackToken == ast.CallbackTokenRequired:
		r.fail(fail(runtimeError, "oauth1/no-callback-token", "the callback has no oauth_token"))
	case !r.spec.pending[from]:
		r.fail(fail(runtimeError, "oauth1/unknown-pending", "this authorisation was already used or is not known"))
	default:
		delete(r.spec.pending, from)
	}
	answer := d.Response
	if answer == nil {
		answer = &ast.Response{}
	}
	r.remember(answer.Temp)
	valid := r.valid(answer)
	if r.err != nil || valid && refused == "" {
		return
	}
	words := invalidWords(d.Verdict)
	words.Code = cmp.Or(words.Code, "oauth1/callback-invalid")
	if refused != "" {
		words = ast.Failure{Type: runtimeError, Code: "oauth1/refused", Message: refused}
	}
	f := r.authorsError(answer, d.Verdict, 0, !valid, words)
	if refused != "" {
		f.Code = words.Code
	}
	r.fail(f)
}

// refusal is the text for a callback that says no, "" for any other (spec make.md §13.5, §26.7).
func refusal(back *value.Object) string {
	const words = "Authorization was refused by the service "
	said := func(name string) string { return value.ToText(back.Value(name)) }
	switch {
	case said("denied") != "":
		return words + "(denied)" // without its value, which is the token
	case said("oauth_problem") != "":
		return words + "(oauth_problem: " + said("oauth_problem") + ")"
	case said("error") != "" && said("oauth_verifier") == "":
		return words + "(error: " + said("error") + ")"
	}
	return ""
}
