package run

import (
	"cmp"
	"strings"
	"sync"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// exchange is one request of a run, from its evaluation to what its answer leaves. Its memory serves later exchanges:
// nothing refers to it once close returns.
type exchange struct {
	run *run
	req *plan.Request
	out wire.Request
	res wire.Response // of a request whose answer stays in the run
	// free says that the request is one of the host's own.
	free bool
	// body is the value that the body was made of, undefined when it was written as JSON without one.
	body value.Value
	// signer signs the hops, nil none: own is one that signs this exchange only. transport is that of the credentials.
	signer    *oauth1.Signer
	own       *oauth1.Signer // nil before the first
	transport oauth1.Transport
	// signedOnly are pairs that are signed and not sent; bareForms leaves forms out whose type has parameters.
	signedOnly string
	bareForms  bool
	// hashes says that the signature holds a hash of the body.
	hashes bool
	header []byte // room for the Authorization header
	// callback is the oauth_callback that the request brings, signed or of its own; asked says that it brings one.
	callback string
	asked    bool
	// verifies says that the request exchanges temporary credentials for a token: it carries the verifier.
	verifies bool
	signed   string // SignedWithToken, SignedByConsumer, "" when it is not signed
	attempt  int    // from 1
	// late says that the host or a body was waited for since the request was evaluated.
	late   bool
	record *recorder // nil: nothing is logged
	// sanitized are the places that no log shows, as far as they are known yet.
	sanitized []content.SanitizePath
}

// keptHeader bounds the room for a header that later exchanges use, in bytes.
const keptHeader = 16 << 10

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// exchange begins an exchange, which close ends.
func (r *run) exchange(req *plan.Request) *exchange {
	x := exchanges.Get().(*exchange)
	x.run, x.req = r, req
	return x
}

// close gives up what the exchange holds, secrets above all.
func (x *exchange) close() {
	clear(x.header)
	if x.signer != nil && x.signer == x.own {
		x.own.Forget()
	}
	header, own := x.header[:0], x.own
	*x = exchange{}
	x.header, x.own = header, own
	if cap(header) <= keptHeader {
		exchanges.Put(x)
	}
}

// make sends the request and passes its answer, in res, on to receive.
func (x *exchange) make(res *wire.Response, receive func(*wire.Response) error) (err error) {
	r := x.run
	var s wire.Signer
	if x.signer != nil {
		s = signer{x}
	}
	if r.tracing() {
		x.out.Observer = observer{x}
	}
	if x.logs() {
		x.sanitize(false)
		x.keepFromTrace(x.sentRecord(), false)
	}
	if x.record = x.newRecord(); x.record != nil {
		defer func() { x.record.write(err) }() // also when a step raised
	}
	if err = x.send(s, res); err != nil {
		e := r.failure(x.configured(err))
		e.Status = res.Status
		return e
	}
	if err = receive(res); err != nil {
		return x.blamed(r.failure(err), res)
	}
	return nil
}

// logs reports whether contents of the request are asked for and anybody is there to see them.
func (x *exchange) logs() bool {
	return x.req.Log && (x.run.host.Log != nil || x.run.tracing())
}

// note makes the record of an answer and finds what of it is not to be shown.
func (x *exchange) note(res *wire.Response, a answer) (err error) {
	r := x.run
	r.bindAnswer(a)
	x.sanitize(true)
	if a.headers.IsUndefined() {
		if a.headers, err = content.HeaderValue(res.Header, r.frame.Meter()); err != nil {
			return err
		}
	}
	record := content.ResponseRecord(res.Status, a.headers, a.body)
	x.keepFromTrace(record, true)
	x.record.parsed(record)
	return nil
}

// receive parses and judges an answer, and does with it what the response directives say.
func (x *exchange) receive(res *wire.Response) error {
	r := x.run
	x.record.answered(res)
	if err := r.frame.Reserve(int64(len(res.Body))); err != nil {
		return err
	}
	a, err := r.parse(x.req, res)
	if err == nil && x.req.Response != nil && x.req.Response.Rewrite != 0 {
		a, err = r.rewriteAnswer(x.req.Response.Rewrite, a)
	}
	if err != nil {
		return err
	}
	if secret := a.body.Object().Value("oauth_token_secret"); !value.IsEmpty(secret) {
		r.veil.addSecret(value.ToText(secret)) // before the spec says under which name it keeps it
	}
	if x.logs() {
		if err := x.note(res, a); err != nil {
			return err
		}
	}
	if r.tracing() {
		x.received(a)
	}
	if x.req.Callback != plan.CallbackNotAsked {
		r.handshake.remember(x, a)
	}
	return r.settle(x.req, a)
}

// blamed adds to an error what the answer says.
func (x *exchange) blamed(e *Error, res *wire.Response) *Error {
	r := x.run
	e.RetryAfter, _ = res.RetryAfter(r.host.Clock())
	if e.Status = res.Status; e.Provider == "" && res.Status >= 400 {
		e.Provider = r.veil.masker().Excerpt(res.Body, longestExcerpt)
	}
	p := report(res)
	if p != nil && p.Code.Advice() != "" {
		e.Problem, e.Help = string(p.Code), cmp.Or(e.Help, p.Code.Advice())
		e.Code = cmp.Or(e.Code, problemCode(p.Code))
	}
	return e
}

// problemCode is the code of an error whose cause the provider names: "oauth1/token-expired" of token_expired.
func problemCode(p oauth1.ProblemCode) string {
	return "oauth1/" + strings.ReplaceAll(string(p), "_", "-")
}

// longestExcerpt bounds what is repeated of a provider's words, in bytes.
const longestExcerpt = 300

// handshake is what the requests for temporary credentials left (RFC 5849 §2.1).
type handshake struct {
	token    string // oauth_token of the last answer
	callback string // the callback address that was sent last, "" for none
	// unconfirmed says that the last request with a callback address was answered without a confirmation of it.
	unconfirmed bool
}

func (h *handshake) remember(x *exchange, a answer) {
	o := a.body.Object()
	h.token = value.ToText(o.Value(tokenParam))
	if x.asked {
		h.callback = cmp.Or(x.callback, h.callback)
		h.unconfirmed = value.ToText(o.Value("oauth_callback_confirmed")) != "true"
	}
}

// checkConfirmed looks at oauth_callback_confirmed behind the requests of a stage.
func (r *run) checkConfirmed() error {
	if !r.handshake.unconfirmed {
		return nil
	}
	r.handshake.unconfirmed = false
	e := (&Error{Class: ClassProvider, Type: RuntimeError, Code: CodeCallbackNotConfirmed}).say(message.CallbackNotConfirmed, nil)
	if r.plan.Meta.Strict {
		return e
	}
	r.warn(EventCallbackUnconfirmed, e.Message)
	return nil
}
