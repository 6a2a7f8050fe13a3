package vm

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// redirects are the callback addresses of a run.
type redirects struct{ URI, Local, Make string }

// run is one operation: start, resume, test or call. It belongs to one goroutine.
type run struct {
	engine *Engine
	ctx    context.Context
	frame  *expr.Frame
	now    time.Time

	deadline time.Time
	cancel   context.CancelFunc // of the timer, once bounded has made one

	section string
	index   int

	conn      *Connection // the working copy; Data is replaced, never changed in place
	temp      *value.Object
	common    *value.Object
	scope     []string
	redirects redirects
	secrets   []string // texts that never reach a log, a trace or an error
	few       [4]string
	own       Connection // room for the working copy of a call
	hidden    []string   // texts that never reach a log or a trace
	fresh     bool       // now was taken right before, and no host was asked since
	mask      *content.Masker

	requests    int
	jar         wire.Jar
	lastToken   string // oauth_token of the last parsed body of requestToken
	callback    string // the oauth_callback that was sent last
	confirmed   *bool  // what the last request that carried a callback was answered (spec make.md §26.8)
	tables      answer // of the request that is being run
	carried     bool   // the request that is being built carries an oauth_callback of its own, carriedText
	carriedText string
	module      bool // a call: Base applies, callbacks do not
	passing     bool // an authorisation, whose tokens are signed with once
	output      value.Value

	// The parts of the request that is being run.
	parts       parts
	out         wire.Request
	credentials credentials
	signed      oauth1.Params
	signing     signing
	answered    wire.Response

	authorization []byte // memory to write that header in
}

// runs keeps the memory of runs between operations: nothing outside an operation refers to its run once it has ended.
var runs = sync.Pool{New: func() any { return new(run) }}

// answer is what the response directives see.
type answer struct {
	have    bool
	status  int
	body    value.Value
	headers value.Value
}

// begin opens an operation, which end closes.
func (e *Engine) begin(ctx context.Context, conn *Connection, common *value.Object) (*run, error) {
	return e.open(ctx, runs.Get().(*run), conn, common)
}

// beginCall opens an operation that commits nothing: runs replace data and never change it in place, so that the copy
// of the connection may be a shallow one.
func (e *Engine) beginCall(ctx context.Context, conn *Connection) (*run, error) {
	if conn == nil || conn.Data == nil {
		return e.begin(ctx, conn.clone(), nil)
	}
	r := runs.Get().(*run)
	r.own = *conn
	return e.open(ctx, r, &r.own, nil)
}

func (e *Engine) open(ctx context.Context, r *run, conn *Connection, common *value.Object) (*run, error) {
	r.engine, r.ctx, r.conn, r.temp = e, ctx, conn, noEntries
	now := time.Now()
	r.deadline = now.Add(e.host.Limits.RunTimeout)
	r.frame = expr.Open(ctx, e.image, e.host.Limits, r.deadline)
	if e.ownClock {
		now = e.host.Clock()
	}
	r.at(now)
	r.fresh = !e.ownClock && e.host.Common == nil && e.host.Environment == nil
	if err := r.inputs(common); err != nil {
		err = r.report(err)
		r.end()
		return nil, err
	}
	return r, nil
}

// end closes an operation and gives its memory back without what it held.
func (r *run) end() {
	r.release()
	r.frame.Close()
	*r = run{authorization: r.authorization}
	runs.Put(r)
}

// tick takes a new instant; every request evaluation sees one (spec iml.md §1).
func (r *run) tick() {
	if r.fresh {
		r.fresh = false
		return
	}
	r.at(r.engine.host.Clock())
}

func (r *run) at(now time.Time) {
	h := &r.engine.host
	r.now = now
	r.frame.At(r.now, h.Timezone, h.Entropy, h.ExecutionID)
}

// inputs asks the host for common data and environment (spec make.md §26.17) and fills the roots.
func (r *run) inputs(common *value.Object) error {
	e := r.engine
	if common == nil && e.host.Common != nil {
		var err error
		if common, err = e.host.Common(r.bounded(), e.plan.Meta.Dialect, r.conn.ID); err != nil {
			return err
		}
	}
	written, err := r.eval(e.plan.Connection.Common)
	if err != nil {
		return err
	}
	r.common = secretObject(overlay(written.Object(), common)) // what the host gives wins over what the spec holds
	r.addCommon(r.common)
	r.bind(rootCommon, value.Collection(r.common))
	env := noEntries
	if e.host.Environment != nil {
		var err error
		if env, err = e.host.Environment(r.bounded()); err != nil {
			return err
		}
	}
	r.bind(rootEnvironment, value.Collection(env))
	r.bindStore()
	r.bindTemp()
	return nil
}

// noEntries is the empty object that runs begin with; nothing changes objects in place.
var noEntries = value.NewObject(0)

// secretObject returns a copy whose texts are marked as secret.
func secretObject(o *value.Object) *value.Object {
	if o.Len() == 0 {
		return noEntries
	}
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		k, v := o.At(i)
		out.Set(k, v.AsSecret())
	}
	return out
}

// addCommon remembers the texts of common data. They are masked in logs and traces (spec make.md §18), but not in the
// messages of errors, which are the author's words: a common value is often a region or a host name.
func (r *run) addCommon(o *value.Object) {
	for i := range o.Len() {
		_, v := o.At(i)
		r.hide(v)
	}
	r.mask = nil
}

func (r *run) hide(v value.Value) {
	switch v.Kind() {
	case value.KindText:
		r.hidden = append(r.hidden, v.Str())
	case value.KindArray:
		for _, item := range v.Items() {
			r.hide(item)
		}
	case value.KindCollection:
		r.addCommon(v.Object())
	}
}

func (r *run) addSecret(s string) {
	if s != "" && !slices.Contains(r.secrets, s) {
		if r.secrets == nil {
			r.secrets = r.few[:0]
		}
		r.secrets = append(r.secrets, s)
		r.mask = nil
	}
}

func (r *run) masker() *content.Masker {
	if r.mask == nil {
		r.mask = content.NewMasker(append(slices.Clone(r.secrets), r.hidden...), nil)
	}
	return r.mask
}

// holdsSecret reports whether a text holds a secret of the run.
func (r *run) holdsSecret(text string) bool { return r.masker().Holds(text) }

// sentBody is the value that the body of the request at hand was made of.
func (r *run) sentBody() value.Value {
	if r.parts.json == nil {
		return r.parts.body
	}
	v, _ := value.ParseJSON(string(r.parts.json), nil) // this engine wrote it
	return v
}

// message masks the secrets in the text of an error.
func (r *run) message(s string) string { return content.NewMasker(r.secrets, nil).Text(s) }

// bindStore shows the connection's data under its three names (spec make.md §14).
func (r *run) bindStore() {
	v := value.Collection(r.conn.Data)
	if !r.module {
		r.bind(rootParameters, v)
	}
	r.bind(rootData, v)
	r.bind(rootConnection, v)
}

func (r *run) bindTemp() { r.bind(rootTemp, value.Collection(r.temp)) }

// bindOAuth shows the scope and the redirect URIs.
func (r *run) bindOAuth() {
	if !r.knows(rootOAuth) {
		return
	}
	o := value.NewObject(4)
	o.Set("scope", texts(r.scope))
	o.Set("redirectUri", optional(r.redirects.URI))
	o.Set("localRedirectUri", optional(orElse(r.redirects.Local, r.redirects.URI)))
	o.Set("makeRedirectUri", optional(orElse(r.redirects.Make, r.redirects.URI)))
	r.bind(rootOAuth, value.Collection(o))
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// bindAnswer shows an answer to the response directives, or hides it.
func (r *run) bindAnswer(a answer) {
	r.tables = a
	if !a.have {
		r.bind(rootBody, value.Undefined)
		r.bind(rootHeaders, value.Undefined)
		r.bind(rootStatusCode, value.Undefined)
		return
	}
	r.bind(rootBody, a.body)
	r.bind(rootHeaders, a.headers)
	r.bind(rootStatusCode, value.Number(float64(a.status)))
}

// eval computes a directive; an absent one is undefined.
func (r *run) eval(ref plan.Ref) (value.Value, error) { return r.frame.Eval(ref) }

// evalObject computes a directive that must be an object; nil means absent (spec make.md §1.3).
func (r *run) evalObject(ref plan.Ref) (*value.Object, error) {
	v, err := r.eval(ref)
	if err != nil || v.IsNil() {
		return nil, err
	}
	o := v.Object()
	if o == nil {
		return nil, &Error{Type: InvalidConfigurationError,
			Message: r.engine.plan.Function(ref).Pointer + ": expected an object, got " + v.Kind().String()}
	}
	return o, nil
}

// evalText computes the text of an error message or type; an expression that fails counts as empty (spec make.md §6.1).
func (r *run) evalText(ref plan.Ref) string {
	v, err := r.eval(ref)
	if err != nil || value.IsEmpty(v) {
		return ""
	}
	return value.ToText(v)
}

// base is the request that stands under those of a call, nil when there is none (spec make.md §16).
func (r *run) base() *plan.Request {
	if !r.module {
		return nil
	}
	return r.engine.plan.Connection.Base
}

// mergeTemp evaluates a temp block against the state before it and merges it deeply (spec make.md §6.1). Of several
// blocks, that of Base and that of a request, the keys of the later win.
func (r *run) mergeTemp(refs ...plan.Ref) error {
	var block *value.Object
	for _, ref := range refs {
		part, err := r.evalObject(ref)
		if err != nil {
			return err
		}
		block = overlay(block, part)
	}
	if block == nil {
		return nil
	}
	if err := r.frame.Reserve(int64(block.Len()) * builtin.MemberBytes); err != nil {
		return err
	}
	r.temp = mergeDeep(r.temp, block)
	r.bindTemp()
	if r.tracing() {
		r.trace(Event{Kind: EventTemp, Value: r.masked(value.Collection(block))})
	}
	return nil
}

// mergeDeep returns dst with the entries of block, and changes neither: objects merge into objects, everything else
// replaces.
func mergeDeep(dst, block *value.Object) *value.Object {
	if dst.Len() == 0 && !block.Caseless() {
		return block // nothing changes objects in place
	}
	out := dst.Clone()
	for i := range block.Len() {
		k, v := block.At(i)
		if inner := v.Object(); inner != nil {
			if old := out.Value(k).Object(); old != nil {
				v = value.Collection(mergeDeep(old, inner)).Under(v)
			}
		}
		out.Set(k, v)
	}
	return out
}

// mergeData merges a data block shallowly into the stored data: undefined is skipped, null is stored (spec make.md
// §10).
func (r *run) mergeData(block *value.Object) error {
	if block.Len() == 0 {
		return nil
	}
	out := r.conn.Data.Clone()
	for i := range block.Len() {
		k, v := block.At(i)
		out.Set(k, value.Detach(v))
	}
	if err := r.frame.Reserve(builtin.Shallow(value.Collection(out))); err != nil {
		return err
	}
	r.conn.Data = out
	r.bindStore()
	return nil
}

// masked returns a value as it may be shown: what is secret by mark, by content or by the name of its field is
// replaced.
func (r *run) masked(v value.Value) value.Value { return r.masker().Response(v) }
