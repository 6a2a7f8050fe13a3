package cli

import (
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
)

// runCommand runs a plan without questions, for scripts and CI.
type runCommand struct {
	Plan string `arg:"" help:"Plan file, or a spec that is compiled first."`
	specFlags
	trustFlags
	dataFlags
	parameterFlags
	networkFlags
	Scope       []string      `help:"Ask for these scopes beyond the default ones." placeholder:"SCOPE"`
	RedirectURI string        `name:"redirect-uri" help:"Callback address that is registered with the provider." placeholder:"URI"`
	Timeout     time.Duration `help:"How long a connection may take." default:"2m"`
	ShowSecrets bool          `help:"Do not mask secrets in the output."`
	Trace       traceMode     `help:"Show each step on standard error, of requests and answers what log.sanitize lets a log show; --trace=all shows all but the secrets, to a terminal only."`
}

// Run implements the sub-command: a template plan prints its value, a connection plan runs headless and prints the
// connection.
func (k *runCommand) Run(c *command) error {
	p, err := c.loadPlan(k.Plan, k.specFlags, k.trustFlags)
	if err != nil {
		return err
	}
	if p.Connection == nil {
		return k.template(c, p)
	}
	return k.connection(c, p)
}

func (k *runCommand) template(c *command, p *plan.Plan) error {
	context, err := k.context(c)
	if err != nil {
		return err
	}
	env, err := k.env(c, context)
	if err != nil {
		return err
	}
	program, err := expr.NewProgram(p)
	if err != nil {
		return err
	}
	v, err := program.Run(env)
	if err != nil {
		text := ""
		if len(p.Files) == 1 {
			text = p.Files[0].Text
		}
		c.Err.EvalError(err, show.Template{Name: templateName, Text: text})
		return errReported
	}
	c.printValue(v, "json")
	return nil
}

func (k *runCommand) connection(c *command, p *plan.Plan) error {
	defs := p.Connection.Parameters
	params, err := k.parameterFlags.read(c, defs)
	if err != nil {
		return err
	}
	if err := c.unread(p, "parameter", params, defs); err != nil {
		return err
	}
	if list := missing(defs, params); len(list) > 0 {
		return missingParameters(list)
	}
	common, err := k.common(c, p, false)
	if err != nil {
		return err
	}
	connect := connectCommand{
		networkFlags: k.networkFlags, Scope: k.Scope, RedirectURI: k.RedirectURI, Timeout: k.Timeout,
		ShowSecrets: k.ShowSecrets, Trace: k.Trace, Headless: true, Output: "json",
	}
	mask := newMask(p, params, common)
	host, err := connect.host(c, common, k.networkFlags, mask)
	if err != nil {
		return err
	}
	if host.Timezone, err = readZone(k.Timezone); err != nil {
		return err
	}
	conn, err := connect.authorize(c, p, host, vm.Grant{Parameters: params, Common: common, Scope: k.Scope})
	if err != nil {
		return err
	}
	return connect.finish(c, &vault.Stored{Spec: k.Plan, Plan: p, Common: common, Connection: conn}, mask)
}
