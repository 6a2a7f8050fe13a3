package broker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
)

// freshness is how long what was read from the store is used without another look at its revision. What this process
// writes is known here at once; what another one writes, such as the revocation of a key, after this time.
const freshness = time.Second

// cache keeps what was made of records by their keys. It is safe for concurrent use.
type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	held map[K]held[V]
	// written counts what was dropped: what was read before that is not kept.
	written int64
}

type held[V any] struct {
	value    V
	revision int64
	read     time.Time
}

// maxHeld bounds a cache; beyond it all is forgotten, which only costs reading it again.
const maxHeld = 5000

// get returns what is held of a key, whether it is fresh, and a mark for put.
func (c *cache[K, V]) get(key K) (h held[V], found, fresh bool, mark int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	h, found = c.held[key]
	return h, found, found && time.Since(h.read) < freshness, c.written
}

// put keeps what was read since get gave the mark.
func (c *cache[K, V]) put(key K, value V, revision, mark int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if mark != c.written {
		return
	}
	if c.held == nil || len(c.held) >= maxHeld {
		c.held = map[K]held[V]{}
	}
	c.held[key] = held[V]{value, revision, time.Now()}
}

// drop forgets a key that was written.
func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written++
	delete(c.held, key)
}

// load returns what make makes of a record, made anew when the record has another revision than the time before.
func load[K comparable, V any](ctx context.Context, c *cache[K, V], s store.Store, key K, space, kind, id string, make func(store.Record) (V, error)) (V, error) {
	h, found, fresh, mark := c.get(key)
	if fresh {
		return h.value, nil
	}
	r, err := s.Get(ctx, space, kind, id)
	if err == nil && (!found || r.Revision != h.revision) {
		h.value, err = make(r)
	}
	if err != nil {
		var none V
		if errors.Is(err, store.ErrNotFound) {
			err = notFound(kind, id)
		}
		return none, err
	}
	c.put(key, h.value, r.Revision, mark)
	return h.value, nil
}

// name is what a record of a kind is called: its space and its id.
type name struct{ space, id string }

// caches are what a broker keeps of its store.
type caches struct {
	keys        cache[string, apiKey]
	connections cache[name, *opened]
}

// opened is a connection with its data. Nothing changes it.
type opened struct {
	Connection
	conn *vm.Connection
}

// watched is a store whose writes are known to the caches at once.
type watched struct {
	store.Store
	caches  *caches
	tenancy *tenancy
}

// Apply implements store.Store.
func (s watched) Apply(ctx context.Context, ops ...store.Op) ([]store.Record, error) {
	out, err := s.Store.Apply(ctx, ops...)
	for _, op := range ops {
		switch op.Kind {
		case kindKey:
			s.caches.keys.drop(op.ID)
		case kindTenant:
			s.tenancy.looked.Store(0)
		case kindConnection:
			s.caches.connections.drop(name{op.Space, op.ID})
		}
	}
	return out, err
}

// heldConnection returns a connection as every proxied request needs it.
func (b *Broker) heldConnection(ctx context.Context, space, id string) (*opened, error) {
	return load(ctx, &b.caches.connections, b.config.Store, name{space, id}, space, kindConnection, id, func(r store.Record) (*opened, error) {
		o := &opened{}
		if err := decode(r, &o.Connection); err != nil {
			return nil, err
		}
		var err error
		o.conn, err = b.unseal(ctx, r)
		return o, err
	})
}
