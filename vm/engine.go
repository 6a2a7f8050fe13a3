package vm

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
)

// Engine runs one compiled connection for one host. It is immutable and safe for concurrent use; all state of a run
// lives in the run.
type Engine struct {
	plan   *plan.Plan
	image  *expr.Image
	slots  slots
	host   Host
	client *wire.Client
	hash   string

	signers   signers
	passwords bool // the form has a password
	ownClock  bool // the host's clock is not that of the system
}

// Format implements fmt.Formatter: an engine prints as the name of its plan, without the keys that it keeps.
func (e *Engine) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "vm.Engine(%s)", e.plan.Meta.Name) }

// New prepares a verified plan (plan.Decode verifies) for a host. It fails with an *UnsupportedError when the plan
// needs what the engine does not have.
func New(p *plan.Plan, h Host) (*Engine, error) {
	if p.Connection == nil {
		return nil, fmt.Errorf("the plan holds a template, expected a connection; run it with NewProgram")
	}
	if !trusted(p, h.TrustedKeys) {
		return nil, fmt.Errorf("the plan is not signed by a trusted key: %w", plan.ErrUntrusted)
	}
	ownClock := h.Clock != nil
	h, err := h.withDefaults()
	if err != nil {
		return nil, err
	}
	functions := make(map[string]*builtin.Function, len(h.Functions))
	for _, f := range h.Functions {
		functions[f.Name] = f
	}
	if missing := plan.Missing(p, capable(functions, h.Methods)); len(missing) > 0 {
		return nil, &UnsupportedError{Missing: missing}
	}
	m, err := expr.Link(p, functions)
	if err != nil {
		return nil, err
	}
	hash, err := plan.Hash(p)
	if err != nil {
		return nil, err
	}
	return &Engine{ownClock: ownClock, passwords: anyPassword(p.Connection.Parameters), plan: p, image: m, slots: slotsOf(m), host: h, hash: hex.EncodeToString(hash[:]), client: wire.NewClient(wire.ClientOptions{
		Transport: h.Transport, Egress: h.Egress, UserAgent: h.UserAgent, MaxRedirects: h.Limits.Redirects, MaxBody: h.Limits.ResponseBytes,
		Timeout: h.Limits.RequestTimeout, AddSystemRoots: h.AddSystemRoots, AllowInsecureTLS: h.AllowInsecureTLS,
	})}, nil
}

// capable returns what this engine has, by the names of plan capabilities.
func capable(host map[string]*builtin.Function, methods oauth1.Registry) func(string) bool {
	return func(name string) bool {
		kind, rest, _ := strings.Cut(name, "/")
		id, version, _ := strings.Cut(rest, "@")
		switch kind {
		case "fn":
			f, ok := builtin.Resolve(id, host)
			return ok && strconv.Itoa(f.Version) == version
		case "oauth1":
			_, err := methods.Lookup(id)
			return err == nil && version == "1"
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

// trusted reports whether the plan may run: with keys, it must carry the signature of one of them, which plan.Decode
// found to fit.
func trusted(p *plan.Plan, keys []ed25519.PublicKey) bool {
	return len(keys) == 0 || p.Signature != nil && slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return k.Equal(ed25519.PublicKey(p.Signature.Key[:])) })
}
