package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// breaker sets things aside that fail again and again, so that they do not cost everybody time and places: after some
// failures within a time, when more failed than went well, nothing is tried for a while; then one attempt shows whether
// the rest may follow, and the while is twice as long if not. It is safe for concurrent use.
type breaker struct {
	failures              int // that set a thing aside
	within, rest, longest time.Duration
	now                   func() time.Time
	refused               atomic.Int64

	mu     sync.Mutex
	things map[thing]*attempts
}

// thing is what is set aside: a host for a tenant, or a version of a spec in a space. What one tenant does to a host is
// nothing to others.
type thing struct{ owner, name, plan string }

// attempts are those since the first failure. until is zero while the thing is in use.
type attempts struct {
	began, until   time.Time
	failed, passed int
	rest           time.Duration
	code           string // of the last failure
	trying         bool   // one attempt is made
}

// maxThings bounds what a breaker knows of; beyond it all is forgotten, which only costs finding it out again.
const maxThings = 10000

// wait returns how long the thing is set aside still, and 0 when it may be tried.
func (b *breaker) wait(t thing) (time.Duration, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.things[t]
	if a == nil || a.until.IsZero() {
		return 0, ""
	}
	now := b.now()
	if wait := a.until.Sub(now); wait > 0 {
		b.refused.Add(1)
		return wait, a.code
	}
	a.trying, a.until = true, now.Add(a.rest) // others wait for what becomes of this one, or for its end if nothing does
	return 0, ""
}

// tried says what became of an attempt: the code of its failure, "" when it went well.
func (b *breaker) tried(t thing, code string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, now := b.things[t], b.now()
	if code == "" {
		switch {
		case a == nil:
		case a.until.IsZero():
			a.passed++
		case a.trying:
			delete(b.things, t)
		}
		return
	}
	if a == nil || a.until.IsZero() && now.Sub(a.began) > b.within {
		if b.things == nil || len(b.things) >= maxThings {
			b.things = map[thing]*attempts{}
		}
		a = &attempts{began: now}
		b.things[t] = a
	}
	switch {
	case a.trying:
		a.trying, a.code, a.rest = false, code, min(2*a.rest, b.longest)
		a.until = now.Add(a.rest)
	case a.until.IsZero():
		a.code = code
		if a.failed++; a.failed >= b.failures && a.failed > a.passed {
			a.rest = b.rest
			a.until = now.Add(a.rest)
		}
	}
}

// aside returns what is set aside of an owner, all owners for "", in order.
func (b *breaker) aside(owner string) []SetAside {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []SetAside
	for t, a := range b.things {
		if !a.until.IsZero() && (owner == "" || t.owner == owner) {
			out = append(out, SetAside{t.name, t.plan, a.until, a.code})
		}
	}
	slices.SortFunc(out, func(a, b SetAside) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.Plan, b.Plan)) })
	return out
}

// SetAside says that a version of a spec is not used for a while.
type SetAside struct {
	name  string
	Plan  string    `json:"plan"`
	Until time.Time `json:"until" doc:"When it is tried again"`
	Code  string    `json:"code" doc:"The limit that its operations reached last"`
}

// breakers are those of a broker.
type breakers struct{ specs, hosts breaker }

func (b *breakers) init(now func() time.Time) {
	b.specs = breaker{failures: 5, within: 15 * time.Minute, rest: time.Minute, longest: 15 * time.Minute, now: now}
	b.hosts = breaker{failures: 10, within: time.Minute, rest: 10 * time.Second, longest: 5 * time.Minute, now: now}
}

// setAside is the problem of what is set aside; it lasts as long as wait says.
func setAside(code, class, what string, wait time.Duration) *Problem {
	p := problem(http.StatusServiceUnavailable, code, what)
	p.Class, p.Retryable, p.RetryAfter = class, true, 1+int(wait/time.Second)
	return p
}

// trySpec refuses an operation of a spec that is set aside.
func (b *Broker) trySpec(space, spec, plan string) error {
	wait, code := b.breakers.specs.wait(thing{space, spec, plan})
	if wait == 0 {
		return nil
	}
	return setAside("spec-set-aside", vm.ClassLimit, fmt.Sprintf("the spec %s is set aside for a while, because its operations reach limits again and again, at last %s", spec, code), wait)
}

// asideOf returns what of a spec is set aside in this process.
func (b *Broker) asideOf(space, spec string) []SetAside {
	return slices.DeleteFunc(b.breakers.specs.aside(space), func(a SetAside) bool { return a.name != spec })
}

// occupy waits for a place for an operation of a spec, unless the spec is set aside.
func (b *Broker) occupy(ctx context.Context, space, spec, plan string) (leave func(), err error) {
	if err := b.trySpec(space, spec, plan); err != nil {
		return nil, err
	}
	return b.place(ctx, b.operations, tenantOf(space))
}

// exhausted returns the code of a limit of the engine that an operation reached by itself: not by the size of an answer or
// of what a caller sent, nor because it was given up.
func exhausted(err error) string {
	var reached *vm.LimitError
	if !errors.As(err, &reached) || reached.Code == limit.CodeCancelled || strings.HasPrefix(reached.Code, "limit/") || strings.HasPrefix(reached.Name, "request ") {
		return ""
	}
	if reached.Code == limit.CodeOther {
		return reached.Name
	}
	return reached.Code
}

// guard has engines of a host tell how operations end, whether hosts answer and what is sent and received, and keeps them
// from hosts that do not answer.
func (b *Broker) guard(host vm.Host) vm.Host {
	allow := host.Allow
	host.Allow = func(ctx context.Context, name string) error {
		if r, ok := ctx.Value(runningKey{}).(*running); ok {
			if wait, _ := b.breakers.hosts.wait(r.host(name)); wait > 0 {
				return setAside("host-set-aside", vm.ClassNetwork, "the service does not answer, and is left alone for a while", wait)
			}
		}
		if allow == nil {
			return nil
		}
		return allow(ctx, name)
	}
	return host.Instrumented(func(ctx context.Context, op vm.Operation) (context.Context, func(vm.Result)) {
		r, ok := ctx.Value(runningKey{}).(*running)
		if !ok || op.Name == vm.OpDo || op.Name == vm.OpInspect { // what callers send by themselves costs no place
			return ctx, nil
		}
		return ctx, func(end vm.Result) {
			if code := exhausted(end.Err); code != "" || !gaveUp(ctx) {
				b.breakers.specs.tried(thing{r.key.space, r.key.spec, r.key.plan}, code)
			}
		}
	}, func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			r, ok := req.Context().Value(runningKey{}).(*running)
			if !ok {
				return next.RoundTrip(req)
			}
			res, err := next.RoundTrip(req)
			if code, its := noAnswer(req, r.body, err); its {
				b.breakers.hosts.tried(r.host(req.URL.Hostname()), code)
			}
			if n := req.ContentLength; n > 0 && !r.body.passes() {
				b.count(r, b.metrics.sent, int(n))
			}
			if err == nil && res.Body != nil && res.Body != http.NoBody {
				res.Body = &received{res.Body, b, r}
			}
			return res, err
		})
	})
}

// gaveUp reports whether it was the caller who ended an operation.
func gaveUp(ctx context.Context) bool { return errors.Is(context.Cause(ctx), context.Canceled) }

// noAnswer says why a host gave no answer, "" when it did. its is false when that is not of its doing: the address is
// refused here, the caller has gone, or does not send his body.
func noAnswer(req *http.Request, body *paced, err error) (code string, its bool) {
	if err == nil {
		return "", true
	}
	cause := wire.CauseOf(err)
	if cause == wire.CausePolicy || gaveUp(req.Context()) || body != nil && body.stuck.Load() {
		return "", false
	}
	return string(cause), true
}

// host is a host of a service, for the tenant of an engine.
func (r *running) host(name string) thing {
	return thing{owner: tenantOf(r.key.space), name: strings.ToLower(strings.Trim(name, "[]"))}
}
