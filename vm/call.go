package vm

import (
	"context"

	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/value"
)

// Call makes a named call of the spec with a connection; input is what the expressions of the call read as its input.
// The result is that of output, iterate and limit, or the body of the last answer. The error is an *Error.
func (e *Engine) Call(ctx context.Context, conn *Connection, name string, input *value.Object) (value.Value, error) {
	v, err := e.runner.Call(ctx, conn.working(), name, input)
	return v, public(err)
}

// Test runs the requests that prove the credentials and discards every change. A nil error means that the connection
// works.
func (e *Engine) Test(ctx context.Context, conn *Connection) error {
	_, err := e.runner.Prove(ctx, run.OpTest, conn.working())
	return public(err)
}

// Validate runs the requests that prove the credentials and returns the connection with what changed, and whether
// anything did: its data, label, scope or expiry, or the plan to which Host.AcceptPlan moved it, so that what is changed
// is what there is to store. An error leaves the connection as it was.
func (e *Engine) Validate(ctx context.Context, conn *Connection) (*Connection, bool, error) {
	proved, err := e.runner.Prove(ctx, run.OpValidate, conn.working())
	if err != nil {
		return conn, false, public(err)
	}
	given, out := conn.working(), stored(proved)
	if conn != nil { // who renews it goes on
		out.RenewedBy, out.RenewedUntil = conn.RenewedBy, conn.RenewedUntil
	}
	before := stored(&given)
	return out, !sameConnection(before, out), nil
}
