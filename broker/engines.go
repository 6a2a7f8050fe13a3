package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

func marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("broker: %v", err)) // plain data that came from JSON
	}
	return data
}

// engines keeps an engine for each spec that is in use, and what its owner gives to connections.
type engines struct {
	mu   sync.Mutex
	byID map[engineKey]*running
}

type engineKey struct {
	space, spec, plan string
	traced            bool
}

// running is an engine with the settings of its spec.
type running struct {
	key        engineKey
	engine     *vm.Engine
	hosts      []string // those of the tenant
	parameters *value.Object
	common     *value.Object
	revision   int64 // of the settings
	read       time.Time
	body       *paced    // of one proxied request that has one
	recorder   *recorder // of one operation, nil when nothing is recorded
	done       func()    // ends the operation
}

// maxEngines bounds what is kept; beyond it all are forgotten, which only costs making them again.
const maxEngines = 1000

// engine returns the engine of a plan of a spec, made anew when the settings of the spec have changed. It shares its
// connections with other engines, so nobody closes it.
func (b *Broker) engine(ctx context.Context, space, spec, hash, only string) (*running, error) {
	return b.keptEngine(ctx, engineKey{space, spec, hash, false}, only)
}

// recorded is engine for one operation whose steps are recorded, unless the spec is set aside. It waits until there is room
// for one: operations hold answers in memory. done must be called behind it.
func (b *Broker) recorded(ctx context.Context, space, spec, hash, only string, rec *recorder) (*running, error) {
	r, err := b.keptEngine(ctx, engineKey{space, spec, hash, true}, only)
	if err != nil {
		return nil, err
	}
	leave, err := b.occupy(ctx, space, spec, hash)
	if err != nil {
		return nil, err
	}
	own := *r
	own.recorder, own.done = rec, leave
	return &own, nil
}

func (b *Broker) keptEngine(ctx context.Context, key engineKey, only string) (*running, error) {
	b.engines.mu.Lock()
	r := b.engines.byID[key]
	b.engines.mu.Unlock()
	if r != nil && time.Since(r.read) < freshness {
		return r, nil
	}
	settings, err := b.settings(ctx, key.space, key.spec)
	if err != nil {
		return nil, err
	}
	hosts, err := b.hosts(ctx, key.space)
	if err != nil {
		return nil, err
	}
	next := running{key: key, parameters: settings.parameters, common: settings.common, revision: settings.revision, hosts: hosts, read: time.Now()}
	if r != nil && r.revision == settings.revision && slices.Equal(r.hosts, hosts) {
		next.engine = r.engine
	} else if next.engine, err = b.newEngine(ctx, key, only, func(h *vm.Host) {
		if next.common == nil {
			h.Common = nil // asking for it would cost every request a timer
		}
	}); err != nil {
		return nil, err
	}
	b.engines.mu.Lock()
	defer b.engines.mu.Unlock()
	if b.engines.byID == nil || len(b.engines.byID) >= maxEngines {
		b.engines.byID = map[engineKey]*running{}
	}
	b.engines.byID[key] = &next
	return &next, nil
}

// forget drops the engines of a spec, whose settings have changed.
func (e *engines) forget(space, spec string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k := range e.byID {
		if k.space == space && k.spec == spec {
			delete(e.byID, k)
		}
	}
}

// newEngine makes an engine; change, if not nil, may change its host.
func (b *Broker) newEngine(ctx context.Context, key engineKey, only string, change func(*vm.Host)) (*vm.Engine, error) {
	p, err := b.plan(ctx, key.plan)
	if err != nil {
		return nil, err
	}
	host := b.host
	if only != "" {
		if host, err = b.onlyTo(only); err != nil {
			return nil, err
		}
	}
	hosts, err := b.hosts(ctx, key.space)
	if err != nil {
		return nil, err
	}
	host.Egress, host.Connections = host.Egress.Narrow(hosts), connections{b, key.space}
	if key.traced {
		host.Tracer = tracer{}
	}
	if change != nil {
		change(&host)
	}
	return vm.New(p, host)
}

// onlyTo returns a host whose engines reach one origin of this machine and nothing else.
func (b *Broker) onlyTo(origin string) (vm.Host, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return vm.Host{}, fmt.Errorf("%q is no origin", origin)
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil || !addr.IsLoopback() {
		return vm.Host{}, fmt.Errorf("%q is no origin of this machine", origin)
	}
	host := b.config.Host
	host.Egress = wire.Egress{AllowPrivate: true, Hosts: []string{u.Host}}
	host.Transport = nil
	host.Seal, host.Pending, host.PendingTTL, host.Common = b.host.Seal, b.host.Pending, b.host.PendingTTL, b.host.Common
	host.States, host.AcceptPlan = b.host.States, b.host.AcceptPlan
	return host.WithDefaults()
}

type runningKey struct{}

// with returns a context in which the engine finds the common data of its spec, and who records its steps.
func (r *running) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, runningKey{}, r)
}

// common is the engine's way to common data.
func (b *Broker) common(ctx context.Context, _, _ string) (*value.Object, error) {
	if r, ok := ctx.Value(runningKey{}).(*running); ok {
		return r.common, nil
	}
	return nil, nil
}

// tracer hands events to the recorder of their operation.
type tracer struct{}

// Event implements vm.Tracer.
func (tracer) Event(ctx context.Context, e vm.Event) {
	if r, ok := ctx.Value(runningKey{}).(*running); ok && r.recorder != nil {
		r.recorder.event(e)
	}
}
