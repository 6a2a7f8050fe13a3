package run

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/vm/internal/state"
	"github.com/imlc-lang/imlc/vm/value"
)

// milestone is what a run has behind a request that nobody can ask the user to repeat: what was granted must not be
// lost because something behind it fails. Data is replaced and never changed in place, so that a milestone is a few
// words.
type milestone struct {
	stage, request int // where the run goes on
	temp           *value.Object
	conn           Connection
}

// reached notes that a request of a stage was made. Before a redirect nothing is lost that costs a user anything.
func (r *run) reached(stage, next int) {
	for i := stage; i < len(r.spec.Stages); i++ {
		if r.spec.Stages[i].Redirect != nil {
			return
		}
	}
	first := r.granted == nil
	if first {
		r.granted = new(milestone)
	}
	*r.granted = milestone{stage, next, r.temp, r.conn}
	if first && r.claimed != "" && r.host.Save != nil && !r.over(stage, next) {
		// A failure to keep it is none of the run: it only matters when this process ends within the next moments.
		if text, err := r.encode(r.goesOn()); err == nil {
			_ = r.host.Save(r.bounded(), r.claimed, text, r.host.Clock().Add(r.host.PendingLife))
		}
	}
}

// over reports whether no request is left.
func (r *run) over(stage, next int) bool {
	return stage == len(r.spec.Stages)-1 && next == len(r.spec.Stages[stage].Requests)
}

// goesOn is what goes on at the milestone.
func (r *run) goesOn() *state.Continuation {
	g, back := r.granted, r.back.Object()
	if back == nil {
		back = noEntries
	}
	c := r.continuation("", g.stage, g.temp, &g.conn)
	c.Request, c.Callback = g.request, back
	return c
}

// resumption seals what goes on behind the last request that was made, "" when there is none or when it cannot be kept.
func (r *run) resumption(ctx context.Context) string {
	if r.granted == nil {
		return ""
	}
	id, err := r.host.RunID()
	if err != nil {
		return ""
	}
	c := r.goesOn()
	for _, kept := range [...]*value.Object{c.Temp, c.Data} {
		if within, _ := value.JSONWithin(value.Collection(kept), mostResumed, nil); !within {
			return ""
		}
	}
	c.Key = "failed run " + id
	s, err := r.sealed(ctx, c, c.Encode())
	if err != nil {
		return ""
	}
	return s.text
}

// mostResumed is how much a run may hold that failed and is to go on, in bytes of JSON: it is sealed when the run has
// ended already.
const mostResumed = 1 << 20

// suspended is a continuation that was sealed, and is known to the pending store.
type suspended struct {
	text, key string
	deadline  time.Time
}

// continuation is what of the run outlives it, with temp and a connection as they are then. key is what it waits under.
func (r *run) continuation(key string, stage int, temp *value.Object, conn *Connection) *state.Continuation {
	c := &state.Continuation{
		Key: key, ConnectionID: conn.ID, PlanHash: r.hash, Variant: conn.Variant, Stage: stage,
		Temp: temp, Data: conn.Data, Common: r.terms.granted, Scope: r.terms.scope,
		Redirect: r.terms.redirects.Default, Redirects: r.terms.redirects.Others, Random: r.terms.random,
		Deadline: r.host.Clock().Add(r.host.PendingLife),
		UID:      conn.UID, Label: (*state.Label)(conn.Label), Expires: conn.Expires, Secrets: r.veil.secrets,
		Bind: state.BindDigest(r.terms.bind), Revision: conn.Revision, Renewals: conn.Renewals, Note: r.terms.note,
	}
	if c.Revision > 0 { // of a new connection all is the run's own
		c.Written = conn.Written
	}
	return c
}

// encode writes a continuation. Parts that values share count as often as they are there, so this is known before.
func (r *run) encode(c *state.Continuation) ([]byte, error) {
	for _, kept := range [...]*value.Object{c.Temp, c.Data} {
		if err := r.storable(kept); err != nil {
			return nil, err
		}
	}
	return c.Encode(), nil
}

// seal seals a continuation and makes it known to the pending store.
func (r *run) seal(ctx context.Context, c *state.Continuation) (suspended, error) {
	text, err := r.encode(c)
	if err == nil {
		err = r.frame.Meter().Ended() // of a long text
	}
	if err != nil {
		return suspended{}, err
	}
	return r.sealed(ctx, c, text)
}

// sealed seals the text of a continuation.
func (r *run) sealed(ctx context.Context, c *state.Continuation, text []byte) (out suspended, err error) {
	out.deadline = c.Deadline
	if out.text, err = r.host.Seal(ctx, text, c.Deadline); err != nil {
		return out, hostFailed("sealing of state", err)
	}
	out.key = state.PendingKey(out.text)
	if err := r.host.Pending.Put(ctx, out.key, c.Deadline); err != nil {
		return out, hostFailed("keeping of pending authorisations", err)
	}
	return out, nil
}
