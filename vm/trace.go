package vm

import (
	"slices"
	"time"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// Tracer receives the events of runs, in order, in the goroutine of the run. What it gets is masked: secrets appear as
// value.Mask. A nil Tracer costs nothing.
type Tracer interface{ Event(Event) }

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventSection  EventKind = "section"  // a section begins
	EventTemp     EventKind = "temp"     // temp was merged; Value is the block
	EventSkipped  EventKind = "skipped"  // a condition was falsy
	EventSigned   EventKind = "signed"   // a request was signed; Signature tells how
	EventRequest  EventKind = "request"  // a request is sent; Value is its record
	EventResponse EventKind = "response" // an answer came; Value is its record, Status its status
	EventRedirect EventKind = "redirect" // a redirect is followed; Message is its target
	EventStored   EventKind = "stored"   // data was merged; Value is the block
	EventIdentity EventKind = "identity" // uid, metadata or expires was set; Message says which, Value is the value
	EventSuspend  EventKind = "suspend"  // the run waits for the browser; Message is the URL
	EventResume   EventKind = "resume"   // the run goes on; Value is the callback's query
	EventCommit   EventKind = "commit"   // the connection was committed
	EventError    EventKind = "error"    // the run failed; Code and Message tell why
	EventWarning  EventKind = "warning"  // a run-time warning; Code is MAKE501…505
)

// Event is one step of a run.
type Event struct {
	Kind    EventKind
	Time    time.Time
	Section string
	// Request is the number of the request in its section, from 0; Hop that of the redirect.
	Request, Hop  int
	Code, Message string
	Value         value.Value
	Status        int
	Signature     *oauth1.Trace
	// Steps is the number of evaluation steps taken so far in the operation.
	Steps int64
}

// The codes of run-time warnings (spec make.md §19).
const (
	codeUnconfirmed    = "MAKE501"
	codeErrorType      = "MAKE502"
	codeMetadataType   = "MAKE503"
	codeBecameText     = "MAKE504"
	codeRealmLeftOut   = "MAKE505"
	codeDuplicateField = "IMLC501" // a JSON key of an answer was written twice
)

// LogRecord is the record of one request (spec make.md §18). Request and Response are undefined unless the spec has a
// log directive; what they hold is sanitised and masked.
type LogRecord struct {
	Time              time.Time
	Section           string
	Request           int
	Method            string
	Host, Path        string
	Status            int
	Duration          time.Duration
	Sent, Received    value.Value
	ErrorType, Error  string
	ErrorCode, Reason string
}

func (r *run) trace(e Event) {
	if r.engine.host.Tracer == nil {
		return
	}
	e.Time, e.Section, e.Request = r.engine.host.Clock(), r.section, r.index
	e.Steps = r.frame.Spent()
	r.engine.host.Tracer.Event(e)
}

func (r *run) tracing() bool { return r.engine.host.Tracer != nil }

func (r *run) warn(code, message string) {
	if r.tracing() {
		r.trace(Event{Kind: EventWarning, Code: code, Message: message})
	}
}

// observer passes the hops of a request on to the tracer.
type observer struct{ run *run }

func (o observer) HopSent(h wire.HopSent) {
	o.run.trace(Event{Kind: EventRequest, Hop: h.Hop, Message: h.Outgoing.Method + " " + o.run.masker().URL(h.Outgoing.URL.String()),
		Value: o.run.masker().Request(content.RequestRecord(h.Outgoing, o.run.sentBody()))})
}

func (o observer) ResponseReceived(h wire.ResponseReceived) {
	o.run.trace(Event{Kind: EventResponse, Hop: h.Hop, Status: h.Status})
}

func (o observer) RedirectFollowed(h wire.RedirectFollowed) {
	o.run.trace(Event{Kind: EventRedirect, Hop: h.Hop, Status: h.Status, Message: o.run.masker().URL(h.To.String())})
}

// maskedTrace returns a copy of a derivation without the secrets of the run, which a spec may send as ordinary
// parameters.
func (r *run) maskedTrace(t *oauth1.Trace) *oauth1.Trace {
	out := *t
	m := r.masker()
	out.URL = m.URL(t.URL)
	plain := make([]uri.Pair, len(t.Params))
	mask := func(list []oauth1.Param) []oauth1.Param {
		list = slices.Clone(list)
		for i := range list {
			p := &list[i]
			p.Name, p.Value = m.Text(p.Name), m.Text(p.Value)
			p.EncodedName, p.EncodedValue = uri.Encode(p.Name), uri.Encode(p.Value)
		}
		return list
	}
	out.Params, out.Sorted = mask(t.Params), mask(t.Sorted)
	for i, p := range out.Params {
		plain[i] = p.Pair
	}
	out.Normalized = oauth1.Normalize(plain)
	out.BaseURI = m.Text(t.BaseURI)
	out.BaseString = oauth1.BaseString(t.Method, out.BaseURI, out.Normalized)
	return &out
}
