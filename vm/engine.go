package vm

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/full" // an engine runs every plan: regular expressions, RSA keys
	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/plan"
	_ "github.com/imlc-lang/imlc/vm/plan/sign" // signed plans
)

// Engine runs one compiled connection for one host. It is immutable and safe for concurrent use; all state of a run
// lives in the run.
type Engine struct {
	plan   *plan.Plan
	host   Host
	client *wire.Client
	runner *run.Runner
	// flights are the renewals under way.
	flights flights
}

// New prepares a verified plan (plan.Decode verifies) for a host. It fails with an *UnsupportedError when the plan
// needs what the engine does not have, and with plan.ErrUntrusted when it must be signed and is not.
func New(p *plan.Plan, h Host) (*Engine, error) {
	if p.Connection == nil {
		return nil, errors.New("the plan holds a template, expected a connection; run it with expr.NewProgram")
	}
	if !trusted(p, h.TrustedKeys) {
		return nil, fmt.Errorf("the plan is not signed by a trusted key: %w", plan.ErrUntrusted)
	}
	h, err := h.WithDefaults()
	if err != nil {
		return nil, err
	}
	functions := make(map[string]*builtin.Function, len(h.Functions))
	for _, f := range h.Functions {
		functions[f.Name] = f
	}
	if missing := plan.Missing(p, capable(functions, &h)); len(missing) > 0 {
		return nil, &UnsupportedError{Missing: explained(missing, p.Connection)}
	}
	client := wire.NewClient(wire.ClientOptions{
		Transport: h.Transport, Wrap: h.WrapTransport, Egress: h.Egress, UserAgent: h.UserAgent,
		MaxRedirects: h.Limits.Redirects, MaxBody: h.Limits.ResponseBytes, Timeout: h.Limits.RequestTimeout, AddSystemRoots: h.AddSystemRoots, AllowInsecureTLS: h.AllowInsecureTLS,
	})
	runner, err := run.New(p, h.forRuns(client, functions))
	if err != nil {
		return nil, err
	}
	return &Engine{plan: p, host: h, client: client, runner: runner}, nil
}

// Plan returns the plan of the engine, which must not be changed.
func (e *Engine) Plan() *plan.Plan { return e.plan }

// PlanHash identifies the plan, in hexadecimal; it is that of the connections that the engine makes.
func (e *Engine) PlanHash() string { return e.runner.PlanHash() }

// Close closes the idle connections of the engine's transport, which are also those of the engines that share it; one
// of the host is asked by its method CloseIdleConnections. Running operations are not affected, and the engine can be
// used on. An engine that is dropped without it leaves connections as long as they may be idle, 90 seconds with a
// wire.Transport.
func (e *Engine) Close() { e.client.CloseIdleConnections() }

// Format implements fmt.Formatter: an engine prints as the name of its plan, without the keys that it keeps.
func (e *Engine) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "vm.Engine(%s)", e.plan.Meta.Name) }

// trusted reports whether the plan may run: with keys, it must carry the signature of one of them, which plan.Decode
// found to fit.
func trusted(p *plan.Plan, keys []ed25519.PublicKey) bool {
	return len(keys) == 0 || p.Signature != nil && slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool {
		return k.Equal(ed25519.PublicKey(p.Signature.Key[:]))
	})
}

// capable returns what this engine has, by the names of plan capabilities.
func capable(host map[string]*builtin.Function, h *Host) func(string) bool {
	return func(capability string) bool {
		name, version, _ := strings.Cut(capability, "@")
		kind, id, _ := strings.Cut(name, "/")
		switch kind {
		case "fn":
			f, ok := builtin.Resolve(id, host)
			return ok && strconv.Itoa(f.Version) == version
		case "oauth1":
			_, err := h.Methods.Lookup(id)
			return err == nil && version == "1"
		}
		if capability == plan.FeatureScripts {
			return h.Scripts != nil
		}
		return slices.Contains(features, capability)
	}
}

// explained says of missing scripts which they are.
func explained(missing []string, c *plan.Connection) []string {
	out := slices.Clone(missing)
	for i, m := range out {
		if m != plan.FeatureScripts {
			continue
		}
		var list []string
		for _, s := range c.Scripts {
			file := ""
			for _, n := range s.Modules {
				if module := c.Modules[n.Number-1]; file == "" && module.Form != plan.ModuleOwn {
					file = module.Name + ": "
				}
			}
			list = append(list, file+s.Title)
		}
		out[i] += " (a host of scripts, Host.Scripts, for " + strings.Join(list, ", ") + ")"
	}
	return out
}

// features are the features of connections that this engine has.
var features = []string{plan.FeatureQueryAppend, plan.FeatureQueryMerge, plan.FeatureQueryOverride, plan.FeatureQueryFill,
	plan.FeatureBodyByValue, plan.FeatureTokenAnswer, plan.FeatureCallbackOptional, plan.FeatureVariants,
	plan.FeatureCommonParameters, plan.FeatureSignedOnly, plan.FeatureRewrite, plan.FeatureRenew}
