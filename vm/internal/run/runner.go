package run

import (
	"context"
	"encoding/hex"
	"io"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/form"
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
	Seal func(plain []byte) (string, error)
	Open func(sealed string) ([]byte, error)
	// Pending remembers until PendingLife which runs wait for their browser.
	Pending     Pending
	PendingLife time.Duration
	// Common returns the common data of a connection, Environment the values of the environment.
	Common      func(ctx context.Context, dialect, connectionID string) (*value.Object, error)
	Environment func(ctx context.Context) (*value.Object, error)
	Limits      expr.Limits
	Trace       func(Event) // gets of requests and answers what a log may hold
	Watch       func(Event) // gets everything but the secrets
	Log         func(Record)
	Timezone    *time.Location
	ExecutionID value.Value
	Functions   map[string]*builtin.Function
	Scripts     script.Host // nil: none is run
	Methods     oauth1.Registry
	// Recover sends a free request again that was refused for its nonce or timestamp alone.
	Recover bool
}

// Pending is a store of pending keys. It is safe for concurrent use, and Take is atomic.
type Pending interface {
	Put(ctx context.Context, key string, deadline time.Time) error
	Take(ctx context.Context, key string) (bool, error)
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
}

// Redirects are the callback addresses of a run: the default one, "" for none, and further ones by name.
type Redirects struct {
	Default string
	Others  map[string]string
}

// Step is where an authorisation stands: at the redirect, or done.
type Step struct {
	RedirectURL, State string
	Connection         *Connection
}

// Start starts an authorisation of conn and runs it up to a redirect or to the end. Errors are *form.Error or *Error.
func (r *Runner) Start(ctx context.Context, conn Connection, g Grant) (*Step, error) {
	x := r.begin(ctx, conn)
	defer x.close()
	if g.Parameters != nil {
		given, err := form.Validate(x.frame.Meter(), r.plan.Connection.Parameters, g.Parameters)
		if err != nil {
			return nil, x.report(err)
		}
		x.conn.Data = overlay(x.conn.Data, given)
	}
	if err := x.enter(g.Common); err != nil {
		return nil, x.report(err)
	}
	step, err := x.start(g)
	if err != nil {
		return nil, x.report(err)
	}
	return step, nil
}

// Prove runs the stages that prove the credentials of conn, and returns it with what they changed. The error is an
// *Error.
func (r *Runner) Prove(ctx context.Context, conn Connection) (*Connection, error) {
	x, err := r.open(ctx, conn, nil)
	if err != nil {
		return nil, err
	}
	defer x.close()
	if err := x.prove(); err != nil {
		return nil, x.report(err)
	}
	conn = x.conn
	return &conn, nil
}

// Call makes a named call with conn. The error is an *Error.
func (r *Runner) Call(ctx context.Context, conn Connection, name string, input *value.Object) (value.Value, error) {
	x, err := r.open(ctx, conn, nil)
	if err != nil {
		return value.Undefined, err
	}
	defer x.close()
	v, err := x.makeCall(name, input)
	if err != nil {
		return value.Undefined, x.report(err)
	}
	return value.Detach(v), nil
}
