package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"sync"

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

type engineKey struct{ space, spec, plan string }

// running is an engine with the settings of its spec.
type running struct {
	engine     *vm.Engine
	parameters *value.Object
	common     *value.Object
}

// maxEngines bounds what is kept; beyond it all are forgotten, which only costs making them again.
const maxEngines = 1000

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

// engine returns the engine of a plan of a spec.
func (b *Broker) engine(ctx context.Context, space, spec, hash, only string) (*running, error) {
	key := engineKey{space, spec, hash}
	b.engines.mu.Lock()
	r := b.engines.byID[key]
	b.engines.mu.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := b.newEngine(ctx, space, spec, hash, only, nil)
	if err != nil {
		return nil, err
	}
	b.engines.mu.Lock()
	defer b.engines.mu.Unlock()
	if b.engines.byID == nil || len(b.engines.byID) >= maxEngines {
		b.engines.byID = map[engineKey]*running{}
	}
	b.engines.byID[key] = r
	return r, nil
}

// traced has an engine tell a tracer what it does.
func traced(t vm.Tracer) func(*vm.Host) { return func(h *vm.Host) { h.Tracer = t } }

// newEngine makes an engine; change, if not nil, may change its host.
func (b *Broker) newEngine(ctx context.Context, space, spec, hash, only string, change func(*vm.Host)) (*running, error) {
	p, err := b.plan(ctx, hash)
	if err != nil {
		return nil, err
	}
	parameters, common, err := b.settings(ctx, space, spec)
	if err != nil {
		return nil, err
	}
	host := b.host
	if only != "" {
		if host, err = b.onlyTo(only); err != nil {
			return nil, err
		}
	}
	host.Connections = connections{b, space}
	if change != nil {
		change(&host)
	}
	engine, err := vm.New(p, host)
	if err != nil {
		return nil, err
	}
	return &running{engine: engine, parameters: parameters, common: common}, nil
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
	host.States = b.host.States
	return host.WithDefaults()
}

type commonKey struct{}

// with returns a context in which the engine finds the common data of its spec.
func (r *running) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, commonKey{}, r.common)
}

// common is the engine's way to common data.
func (b *Broker) common(ctx context.Context, _, _ string) (*value.Object, error) {
	o, _ := ctx.Value(commonKey{}).(*value.Object)
	return o, nil
}
