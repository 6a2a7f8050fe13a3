package run

import (
	"context"
	"time"
)

// The names of operations.
const (
	OpAuthorize   = "authorize"
	OpCallback    = "callback"
	OpReauthorize = "reauthorize"
	OpTest        = "test"
	OpValidate    = "validate"
	OpCall        = "call"
	OpDo          = "do"
	OpRenew       = "renew"
	OpInspect     = "inspect" // asks for what a connection signs with, or for its base URL; nothing is sent
)

// operation is what an operation is, as far as who starts it knows.
type operation struct {
	Name string
	// Call is the name of a call of the spec.
	Call string
}

// Operation identifies a run; vm.Operation says what the fields mean.
type Operation struct {
	Name, Call              string
	RunID, ConnectionID     string
	PlanHash, Plan, Variant string
}

// Result is how a run ended; vm.Result says what the fields mean.
type Result struct {
	Duration          time.Duration
	Steps, Memory     int64
	Requests, Retries int
	Err               error
}

// observed tells who observes that the run begins, and gives the run an id when anybody is there to read it.
func (r *run) observed(ctx *context.Context) error {
	h := &r.host
	if h.Observe == nil && h.Log == nil && !r.tracing() {
		return nil
	}
	var err error
	if r.id, err = h.RunID(); err != nil {
		return hostFailed("giving of a random text", err)
	}
	if h.Observe == nil {
		return nil
	}
	r.began = h.Clock()
	*ctx, r.ended = h.Observe(*ctx, Operation{
		Name: r.op.Name, Call: r.op.Call, RunID: r.id, ConnectionID: r.conn.ID, PlanHash: r.hash, Plan: r.plan.Meta.Name, Variant: r.conn.Variant,
	})
	return nil
}
