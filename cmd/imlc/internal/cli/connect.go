package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// connectCommand makes a connection.
type connectCommand struct {
	Spec string `arg:"" optional:"" help:"Spec or plan; with --resume, the one of the state file when left out."`
	specFlags
	trustFlags
	parameterFlags
	networkFlags
	passphraseFlags
	Scope       []string      `help:"Ask for these scopes beyond the default ones." placeholder:"SCOPE"`
	Headless    bool          `help:"Follow the authorize URL here instead of opening a browser, for providers that approve by themselves."`
	NoBrowser   bool          `help:"Print the authorize URL instead of opening a browser."`
	Port        int           `help:"Loopback port for the callback; any free one by default." placeholder:"N"`
	RedirectURI string        `name:"redirect-uri" help:"Callback address that is registered with the provider, or oob." placeholder:"URI"`
	Timeout     time.Duration `help:"How long to wait for the browser." default:"5m"`
	Report      string        `help:"Write the run as a page that needs nothing beside itself: every request with its templates, its signature and its answer, and what was stored, secrets masked." placeholder:"FILE.html"`
	Record      string        `help:"Write the run as a case for imlc test into this file, behind those that are there, with every secret replaced." placeholder:"FILE"`
	Save        string        `help:"Store the connection in this file, encrypted." placeholder:"FILE"`
	Output      string        `help:"Print the connection as text or json." enum:"text,json" default:"text"`
	ShowSecrets bool          `help:"Do not mask secrets in the output."`
	Trace       traceMode     `help:"Show each step on standard error, of requests and answers what log.sanitize lets a log show; --trace=all shows all but the secrets, to a terminal only."`
	Step        string        `help:"start: stop before the browser, print the authorize URL and write --state-file." enum:",start" default:"" placeholder:"start"`
	StateFile   string        `help:"Where --step start keeps the sealed state." placeholder:"FILE"`
	Resume      string        `help:"Go on from this state file, in any process." placeholder:"FILE"`
	notes       notes
	recorder    *recorder
	page        *show.Report
	Callback    string `help:"With --resume: the query of the callback, or its whole address; - reads it from standard input." placeholder:"QUERY"`
}

// Run implements the sub-command.
func (k *connectCommand) Run(c *command) error {
	if err := k.checkFlags(); err != nil {
		return err
	}
	run := k.start
	if k.Resume != "" {
		run = k.resume
	}
	err := c.located(run(c))
	var e *vm.Error
	if errors.As(err, &e) && k.Output == "json" {
		o := value.NewObject(1)
		o.Set("error", show.ErrorJSON(e))
		c.Out.JSON(value.Collection(o))
	}
	return err
}

func (k *connectCommand) checkFlags() error {
	switch {
	case k.Resume != "" && k.Callback == "":
		return usagef("--resume needs --callback with the query of the callback")
	case k.Resume == "" && k.Callback != "":
		return usagef("--callback needs --resume with the state file")
	case k.Resume != "" && (k.Step != "" || k.Headless):
		return usagef("--resume goes with neither --step nor --headless")
	case k.Resume == "" && k.Spec == "":
		return usagef("a spec or plan is missing\nrun \"imlc help connect\" for examples")
	case (k.Step == "start") != (k.StateFile != ""):
		return usagef("--step start and --state-file FILE go together")
	case k.Report != "" && (k.Step != "" || k.Resume != ""):
		return usagef("--report needs the whole run in one process, without --step and --resume")
	case k.Record != "" && (k.Step != "" || k.Resume != "" || len(k.Part) > 0 || strings.HasSuffix(k.Spec, ".imlc")):
		return usagef("--record needs a spec and the whole run in one process, without --step, --resume and --part")
	case k.Step != "" && k.Headless:
		return usagef("--step start stops before the browser; it does not go with --headless")
	}
	return nil
}

// inputs reads plan, parameters and common data.
func (k *connectCommand) inputs(c *command) (*plan.Plan, vm.Grant, error) {
	p, err := c.loadPlan(k.Spec, k.specFlags, k.trustFlags)
	if err != nil {
		return nil, vm.Grant{}, err
	}
	if p.Connection == nil {
		return nil, vm.Grant{}, usagef("%s holds a template, no connection; use imlc run", k.Spec)
	}
	g := vm.Grant{Scope: k.Scope}
	ask := c.interactive() && k.ParamFile != "-"
	if g.Common, err = k.common(c, p, ask && k.Common != "-"); err != nil {
		return nil, g, err
	}
	defs := p.Connection.Parameters
	if g.Parameters, err = k.parameterFlags.read(c, defs); err != nil {
		return nil, g, err
	}
	if err := c.unread(p, "parameter", g.Parameters, defs); err != nil {
		return nil, g, err
	}
	if ask {
		if err := c.promptParameters(defs, g.Parameters); err != nil {
			return nil, g, err
		}
	}
	if list := missing(defs, g.Parameters); len(list) > 0 {
		return nil, g, missingParameters(list)
	}
	return p, g, nil
}

// newMask returns what hides the secrets of a connection, those in values among them.
func newMask(p *plan.Plan, values ...*value.Object) *show.Mask {
	mask := show.NewMask(p.Connection.Parameters)
	for _, o := range values {
		mask.LearnFrom(value.Collection(o))
	}
	return mask
}

// host returns the host of a run that the mask watches, to learn from it what is secret; with --trace a TracePrinter stands before
// it.
func (k *connectCommand) host(c *command, common *value.Object, f networkFlags, mask *show.Mask) (vm.Host, error) {
	h, err := c.hostWith(common, f)
	if err != nil {
		return h, err
	}
	h.Tracer = mask
	if err := k.Trace.narrate(c, &h, mask); err != nil {
		return h, err
	}
	if w, ok := h.Tracer.(vm.Watcher); ok {
		k.notes.Watcher = w
		h.Tracer = &k.notes
	}
	return h, nil
}

// notes keeps what a user is told of a connection that was made.
type notes struct {
	vm.Watcher
	texts []string
	// fetched is the address of the last GET, without its query.
	fetched string
}

// Watch implements vm.Watcher.
func (n *notes) Watch(ctx context.Context, e vm.Event) {
	switch {
	case e.Kind == vm.EventUnset:
		n.texts = append(n.texts, e.Message)
	case e.Kind == vm.EventRequest && strings.HasPrefix(e.Message, "GET "):
		n.fetched, _, _ = strings.Cut(strings.TrimPrefix(e.Message, "GET "), "?")
	}
	n.Watcher.Watch(ctx, e)
}

// start authorises, and waits for the browser unless the state is to be kept for another process.
func (k *connectCommand) start(c *command) error {
	p, grant, err := k.inputs(c)
	if err != nil {
		return err
	}
	mask := newMask(p, grant.Parameters, grant.Common)
	host, err := k.host(c, grant.Common, k.networkFlags, mask)
	if err != nil {
		return err
	}
	if k.Report != "" {
		next, _ := host.Tracer.(vm.Watcher)
		k.page = show.NewReport(filepath.Base(k.Spec)+", "+c.Now().UTC().Format(time.RFC1123), p, mask, next)
		host.Tracer = k.page
	}
	if k.Step == "start" {
		return k.startOnly(c, p, host, grant, mask)
	}
	if k.Record != "" {
		k.recorder = &recorder{}
		k.recorder.into(&host)
	}
	conn, err := k.authorize(c, p, host, grant)
	if k.Record != "" && len(k.recorder.steps) > 0 {
		if err := k.record(c, grant, conn, err, p.Meta.Dialect, mask); err != nil {
			return err
		}
	}
	if err := k.writeReport(c, &vault.Stored{Spec: k.Spec, Plan: p, Common: grant.Common, Connection: conn}, mask, err); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	return k.finish(c, &vault.Stored{Spec: k.Spec, Plan: p, Common: grant.Common, Connection: conn}, mask)
}

// writeReport writes the page of --report, for the user alone: it shows what log.sanitize keeps out of logs.
func (k *connectCommand) writeReport(c *command, s *vault.Stored, mask *show.Mask, failed error) error {
	if k.page == nil {
		return nil
	}
	if s.Connection != nil {
		if err := learnSigning(mask, s); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := k.page.Write(&page, s.Connection, failed); err != nil {
		return err
	}
	if err := c.Files.WritePrivate(k.Report, page.Bytes()); err != nil {
		return err
	}
	c.Err.Printf("report written to %s\n", k.Report)
	return nil
}

// waiter gets the query of the callback for an authorize URL.
type waiter func(ctx context.Context, authorizeURL string) (query string, err error)

// authorize runs the whole flow in this process.
func (k *connectCommand) authorize(c *command, p *plan.Plan, host vm.Host, grant vm.Grant) (conn *vm.Connection, err error) {
	wait := k.paste(c)
	uri, err := k.callbackURI()
	if err != nil {
		return nil, err
	}
	switch {
	case k.Headless:
		transport := host.Transport
		if k.recorder != nil {
			transport = k.recorder.transport // the browser is no part of the case
		}
		wait = func(ctx context.Context, authorize string) (string, error) {
			return visit(ctx, authorize, uri, k.egress(), transport)
		}
	case k.listens():
		server, err := listenForCallback(c.Network.Listen, k.RedirectURI, k.Port)
		if err != nil {
			return nil, err
		}
		defer func() { server.close(outcomeText(err)) }()
		uri = server.URI
		wait = func(ctx context.Context, authorize string) (string, error) {
			server.expect(authorize)
			k.show(c, authorize)
			return server.wait(ctx)
		}
	}
	grant.RedirectURI = uri
	ctx, cancel := c.patience(k.Timeout)
	defer cancel()
	if k.recorder != nil {
		k.recorder.redirect = uri
	}
	return runFlow(ctx, p, host, grant, wait, k.recorder)
}

// runFlow takes a grant to a connection.
func runFlow(ctx context.Context, p *plan.Plan, host vm.Host, grant vm.Grant, wait waiter, record *recorder) (*vm.Connection, error) {
	engine, err := vm.New(p, host)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	record.begin("authorize", "")
	step, err := engine.Authorize(ctx, grant)
	if err != nil {
		return nil, grantProblem(err)
	}
	record.left(step.RedirectURL)
	if step.Connection != nil {
		return step.Connection, nil
	}
	query, err := wait(ctx, step.RedirectURL)
	if err != nil {
		return nil, err
	}
	record.begin("callback", query)
	return engine.Callback(ctx, step.State, query)
}

func grantProblem(err error) error {
	var bad *form.Error
	if errors.As(err, &bad) {
		return parameterProblem(bad)
	}
	return err
}

func outcomeText(err error) string {
	if err == nil {
		return "Connected. You can close this window."
	}
	return "The connection was not made; the terminal says why. You can close this window."
}

// listens reports whether the callback is received here.
func (k *connectCommand) listens() bool {
	if k.RedirectURI == "" {
		return true
	}
	u, err := url.Parse(k.RedirectURI)
	return err == nil && isLoopbackHTTP(u)
}

// callbackURI is the address for flows that do not listen themselves.
func (k *connectCommand) callbackURI() (string, error) {
	switch {
	case k.RedirectURI == "oob" && k.Headless:
		return "", usagef("--redirect-uri oob needs a person to read the verifier; it does not go with --headless")
	case k.RedirectURI == "oob":
		return "oob", nil
	case k.RedirectURI != "":
		u, err := url.Parse(k.RedirectURI)
		if err != nil || u.Host == "" {
			return "", usagef("--redirect-uri: expected an absolute address or oob, found %q", k.RedirectURI)
		}
		return k.RedirectURI, nil
	}
	port := k.Port
	if port == 0 {
		port = defaultCallbackPort
	}
	return fmt.Sprintf("http://127.0.0.1:%d%s", port, callbackPath), nil
}

// defaultCallbackPort stands in callback addresses at which nothing listens (--headless, --step start).
const defaultCallbackPort = 8917

// show sends the user to the authorize URL.
func (k *connectCommand) show(c *command, authorize string) {
	if k.NoBrowser || c.Browse == nil || c.Browse(authorize) != nil {
		c.Err.Printf("Open this address in your browser:\n  %s\n", authorize)
		return
	}
	c.Err.Printf("Your browser was opened at\n  %s\nWaiting for the callback…\n", authorize)
}

// paste asks for what came back, where this process cannot receive it.
func (k *connectCommand) paste(c *command) waiter {
	return func(_ context.Context, authorize string) (string, error) {
		k.show(c, authorize)
		question := "Paste the address that the browser was sent to: "
		if k.RedirectURI == "oob" {
			question = "Type the code that the service shows: "
		}
		text, err := c.ask(question)
		if err != nil || strings.TrimSpace(text) == "" {
			return "", usagef("no answer from the browser was given")
		}
		if k.RedirectURI == "oob" && !strings.Contains(text, "=") {
			return "oauth_verifier=" + url.QueryEscape(strings.TrimSpace(text)), nil
		}
		return queryOf(text), nil
	}
}

// queryOf returns the raw query of a callback address, or the text itself when it is a query already.
func queryOf(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.IndexByte(text, '?'); i >= 0 {
		text = text[i+1:]
	}
	text, _, _ = strings.Cut(text, "#")
	return text
}
