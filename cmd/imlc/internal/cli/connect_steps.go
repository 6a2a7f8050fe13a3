package cli

import (
	"context"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// startOnly runs up to the redirect and keeps the rest for another process.
func (k *connectCommand) startOnly(c *command, p *plan.Plan, host vm.Host, grant vm.Grant) error {
	seal, err := c.sealer(k.StateFile, true)
	if err != nil {
		return err
	}
	if grant.RedirectURI, err = k.callbackURI(); err != nil {
		return err
	}
	host.Seal, host.Pending = seal, filePending{k.StateFile}
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
	session := pendingSession{Spec: k.Spec, State: step.State, RedirectURI: grant.RedirectURI, Network: k.networkFlags}
	if grant.Common != nil {
		session.Common = value.AppendJSON(nil, value.Collection(grant.Common))
	}
	if err := writePending(k.StateFile, seal, p, session); err != nil {
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
	seal, err := c.sealer(k.Resume, false)
	if err != nil {
		return err
	}
	session, err := c.readPending(k.Resume, seal)
	if err != nil {
		return err
	}
	p, err := plan.Decode(session.Plan, plan.DecodeOptions{MaxBytes: maxInput})
	if err != nil {
		return &planError{k.Resume, err}
	}
	spec := session.Spec
	if k.Spec != "" {
		spec = k.Spec
		if p, err = c.loadPlan(k.Spec, k.specFlags, k.trustFlags); err != nil {
			return err
		}
		if p.Connection == nil {
			return usagef("%s holds a template, no connection", k.Spec)
		}
	}
	common, err := session.common()
	if err != nil {
		return err
	}
	query := k.Callback
	if query == "-" {
		data, err := c.readInput("-")
		if err != nil {
			return err
		}
		query = string(data)
	}
	host, err := c.hostWith(common, session.Network, k.tracer(c, p, value.Collection(common)))
	if err != nil {
		return err
	}
	host.Seal, host.Pending = seal, filePending{k.Resume}
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
	return k.finish(c, p, conn, spec, common)
}

func (s *pendingSession) common() (*value.Object, error) {
	if len(s.Common) == 0 {
		return nil, nil
	}
	v, err := value.ParseJSON(string(s.Common), nil)
	if err != nil {
		return nil, usagef("the state file is damaged")
	}
	return v.Object(), nil
}

// finish stores and prints a connection.
func (k *connectCommand) finish(c *command, p *plan.Plan, conn *vm.Connection, spec string, common *value.Object) error {
	var err error
	if k.Save != "" {
		err = c.saveConnection(k.Save, k.passphraseFlags, &stored{Spec: spec, Connection: conn, plan: p, common: common})
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
