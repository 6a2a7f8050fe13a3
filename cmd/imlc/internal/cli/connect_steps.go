package cli

import (
	"context"
	"encoding/json"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// startOnly runs up to the redirect and keeps the rest for another process.
func (k *connectCommand) startOnly(c *command, p *plan.Plan, host vm.Host, grant vm.Grant) error {
	keep := c.vault()
	seal, err := keep.Sealer(c.Context, k.StateFile, true)
	if err != nil {
		return err
	}
	if grant.RedirectURI, err = k.callbackURI(); err != nil {
		return err
	}
	host.Seal, host.Pending = seal, keep.PendingStore(k.StateFile)
	engine, err := vm.New(p, host)
	if err != nil {
		return err
	}
	defer engine.Close()
	ctx, cancel := c.patience(k.Timeout)
	defer cancel()
	step, err := engine.Authorize(ctx, grant)
	if err != nil {
		return grantProblem(err)
	}
	if step.Connection != nil {
		c.Err.Printf("the spec has no redirect; the connection is complete\n")
		return k.finish(c, p, step.Connection, k.Spec, grant.Common)
	}
	network, err := json.Marshal(k.networkFlags)
	if err != nil {
		return err
	}
	if err := keep.WritePending(k.StateFile, seal, &vault.Pending{Spec: k.Spec, Plan: p, State: step.State, RedirectURI: grant.RedirectURI,
		Network: network, Common: grant.Common}); err != nil {
		return err
	}
	if k.Output == "json" {
		o := value.NewObject(3)
		o.Set("redirectUrl", value.Text(step.RedirectURL))
		o.Set("redirectUri", value.Text(grant.RedirectURI))
		o.Set("stateFile", value.Text(k.StateFile))
		c.Out.JSON(value.Collection(o))
		return nil
	}
	c.Out.Printf("%s\n", step.RedirectURL)
	c.Err.Printf("Send the browser to this address. When it comes back to %s, run\n  imlc connect --resume %s --callback 'QUERY'\n", grant.RedirectURI, k.StateFile)
	return nil
}

// resume goes on after the browser came back.
func (k *connectCommand) resume(c *command) error {
	keep := c.vault()
	seal, err := keep.Sealer(c.Context, k.Resume, false)
	if err != nil {
		return err
	}
	session, err := keep.ReadPending(c.Context, k.Resume, seal)
	if err != nil {
		return err
	}
	var network networkFlags
	if err := json.Unmarshal(session.Network, &network); err != nil {
		return usagef("%s: is damaged", k.Resume)
	}
	p, spec := session.Plan, session.Spec
	if k.Spec != "" {
		spec = k.Spec
		if p, err = c.loadPlan(k.Spec, k.specFlags, k.trustFlags); err != nil {
			return err
		}
		if p.Connection == nil {
			return usagef("%s holds a template, no connection", k.Spec)
		}
	}
	query := k.Callback
	if query == "-" {
		data, err := c.readInput("-")
		if err != nil {
			return err
		}
		query = string(data)
	}
	host, err := c.hostWith(session.Common, network, k.tracer(c, p, value.Collection(session.Common)))
	if err != nil {
		return err
	}
	host.Seal, host.Pending = seal, keep.PendingStore(k.Resume)
	engine, err := vm.New(p, host)
	if err != nil {
		return err
	}
	defer engine.Close()
	ctx, cancel := c.patience(k.Timeout)
	defer cancel()
	conn, err := engine.Callback(ctx, session.State, queryOf(query))
	if err != nil {
		return err
	}
	return k.finish(c, p, conn, spec, session.Common)
}

// finish stores and prints a connection.
func (k *connectCommand) finish(c *command, p *plan.Plan, conn *vm.Connection, spec string, common *value.Object) error {
	var err error
	if k.Save != "" {
		err = c.vault().Save(c.Context, k.Save, k.passphrase(), &vault.Stored{Spec: spec, Plan: p, Common: common, Connection: conn})
		if err != nil {
			return err
		}
	}
	var mask *show.Mask
	if !k.ShowSecrets {
		if mask, err = connectionMask(p, conn, common); err != nil {
			return err
		}
	}
	if k.Output == "json" {
		c.Out.JSON(show.ConnectionJSON(conn, mask))
	} else {
		c.Out.Connection(conn, mask)
	}
	if k.Save != "" {
		c.Err.Printf("stored in %s, encrypted; use it with: imlc call %s GET URL\n", k.Save, k.Save)
	}
	return nil
}

// connectionMask returns what hides the secrets of a connection: those that its names and types tell, and those that sign its
// requests, under whatever name they are stored.
func connectionMask(p *plan.Plan, conn *vm.Connection, common *value.Object) (*show.Mask, error) {
	mask := show.NewMask(p.Connection.Parameters)
	mask.LearnFrom(value.Collection(conn.Data))
	mask.LearnFrom(value.Collection(common))
	engine, err := vm.New(p, vm.Host{Common: func(context.Context, string, string) (*value.Object, error) { return common, nil }})
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	// A connection that cannot sign has no such secrets.
	if params, err := engine.SigningParams(context.Background(), conn); err == nil && params != nil {
		mask.Learn(params.ConsumerSecret, params.PrivateKey, params.Token, params.TokenSecret)
	}
	return mask, nil
}
