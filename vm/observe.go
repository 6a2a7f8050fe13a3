package vm

import (
	"context"
	"net/http"
	"time"

	"github.com/imlc-lang/imlc/vm/internal/run"
)

// Instrumented returns the host with an observer and a wrapper of transports around its own, nil for none: what observes
// already runs under the context that observe returns and is told of the end first, and what wraps already stays above
// what wrap measures. It is for telemetry that is added to a host, such as package otelimlc.
func (h Host) Instrumented(observe func(context.Context, Operation) (context.Context, func(Result)), wrap func(http.RoundTripper) http.RoundTripper) Host {
	h.Observe, h.WrapTransport = observing(observe, h.Observe), wrapping(wrap, h.WrapTransport)
	return h
}

type observer = func(context.Context, Operation) (context.Context, func(Result))

func observing(outer, inner observer) observer {
	if outer == nil || inner == nil {
		if outer == nil {
			return inner
		}
		return outer
	}
	return func(ctx context.Context, op Operation) (context.Context, func(Result)) {
		ctx, end := outer(ctx, op)
		ctx, done := inner(ctx, op)
		return ctx, func(r Result) {
			if done != nil {
				done(r)
			}
			if end != nil {
				end(r)
			}
		}
	}
}

func wrapping(inner, outer func(http.RoundTripper) http.RoundTripper) func(http.RoundTripper) http.RoundTripper {
	if inner == nil || outer == nil {
		if inner == nil {
			return outer
		}
		return inner
	}
	return func(next http.RoundTripper) http.RoundTripper { return outer(inner(next)) }
}

// Operation identifies an operation to Host.Observe.
type Operation struct {
	// Name is OpAuthorize and its like; Call is the name of the call of the spec, "" for other operations and for a name
	// that the spec does not have.
	Name, Call string
	// RunID is the id of the run, the same in its events and log records, "" for a callback whose state cannot be opened:
	// it comes to no run, and is told of as it fails. ConnectionID is that of the connection, ""
	// when it has none yet.
	RunID, ConnectionID string
	// PlanHash and Plan, its name, identify the plan, Variant what of it is used, "" when that is not known yet.
	PlanHash, Plan, Variant string
}

// The names of operations.
const (
	OpAuthorize   = run.OpAuthorize
	OpReauthorize = run.OpReauthorize
	OpCallback    = run.OpCallback
	OpTest        = run.OpTest
	OpValidate    = run.OpValidate
	OpCall        = run.OpCall
	OpDo          = run.OpDo
	OpRenew       = run.OpRenew
	OpInspect     = run.OpInspect // BaseURL and Signing, which send nothing
)

// Result is how an operation ended.
type Result struct {
	// Duration is by the clock of the host.
	Duration time.Duration
	// Steps are the evaluation steps that were taken, Memory the bytes that were charged to Limits.Memory.
	Steps, Memory int64
	// Requests counts every attempt, redirects not counted; Retries those of them that repeat another one.
	Requests, Retries int
	// Err is what the operation returned, nil when it succeeded. An operation that a panic ended, such as that of a hook of
	// the host, has an error of class host, and the panic goes on.
	Err error
}
