package run

import (
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// A trace shows of requests and answers what a log may show: nothing of their contents without a log directive, and
// nothing that lies at its paths, wherever else the run carries it. Who watches sees everything but the secrets.

// left tells of a value that a request left.
func (r *run) left(kind, what string, v value.Value) {
	r.disclose(
		func() Event {
			return Event{Kind: kind, Message: what, Value: r.veil.masker().Under(r.frame.Meter().Look).Response(v)}
		},
		func() Event {
			if r.at.unlogged {
				return Event{Kind: kind, Message: what, Value: blank(v)}
			}
			return Event{Kind: kind, Message: what, Value: r.veil.tracing().Under(r.frame.Meter().Look).Response(v)}
		})
}

// blank keeps the names of an object and nothing of its values.
func blank(v value.Value) value.Value {
	o := v.Object()
	if o == nil {
		return value.Text(value.Mask)
	}
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		k, _ := o.At(i)
		out.Set(k, value.Text(value.Mask))
	}
	return value.Collection(out)
}

// sent tells of a request that goes out.
func (x *exchange) sent(h wire.HopSent) {
	veil := &x.run.veil
	record := content.RequestRecord(h.Outgoing, x.body)
	x.run.disclose(
		func() Event {
			m := veil.masker()
			return Event{Kind: EventRequest, Hop: h.Hop, Message: h.Outgoing.Method + " " + m.URL(h.Outgoing.URL.String()), Value: m.Under(x.run.frame.Meter().Look).Request(record)}
		},
		func() Event {
			shown := veil.tracing().At(x.sanitized).Under(x.run.frame.Meter().Look).Request(record)
			method, url := shown.Object().Value("method"), shown.Object().Value("url")
			if !x.req.Log {
				o := value.NewObject(2)
				o.Set("method", method)
				o.Set("url", url)
				shown = value.Collection(o)
			}
			return Event{Kind: EventRequest, Hop: h.Hop, Message: value.ToText(method) + " " + value.ToText(url), Value: shown}
		})
}

// received tells of an answer that was read.
func (x *exchange) received(a answer) {
	veil := &x.run.veil
	e := Event{Kind: EventResponse, Status: a.status, Code: "parsed"}
	x.run.disclose(
		func() Event {
			e.Value = veil.masker().Under(x.run.frame.Meter().Look).Response(a.body)
			return e
		},
		func() Event {
			e.Value = value.Undefined
			if x.req.Log {
				record := content.ResponseRecord(a.status, a.headers, a.body)
				e.Value = veil.tracing().At(x.sanitized).Under(x.run.frame.Meter().Look).Response(record).Object().Value("body")
			}
			return e
		})
}

// keepFromTrace makes the texts at the sanitised places of a record ones that no trace shows.
func (x *exchange) keepFromTrace(record value.Value, answer bool) {
	if x.run.host.Trace != nil {
		x.run.veil.keepFromTraces(content.Sanitized(x.sanitized, answer, record))
	}
}

// derived tells how a signature came about. Of a request whose contents are not for a log only the protocol parameters
// have values.
func (x *exchange) derived(hop int, t *oauth1.Trace) {
	veil := &x.run.veil
	x.run.disclose(
		func() Event {
			return Event{Kind: EventSigned, Hop: hop, Signature: maskedTrace(veil.masker(), t, false)}
		},
		func() Event {
			hides := !x.req.Log
			for _, p := range x.req.Sanitize {
				hides = hides || !p.Answer
			}
			return Event{Kind: EventSigned, Hop: hop, Signature: maskedTrace(veil.tracing(), t, hides)}
		})
}
