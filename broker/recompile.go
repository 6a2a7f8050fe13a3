package broker

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

// Recompiled is what became of plans that an older version of the program wrote in a form that this one does not read.
type Recompiled struct {
	// Plans counts those that were compiled again from the files of their spec.
	Plans int
	// Failed says of the others why not: their connections do nothing before somebody mends the spec.
	Failed []RecompileProblem
}

// RecompileProblem says why a version of a spec could not be compiled again.
type RecompileProblem struct {
	Space, Spec string
	Version     int
	Reason      string
}

// successor is the body of the record of a plan that was compiled again. Versions and connections name the old plan on,
// so that older processes of the same store, which have no use for the new one, go on with it.
type successor struct {
	// Plan is the hash of the plan that takes its place, "" when there is none, for the Reason.
	Plan   string `json:"plan,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Before are the plans that took it before: connections may have been renewed by one.
	Before []string `json:"before,omitempty"`
}

// Recompile compiles the plans again that this version of the program does not read, of all tenants. It is for the start
// of a program; any number of processes may do it at once. Without it each is compiled when it is needed first.
func (b *Broker) Recompile(ctx context.Context) (Recompiled, error) {
	var out Recompiled
	stale, err := b.stalePlans(ctx)
	if err != nil || len(stale) == 0 {
		return out, err
	}
	err = b.eachRecord(ctx, store.Query{Kind: kindTenant}, func(r store.Record) error {
		var t Tenant
		if err := decode(r, &t); err != nil {
			return err
		}
		for _, e := range t.Environments {
			if err := b.recompileSpace(ctx, t.Name+"/"+e, stale, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// eachRecord calls f with every record of a query.
func (b *Broker) eachRecord(ctx context.Context, q store.Query, f func(store.Record) error) error {
	q.Limit = 20 // plans and the files of versions can be large
	for {
		found, err := b.config.Store.List(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range found {
			if err := f(r); err != nil {
				return err
			}
			q.After = r.ID
		}
		if len(found) < q.Limit {
			return nil
		}
	}
}

// stalePlans returns the plans that this version does not read and that no plan has taken the place of, with what is kept
// of that.
func (b *Broker) stalePlans(ctx context.Context) (map[string]successor, error) {
	out := map[string]successor{}
	return out, b.eachRecord(ctx, store.Query{Kind: kindPlan}, func(r store.Record) error {
		if !isStale(r.Body) {
			return nil
		}
		var s successor
		if _, err := b.get(ctx, "", kindSuccessor, r.ID, &s); err != nil && problemOf(err).Status != http.StatusNotFound {
			return err
		}
		if s.Plan != "" {
			next, err := b.config.Store.Get(ctx, "", kindPlan, s.Plan)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err == nil && !isStale(next.Body) {
				return nil
			}
			s.Before, s.Plan = append(s.Before, s.Plan), ""
		}
		out[r.ID] = s
		return nil
	})
}

func isStale(file []byte) bool {
	_, err := plan.Decode(file[:min(len(file), 8)], plan.DecodeOptions{}) // the version is at the beginning
	return errors.Is(err, plan.ErrStale)
}

// recompileSpace compiles the versions of a space again whose plan is stale.
func (b *Broker) recompileSpace(ctx context.Context, space string, stale map[string]successor, out *Recompiled) error {
	return b.eachRecord(ctx, store.Query{Space: space, Kind: kindVersion}, func(r store.Record) error {
		var v Version
		if err := decode(r, &v); err != nil {
			return err
		}
		next, ok := stale[v.Plan]
		if !ok {
			return nil
		}
		ops := []store.Op{b.audit(ctx, space, "spec.recompile", r.ID)}
		p, err := b.recompiled(ctx, v)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			next.Reason = problemOf(err).Detail
			out.Failed = append(out.Failed, RecompileProblem{Space: space, Spec: specOf(r.ID), Version: v.Number, Reason: next.Reason})
			b.config.Log.Error("a plan cannot be compiled again", "space", space, "spec", r.ID, "reason", next.Reason)
		default:
			next.Plan, next.Reason = p.ID, ""
			ops = append(ops, put(p))
			out.Plans++
			delete(stale, v.Plan)
		}
		followed := record("", kindSuccessor, v.Plan, next)
		followed.Revision = store.Any
		_, err = b.apply(ctx, append(ops, put(followed))...)
		return err
	})
}

// recompiled compiles a version again and returns the record of its plan.
func (b *Broker) recompiled(ctx context.Context, v Version) (store.Record, error) {
	p, list, err := b.compile(ctx, v.Files, v.Asked)
	if err == nil && p == nil && v.Asked == "" {
		p, list, err = b.compile(ctx, v.Files, v.Dialect) // versions did not keep what was asked for
	}
	if err != nil {
		return store.Record{}, err
	}
	if p == nil {
		for _, d := range list.Items {
			if d.Severity == imlc.Error {
				return store.Record{}, problem(http.StatusUnprocessableEntity, "spec-invalid", fmt.Sprintf("%s: %s %s", d.Span, d.Code, d.Message))
			}
		}
	}
	return b.planRecord(p)
}

// planRecord is the record of a plan that engines take.
func (b *Broker) planRecord(p *plan.Plan) (store.Record, error) {
	var none store.Record
	data, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		return none, err
	}
	if len(data) > maxPlanBytes {
		return none, invalid("files", "too-long", "the compiled plan is too long")
	}
	sum, err := plan.Hash(p)
	if err != nil {
		return none, err
	}
	// A plan that the engine refuses must not become current.
	if _, err := vm.New(p, b.host); err != nil {
		return none, problem(http.StatusUnprocessableEntity, "unsupported", err.Error())
	}
	return store.Record{Kind: kindPlan, ID: hex.EncodeToString(sum[:]), Revision: store.Any, Body: data}, nil
}

// plan returns a compiled plan, which is verified when it is read; of one that this version of the program does not read,
// the plan that has taken its place.
func (b *Broker) plan(ctx context.Context, hash string) (*plan.Plan, error) {
	for again := false; ; again = true {
		r, err := b.config.Store.Get(ctx, "", kindPlan, hash)
		if errors.Is(err, store.ErrNotFound) {
			return nil, notFound(kindPlan, hash)
		}
		if err != nil {
			return nil, err
		}
		p, err := plan.Decode(r.Body, plan.DecodeOptions{MaxBytes: maxPlanBytes})
		if !errors.Is(err, plan.ErrStale) {
			return p, err
		}
		var s successor
		_, err = b.get(ctx, "", kindSuccessor, hash, &s)
		if err == nil && s.Plan != "" {
			if r, err = b.config.Store.Get(ctx, "", kindPlan, s.Plan); err == nil && !isStale(r.Body) {
				b.follow(hash, s)
				return plan.Decode(r.Body, plan.DecodeOptions{MaxBytes: maxPlanBytes})
			}
		}
		if err != nil && problemOf(err).Status != http.StatusNotFound && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if again || s.Reason != "" {
			return nil, staleProblem(s.Reason)
		}
		if _, err := b.Recompile(ctx); err != nil {
			return nil, err
		}
	}
}

// codeStalePlan is the code of a problem with a plan that nothing takes the place of.
const codeStalePlan = "stale-plan"

func staleProblem(reason string) *Problem {
	p := problem(http.StatusConflict, codeStalePlan, "the plan was compiled by an older version of this program, and its spec does not compile any more")
	if reason != "" {
		p.Detail += ": " + reason
	}
	p.Class, p.Help = vm.ClassSpec, "upload the spec again, and upgrade its connections"
	return p
}

// follow remembers that plans are the same spec, compiled by several versions of the program.
func (b *Broker) follow(hash string, s successor) {
	b.successors.Store(hash, hash)
	for _, h := range append(s.Before, s.Plan) {
		b.successors.Store(h, hash)
	}
}

// acceptPlan reports whether connections of one plan go on with another: when both are the same spec.
func (b *Broker) acceptPlan(made, now string) bool {
	a, ok := b.successors.Load(made)
	c, also := b.successors.Load(now)
	return ok && also && a == c
}
