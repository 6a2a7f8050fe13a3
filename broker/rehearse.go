package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Rehearsal is the whole flow of a spec against the provider inside this program, which stands in for every service that
// the spec names. Nothing of it leaves the process, and nothing is kept.
type Rehearsal struct {
	Result string         `json:"result" enum:"ok,refused,failed" doc:"refused: the provider did not accept a request; failed: it accepted every one, and the spec did not go through, which may be because answers are made up"`
	Legs   []rehearsedLeg `json:"legs"`
	// Assumed are the names of parameters whose values were made up.
	Assumed []string `json:"assumed" doc:"Parameters whose values were made up"`
	Notes   []string `json:"notes" doc:"What a rehearsal cannot show, and what would show more"`
}

// rehearsedLeg is one operation of a rehearsal.
type rehearsedLeg struct {
	Operation string             `json:"operation" doc:"authorize, approve, callback, test, renew, or call: and the name of a call"`
	Result    string             `json:"result" enum:"ok,failed,skipped" doc:"skipped: a call that cannot be made without input"`
	Problem   *Problem           `json:"problem,omitempty"`
	Explain   string             `json:"explain,omitempty" doc:"The command that explains the code of the problem"`
	Requests  []rehearsedRequest `json:"requests"`
	Steps     []flowStep         `json:"steps,omitempty"`
}

// rehearsedRequest is how the provider judged a request. It verifies with code of its own.
type rehearsedRequest struct {
	Section string `json:"section"`
	Method  string `json:"method"`
	URL     string `json:"url" doc:"Without its query"`
	// Endpoint is the part of a service that the provider took the request for.
	Endpoint string `json:"endpoint,omitempty"`
	Status   int    `json:"status"`
	Verdict  string `json:"verdict" enum:"accepted,refused,unsigned" doc:"unsigned: there was nothing to verify"`
	Advice   string `json:"advice,omitempty" doc:"What the provider found, and the likely cause of a wrong signature"`
	Problem  string `json:"problem,omitempty" doc:"As the Problem Reporting extension names it"`
	// BaseString is what the provider expected to be signed.
	BaseString string `json:"baseString,omitempty"`
}

// rehearsalBody is what a rehearsal is given; the zero one has everything made up.
type rehearsalBody struct {
	Parameters map[string]any             `json:"parameters,omitempty" doc:"Values of the form; required ones that are missing are made up"`
	Common     map[string]any             `json:"common,omitempty" doc:"Common data, in the words of the dialect"`
	OutOfBand  bool                       `json:"outOfBand,omitempty" doc:"The service shows users a code instead of sending their browsers back (oob)"`
	Inputs     map[string]map[string]any  `json:"inputs,omitempty" doc:"The input of a call by its name; others get none"`
	Answers    map[string]json.RawMessage `json:"answers,omitempty" doc:"What the service answers in a section, or to a call by its name: JSON, or the text itself as a JSON string. In the answer of a token {oauth_token}, {oauth_token_secret} and the like stand for what the provider issues. Otherwise the provider says who its user is and what arrived"`
}

const (
	// rehearsalTime bounds a whole rehearsal, rehearsedCalls how many calls of the spec it makes.
	rehearsalTime  = 20 * time.Second
	rehearsedCalls = 20
)

// rehearsing is a rehearsal under way.
type rehearsing struct {
	*Rehearsal
	service *standIn
	inputs  map[string]map[string]any
	engine  *vm.Engine
	ctx     context.Context
}

// rehearse runs everything that a plan does. The error is one of this installation; what is wrong with the spec is in the
// rehearsal.
func (b *Broker) rehearse(ctx context.Context, space, only string, p *plan.Plan, in rehearsalBody) (*Rehearsal, error) {
	leave, err := b.place(ctx, b.operations, tenantOf(space))
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, rehearsalTime)
	defer cancel()
	given, err := objectOf("parameters", in.Parameters)
	if err != nil {
		return nil, err
	}
	common, err := objectOf("common", in.Common)
	if err != nil {
		return nil, err
	}
	parameters, assumed := assume(p.Connection.Parameters, given)
	common, assumedCommon := assume(p.Connection.CommonParameters, common)
	assumedCommon = append(assumedCommon, assumeRead(p.Reads("common"), common)...)
	service, err := b.newStandIn(p, in.Answers, secretsIn(p, in))
	if err != nil {
		return nil, err
	}
	host, err := b.rehearsalHost(ctx, space, only, service, common)
	if err != nil {
		return nil, err
	}
	r := &rehearsing{Rehearsal: &Rehearsal{Legs: []rehearsedLeg{}, Assumed: orEmpty(append(assumed, prefixed("common.", assumedCommon)...))}, service: service, inputs: in.Inputs, ctx: ctx}
	if r.engine, err = vm.New(p, host); err != nil {
		return nil, problem(http.StatusUnprocessableEntity, "unsupported", err.Error())
	}
	defer r.engine.Close()
	grant := vm.Grant{Parameters: parameters, RedirectURI: b.config.URL + "/callback", ConnectionID: "rehearsal"}
	if in.OutOfBand {
		grant.RedirectURI = ""
	}
	r.run(grant)
	if err := context.Cause(ctx); errors.Is(err, context.Canceled) {
		return nil, err
	}
	r.conclude(in)
	return r.Rehearsal, nil
}

// rehearsalHost is what the engine of a rehearsal is given: the policies of this installation and of the tenant, and in the
// place of the network the provider.
func (b *Broker) rehearsalHost(ctx context.Context, space, only string, service *standIn, common *value.Object) (vm.Host, error) {
	host := vm.Host{Transport: service, Tracer: service, Clock: b.host.Clock, Entropy: b.host.Entropy, Limits: b.host.Limits, Scripts: b.host.Scripts, UserAgent: b.host.UserAgent,
		AllowInsecureTLS: b.host.AllowInsecureTLS, AddSystemRoots: b.host.AddSystemRoots, Methods: service.methods(), Connections: vm.NewMemoryConnections(), Egress: b.host.Egress}
	host.Limits.RunTimeout = min(host.Limits.RunTimeout, rehearsalTime/2)
	if only != "" {
		limited, err := b.onlyTo(only)
		if err != nil {
			return host, err
		}
		host.Egress = limited.Egress
	}
	hosts, err := b.hosts(ctx, space)
	if err != nil {
		return host, err
	}
	host.Egress = host.Egress.Narrow(hosts)
	if common.Len() > 0 {
		host.Common = func(context.Context, string, string) (*value.Object, error) { return common, nil }
	}
	return host, nil
}

// objectOf reads an object of a body as engines take it.
func objectOf(name string, in map[string]any) (*value.Object, error) {
	v, err := value.ParseJSON(string(marshal(in)), nil)
	if err != nil {
		return nil, invalid(name, "type", "it cannot be read")
	}
	if o := v.Object(); o != nil {
		return o, nil
	}
	return value.NewObject(0), nil
}

// leg runs one operation and says whether it went well.
func (r *rehearsing) leg(operation string, f func() error) bool {
	r.service.begin(operation)
	err := f()
	leg := rehearsedLeg{Operation: operation, Result: "ok"}
	leg.Requests, leg.Steps = r.service.end()
	if err != nil {
		leg.Result, leg.Problem = "failed", problemOf(err)
		if name, ok := strings.CutPrefix(operation, "call:"); ok && len(leg.Requests) == 0 && r.inputs[name] == nil && leg.Problem.Class == vm.ClassSpec {
			leg.Result = "skipped"
		}
		if _, ok := reference.FindCode(leg.Problem.Code); ok {
			leg.Explain = "imlc help " + leg.Problem.Code
		}
	}
	r.Legs = append(r.Legs, leg)
	return err == nil
}

// run goes the way of a connection: made, tested, renewed and used.
func (r *rehearsing) run(grant vm.Grant) {
	var step *vm.Step
	if !r.leg("authorize", func() (err error) { step, err = r.engine.Authorize(r.ctx, grant); return err }) {
		return
	}
	conn := step.Connection
	if conn == nil {
		var query string
		if !r.leg("approve", func() (err error) {
			query, err = r.service.approve(r.ctx, step.RedirectURL, grant.RedirectURI)
			return err
		}) ||
			!r.leg("callback", func() (err error) { conn, err = r.engine.Callback(r.ctx, step.State, query); return err }) {
			return
		}
	}
	spec := r.engine.Plan().Connection
	r.leg("test", func() error { return r.engine.Test(r.ctx, conn) })
	if spec.Renews() {
		r.leg("renew", func() error {
			next, err := r.engine.Renew(r.ctx, conn)
			if err == nil {
				conn = next
			}
			return err
		})
	}
	calls := callNames(spec)
	if len(calls) > rehearsedCalls {
		r.Notes = append(r.Notes, fmt.Sprintf("Of %d calls the first %d were made.", len(calls), rehearsedCalls))
		calls = calls[:rehearsedCalls]
	}
	for _, name := range calls {
		if r.ctx.Err() != nil {
			return
		}
		r.leg("call:"+name, func() error {
			input, err := objectOf("inputs", r.inputs[name])
			if err == nil {
				_, err = r.engine.Call(r.ctx, conn, name, input)
			}
			return err
		})
	}
}

// callNames lists the calls of a spec, of all its variants.
func callNames(c *plan.Connection) []string {
	var out []string
	eachConnection(c, func(c *plan.Connection) {
		for _, call := range c.Calls {
			if !slices.Contains(out, call.Name) {
				out = append(out, call.Name)
			}
		}
	})
	return out
}

// eachConnection calls f with a connection and with each of its variants.
func eachConnection(c *plan.Connection, f func(*plan.Connection)) {
	f(c)
	for i := range c.Variants {
		eachConnection(&c.Variants[i].Connection, f)
	}
}

// conclude says what came of it all, and what it does not show.
func (r *rehearsing) conclude(in rehearsalBody) {
	r.Result = "ok"
	signed, unsigned, madeUp, beforeA := 0, 0, "", false
	var skipped []string
	for _, leg := range r.Legs {
		refused := false
		for _, q := range leg.Requests {
			switch q.Verdict {
			case "accepted":
				if q.Section != sectionApprove {
					signed++
				}
				beforeA = beforeA || strings.Contains(q.Advice, "before revision A")
			case "unsigned":
				unsigned++
			default:
				refused = true
			}
		}
		switch {
		case leg.Result == "skipped":
			skipped = append(skipped, strings.TrimPrefix(leg.Operation, "call:"))
		case leg.Result == "ok":
		case refused:
			r.Result = "refused"
		case r.Result == "ok":
			r.Result = "failed"
		}
		if leg.Result == "failed" && !refused && madeUp == "" && len(leg.Requests) > 0 {
			if last := leg.Requests[len(leg.Requests)-1]; last.Section != sectionApprove {
				if madeUp = last.Section; strings.HasPrefix(leg.Operation, "call:") {
					madeUp = strings.TrimPrefix(leg.Operation, "call:")
				}
			}
		}
	}
	note := func(text string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(text, args...)) }
	if beforeA {
		note("The spec asks for tokens without oauth_callback, as OAuth 1.0 did before revision A. Services of revision A refuse that.")
	}
	switch {
	case r.Result == "ok" && signed > 0:
		note("Every request that the spec signs was signed as RFC 5849 wants it.")
	case signed == 0 && unsigned > 0:
		note("Nothing was signed, so nothing was verified: the spec has no OAuth 1.0a.")
	}
	if signed > 0 {
		note("The consumer key and secret of the first signed request were taken for the right ones, and every other request was held to them. Whether the real ones are, the service alone knows.")
	}
	if unsigned > 0 && signed > 0 {
		note("%d requests were not signed.", unsigned)
	}
	if madeUp != "" && in.Answers[madeUp] == nil {
		note("The answer that failed was one of the provider: a token as RFC 5849 has it, or who its user is and what arrived. Say what the service answers in answers.%s, with {oauth_token} and {oauth_token_secret} for what it issues.", madeUp)
	} else {
		note("The provider answers as RFC 5849 has it when it is asked for a token, and otherwise who its user is and what arrived: nobody here knows what the service says. answers takes what it does.")
	}
	if len(r.Assumed) > 0 {
		note("Values were made up for %s.", strings.Join(r.Assumed, ", "))
	}
	if len(skipped) > 0 {
		note("Calls get no input but that of inputs, and were skipped where they need it: %s.", strings.Join(skipped, ", "))
	}
	if errors.Is(r.ctx.Err(), context.DeadlineExceeded) {
		note("It took longer than %s, and was ended.", rehearsalTime)
	}
	r.Notes = orEmpty(r.Notes)
}

// secretsIn are the texts of a rehearsal that nothing shows: what its caller gave for secret parameters and as common data.
func secretsIn(p *plan.Plan, in rehearsalBody) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if v != "" {
				once, plus := uri.Encode(v), url.QueryEscape(v)
				out = append(out, uri.Encode(once), uri.Encode(plus), once, plus, v) // the longer ones first, as in base strings
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	for _, d := range everyParameter(p.Connection.Parameters, nil) {
		if d.Secret {
			walk(in.Parameters[d.Name])
		}
	}
	walk(in.Common)
	return out
}
