package run

import (
	"context"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/vm/plan"
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
	// Call is the name that a call is asked for by.
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
		Name: r.op.Name, Call: r.callOfSpec(r.op.Call), RunID: r.id, ConnectionID: r.conn.ID, PlanHash: r.hash, Plan: r.plan.Meta.Name, Variant: r.conn.Variant,
	})
	return nil
}

// callOfSpec returns the name of a call of the spec or of one of its variants, "" for any other name: whoever observes
// makes names of spans and attributes of metrics of it, and what a user typed has no bound.
func (r *run) callOfSpec(name string) string {
	if name == "" || hasCall(r.plan.Connection, name) {
		return name
	}
	for i := range r.plan.Connection.Variants {
		if hasCall(&r.plan.Connection.Variants[i].Connection, name) {
			return name
		}
	}
	return ""
}

func hasCall(c *plan.Connection, name string) bool {
	return slices.ContainsFunc(c.Calls, func(c plan.Call) bool { return c.Name == name })
}
