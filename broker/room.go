package broker

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
)

// tenantOf is the tenant of a space.
func tenantOf(space string) string {
	tenant, _, _ := strings.Cut(space, "/")
	return tenant
}

// room bounds how many of something there are at a time, and leaves places to every tenant: one gets a place while it
// holds fewer than are free, so that whoever holds the most leaves half to all others, the next a half of that, and so
// on. A tenant that nobody shares the installation with gets them all. It is safe for concurrent use.
type room struct {
	most    int
	mu      sync.Mutex
	taken   int
	held    map[string]int // by tenant, those that hold any
	waiting []*waiter      // in the order that they came
}

// waiter is somebody who waits for a place; turn is closed when he has one.
type waiter struct {
	tenant string
	alone  bool
	turn   chan struct{}
}

func newRoom(most int) *room { return &room{most: most, held: map[string]int{}} }

// enter waits for a place; alone says that there is no other tenant. leave must be called when it is done, and may be
// called again.
func (r *room) enter(ctx context.Context, tenant string, alone bool) (leave func(), err error) {
	w := &waiter{tenant, alone, make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, w)
	r.seat()
	r.mu.Unlock()
	leave = sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.taken--
		if r.held[tenant]--; r.held[tenant] == 0 {
			delete(r.held, tenant)
		}
		r.seat()
	})
	select {
	case <-w.turn:
		return leave, nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	for i, other := range r.waiting {
		if other == w {
			r.waiting = append(r.waiting[:i], r.waiting[i+1:]...)
			r.mu.Unlock()
			return nil, ctx.Err()
		}
	}
	r.mu.Unlock()
	leave() // the place came at the same moment
	return nil, ctx.Err()
}

// seat gives the places that are free to those who came first of those who may have one.
func (r *room) seat() {
	for i := 0; i < len(r.waiting) && r.taken < r.most; i++ {
		w := r.waiting[i]
		if !w.alone && r.held[w.tenant] >= r.most-r.taken {
			continue
		}
		r.waiting = append(r.waiting[:i], r.waiting[i+1:]...)
		r.taken++
		r.held[w.tenant]++
		close(w.turn)
		i-- // nobody before him may have one now: fewer are free
	}
}

// counts returns how many places are taken, and how many wait for one.
func (r *room) counts() (taken, waiting int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken, len(r.waiting)
}

// place waits for a place of a room for a tenant.
func (b *Broker) place(ctx context.Context, r *room, tenant string) (leave func(), err error) {
	return r.enter(ctx, tenant, b.alone(ctx))
}

// tenancy remembers whether the installation has several tenants. Tenants stay, so that it never has one again.
type tenancy struct {
	several atomic.Bool
	// looked is when one was found last, in nanoseconds; 0 is never.
	looked atomic.Int64
}

// aloneFor is how long one tenant is taken for the only one without another look. One that is made in this process is known
// at once.
const aloneFor = 30 * time.Second

// alone reports whether the installation has one tenant; when nobody can tell it has several.
func (b *Broker) alone(ctx context.Context) bool {
	t := &b.tenancy
	if t.several.Load() {
		return false
	}
	now := time.Now().UnixNano()
	if now-t.looked.Load() < int64(aloneFor) {
		return true
	}
	found, err := b.config.Store.List(ctx, store.Query{Kind: kindTenant, Limit: 2})
	if err != nil {
		return false
	}
	if len(found) > 1 {
		t.several.Store(true)
		return false
	}
	t.looked.Store(now)
	return true
}
