package cli

import (
	"fmt"

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
		fmt.Fprintln(c.Err, "the spec has no redirect; the connection is complete")
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
		printJSON(c.Out, value.Collection(o))
		return nil
	}
	fmt.Fprintln(c.Out, step.RedirectURL)
	fmt.Fprintf(c.Err, "Send the browser to this address. When it comes back to %s, run\n  imlc connect --resume %s --callback 'QUERY'\n", grant.RedirectURI, k.StateFile)
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
	if k.Save != "" {
		err := c.saveConnection(k.Save, k.passphraseFlags, &stored{Spec: spec, Connection: conn, plan: p, common: common})
		if err != nil {
			return err
		}
	}
	if k.Output == "json" {
		printJSON(c.Out, connectionJSON(conn, p.Connection.Parameters, k.ShowSecrets))
	} else {
		c.printConnection(conn, p.Connection.Parameters, k.ShowSecrets)
	}
	if k.Save != "" {
		fmt.Fprintf(c.Err, "stored in %s, encrypted; use it with: imlc call %s GET URL\n", k.Save, k.Save)
	}
	return nil
}

// connectionJSON is a connection as an object: data, uid, metadata and what else it has.
func connectionJSON(conn *vm.Connection, defs []plan.Parameter, secrets bool) value.Value {
	o := value.NewObject(6)
	data := value.Collection(conn.Data)
	if !secrets {
		data = masked(data, defs)
	}
	o.Set("data", data)
	o.Set("uid", value.Null())
	if conn.UID != "" {
		o.Set("uid", value.Text(conn.UID))
	}
	o.Set("metadata", value.Null())
	if m := conn.Metadata; m != nil {
		meta := value.NewObject(2)
		meta.Set("type", value.Text(m.Type))
		meta.Set("value", value.Text(m.Value))
		o.Set("metadata", value.Collection(meta))
	}
	if !conn.Expires.IsZero() {
		o.Set("expires", value.Date(conn.Expires.UnixMilli()))
	}
	if conn.Scope != nil {
		items := make([]value.Value, len(conn.Scope))
		for i, s := range conn.Scope {
			items[i] = value.Text(s)
		}
		o.Set("scope", value.Array(items))
	}
	return value.Collection(o)
}

// printConnection shows a connection to people.
func (c *command) printConnection(conn *vm.Connection, defs []plan.Parameter, secrets bool) {
	fmt.Fprintf(c.Out, "%s\n", c.paint(c.Out, styleGreen+";"+styleBold, "connected"))
	width := 0
	for _, name := range conn.Data.Keys() {
		width = max(width, len("data.")+len(name))
	}
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(c.Out, "  %-*s  %s\n", width, name, text)
		}
	}
	row("uid", conn.UID)
	if conn.Metadata != nil {
		row("label", conn.Metadata.Value)
	}
	if !conn.Expires.IsZero() {
		row("expires", conn.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	for _, s := range conn.Scope {
		row("scope", s)
	}
	data := value.Collection(conn.Data)
	if !secrets {
		data = masked(data, defs)
	}
	for i := range data.Object().Len() {
		k, v := data.Object().At(i)
		row("data."+k, shownValue(v))
	}
}
