package broker

import (
	"context"
	"slices"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// revokeCall is the name of the call of a spec that takes a token back at its service. OAuth 1.0a itself has no such
// request, so the spec has to say it.
const revokeCall = "revoke"

// deleted says what became of the token of a connection that was deleted.
type deleted struct {
	Revoked string   `json:"revoked" enum:"revoked,failed,unsupported" doc:"unsupported: the spec has no call named revoke, so the token lives on at the service until its user takes it back there"`
	Problem *Problem `json:"problem,omitempty" doc:"Why the token could not be revoked"`
}

// deleteConnection revokes the token of a connection, if the spec says how, and forgets the connection. One whose token
// cannot be revoked is forgotten all the same, and the answer says so.
func (b *Broker) deleteConnection(ctx context.Context, space, id string) (deleted, error) {
	out := deleted{Revoked: "unsupported"}
	for attempt := 0; ; attempt++ {
		var c Connection
		r, err := b.get(ctx, space, kindConnection, id, &c)
		if err != nil {
			return out, err
		}
		if attempt == 0 {
			out = b.revoke(ctx, r, c)
		}
		_, err = b.apply(ctx, remove(r), b.audit(ctx, space, "connection.delete", id),
			b.event(space, "connection.deleted", id, map[string]any{"spec": c.Spec, "user": c.User, "revoked": out.Revoked}))
		if problemCode(err) == "conflict" && attempt < 5 {
			continue // a job has looked at it meanwhile
		}
		b.poke()
		return out, err
	}
}

// revoke makes the call that revokes the token of a connection.
func (b *Broker) revoke(ctx context.Context, r store.Record, c Connection) deleted {
	conn, err := b.unseal(ctx, r)
	if err != nil {
		return deleted{Revoked: "failed", Problem: b.tell("revoke", err)}
	}
	rec := &recorder{started: b.now()}
	run, err := b.recorded(ctx, r.Space, c.Spec, c.Plan, c.Only, rec)
	if err != nil {
		return deleted{Revoked: "failed", Problem: b.tell("revoke", err)}
	}
	defer run.done()
	if !revokes(run.engine.Plan().Connection, conn.Variant) {
		return deleted{Revoked: "unsupported"}
	}
	_, err = run.engine.Call(run.with(ctx), conn, revokeCall, value.NewObject(0))
	b.logFlow(ctx, r.Space, Flow{Operation: "revoke", Spec: c.Spec, Connection: c.ID, Started: rec.started}, rec, err)
	if err != nil {
		return deleted{Revoked: "failed", Problem: b.tell("revoke", err)}
	}
	return deleted{Revoked: "revoked"}
}

// revokes reports whether a connection, or the variant that was taken, has the call that revokes.
func revokes(c *plan.Connection, variant string) bool {
	for i := range c.Variants {
		if c.Variants[i].Name == variant {
			return revokes(&c.Variants[i].Connection, "")
		}
	}
	return slices.ContainsFunc(c.Calls, func(call plan.Call) bool { return call.Name == revokeCall })
}
