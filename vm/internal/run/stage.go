package run

import (
	"slices"
	"time"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// outOfBand is the callback address of a run that has none (RFC 5849 §2.1).
const outOfBand = "oob"

// start begins an authorisation and runs up to the redirect or to the end.
func (r *run) start(g Grant) (*Step, error) {
	if err := r.choose(g); err != nil {
		return nil, err
	}
	r.terms.redirects, r.terms.scope, r.terms.bind = g.Redirects, r.scopeOf(g.Scope), g.Bind
	r.terms.note = g.Note
	if r.terms.redirects.Default == "" {
		r.terms.redirects.Default = outOfBand
	}
	if r.knows(rootState) {
		var err error
		if r.terms.random, err = r.host.State(); err != nil {
			return nil, hostFailed("giving of a random text", err)
		}
	}
	r.bindTerms()
	return r.stages(0, 0)
}

// prove runs the stages that prove the credentials.
func (r *run) prove() error {
	if err := r.resumeVariant(); err != nil {
		return err
	}
	r.terms.scope = r.conn.Scope
	r.bindTerms()
	if err := r.bindIdentity(); err != nil {
		return err
	}
	for i := range r.spec.Stages {
		if s := &r.spec.Stages[i]; s.Proof {
			if err := r.requests(s.Name, s.Requests, 0, nil); err != nil {
				return err
			}
		}
	}
	return r.commit()
}

// stages runs the stages from a request of stage number first on, and commits behind the last one. A redirect ends it
// early: the run is suspended.
func (r *run) stages(first, request int) (*Step, error) {
	for i := first; i < len(r.spec.Stages); i, request = i+1, 0 {
		s := &r.spec.Stages[i]
		if s.Proof {
			if err := r.bindIdentity(); err != nil {
				return nil, err
			}
		}
		if err := r.requests(s.Name, s.Requests, request, func(next int) { r.reached(i, next) }); err != nil {
			return nil, err
		}
		if err := r.checkConfirmed(); err != nil {
			return nil, r.failure(err)
		}
		if s.Redirect == nil {
			continue
		}
		sealed, url, err := r.suspend(i)
		if err != nil {
			return nil, r.failure(err)
		}
		if url != "" {
			return &Step{RedirectURL: url, State: sealed.text, Key: sealed.key, Expires: sealed.deadline}, nil
		}
	}
	if err := r.commit(); err != nil {
		return nil, err
	}
	conn := r.conn
	return &Step{Connection: &conn}, nil
}

// commit completes the working copy in one step. What is stored is written out: parts that values share count as often
// as they are there.
func (r *run) commit() error {
	if err := r.storable(r.conn.Data); err != nil {
		return err
	}
	r.conn.Scope, r.conn.PlanHash = slices.Clone(r.terms.scope), r.hash
	r.disclose( // by now every secret of the run is known
		func() Event {
			return Event{Kind: EventCommit, Value: r.veil.masker().Response(value.Collection(r.conn.Data))}
		},
		func() Event { return Event{Kind: EventCommit} })
	return nil
}

// storable fails when the JSON of what is to be kept is longer than a value may be.
func (r *run) storable(o *value.Object) error {
	if err := r.frame.Meter().CheckJSON(value.Collection(o)); err != nil {
		return r.failure(err)
	}
	return nil
}

// requests runs the requests of a stage or a call in order, from number first on. done, if not nil, is told the number
// of the next request behind each that was made.
func (r *run) requests(name string, list []plan.Request, first int, done func(next int)) error {
	r.at.stage, r.at.request = name, first
	if len(list) > 0 && r.tracing() {
		r.trace(Event{Kind: EventSection})
	}
	for i := first; i < len(list); i++ {
		r.at.request = i
		if err := r.repeat(&list[i]); err != nil {
			return r.failure(err)
		}
		if done != nil {
			done(i + 1)
		}
	}
	return nil
}

// repeat runs one request as often as its repeat directive says; an error or a skip ends the repetition.
func (r *run) repeat(req *plan.Request) error {
	for runs := int32(1); ; runs++ {
		done, err := r.request(req)
		if err != nil || !done || req.Repeat == nil || req.Repeat.Condition == 0 {
			return err
		}
		again, err := r.condition(req.Repeat.Condition) // it sees the answer
		if err != nil || !again || req.Repeat.Limit > 0 && runs >= req.Repeat.Limit {
			return err
		}
		delay := max(time.Duration(req.Repeat.DelayMilliseconds)*time.Millisecond, r.host.Limits.RepeatDelay)
		if err := r.wait(delay); err != nil {
			return err
		}
	}
}
