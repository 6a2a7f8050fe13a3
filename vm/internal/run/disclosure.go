package run

import (
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// A trace shows of requests and answers what a log may show: nothing of their contents without a log directive,
// and nothing that lies at its paths, wherever else the run carries it. Host.TraceAll shows everything but the secrets.

// shown returns a value that a request left as a trace may show it.
func (r *run) shown(v value.Value) value.Value {
	if r.host.TraceAll || !r.at.unlogged {
		return r.veil.masked(v)
	}
	return blank(v)
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

// sent returns the event of a request that goes out.
func (x *exchange) sent(h wire.HopSent) Event {
	m := x.run.veil.tracing()
	e := Event{Kind: EventRequest, Hop: h.Hop, Message: h.Outgoing.Method + " " + m.URL(h.Outgoing.URL.String())}
	record := content.RequestRecord(h.Outgoing, x.body)
	if x.run.host.TraceAll {
		e.Value = m.Request(record)
		return e
	}
	if x.req.Log {
		record = x.run.veil.tracing().At(x.sanitized).Request(record)
	} else {
		o := value.NewObject(2)
		o.Set("method", record.Object().Value("method"))
		o.Set("url", record.Object().Value("url"))
		record = m.Request(value.Collection(o))
	}
	e.Value = record
	e.Message = value.ToText(record.Object().Value("method")) + " " + value.ToText(record.Object().Value("url"))
	return e
}

// received returns the event of an answer that was read.
func (x *exchange) received(a answer) Event {
	r := x.run
	e := Event{Kind: EventResponse, Status: a.status, Code: "parsed"}
	switch {
	case r.host.TraceAll:
		e.Value = r.veil.masked(a.body)
	case x.req.Log:
		e.Value = r.veil.tracing().At(x.sanitized).Response(content.ResponseRecord(a.status, a.headers, a.body)).Object().Value("body")
	}
	return e
}

// keepFromTrace makes the texts at the sanitised places of a record ones that no trace shows.
func (x *exchange) keepFromTrace(record value.Value, answer bool) {
	if !x.run.tracing() || x.run.host.TraceAll {
		return
	}
	x.run.veil.keepFromTraces(content.Sanitized(x.sanitized, answer, record))
}

// derivation returns a derivation as a trace may show it: of a request whose contents are not for a log only the
// protocol parameters.
func (x *exchange) derivation(t *oauth1.Trace) *oauth1.Trace {
	hides := !x.run.host.TraceAll && (!x.req.Log || sanitizesRequest(x.req))
	return x.run.veil.maskedTrace(t, hides)
}

func sanitizesRequest(req *plan.Request) bool {
	for _, p := range req.Sanitize {
		if !p.Answer {
			return true
		}
	}
	return false
}
