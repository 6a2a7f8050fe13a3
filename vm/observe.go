package vm

import (
	"time"

	"github.com/imlc-lang/imlc/vm/internal/run"
)

// Operation identifies an operation to Host.Observe.
type Operation struct {
	// Name is OpAuthorize and its like; Call is the name of the call of the spec, "" for other operations.
	Name, Call string
	// RunID is the id of the run, the same in its events and log records. ConnectionID is that of the connection, ""
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
	// Err is what the operation returned, nil when it succeeded.
	Err error
}
