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
}

// NewPool returns a pool that keeps at most max engines; 0 means 1 000, each of some 30 KiB. load returns the file of
// the plan with a hash, as Engine.PlanHash, Connection.PlanHash and Inspect tell it: that of an old plan as long as
// connections of it are in use. The engines share the transport, seal and stores of the host.
func NewPool(h Host, max int, load func(ctx context.Context, hash string) ([]byte, error)) (*Pool, error) {
	h, err := h.WithDefaults()
	if err != nil {
		return nil, err
	}
	if max == 0 {
		max = 1000
	}
	return &Pool{host: h, load: load, max: max, byID: map[string]*list.Element{}}, nil
}

// Host returns the host of the engines, with its defaults: for Inspect.
func (p *Pool) Host() Host { return p.host }

// Engine returns the engine of a plan. Of many who ask for one that is not there, one loads it. The error is that of
// load, of plan.Decode (plan.ErrStale: compile the spec again) or of New; a plan with another hash is refused. What
// failed is tried again the next time.
func (p *Pool) Engine(ctx context.Context, hash string) (*Engine, error) {
	p.mu.Lock()
	e, there := p.byID[hash]
	if there {
		p.order.MoveToFront(e)
	} else {
		e = p.order.PushFront(&pooled{hash: hash, done: make(chan struct{})})
		p.byID[hash] = e
		for p.order.Len() > p.max {
			p.drop(p.order.Back())
		}
	}
	p.mu.Unlock()
	made := e.Value.(*pooled)
	if !there {
		made.engine, made.err = p.make(ctx, hash)
		if made.err != nil {
			p.mu.Lock()
			if p.byID[hash] == e {
				p.drop(e)
			}
			p.mu.Unlock()
		}
		close(made.done)
	}
	select {
	case <-made.done:
		return made.engine, made.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
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
