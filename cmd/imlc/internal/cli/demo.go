package cli

import (
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

//go:embed demo.jsonc
var demoSpec string

// demoCommand is the two-minute tour.
type demoCommand struct {
	Spec bool `help:"Print the spec of the demo and exit."`
}

// demoTitles explain the sections.
var demoTitles = map[string]string{
	"requestToken": "ask the service for a temporary token",
	"authorize":    "send the user's browser there",
	"callback":     "the browser comes back",
	"accessToken":  "trade the verifier for the token that stays",
	"info":         "prove that the token works",
}

// Run implements the sub-command.
func (k *demoCommand) Run(c *command) error {
	if k.Spec {
		_, err := io.WriteString(c.Out, demoSpec)
		return err
	}
	started := c.Now()
	p, err := k.compile(c)
	if err != nil {
		return err
	}
	server, consumer, err := demoProvider()
	if err != nil {
		return err
	}
	defer server.Close()
	k.say(c, "2. Start a provider", fmt.Sprintf("an OAuth 1.0a service on %s, loopback only, that verifies every signature with code of its own", server.URL()))
	conn, host, err := k.connect(c, p, server, consumer)
	if err != nil {
		return err
	}
	if err := k.call(c, p, host, conn, server); err != nil {
		return err
	}
	k.farewell(c, c.Now().Sub(started))
	return nil
}

func (k *demoCommand) farewell(c *command, took time.Duration) {
	c.Out.Printf("\nNext: imlc demo --spec > demo.jsonc, then imlc check demo.jsonc and imlc compile demo.jsonc --emit asm.\n")
	c.Out.Printf("%s (%d ms, nothing left this machine)\n", c.Out.Paint(show.BoldGreen, "The connection works."), took.Milliseconds())
}

func (k *demoCommand) say(c *command, title, text string) {
	c.Out.Printf("%s\n", c.Out.Paint(show.Bold, title))
	for _, line := range show.Wrap(text, show.TextWidth) {
		c.Out.Printf("   %s\n", line)
	}
	c.Out.Printf("\n")
}

// compile compiles the embedded spec, encodes it and reads it back, as a host would.
func (k *demoCommand) compile(c *command) (*plan.Plan, error) {
	p, list := imlc.Compile(files.Single("demo.jsonc", demoSpec), "demo.jsonc", imlc.Options{})
	if p == nil {
		c.Err.Problems(list, diag.Warning)
		return nil, errReported
	}
	data, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		return nil, err
	}
	if p, err = plan.Decode(data, plan.DecodeOptions{}); err != nil {
		return nil, err
	}
	instructions := 0
	for i := range p.Functions {
		instructions += len(p.Functions[i].Code)
	}
	k.say(c, "1. Compile a spec", fmt.Sprintf("demo.jsonc (%d lines) becomes a plan of %d bytes: %d functions, %d instructions, no problems found; encoded, decoded and verified",
		strings.Count(demoSpec, "\n"), len(data), len(p.Functions), instructions))
	return p, nil
}

// demoProvider starts the provider with its first consumer.
func demoProvider() (*provider.Server, provider.Consumer, error) {
	consumer := provider.DefaultConsumers()[0]
	pr, err := provider.New(provider.Config{AutoApprove: true})
	if err != nil {
		return nil, consumer, err
	}
	server, err := pr.Start("127.0.0.1:0")
	return server, consumer, err
}

// connect runs the flow and shows each step.
func (k *demoCommand) connect(c *command, p *plan.Plan, server *provider.Server, consumer provider.Consumer) (*vm.Connection, vm.Host, error) {
	params := value.NewObject(3)
	params.Set("baseUrl", value.Text(server.URL()))
	params.Set("consumerKey", value.Text(consumer.Key))
	params.Set("consumerSecret", value.Text(consumer.Secret))
	c.Out.Printf("%s\n   consumer key %s, consumer secret %s\n", c.Out.Paint(show.Bold, "3. Connect"), consumer.Key, value.Mask)
	mask := newMask(p, params)
	tell := show.NewTracePrinter(c.Out, mask)
	tell.Titles, tell.Whole = demoTitles, true
	flags := networkFlags{AllowPrivate: true}
	host, err := c.host(flags)
	if err != nil {
		return nil, host, err
	}
	host.Tracer = tell
	connect := connectCommand{networkFlags: flags, Headless: true, Timeout: 10 * time.Second}
	conn, err := connect.authorize(c, p, host, vm.Grant{Parameters: params})
	if err != nil {
		return nil, host, err
	}
	c.Out.Printf("\n%s\n", c.Out.Paint(show.Bold, "4. What a host would store, encrypted"))
	c.Out.Printf("   %s\n\n", show.JSON(show.ConnectionJSON(conn, mask), "   "))
	return conn, host, nil
}

// call uses the connection once more, as a module would.
func (k *demoCommand) call(c *command, p *plan.Plan, host vm.Host, conn *vm.Connection, server *provider.Server) error {
	host.Tracer = nil
	engine, err := vm.New(p, host)
	if err != nil {
		return err
	}
	defer engine.Close()
	target := server.URL() + "/statuses"
	form := uri.JoinPairs([]uri.Pair{{Name: "status", Value: "Hello, world & all"}})
	req, err := http.NewRequestWithContext(c.Context, http.MethodPost, target, strings.NewReader(form))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", media.Form)
	res, err := engine.Client(conn).Do(req)
	if err != nil {
		return fmt.Errorf("POST /statuses: %w", unwrapURL(err))
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	c.Out.Printf("%s\n   → POST %s\n     %s\n   ← %s%s\n", c.Out.Paint(show.Bold, "5. Use it: a signed request"), target, form, wire.StatusText(res.StatusCode), words(body))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answered %s", wire.StatusText(res.StatusCode))
	}
	return nil
}
