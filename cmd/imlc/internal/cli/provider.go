package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/provider"
)

// providerCommand serves the loopback provider.
type providerCommand struct {
	Addr        string        `help:"Loopback address to listen on; port 0 takes a free one." default:"127.0.0.1:8765"`
	TLS         bool          `name:"tls" help:"Serve https with a certificate made in memory."`
	CA          string        `name:"ca" help:"Write the certificate that clients have to trust to this file (with --tls)." placeholder:"FILE"`
	Page        bool          `help:"Show an approve page instead of approving at once."`
	Consumer    []string      `help:"Know this consumer instead of the default ones; its secret is read from the file." placeholder:"KEY=FILE" sep:"none"`
	Unconfirmed bool          `help:"Leave oauth_callback_confirmed out, as servers before revision A do."`
	RequireTLS  bool          `name:"require-tls" help:"Refuse PLAINTEXT and token requests over plain http."`
	Skew        time.Duration `help:"How far a timestamp may be off." default:"10m"`
	Lifetime    time.Duration `help:"How long an access token lives." default:"1h"`
	RSAKey      string        `name:"rsa-key" help:"PEM key pair or public key of the consumer ck-rsa; one is made otherwise." placeholder:"FILE"`
	WriteRSAKey string        `name:"write-rsa-key" help:"Write the private key of the consumer ck-rsa to this file." placeholder:"FILE"`
	Quiet       bool          `short:"q" help:"Print no requests."`
}

// Run implements the sub-command; it serves until it is interrupted.
func (k *providerCommand) Run(c *command) error {
	if k.CA != "" && !k.TLS {
		return usagef("--ca needs --tls")
	}
	config := provider.Config{AutoApprove: !k.Page, CallbackUnconfirmed: k.Unconfirmed, RequireTLS: k.RequireTLS, TLS: k.TLS, Skew: k.Skew, Lifetime: k.Lifetime}
	if err := k.consumers(c, &config); err != nil {
		return err
	}
	if !k.Quiet {
		config.Log = k.logger(c)
	}
	p, err := provider.New(config)
	if err != nil {
		return usagef("%v", err)
	}
	server, err := p.Start(k.Addr)
	if err != nil {
		return usagef("%v", err)
	}
	defer server.Close()
	if err := k.files(c, p, server); err != nil {
		return err
	}
	k.introduce(c, p, server, config)
	<-c.Context.Done()
	return nil
}

func (k *providerCommand) consumers(c *command, config *provider.Config) error {
	for _, s := range k.Consumer {
		key, file, ok := strings.Cut(s, "=")
		if !ok || key == "" {
			return usagef("--consumer: expected KEY=FILE")
		}
		data, err := c.readInput(file)
		if err != nil {
			return err
		}
		config.Consumers = append(config.Consumers, provider.Consumer{Key: key, Secret: trimLineBreak(string(data))})
	}
	if k.RSAKey != "" {
		data, err := c.readInput(k.RSAKey)
		if err != nil {
			return err
		}
		config.RSAKeyPEM = data
	}
	return nil
}

// files writes what clients need.
func (k *providerCommand) files(c *command, p *provider.Provider, server *provider.Server) error {
	if k.CA != "" {
		if err := files.Write(c.Files, k.CA, server.CACert(), 0o644); err != nil {
			return err
		}
	}
	if k.WriteRSAKey == "" {
		return nil
	}
	key, err := p.RSAPrivateKeyPEM()
	if err != nil {
		return usagef("--write-rsa-key: %v", err)
	}
	return c.Files.WritePrivate(k.WriteRSAKey, key)
}

// introduce prints address, consumers and endpoints. The default consumers are public; others' secrets are not shown.
func (k *providerCommand) introduce(c *command, p *provider.Provider, server *provider.Server, config provider.Config) {
	c.Out.Printf("OAuth 1.0a provider at %s\n\nConsumers:\n", server.URL())
	consumers, public := config.Consumers, false
	if consumers == nil {
		consumers, public = provider.DefaultConsumers(), true
	}
	for _, consumer := range consumers {
		text := "secret from its file"
		switch {
		case consumer.OwnKey:
			text = "RSA key of the provider (--write-rsa-key FILE)"
		case public:
			text = "secret " + consumer.Secret
		}
		c.Out.Printf("  %-18s %s\n", consumer.Key, text)
	}
	c.Out.Printf("\nSignature methods: %s\n\nEndpoints:\n", strings.Join(provider.SignatureMethods(), ", "))
	for _, e := range p.Endpoints() {
		methods := "any method"
		if len(e.Methods) > 0 {
			methods = strings.Join(e.Methods, ", ")
		}
		c.Out.Describe(e.Path, methods+". "+e.Doc)
	}
	c.Out.Printf("\nInterrupt to stop.\n")
}

// logger prints events, one line each; for a refusal also why.
func (k *providerCommand) logger(c *command) func(provider.Event) {
	var mu sync.Mutex
	styles := map[provider.EventKind]show.Style{
		provider.EventRefused: show.Red, provider.EventDenied: show.Yellow, provider.EventGranted: show.Green,
		provider.EventIssued: show.Green, provider.EventApproved: show.Green,
	}
	return func(e provider.Event) {
		mu.Lock()
		defer mu.Unlock()
		kind := c.Err.Paint(styles[e.Kind], fmt.Sprintf("%-8s", e.Kind))
		c.Err.Printf("%s %s %-4s %s %d", e.Time.Format("15:04:05"), kind, e.Method, e.Path, e.Status)
		if e.Consumer != "" {
			c.Err.Printf(" consumer=%q", e.Consumer)
		}
		c.Err.Printf(" %s\n", show.EscapeLine(e.Text))
		if r := e.Refusal; r != nil {
			for _, line := range [][2]string{{"problem", r.Problem}, {"cause", r.Cause}, {"expected", r.BaseString}} {
				if line[1] != "" {
					c.Err.Printf("           %-9s %s\n", line[0], show.EscapeLine(line[1]))
				}
			}
		}
	}
}
