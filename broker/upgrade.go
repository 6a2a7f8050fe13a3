package broker

import (
	"context"
	"net/http"

	"github.com/imlc-lang/imlc/broker/store"
)

// Upgrade is what became of connections that were to move to the current version of their spec.
type Upgrade struct {
	// Moved counts connections that work under the current plan now, Kept those that do not and stay as they were.
	Moved int `json:"moved"`
	Kept  int `json:"kept"`
	// Problems say why, for the first hundred that were kept.
	Problems []upgradeProblem `json:"problems"`
	// Next goes on behind the connections that were looked at; "" when all were.
	Next string `json:"next,omitempty"`
}

// upgradeProblem says why a connection stays with the plan that it has.
type upgradeProblem struct {
	Connection string   `json:"connection"`
	Problem    *Problem `json:"problem"`
}

// upgradePage is how many connections one request looks at.
const upgradePage = 100

// upgrade tests connections of other plans under the current plan of their spec, and moves those that pass.
func (b *Broker) upgrade(ctx context.Context, space, name, after string) (Upgrade, error) {
	out := Upgrade{Problems: []upgradeProblem{}}
	var spec Spec
	if _, err := b.get(ctx, space, kindSpec, name, &spec); err != nil {
		return out, err
	}
	found, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kindConnection, Labels: []string{"spec=" + name}, After: after, Limit: upgradePage})
	if err != nil {
		return out, err
	}
	for _, r := range found {
		var c Connection
		if err := decode(r, &c); err != nil {
			return out, err
		}
		if c.Plan == spec.Plan {
			continue
		}
		switch err := b.move(ctx, r, c, spec); {
		case ctx.Err() != nil:
			return out, ctx.Err()
		case err == nil:
			out.Moved++
		default:
			out.Kept++
			out.Problems = append(out.Problems, upgradeProblem{c.ID, b.tell("upgrade", err)})
		}
	}
	if len(found) == upgradePage {
		out.Next = found[len(found)-1].ID
	}
	_, err = b.apply(ctx, b.audit(ctx, space, "spec.upgrade", versionID(name, spec.Version)))
	return out, err
}

// move proves a connection under another plan and keeps it there.
func (b *Broker) move(ctx context.Context, r store.Record, c Connection, spec Spec) error {
	if c.Status == statusLost {
		return problem(http.StatusConflict, "needs-reconnect", "the user of the connection has to authorise again, which moves it too")
	}
	conn, err := b.unseal(ctx, r)
	if err != nil {
		return err
	}
	run, err := b.engine(ctx, r.Space, spec.Name, spec.Plan, spec.Only)
	if err != nil {
		return err
	}
	leave, err := b.occupy(ctx, r.Space, spec.Name, spec.Plan)
	if err != nil {
		return err
	}
	defer leave()
	conn.PlanHash = spec.Plan
	if conn, _, err = run.engine.Validate(run.with(ctx), conn); err != nil {
		return err
	}
	c.Plan, c.Version, c.Only, c.Checked, c.Updated = spec.Plan, spec.Version, spec.Only, b.now(), b.now()
	c.take(conn)
	c.judge(nil)
	c.Renews = run.engine.Plan().Connection.Renews()
	next, err := b.connectionRecord(ctx, r.Space, &c, conn)
	if err != nil {
		return err
	}
	next.Revision = r.Revision
	_, err = b.apply(ctx, put(next))
	return err
}
