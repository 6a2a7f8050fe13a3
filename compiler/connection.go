package compiler

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
)

// Connection compiles a whole connection. The plan is nil when a diagnostic is an error.
func Connection(conn *ast.Connection, opts Options) (*plan.Plan, *diag.List) {
	opts.Library = cmp.Or(conn.Library, opts.Library)
	c := newCompiler(opts, conn.At.Span)
	c.plan.Meta.Dialect, c.plan.Meta.Name = conn.Dialect, conn.Name
	for _, f := range conn.Files {
		c.file(f)
	}
	c.plan.Connection = &plan.Connection{}
	if n := requests(conn); n > maxRequests {
		c.diags.Errorf("IMLC009", conn.At.Span, "the connection has %d requests: at most %d are possible", n, maxRequests).Help = "leave out what it does not need"
		return nil, c.diags
	}
	c.scripts(conn)
	c.lower(conn, c.plan.Connection)
	return c.finish()
}

// maxRequests is how many requests a connection may have: in a plan one takes a hundred times what it takes to write it.
const maxRequests = 4000

func requests(conn *ast.Connection) int {
	n := len(conn.Renew)
	for _, s := range conn.Stages {
		n += len(s.Requests)
	}
	for _, call := range conn.Calls {
		n += len(call.Requests)
	}
	for _, v := range conn.Variants {
		n += requests(v.Connection)
	}
	return n
}

// lower lowers a connection, and the variants that it offers.
func (c *compiler) lower(conn *ast.Connection, out *plan.Connection) {
	k := &lowering{compiler: c, conn: conn, out: out, verdicts: map[*ast.Verdict]int32{}}
	k.lower()
	for _, v := range conn.Variants {
		lowered := plan.Variant{Name: v.Name, Enabled: k.leaf(v.Enabled)}
		if len(v.Connection.Variants) > 0 {
			c.diags.Errorf("IMLC005", v.At.Span, "variant %q has variants of its own", v.Name).Help = "put them beside each other"
			continue
		}
		c.lower(v.Connection, &lowered.Connection)
		out.Variants = append(out.Variants, lowered)
	}
}

// lowering carries one connection from the syntax tree to the plan.
type lowering struct {
	*compiler
	conn     *ast.Connection
	out      *plan.Connection
	verdicts map[*ast.Verdict]int32
	stored   *level // the connection's own oauth, as calls and free requests see it
	flow     *level // the same as stages see it
}

// level is one level of an oauth directive.
type level = plan.OAuth

func (k *lowering) lower() {
	conn, out := k.conn, k.out
	out.DefaultScope, out.Redirects = conn.DefaultScope, conn.Redirects
	for _, s := range conn.ScopeList {
		out.ScopeList = append(out.ScopeList, plan.ScopeEntry{Name: s.Name, Description: s.Description})
	}
	for _, event := range slices.Sorted(maps.Keys(conn.Words)) {
		out.Words = append(out.Words, plan.Word{Event: event, Code: conn.Words[event]})
	}
	out.Parameters = parameters(conn.Parameters)
	out.Common, out.CommonParameters = k.leaf(conn.Common), parameters(conn.CommonParameters)
	if conn.OAuth != nil {
		k.flow = k.oauth(conn.OAuth)
		stored := *k.flow
		stored.Verifier, stored.Callback, stored.WithoutFlow = 0, 0, stored.Whole != 0
		k.stored = &stored
	}
	var base *plan.Request
	if conn.Base != nil {
		k.dispensable = true
		b := k.request(conn.Base, k.stored)
		base, k.dispensable = &b, false
	}
	for _, s := range conn.Stages {
		stage := plan.Stage{Name: s.Name, Proof: s.Proof}
		for _, r := range s.Requests {
			own := k.request(r, k.flow)
			if base != nil && r.UnderBase {
				own = inherit(conn.Base, r, base, &own)
			}
			stage.Requests = append(stage.Requests, own)
		}
		if s.Redirect != nil {
			stage.Redirect = k.redirect(s.Redirect)
		}
		out.Stages = append(out.Stages, stage)
	}
	for _, r := range conn.Renew {
		own := k.request(r, k.stored)
		if base != nil && r.UnderBase {
			own = inherit(conn.Base, r, base, &own)
		}
		out.Renew = append(out.Renew, own)
	}
	k.calls(base)
	if k.lacksToken() {
		out.TokenHelp = cmp.Or(conn.TokenHelp, "say in the spec how requests are signed with the stored token")
	}
}

// lacksToken reports whether a user is asked to authorise a signing consumer, and then free requests are not signed or,
// as calls may be, signed by the consumer alone.
func (k *lowering) lacksToken() bool {
	asks := slices.ContainsFunc(k.out.Stages, func(s plan.Stage) bool { return s.Redirect != nil })
	signs := slices.ContainsFunc(k.out.Stages, func(s plan.Stage) bool {
		return slices.ContainsFunc(s.Requests, func(r plan.Request) bool { return signingOf(r.OAuth) != unsigned })
	})
	if !asks || !signs {
		return false
	}
	if k.out.Free == nil {
		return true
	}
	if s := signingOf(k.out.Free.OAuth); s == byConsumer || s == unsigned && !switchedOff(k.out.Free.OAuth) {
		return true
	}
	return slices.ContainsFunc(k.out.Calls, func(c plan.Call) bool {
		return slices.ContainsFunc(c.Requests, func(r plan.Request) bool { return signingOf(r.OAuth) == byConsumer })
	})
}

// signing is how a request is signed, as far as its directives tell.
type signing int

const (
	unsigned   signing = iota
	byConsumer         // by the consumer alone
	withToken          // or by what only the run knows
)

func signingOf(levels []plan.OAuth) (s signing) {
	for i := range levels {
		switch o := &levels[i]; {
		case o.Off:
			s = unsigned
		case o.Token != 0 || o.Whole != 0:
			s = withToken
		case o.ConsumerKey != 0:
			s = max(s, byConsumer)
		}
	}
	return s
}

// switchedOff reports whether the author says that a request is not signed.
func switchedOff(levels []plan.OAuth) bool { return len(levels) > 0 && levels[len(levels)-1].Off }

// calls lowers Base, the calls over it, and what a free request gets.
func (k *lowering) calls(base *plan.Request) {
	switch {
	case len(k.conn.Variants) > 0: // they have free requests of their own
	case base != nil:
		k.out.Free = base
	default:
		k.free()
	}
	k.dispensable = true
	defer func() { k.dispensable = false }()
	for _, call := range k.conn.Calls {
		lowered := plan.Call{Name: call.Name}
		for _, r := range call.Requests {
			own := k.request(r, k.stored)
			if base != nil && !r.Apart {
				own = inherit(k.conn.Base, r, base, &own)
			}
			lowered.Requests = append(lowered.Requests, own)
		}
		k.out.Calls = append(k.out.Calls, lowered)
	}
}

// free lowers what a free request gets where there is no Base: the connection's own oauth, and when that has no token,
// the one of the requests that prove the credentials, which say how the stored token signs.
func (k *lowering) free() {
	var levels []plan.OAuth
	if k.stored != nil {
		levels = append(levels, *k.stored)
	}
	if own := k.conn.OAuth; own == nil || own.Token == nil && own.Whole == nil && !own.Off {
		for i, s := range k.conn.Stages {
			for j, r := range s.Requests {
				if !s.Proof || r.OAuth == nil {
					continue
				}
				written := k.out.Stages[i].Requests[j].OAuth
				level := written[len(written)-1]
				if level.Verifier, level.Callback = 0, 0; k.ofStored(level.Token) {
					k.out.Free, k.out.FreeAs = &plan.Request{OAuth: append(levels, level)}, s.Name
					return
				}
			}
		}
	}
	if levels != nil {
		k.out.Free = &plan.Request{OAuth: levels}
	}
}

// ofStored reports whether a function reads the connection's data, and nothing that only a run has.
func (k *lowering) ofStored(ref plan.Ref) bool {
	f := k.plan.Function(ref)
	if f == nil {
		return false
	}
	stored := false
	for _, in := range f.Code {
		at := in.A
		switch in.Op {
		case plan.OpRoot:
		case plan.OpPath:
			at = k.plan.Paths[in.A].Root
		default:
			continue
		}
		switch k.plan.Roots[at] {
		case ast.RootData:
			stored = true
		case ast.RootTemp, ast.RootCallback, ast.RootBody, ast.RootHeaders, ast.RootStatus:
			return false
		}
	}
	return stored
}

// leaf compiles a directive that may compute; an absent one has no function.
func (k *lowering) leaf(v ast.Value) plan.Ref {
	if v == nil {
		return 0
	}
	return k.function(v.Origin(), k.leafNode(v), plan.ModeValue)
}

// leaves is leaf for a directive that may have a fallback.
func (k *lowering) leaves(v ast.Value) []plan.Ref {
	if v == nil {
		return nil
	}
	return []plan.Ref{k.leaf(v)}
}

func (k *lowering) request(r *ast.Request, below *level) plan.Request {
	out := plan.Request{
		Pointer: r.At.Pointer, Temp: k.leaves(r.Temp), BaseURL: k.leaf(r.BaseURL), Join: plan.Join(r.Join),
		URL: k.leaf(r.URL), RawURL: r.EncodeURL == ast.FlagOff, Method: k.leaves(r.Method),
		Headers: k.layers(r.Headers, false), Query: k.layers(r.Query, r.FillQuery), QueryMode: plan.QueryMode(r.QueryMode),
		Body: k.bodyLayers(r), BodyType: k.leaves(r.BodyType), BodyJSON: k.bodyJSON(r),
		ByValue: r.Encoding.ByValue, JSONType: r.Encoding.JSONType, TextType: r.Encoding.TextType,
		Callback: plan.CallbackPolicy(r.Callback), CA: k.leaves(r.CA),
		Gzip: r.Gzip == ast.FlagOn, ShareCookies: r.ShareCookies == ast.FlagOn, InsecureTLS: r.RejectUnauthorized == ast.FlagOff,
		KeepRedirects: r.FollowRedirects == ast.FlagOff, KeepOtherRedirects: r.FollowAllRedirects == ast.FlagOff,
		TimeoutMilliseconds: int32(min(r.TimeoutMilliseconds, math.MaxInt32)),
		Log:                 r.Log, Sanitize: k.sanitize(r.Sanitize), Verdict: k.verdict(r.Verdict), Rewrite: k.leaf(r.Rewrite),
	}
	if below != nil {
		out.OAuth = append(out.OAuth, *below)
	}
	if r.OAuth != nil {
		out.OAuth = append(out.OAuth, *k.oauth(r.OAuth))
	}
	if r.Condition != nil {
		out.Condition = k.leaf(r.Condition.Expr)
	}
	if r.Repeat != nil {
		out.Repeat = &plan.Repeat{
			Condition: k.leaf(r.Repeat.Condition), DelayMilliseconds: int32(min(r.Repeat.DelayMilliseconds, math.MaxInt32)),
			Limit: int32(min(r.Repeat.Limit, math.MaxInt32)),
		}
	}
	if r.Response != nil {
		out.Response = k.response(r.Response)
	}
	return out
}

func (k *lowering) sanitize(paths []ast.SanitizePath) []plan.SanitizePath {
	var out []plan.SanitizePath
	for _, p := range paths {
		out = append(out, plan.SanitizePath{Answer: p.Answer, Steps: p.Steps, Text: k.leaf(p.Text)})
	}
	return out
}

// layers makes the one layer of a directive: a written object merges with what is below, one template replaces it.
func (k *lowering) layers(v ast.Value, fills bool) []plan.Layer {
	if v == nil {
		return nil
	}
	mode := plan.LayerReplaces
	if _, written := v.(*ast.Object); written {
		mode = plan.LayerMerge
	}
	if fills {
		mode = plan.LayerFills
	}
	return []plan.Layer{{Value: k.leaf(v), Mode: mode}}
}

// bodyLayers makes the layer of a body.
func (k *lowering) bodyLayers(r *ast.Request) []plan.Layer {
	out := k.layers(r.Body, false)
	for i := range out {
		out[i].Methods = r.BodyMethods
	}
	return out
}

// bodyJSON compiles a body that is JSON for certain to a function that writes it directly. A body that may carry a
// callback address of its own stays a value, so that the engine sees it.
func (k *lowering) bodyJSON(r *ast.Request) plan.Ref {
	if r.Body == nil || r.Encoding.ByValue {
		return 0
	}
	if r.BodyType != nil {
		if t, ok := r.BodyType.(*ast.Template); !ok {
			return 0
		} else if text, literal := t.Literal(); !literal || text != "json" {
			return 0
		}
	}
	if o, ok := r.Body.(*ast.Object); ok && r.Callback == ast.CallbackInjectUnlessCarried &&
		slices.ContainsFunc(o.Entries, func(e ast.Entry) bool { return e.Key == "oauth_callback" && !e.Spread }) {
		return 0
	}
	if n := k.leafNode(r.Body); emittable(n) {
		return k.function(r.Body.Origin(), n, plan.ModeEmit)
	}
	return 0
}

func (k *lowering) redirect(r *ast.Redirect) *plan.Redirect {
	out := &plan.Redirect{
		Pointer: r.At.Pointer, Temp: k.leaf(r.Temp), URL: k.leaf(r.URL), RawURL: r.EncodeURL == ast.FlagOff,
		Query: k.leaf(r.Query), QueryMode: plan.QueryMode(r.QueryMode), TokenFirst: r.TokenFirst,
		CallbackOptional: r.CallbackToken == ast.CallbackTokenOptional, Verdict: k.verdict(r.Verdict),
	}
	if r.Condition != nil {
		out.Condition = k.leaf(r.Condition.Expr)
	}
	if r.OAuth != nil {
		if k.flow != nil {
			out.OAuth = append(out.OAuth, *k.flow)
		}
		out.OAuth = append(out.OAuth, *k.oauth(r.OAuth))
	}
	if r.Response != nil {
		out.Response = k.response(r.Response)
	}
	return out
}

func (k *lowering) oauth(o *ast.OAuth) *plan.OAuth {
	out := &plan.OAuth{
		Off: o.Off, Whole: k.leaf(o.Whole), ConsumerKey: k.leaf(o.ConsumerKey), ConsumerSecret: k.leaf(o.ConsumerSecret),
		PrivateKey: k.leaf(o.PrivateKey), Token: k.leaf(o.Token), TokenSecret: k.leaf(o.TokenSecret), Verifier: k.leaf(o.Verifier),
		SignatureMethod: k.leaf(o.SignatureMethod), Transport: k.leaf(o.Transport), BodyHash: k.leaf(o.BodyHash),
		Callback: k.leaf(o.Callback), Realm: k.leaf(o.Realm), NeedsKey: o.NeedsKey, Version: k.leaf(o.Version),
		SignedOnly: k.leaf(o.SignedOnly), BareForms: o.BareForms,
	}
	if o.Extra != nil {
		out.Extra = k.leaf(o.Extra)
	}
	if method, ok := o.SignatureMethod.(*ast.Template); ok { // a computed one is refused when it is used
		if name, literal := method.Literal(); literal && name != "" {
			k.methods[name] = true
		}
	}
	return out
}

// verdict returns one more than the number of a verdict in the plan.
func (k *lowering) verdict(v *ast.Verdict) int32 {
	if v == nil {
		return 0
	}
	if n, ok := k.verdicts[v]; ok {
		return n
	}
	out := plan.Verdict{OnInvalid: plan.Failure(v.OnInvalid), Types: v.Types}
	for _, r := range v.Accept {
		out.Accept = append(out.Accept, plan.StatusRange{First: int32(r.First), Last: int32(r.Last)})
	}
	for _, s := range v.OnStatus {
		out.OnStatus = append(out.OnStatus, plan.StatusFailure{First: int32(s.First), Last: int32(s.Last), Failure: plan.Failure(s.Failure)})
	}
	k.out.Verdicts = append(k.out.Verdicts, out)
	k.verdicts[v] = int32(len(k.out.Verdicts))
	return k.verdicts[v]
}

func (k *lowering) response(r *ast.Response) *plan.Response {
	out := &plan.Response{
		Rewrite: k.leaf(r.Rewrite), Temp: k.leaves(r.Temp), Data: k.leaf(r.Data), DataFields: r.DataFields, UID: k.leaf(r.UID), Expires: k.leaf(r.Expires),
		Output: k.leaf(r.Output), Limit: k.leaf(r.Limit), Rows: k.leaf(r.Rows),
	}
	if r.Type != nil {
		out.Parser = k.parser(r.Type.Value)
		for _, s := range r.Type.Ranges {
			if p := k.parser(s.Parser); s.Last > 0 { // no answer has the status 0
				out.Ranges = append(out.Ranges, plan.StatusParser{First: int32(max(s.First, 1)), Last: int32(s.Last), Parser: p})
			}
		}
	}
	if r.Valid != nil {
		out.Valid = &plan.Valid{Condition: k.leaf(r.Valid.Condition), Message: k.leaf(r.Valid.Message), Type: k.leaf(r.Valid.Type), Code: r.Valid.Code}
	}
	if r.Error != nil {
		out.Error = &plan.Error{Message: k.leaf(r.Error.Message), Type: k.leaf(r.Error.Type)}
		for _, s := range r.Error.Status {
			entry := plan.StatusError{Status: int32(s.Status), Message: k.leaf(s.Message), Type: k.leaf(s.Type)}
			if s.Status > 0 {
				out.Error.Status = append(out.Error.Status, entry)
			}
		}
	}
	if r.Metadata != nil {
		out.Metadata = &plan.Metadata{Type: k.leaf(r.Metadata.Type)}
		if out.Metadata.Value = out.Metadata.Type; r.Metadata.Value != r.Metadata.Type {
			out.Metadata.Value = k.leaf(r.Metadata.Value)
		}
	}
	if r.Iterate != nil {
		out.Iterate = &plan.Iterate{Container: k.leaf(r.Iterate.Container), Condition: k.leaf(r.Iterate.Condition)}
	}
	return out
}

func (k *lowering) parser(p ast.Parser) plan.Parser {
	return plan.Parser{Kind: plan.ParseKind(p.Kind), Value: k.leaf(p.Value)}
}

// capabilities lists what an engine must have to run the plan, sorted.
func (c *compiler) capabilities() []string {
	set := map[string]bool{}
	for _, call := range c.plan.Calls {
		if strings.HasPrefix(c.plan.Strings[call.Function], builtin.LibraryScript+".") {
			continue // what they need is told by the connection
		}
		set[plan.FunctionCapability(c.plan.Strings[call.Function], call.Version)] = true
	}
	for m := range c.methods {
		set["oauth1/"+m+"@1"] = true
	}
	if c.plan.Connection != nil {
		for _, f := range c.plan.Connection.Features() {
			set[f] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}
