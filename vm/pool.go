package vm

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/imlc-lang/imlc/vm/plan"
)

// Pool makes the engines of plans when they are asked for, and keeps those that were used last. It is safe for
// concurrent use.
type Pool struct {
	host Host
	load func(ctx context.Context, hash string) ([]byte, error)
	max  int

	mu    sync.Mutex
	byID  map[string]*list.Element
	order list.List // of *pooled, the one that was used last in front
}

// pooled is an engine that is being made, or was.
type pooled struct {
	hash   string
	done   chan struct{}
	engine *Engine
	err    error
	// left says that nothing is known of the plan: who made the engine has gone, by his context or a panic.
	left bool
}

// NewPool returns a pool that keeps at most max engines, each of some 30 KiB; 0 means 1 000, and a negative number none, so
// that each call of Engine makes one. load returns the file of the plan with a hash, as Engine.PlanHash,
// Connection.PlanHash and Inspect tell it: that of an old plan as long as connections of it are in use. It must be safe
// for concurrent use and is called under the context of one of those who ask. The engines share the transport, seal and
// stores of the host.
func NewPool(h Host, max int, load func(ctx context.Context, hash string) ([]byte, error)) (*Pool, error) {
	h, err := h.WithDefaults()
	if err != nil {
		return nil, err
	}
	switch {
	case max == 0:
		max = 1000
	case max < 0:
		max = 0
	}
	return &Pool{host: h, load: load, max: max, byID: map[string]*list.Element{}}, nil
}

// Host returns the host of the engines, with its defaults: for Inspect.
func (p *Pool) Host() Host { return p.host }

// Engine returns the engine of a plan. Of many who ask for one that is not there, one loads it; when that one goes, because
// its context ends or load panics, another one does. The error is that of ctx, of load, of plan.Decode (plan.ErrStale:
// compile the spec again) or of New, or ErrNoPlan when load returns no file; a plan with another hash is refused. What
// failed is tried again the next time.
func (p *Pool) Engine(ctx context.Context, hash string) (*Engine, error) {
	for {
		made, own := p.entry(hash)
		if own {
			p.fill(ctx, made)
			return made.engine, made.err
		}
		select {
		case <-made.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !made.left {
			return made.engine, made.err
		}
	}
}

// entry returns the engine of a plan, which is the caller's to make if it is new.
func (p *Pool) entry(hash string) (made *pooled, isNew bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, there := p.byID[hash]; there {
		p.order.MoveToFront(e)
		return e.Value.(*pooled), false
	}
	made = &pooled{hash: hash, done: make(chan struct{})}
	p.byID[hash] = p.order.PushFront(made)
	for p.order.Len() > p.max {
		p.drop(p.order.Back())
	}
	return made, true
}

// fill makes an engine for all who wait for it. One that failed is not kept.
func (p *Pool) fill(ctx context.Context, made *pooled) {
	made.left = true // unless make returns
	defer func() {
		if made.engine == nil {
			p.mu.Lock()
			if e := p.byID[made.hash]; e != nil && e.Value.(*pooled) == made {
				p.drop(e)
			}
			p.mu.Unlock()
		}
		close(made.done)
	}()
	made.engine, made.err = p.make(ctx, made.hash)
	made.left = made.err != nil && ctx.Err() != nil
}

func (p *Pool) drop(e *list.Element) {
	p.order.Remove(e)
	delete(p.byID, e.Value.(*pooled).hash)
}

func (p *Pool) make(ctx context.Context, hash string) (*Engine, error) {
	file, err := p.load(ctx, hash)
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, fmt.Errorf("plan %s: %w", hash, ErrNoPlan)
	}
	decoded, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", hash, err)
	}
	engine, err := New(decoded, p.host)
	if err != nil {
		return nil, err
	}
	if engine.PlanHash() != hash {
		return nil, fmt.Errorf("plan %s: the file holds the plan %s", hash, engine.PlanHash())
	}
	return engine, nil
}

// ErrNoPlan says that nobody has the plan of a hash.
var ErrNoPlan = errors.New("there is no such plan")
