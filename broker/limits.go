package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm"
)

// limiter bounds what this process does for one tenant, and how often an address may try keys that do not exist.
type limiter struct {
	mu      sync.Mutex
	tenants map[string]*usage
	misses  map[string]*window
	now     func() time.Time
}

// usage is what a tenant uses now.
type usage struct {
	window   window
	parallel int
	quota    Quota
	read     time.Time
}

// window counts in a minute.
type window struct {
	began time.Time
	n     int
}

func (w *window) add(now time.Time) int {
	if now.Sub(w.began) >= time.Minute {
		w.began, w.n = now, 0
	}
	w.n++
	return w.n
}

const (
	maxMisses    = 20    // keys that do not exist, a minute and address
	maxAddresses = 10000 // that misses are kept of
)

// miss counts a key that does not exist, and returns what to say of it. Keys that exist always pass: who shares an
// address with somebody who guesses is not locked out.
func (l *limiter) miss(address string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.misses == nil || len(l.misses) > maxAddresses {
		l.misses = map[string]*window{}
	}
	if l.misses[address] == nil {
		l.misses[address] = &window{}
	}
	if l.misses[address].add(l.clock()) <= maxMisses {
		return unauthorized()
	}
	p := problem(http.StatusTooManyRequests, "too-many-attempts", "too many keys or links that do not exist; wait a minute")
	p.RetryAfter = 60
	return p
}

// guessed counts a link or a cookie that does not exist as a key that does not.
func (b *Broker) guessed(r *http.Request, err error) error {
	switch problemCode(err) {
	case "session-unknown", "sign-in-unknown", "sign-in-failed":
		if slow := b.limits.miss(remoteHost(r)); problemOf(slow).Status == http.StatusTooManyRequests {
			return slow
		}
	}
	return err
}

func (l *limiter) clock() time.Time {
	if l.now != nil {
		return l.now()
	}
	return time.Now()
}

// usage returns what a tenant may use, as it was half a minute ago at the earliest.
func (b *Broker) usage(ctx context.Context, tenant string) (Quota, error) {
	l, now := &b.limits, b.now()
	l.mu.Lock()
	u := l.of(tenant)
	quota, fresh := u.quota, now.Sub(u.read) <= 30*time.Second
	l.mu.Unlock()
	if fresh {
		return quota, nil
	}
	var t Tenant
	if _, err := b.get(ctx, "", kindTenant, tenant, &t); err != nil {
		return quota, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u = l.of(tenant)
	u.quota, u.read = t.Quota, now
	return t.Quota, nil
}

// of returns what a tenant uses; the lock is held.
func (l *limiter) of(tenant string) *usage {
	if l.tenants[tenant] == nil {
		if l.tenants == nil {
			l.tenants = map[string]*usage{}
		}
		l.tenants[tenant] = &usage{}
	}
	return l.tenants[tenant]
}

// enter counts a request of a space against the quota of its tenant. leave must be called when it is done.
func (b *Broker) enter(ctx context.Context, space string) (leave func(), err error) {
	tenant := tenantOf(space)
	if _, err := b.usage(ctx, tenant); err != nil {
		return nil, err
	}
	l, now := &b.limits, b.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(tenant)
	if u.quota.PerMinute > 0 && u.window.add(now) > u.quota.PerMinute {
		p := problem(http.StatusTooManyRequests, "rate", "the tenant has made all its requests of this minute")
		p.Retryable, p.RetryAfter = true, 1+int((time.Minute-now.Sub(u.window.began))/time.Second)
		return nil, p
	}
	if u.quota.Parallel > 0 && u.parallel >= u.quota.Parallel {
		p := problem(http.StatusTooManyRequests, "parallel", "the tenant has all its requests under way")
		p.Retryable, p.RetryAfter = true, 1
		return nil, p
	}
	u.parallel++
	return func() {
		l.mu.Lock()
		u.parallel--
		l.mu.Unlock()
	}, nil
}

// Limits returns limits of engines by which a process of a broker keeps below 128 MiB, whatever services answer.
func Limits() vm.Limits {
	return vm.Limits{Memory: 16 << 20, ValueBytes: 2 << 20, ResponseBytes: 2 << 20}
}

// maxValues is how many values a body of the API may have: in memory each takes many times what it takes in the body.
const maxValues = 5000

// readJSON is json.Unmarshal for bodies without too many values, which it counts by what stands between them.
func readJSON(data []byte, v any) error {
	values, text := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			text = !text
		case c == '\\' && text:
			i++
		case (c == ',' || c == '[' || c == '{') && !text:
			values++
		}
	}
	if values > maxValues {
		return fmt.Errorf("it has more than %d values", maxValues)
	}
	return json.Unmarshal(data, v)
}
