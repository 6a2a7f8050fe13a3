package run

import (
	"context"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// callStage is shown as the stage of calls.
const callStage = "call"

// beginCall makes the run one of a call with its connection.
func (r *run) beginCall() error {
	r.at = place{stage: callStage, call: true}
	if err := r.resumeVariant(); err != nil {
		return err
	}
	r.terms.scope = r.conn.Scope
	r.bindTerms()
	return nil
}

// makeCall makes a named call; input is what the expressions read as RootInput.
func (r *run) makeCall(name string, input *value.Object) (value.Value, error) {
	if err := r.beginCall(); err != nil {
		return value.Undefined, err
	}
	if input == nil {
		input = noEntries
	}
	r.bind(rootInput, value.Collection(input))
	for i := range r.spec.Calls {
		if c := &r.spec.Calls[i]; c.Name == name {
			err := r.requests(callStage, c.Requests, 0, nil)
			return r.output, err
		}
	}
	e := misconfigured(message.NoCall, message.Args{"call": name})
	e.Class, e.Code, e.Help = ClassHost, CodeNoCall, "name a call that the spec has"
	return value.Undefined, e
}

// yield computes the result of a call: output for the answer or for each item of iterate, at most limit of them.
func (r *run) yield(resp *plan.Response, a answer) (err error) {
	if err := r.rows(resp.Rows); err != nil {
		return err
	}
	switch {
	case resp.Iterate != nil:
		r.output, err = r.iterate(resp)
	case resp.Output != 0:
		r.output, err = r.eval(resp.Output)
	default:
		r.output = a.body
	}
	return err
}

func (r *run) iterate(resp *plan.Response) (value.Value, error) {
	container, err := r.eval(resp.Iterate.Container)
	if err != nil {
		return value.Undefined, err
	}
	limit, err := r.eval(resp.Limit)
	if err != nil {
		return value.Undefined, err
	}
	var out []value.Value
	for _, item := range container.Items() {
		if limit.IsNumber() && float64(len(out)) >= limit.Float() {
			break
		}
		v, keep, err := r.item(resp, item)
		if err != nil {
			return value.Undefined, err
		}
		if !keep {
			continue
		}
		if err := r.frame.Reserve(builtin.ValueBytes); err != nil {
			return value.Undefined, err
		}
		out = append(out, v)
	}
	return value.Array(out), nil
}

// item computes what an item of an answer gives, unless its condition leaves it out.
func (r *run) item(resp *plan.Response, item value.Value) (v value.Value, keep bool, err error) {
	r.bind(rootItem, item)
	if keep, err = r.condition(resp.Iterate.Condition); err != nil || !keep {
		return v, false, err
	}
	if v = item; resp.Output != 0 {
		if v, err = r.eval(resp.Output); err != nil {
			return v, false, err
		}
	}
	if v.IsUndefined() {
		v = value.Null()
	}
	return v, true, nil
}

// Signature is what signs the free requests of a connection.
type Signature struct {
	// As is the stage whose requests say how free ones are signed, "" when Base or the connection's own oauth does.
	As string
	// Help says what the author can do, where the token that the user was asked for does not sign.
	Help string
	// Signer is nil when free requests are not signed.
	Signer *oauth1.Signer
	// FormsOnly, when it is not nil, refuses all requests but forms, of which no body hash is taken.
	FormsOnly error
}

// Sign returns what signs the free requests of conn. The error is an *Error.
func (r *Runner) Sign(ctx context.Context, conn Connection) (Signature, error) {
	x, err := r.open(ctx, operation{Name: OpInspect}, conn, nil)
	if err != nil {
		return Signature{}, err
	}
	defer x.end(&err)
	s, err := x.signature()
	if err != nil {
		err = x.report(err)
		return s, err
	}
	return s, nil
}

func (r *run) signature() (s Signature, err error) {
	if err := r.beginCall(); err != nil {
		return s, err
	}
	free := r.spec.Free
	if free == nil {
		s.Help = r.leavesOut(true, false)
		return s, nil
	}
	var c credentials
	if err := r.credentials(free.OAuth, &c); err != nil {
		return s, err
	}
	_, signed := c.prune()
	if c.missesKey(signed) {
		return s, missingKey()
	}
	if !signed {
		s.Help = r.leavesOut(true, false)
		return s, nil
	}
	var p oauth1.Params
	if err := r.params(&p, &c, false); err != nil {
		s.FormsOnly = r.report(err)
		if err = r.params(&p, &c, true); err != nil {
			return Signature{}, err
		}
	}
	s.As = r.spec.FreeAs
	if p.Token == "" {
		s.Help = r.leavesOut(true, true)
	}
	s.Signer, err = r.oauthSigner(&p, nil)
	return s, err
}

// tokenLeftOut tells that a call or a free request goes out without the token that the user was asked for.
func (x *exchange) tokenLeftOut() {
	if text := x.run.leavesOut(x.free, x.signed != ""); text != "" {
		x.run.trace(Event{Kind: EventAlone, Message: text})
	}
}

// leavesOut says what is wrong with a request of a connection that is signed without a token, or not at all, and what
// to do; "" when nothing is.
func (r *run) leavesOut(free, signed bool) string {
	switch {
	case !r.at.call || redirectStage(r.spec) == "", !signed && (!free || r.spec.TokenHelp == ""):
		return ""
	case !signed:
		return "not signed: " + r.spec.TokenHelp
	case r.spec.TokenHelp == "":
		return "signed by the consumer alone, because the stored token is empty: authorise the connection again"
	}
	return "signed by the consumer alone, without the stored token: " + r.spec.TokenHelp
}
