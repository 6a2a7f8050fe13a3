package cli

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// startOnly runs up to the redirect and keeps the rest for another process.
func (k *connectCommand) startOnly(c *command, p *plan.Plan, host vm.Host, grant vm.Grant, mask *show.Mask) error {
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
		return k.finish(c, &vault.Stored{Spec: k.Spec, Plan: p, Common: grant.Common, Connection: step.Connection}, mask)
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
	mask := newMask(p, session.Common)
	host, err := k.host(c, session.Common, network, mask)
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
	return k.finish(c, &vault.Stored{Spec: spec, Plan: p, Common: session.Common, Connection: conn}, mask)
}

// finish stores and prints a connection.
func (k *connectCommand) finish(c *command, s *vault.Stored, mask *show.Mask) error {
	if k.Save != "" {
		if err := c.vault().Save(c.Context, k.Save, k.passphrase(), s); err != nil {
			return err
		}
	}
	if k.ShowSecrets {
		mask = nil
	} else if err := learnSigning(mask, s); err != nil {
		return err
	}
	if k.Output == "json" {
		c.Out.JSON(show.ConnectionJSON(s.Connection, mask))
	} else {
		c.Out.Connection(s.Connection, mask)
	}
	if !k.Trace.On { // which has told it
		for _, text := range k.notes.texts {
			c.Err.Printf("%s %s\n", c.Err.Paint(show.Yellow, "note:"), text)
		}
	}
	if engine, err := vm.New(s.Plan, vm.Host{Common: func(context.Context, string, string) (*value.Object, error) { return s.Common, nil }}); err == nil {
		if signing, err := engine.Signing(c.Context, s.Connection); err == nil {
			c.warnOfSigning(signing.Warning)
		}
		engine.Close()
	}
	if k.Save != "" {
		c.Err.Printf("stored in %s, encrypted; use it with: %s\n", k.Save, k.callHint(s))
	}
	return nil
}

// callHint is a command that uses the connection and works as it stands: the request that worked last, under the same
// policy and with the same passphrase.
func (k *connectCommand) callHint(s *vault.Stored) string {
	words := []string{"imlc", "call", paste.Quote(k.Save)}
	switch calls := s.Plan.Connection.Calls; {
	case k.notes.fetched != "":
		words = append(words, "GET", paste.Quote(k.notes.fetched))
	case len(calls) > 0:
		words = append(words, calls[0].Name)
	default:
		words = append(words, "GET", "https://…")
	}
	for _, flag := range []struct {
		on   bool
		text string
	}{
		{k.AllowPrivate, "--allow-private"}, {k.AllowHTTP, "--allow-http"}, {k.AllowInsecureTLS, "--allow-insecure-tls"}, {k.CA != "", "--ca " + paste.Quote(k.CA)},
		{k.PassphraseFile != "", "--passphrase-file " + paste.Quote(k.PassphraseFile)}, {k.AskPassphrase, "--ask-passphrase"},
	} {
		if flag.on {
			words = append(words, flag.text)
		}
	}
	return strings.Join(words, " ")
}

// learnSigning teaches a mask the secrets of a connection: what its names tell, and what will sign its requests, under
// whatever name it is stored.
func learnSigning(mask *show.Mask, s *vault.Stored) error {
	mask.LearnFrom(value.Collection(s.Connection.Data))
	engine, err := vm.New(s.Plan, vm.Host{Common: func(context.Context, string, string) (*value.Object, error) { return s.Common, nil }})
	if err != nil {
		return err
	}
	defer engine.Close()
	// A connection that cannot sign has no such secrets.
	if params, err := engine.SigningParams(context.Background(), s.Connection); err == nil && params != nil {
		mask.Learn(params.ConsumerSecret, params.PrivateKey, params.Token, params.TokenSecret)
	}
	return nil
}
