package run

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// The kinds of events.
const (
	EventSection  = "section"
	EventTemp     = "temp"
	EventSkipped  = "skipped"
	EventSigned   = "signed"
	EventRequest  = "request"
	EventResponse = "response"
	EventRetry    = "retry"
	EventRedirect = "redirect"
	EventStored   = "stored"
	EventIdentity = "identity"
	EventSuspend  = "suspend"
	EventResume   = "resume"
	EventCommit   = "commit"
	EventError    = "error"
	EventWarning  = "warning"
	EventConsole  = "console"
	EventUnset    = "unset"
	EventAlone    = "consumer-alone"
	EventValue    = "value"
)

// The names of what a run warns of; those of package ast, which a plan has words for.
const (
	EventCallbackUnconfirmed = "callback-unconfirmed"
	EventUnknownErrorType    = "unknown-error-type"
	EventUnknownLabelType    = "unknown-label-type"
	EventLabelCut            = "label-cut"
	EventBodyBecameText      = "body-became-text"
	EventRealmLeftOut        = "realm-left-out"
	EventRepeatedKey         = "repeated-key"
	EventTrailingSpace       = "form/trailing-space"
	EventNoRows              = "answer/no-rows"
	EventFieldMissing        = "oauth1/field-missing"
)

// Event is one step of a run; vm.Event says what the fields mean.
type Event struct {
	Kind          string
	Time          time.Time
	Section       string
	Request, Hop  int
	Code, Message string
	Detail        string
	Value         value.Value
	Status        int
	Signature     *oauth1.Trace
	Steps         int64
	RunID         string
	ConnectionID  string
	PlanHash      string
}

func (r *run) tracing() bool { return r.host.Trace != nil || r.host.Watch != nil }

// trace tells of a step that holds nothing of requests and answers.
func (r *run) trace(e Event) {
	r.tell(r.host.Watch, e)
	r.tell(r.host.Trace, e)
}

// disclose tells of a step: whole to who watches, shown to who traces. They are made for those that are there.
func (r *run) disclose(whole, shown func() Event) {
	if r.host.Watch != nil {
		r.tell(r.host.Watch, whole())
	}
	if r.host.Trace != nil {
		r.tell(r.host.Trace, shown())
	}
}

func (r *run) tell(to func(context.Context, Event), e Event) {
	if to == nil {
		return
	}
	e.Time, e.Section, e.Request = r.host.Clock(), r.at.stage, r.at.request
	e.Steps, e.RunID, e.ConnectionID, e.PlanHash = r.frame.Spent(), r.id, r.conn.ID, r.hash
	to(r.clock.ctx, e)
}

// warn traces something that a run tolerates, under the word that the plan has for it.
func (r *run) warn(event, message string) {
	if r.tracing() {
		r.trace(Event{Kind: EventWarning, Code: r.word(event), Message: message})
	}
}

// word returns the plan's word for an event, or else its own name.
func (r *run) word(event string) string {
	for _, c := range [...]*plan.Connection{r.spec, r.plan.Connection} {
		for _, w := range c.Words {
			if w.Event == event {
				return w.Code
			}
		}
	}
	return event
}

// observer passes the hops of a request on to the tracer.
type observer struct{ *exchange }

// HopSent implements wire.Observer.
func (o observer) HopSent(h wire.HopSent) { o.sent(h) }

// ResponseReceived implements wire.Observer.
func (o observer) ResponseReceived(h wire.ResponseReceived) {
	o.run.trace(Event{Kind: EventResponse, Hop: h.Hop, Status: h.Status})
}

// RedirectFollowed implements wire.Observer. Where the answer sends the request is part of its contents, but for the
// query.
func (o observer) RedirectFollowed(h wire.RedirectFollowed) {
	event := func(to string) func() Event {
		return func() Event {
			return Event{Kind: EventRedirect, Hop: h.Hop, Status: h.Status, Message: o.run.veil.tracing().URL(to)}
		}
	}
	o.run.disclose(event(h.To.String()), event(h.To.Base()))
}
