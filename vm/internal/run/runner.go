package run

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/internal/state"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// Host is what runs ask of the program around them. Every field but Common, Environment, Trace, Log and Timezone is
// set.
type Host struct {
	// Client sends the requests.
	Client *wire.Client
	// AllowHTTP permits to show the secrets of a PLAINTEXT signature to everyone on the way.
	AllowHTTP bool
	Clock     func() time.Time
	Entropy   io.Reader
	Nonce     func() (string, error)
	// State gives the random text of each authorisation.
	State func() (string, error)
	// Identity gives the id of a new connection.
	Identity func() (string, error)
	// Seal and Open are the two sides of the seal of suspended state.
	Seal func(ctx context.Context, plain []byte, deadline time.Time) (string, error)
	// Save seals and keeps under a pending key what a run goes on with should its process end, Saved returns it, nil when
	// there is nothing. Both are nil when the host keeps no states.
	Save  func(ctx context.Context, key string, plain []byte, deadline time.Time) error
	Saved func(ctx context.Context, key string) ([]byte, error)
	Open  func(ctx context.Context, sealed string) ([]byte, error)
	// Keep stores what an authorisation made, before it is let go of, and makes of c what is stored then; nil when the
	// host does that by itself.
	Keep func(ctx context.Context, c *Connection) error
	// Pending remembers until PendingLife which runs wait for their browser.
	Pending     Pending
	PendingLife time.Duration
	// Common returns the common data of a connection, Environment the values of the environment.
	Common      func(ctx context.Context, dialect, connectionID string) (*value.Object, error)
	Environment func(ctx context.Context) (*value.Object, error)
	Limits      expr.Limits
	Trace       func(context.Context, Event) // gets of requests and answers what a log may hold
	Watch       func(context.Context, Event) // gets everything but the secrets
	Computed    func(context.Context, Event) // gets the value of each directive, but for the secrets
	Log         func(context.Context, Record)
	// Observe is told of each operation, and what it returns of its end. RunID gives the id of a run that somebody
	// listens to, and of a claim.
	Observe func(context.Context, Operation) (context.Context, func(Result))
	RunID   func() (string, error)
	// Allow is asked before each attempt to send a request to a host; nil allows all.
	Allow func(ctx context.Context, host string) error
	// AcceptPlan reports whether a connection of another plan may be used with this one; nil accepts none.
	AcceptPlan  func(made, now string) bool
	Timezone    *time.Location
	ExecutionID value.Value
	Functions   map[string]*builtin.Function
	Scripts     script.Host // nil: none is run
	Methods     oauth1.Registry
	// Recover sends a free request again that was refused for its nonce or timestamp alone.
	Recover bool
}

// Pending is a store of pending keys; vm.PendingStore says what its methods mean.
type Pending interface {
	Put(ctx context.Context, key string, deadline time.Time) error
	Claim(ctx context.Context, key, claim string, until time.Time) (state.Hold, error)
	Confirm(ctx context.Context, key, claim string) (bool, error)
	Release(ctx context.Context, key, claim string) error
}

// Runner makes the runs of one plan for one host. It is safe for concurrent use; what it keeps changes
// no result.
type Runner struct {
	plan  *plan.Plan
	image *expr.Image
	slots slots
	host  Host
	hash  string
	// scripts are those of the plan, by name.
	scripts map[string]script.Script

	signers signers
	// skew is the learnt difference to the clock of the service, in seconds.
	skew atomic.Int64
}

// New prepares a verified plan of a connection.
func New(p *plan.Plan, h Host) (*Runner, error) {
	image, err := expr.Link(p, h.Functions)
	if err != nil {
		return nil, err
	}
	hash, err := plan.Hash(p)
	if err != nil {
		return nil, err
	}
	return &Runner{plan: p, image: image, slots: slotsOf(image), host: h, hash: hex.EncodeToString(hash[:]), scripts: scripts(p.Connection)}, nil
}

// PlanHash identifies the plan, in hexadecimal.
func (r *Runner) PlanHash() string { return r.hash }

// Connection is a stored connection, which runs work on copies of. Data is replaced and never changed in place.
type Connection struct {
	ID       string
	Data     *value.Object
	UID      string
	Label    *Label
	Expires  time.Time // zero: never
	Scope    []string
	PlanHash string
	Variant  string
	Revision int64
	Renewals int64
	// Written is what a run has changed.
	Written state.Written
}

// Grant is what an authorisation starts with.
type Grant struct {
	// Parameters are validated and go over the data of the connection; nil leaves that as it is.
	Parameters *value.Object
	// Common stands in for Host.Common when it is not nil.
	Common    *value.Object
	Redirects Redirects
	// Scope holds the scopes wanted beyond those that the connection has, or the plan asks for by itself.
	Scope []string
	// Variant names the variant to take, "" takes the one that is enabled.
	Variant string
	// Bind is what must be there again when the browser comes back; nil is nothing.
	Bind []byte
	// Note travels with the state, at most MaxNote bytes.
	Note []byte
	// Again says that the connection exists and is authorised again.
	Again bool
}

// MaxNote bounds the note of a grant, in bytes: it travels in cookies.
const MaxNote = 1 << 10

// Redirects are the callback addresses of a run: the default one, "" for none, and further ones by name.
type Redirects struct {
	Default string
	Others  map[string]string
}

// Step is where an authorisation stands: at the redirect, or done.
type Step struct {
	RedirectURL, State, Key string
	Expires                 time.Time
	Connection              *Connection
}

// Start starts an authorisation of conn and runs it up to a redirect or to the end. Errors are *form.Error or *Error.
func (r *Runner) Start(ctx context.Context, conn Connection, g Grant) (*Step, error) {
	op := operation{Name: OpAuthorize}
	if g.Again {
		op.Name = OpReauthorize
	}
	x, err := r.begin(ctx, op, conn)
	defer x.end(&err)
	if err == nil {
		err = x.fits()
	}
	if err != nil {
		err = x.report(err)
		return nil, err
	}
	x.terms.bind = g.Bind
	if len(g.Note) > MaxNote {
		err = x.report(HostFailure("keeping of a note", fmt.Errorf("it has %d bytes, and at most %d are kept", len(g.Note), MaxNote)))
		return nil, err
	}
	if g.Parameters != nil {
		given, failed := form.Validate(x.frame.Meter(), r.plan.Connection.Parameters, g.Parameters)
		if failed != nil {
			err = x.report(failed)
			return nil, err
		}
		x.conn.Data = overlay(x.conn.Data, given)
		x.conn.wrote(given)
	}
	if err = x.enter(g.Common); err != nil {
		err = x.report(err)
		return nil, err
	}
	step, err := x.start(g)
	if err != nil {
		failed := x.failure(err)
		settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		defer cancel()
		failed.Resume = x.resumption(settling)
		err = x.report(err)
		return nil, err
	}
	return step, nil
}

// Prove runs the stages that prove the credentials of conn, and returns it with what they changed. name is that of the
// operation. The error is an *Error.
func (r *Runner) Prove(ctx context.Context, name string, conn Connection) (*Connection, error) {
	x, err := r.open(ctx, operation{Name: name}, conn, nil)
	if err != nil {
		return nil, err
	}
	defer x.end(&err)
	if err = x.prove(); err != nil {
		err = x.report(err)
		return nil, err
	}
	conn = x.conn
	return &conn, nil
}

// Call makes a named call with conn. The error is an *Error.
func (r *Runner) Call(ctx context.Context, conn Connection, name string, input *value.Object) (value.Value, error) {
	x, err := r.open(ctx, operation{Name: OpCall, Call: name}, conn, nil)
	if err != nil {
		return value.Undefined, err
	}
	defer x.end(&err)
	v, err := x.makeCall(name, input)
	if err != nil {
		err = x.report(err)
		return value.Undefined, err
	}
	return value.Detach(v), nil
}
