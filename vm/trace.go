package vm

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/value"
)

// Tracer receives the events of runs, in order, in the goroutine of the run. A trace is a log: it shows of the contents
// of requests and answers what the spec lets a log hold, and nothing of those that it wants no log of. Secrets appear
// as value.Mask. The context is that of the operation. A nil Tracer costs nothing.
type Tracer interface {
	Event(ctx context.Context, e Event)
}

// Watcher is a Tracer that gets each event a second time, before Event does, with everything but the secrets in it: to
// learn from what it must not show, or to show it to somebody who may see it.
type Watcher interface {
	Tracer
	Watch(ctx context.Context, e Event)
}

// ValueWatcher is a Watcher that also gets what came out of each directive of the spec, as an event of its own kind in the
// order of evaluation and without the secrets: to explain a run. Making these events costs as much as the values are large.
type ValueWatcher interface {
	Watcher
	Computed(ctx context.Context, e Event)
}

// The kinds of events.
const (
	EventSection  = run.EventSection  // a stage or a call begins
	EventTemp     = run.EventTemp     // temp was merged; Value is the block
	EventSkipped  = run.EventSkipped  // a condition was falsy
	EventSigned   = run.EventSigned   // a request was signed; Signature tells how
	EventRequest  = run.EventRequest  // a request is sent; Value is its record
	EventResponse = run.EventResponse // an answer came, with its Status; with the code "parsed" its Value
	EventRetry    = run.EventRetry    // the request is sent again, because the service was not there; Status is that of its answer
	EventRedirect = run.EventRedirect // a redirect is followed; Message is its target
	EventStored   = run.EventStored   // data was merged; Value is the block
	EventIdentity = run.EventIdentity // uid, metadata or expires was set; Message says which, Value is the value
	EventSuspend  = run.EventSuspend  // the run waits for the browser; Message is the URL
	EventResume   = run.EventResume   // the run goes on; Value is the callback's query
	EventCommit   = run.EventCommit   // the connection was committed; a Watcher gets its data as Value
	EventError    = run.EventError    // the run failed; Code and Message tell why
	EventConsole  = run.EventConsole  // a script printed Message, of the level Code
	EventAlone    = run.EventAlone    // a call or a free request is signed without the token that the user was asked for; Message says what to do
	EventUnset    = run.EventUnset    // uid or label is written and came to nothing; Message says where and why
	EventValue    = run.EventValue    // a directive was computed; Message is its pointer, Value what came out: for a ValueWatcher only
	EventWarning  = run.EventWarning  // the run tolerates something; Code is the dialect's word for it, or its name, see below
)

// What a run warns of. A plan has the word of its dialect for each, which is what Event.Code holds then; oauth1 and
// form warn under names of their own, such as "oauth1/repeated-field".
const (
	EventCallbackUnconfirmed = run.EventCallbackUnconfirmed // the service did not confirm the callback address
	EventUnknownErrorType    = run.EventUnknownErrorType    // an error type is none that the dialect knows
	EventUnknownLabelType    = run.EventUnknownLabelType    // a label has another type than text, email or url
	EventLabelCut            = run.EventLabelCut            // a label was too long
	EventBodyBecameText      = run.EventBodyBecameText      // an answer could not be parsed and was taken as text
	EventRealmLeftOut        = run.EventRealmLeftOut        // realm has no place in a query or a body
	EventRepeatedKey         = run.EventRepeatedKey         // a JSON key of an answer was written twice
)

// Event is one step of a run.
type Event struct {
	Kind    string
	Time    time.Time
	Section string
	// Request is the number of the request in its section, from 0; Hop that of the redirect.
	Request, Hop  int
	Code, Message string
	// Detail is, of an error without an answer, what the transport said (Error.Detail): it is not for users.
	Detail    string
	Value     value.Value
	Status    int
	Signature *oauth1.Trace
	// Steps is the number of evaluation steps taken so far in the operation.
	Steps int64
	// RunID is the id of the run, the same in its log records; ConnectionID is that of the connection, "" when it has
	// none, and PlanHash that of the plan.
	RunID, ConnectionID, PlanHash string
}

// LogRecord is the record of one attempt to send a request. Sent and Received are undefined unless the spec asks for a log of the
// contents; what they hold is sanitised and masked. Error says what the transport said as well (Error.Detail): it is not
// for users.
type LogRecord struct {
	Time                        time.Time
	Section                     string
	Request                     int
	Method                      string
	Host, Path                  string // the host without a port, unlike those of Egress.Hosts and Plan.Hosts
	Status                      int
	Duration                    time.Duration
	Sent, Received              value.Value
	ErrorType, ErrorCode, Error string
	// RunID, ConnectionID and PlanHash are those of Event. Attempt counts from 1; each has a record.
	RunID, ConnectionID, PlanHash string
	Attempt                       int
	// Signed is SignedWithToken or SignedByConsumer, "" for a request that is not signed.
	Signed string
}

// How a request is signed: with a token, or by the consumer alone.
const (
	SignedWithToken  = run.SignedWithToken
	SignedByConsumer = run.SignedByConsumer
)
