package vm

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Engine runs one compiled connection for one host. It is immutable and safe for concurrent use; all state of a run lives
// in the run.
type Engine struct {
	plan   *plan.Plan
	image  *image
	host   Host
	client *wire.Client
	hash   string
}

// New prepares a verified plan (plan.Decode verifies) for a host. It fails with an *UnsupportedError when the plan needs
// what the engine does not have.
func New(p *plan.Plan, h Host) (*Engine, error) {
	if p.Connection == nil {
		return nil, fmt.Errorf("the plan holds a template, expected a connection; run it with NewProgram")
	}
	h, err := h.withDefaults()
	if err != nil {
		return nil, err
	}
	functions := make(map[string]*builtin.Function, len(h.Functions))
	for _, f := range h.Functions {
		functions[f.Name] = f
	}
	if missing := plan.Missing(p, capable(functions)); len(missing) > 0 {
		return nil, &UnsupportedError{Missing: missing}
	}
	m, err := link(p, functions, value.NewShapes())
	if err != nil {
		return nil, err
	}
	return &Engine{plan: p, image: m, host: h, hash: hex.EncodeToString(p.Meta.SourceHash[:]), client: wire.NewClient(wire.ClientOptions{
		Transport: h.Transport, Egress: h.Egress, UserAgent: h.UserAgent, MaxRedirects: h.Limits.Redirects, MaxBody: h.Limits.ResponseBytes,
		Timeout: h.Limits.RequestTimeout, AddSystemRoots: h.AddSystemRoots, AllowInsecureTLS: h.AllowInsecureTLS,
	})}, nil
}

// capable returns what this engine has, by the names of plan capabilities.
func capable(host map[string]*builtin.Function) func(string) bool {
	return func(name string) bool {
		kind, rest, _ := strings.Cut(name, "/")
		id, version, _ := strings.Cut(rest, "@")
		switch kind {
		case "iml":
			f, ok := host[id]
			if !ok {
				f, ok = builtin.Lookup(id)
			}
			return ok && fmt.Sprint(f.Version) == version
		case "dialect":
			return slices.Contains(Dialects, id) && version == "1"
		}
		return false
	}
}

// Dialects are the dialects whose plans this engine runs.
var Dialects = []string{"make"}

// Plan returns the plan of the engine, which must not be changed.
func (e *Engine) Plan() *plan.Plan { return e.plan }

// Close releases idle connections of the engine's own transport. Running operations are not affected.
func (e *Engine) Close() { e.client.CloseIdleConnections() }
