package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	gallery "github.com/imlc-lang/imlc/examples"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm"
)

// serveCommand is the broker and what its operator needs.
type serveCommand struct {
	Start  serveStartCommand  `cmd:"" default:"withargs" help:"Serve the broker."`
	Login  serveLoginCommand  `cmd:"" help:"Print a link that opens the pages, once."`
	Key    serveKeyCommand    `cmd:"" help:"Make an API key and print it."`
	Doctor serveDoctorCommand `cmd:"" help:"Say whether the broker could start here, and what is wrong."`
	Export serveExportCommand `cmd:"" help:"Write everything that the broker keeps, secrets sealed, as JSON lines."`
	Import serveImportCommand `cmd:"" help:"Read what export wrote into another database."`
}

// storeFlags say where the broker keeps things.
type storeFlags struct {
	Data     string `help:"Folder of the broker: its database and keys." placeholder:"DIR" env:"IMLC_SERVE_DATA"`
	Database string `help:"PostgreSQL server, postgres://user@host/database; an SQLite file in the folder otherwise." placeholder:"URL" env:"IMLC_SERVE_DATABASE"`
	Keys     string `help:"File with the encryption keys; keys.json in the folder otherwise, made when it is missing." placeholder:"FILE" env:"IMLC_SERVE_KEYS"`
	KMS      string `name:"kms" help:"What keeps the encryption keys: file:PATH, vault:https://HOST/MOUNT/KEY or aws:KEY?region=REGION; the file of the keys is readable otherwise." placeholder:"SERVICE" env:"IMLC_SERVE_KMS"`
	URL      string `name:"url" help:"Where browsers reach the broker." placeholder:"URL" env:"IMLC_SERVE_URL"`
}

// opened is an open store with its keys.
type opened struct {
	store store.Store
	ring  *envelope.Ring
	keys  string // the file
	kms   envelope.KeyService
}

func (f storeFlags) folder(c *command) (string, error) {
	switch {
	case f.Data != "":
		return f.Data, nil
	case c.Env("XDG_DATA_HOME") != "":
		return filepath.Join(c.Env("XDG_DATA_HOME"), "imlc"), nil
	case c.Env("HOME") != "":
		return filepath.Join(c.Env("HOME"), ".local", "share", "imlc"), nil
	}
	return "", usagef("there is no home folder; say with --data where to keep things")
}

// open opens keys and store; make says that they may be new.
func (f storeFlags) open(c *command, create bool) (*opened, error) {
	dir, err := f.folder(c)
	if err != nil {
		return nil, err
	}
	if f.Database != "" && f.Keys == "" {
		return nil, usagef("--database needs --keys: several brokers of one database must have the same keys\nmake a file with \"imlc serve doctor --data DIR --keys FILE\"")
	}
	if create {
		if err := c.Files.MkdirPrivate(dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	out := &opened{keys: f.Keys}
	if out.keys == "" {
		out.keys = filepath.Join(dir, "keys.json")
	}
	if err := f.openKMS(c, out); err != nil {
		return nil, err
	}
	if _, err := c.Files.Stat(out.keys); errors.Is(err, fs.ErrNotExist) && create {
		if err := f.makeKeys(c, out); err != nil {
			return nil, err
		}
	}
	data, err := c.readInput(out.keys)
	if err != nil {
		return nil, err
	}
	if err := f.readKeys(c, out, data, create); err != nil {
		return nil, err
	}
	out.follow(c, data)
	out.store, err = sqlstore.Open(c.Context, sqlstore.Options{Postgres: f.Database, File: filepath.Join(dir, "broker.db")})
	if err != nil {
		return nil, usagef("the database cannot be opened: %v", databaseError(err, f.Database))
	}
	return out, nil
}

// databaseError takes the password of the address out of an error.
func databaseError(err error, address string) string {
	text := err.Error()
	if u, parseErr := url.Parse(address); parseErr == nil {
		if password, ok := u.User.Password(); ok && password != "" {
			text = strings.ReplaceAll(text, password, "***")
		}
	}
	return text
}

// serveStartCommand serves.
type serveStartCommand struct {
	storeFlags
	egressFlags
	signInFlags
	Addr     string `help:"Address to listen on." default:"127.0.0.1:8700" env:"IMLC_SERVE_ADDR"`
	Demo     string `help:"Loopback address of the built-in provider of the demo; off serves none." default:"127.0.0.1:8766"`
	Log      string `help:"How to log: text, json or off." enum:"text,json,off" default:"text"`
	LogLevel string `help:"What to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"warn"`
	NoLogin  bool   `help:"Print no link that opens the pages."`
	OTLP     string `name:"otlp" help:"Collector that takes OpenTelemetry spans by OTLP over HTTP, such as http://127.0.0.1:4318; none otherwise. The other variables OTEL_… hold too." placeholder:"URL" env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	EnableJS bool   `name:"enable-js" help:"Run the JavaScript of specs, each in a process of its own: see \"imlc help scripts\"."`
}

const (
	drainTime = 20 * time.Second
	drainKill = 25 * time.Second
)

// Run implements the sub-command; it serves until it is interrupted, and then ends what is under way.
func (k *serveStartCommand) Run(c *command) error {
	started := c.Now()
	o, err := k.open(c, true)
	if err != nil {
		return err
	}
	defer o.store.Close()
	listener, err := c.Network.Listen("tcp", k.Addr)
	if err != nil {
		return usagef("--addr %s: %v", k.Addr, err)
	}
	defer listener.Close()
	address := k.URL
	if address == "" {
		address = browserAddress(listener.Addr().String())
	}
	config, stop, err := k.config(c, o, address, listener)
	if err != nil {
		return err
	}
	defer stop()
	flush, err := k.traces(c, &config)
	if err != nil {
		return err
	}
	defer flush()
	b, err := broker.New(config)
	if err != nil {
		return usagef("%v", err)
	}
	if err := b.CheckKeys(c.Context); err != nil {
		return usagef("%s does not open what is kept: %v", o.keys, err)
	}
	if err := b.EnsureTenant(c.Context, "default", "main"); err != nil {
		return err
	}
	if err := recompile(c, b); err != nil {
		return err
	}
	c.Out.Printf("imlc broker at %s (%d ms)\n", address, c.Now().Sub(started).Milliseconds())
	if !k.NoLogin {
		path, err := b.LoginPath(c.Context)
		if err != nil {
			return err
		}
		c.Out.Printf("Open %s%s — once, within an hour.\n", address, path)
	}
	c.Out.Printf("Interrupt to stop.\n")
	c.Out.Flush()
	return k.serve(c, b, listener)
}

// recompile has plans compiled again that another version of this program wrote, and says which could not be.
func recompile(c *command, b *broker.Broker) error {
	out, err := b.Recompile(c.Context)
	if err != nil {
		return err
	}
	if out.Plans > 0 {
		c.Out.Printf("%s compiled again for this version\n", counted(out.Plans, "plan"))
	}
	for _, f := range out.Failed {
		c.Err.Printf("%s: version %d of %s cannot be compiled again, and its connections do nothing before it is mended: %s\n", f.Space, f.Version, f.Spec, f.Reason)
	}
	return nil
}

// browserAddress is where a browser on this machine reaches what listens.
func browserAddress(listens string) string {
	host, port, err := net.SplitHostPort(listens)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return "http://localhost:" + port
	}
	return "http://" + listens
}

// config returns what the broker is given, and what ends the provider of the demo.
func (k *serveStartCommand) config(c *command, o *opened, address string, listener net.Listener) (broker.Config, func(), error) {
	egress, err := k.policy(c)
	if err != nil {
		return broker.Config{}, nil, err
	}
	transport, err := k.transport(c, egress)
	if err != nil {
		return broker.Config{}, nil, err
	}
	config := broker.Config{Store: o.store, Keys: o.ring, URL: address, RotateKeys: func() error { return o.rotate(c) }, Log: k.logger(c.Err), AllowPrivateWebhooks: k.AllowPrivate,
		Host: vm.Host{Limits: broker.Limits(), Transport: transport, Egress: egress, Clock: c.Now, Entropy: c.Entropy, UserAgent: "imlc/" + imlc.Version(), AllowInsecureTLS: k.AllowInsecureTLS, AddSystemRoots: true}}
	if config.SignIn, err = k.signIn(c, k.networkFlags, egress.Proxy); err != nil {
		return config, nil, err
	}
	stop := func() {}
	if k.EnableJS {
		scripts := jshost.NewSubprocess(jshost.Limits{})
		config.Host.Scripts, stop = scripts, func() { _ = scripts.Close() }
	}
	host, _, _ := net.SplitHostPort(listener.Addr().String())
	if ip := net.ParseIP(host); k.Demo != "off" && ip.IsLoopback() {
		p, err := provider.New(provider.Config{})
		if err != nil {
			return config, stop, err
		}
		server, err := p.Start(k.Demo)
		if err != nil {
			c.Err.Printf("the provider of the demo does not start: %v (choose another --demo, or off)\n", err)
		} else {
			before := stop
			stop = func() { server.Close(); before() }
			config.Gallery = append(config.Gallery, broker.Example{Name: "demo", Title: "Demo", Help: "A provider inside this program, to see how it goes. Nothing leaves this machine.",
				Files:    map[string]string{"demo.jsonc": demoSpec},
				Settings: map[string]any{"baseUrl": server.URL(), "profilePath": "/me", "consumerKey": "ck-hmac", "consumerSecret": "cs-hmac"}, Only: server.URL()})
		}
	}
	for _, e := range gallery.Gallery() {
		files, err := gallery.Files(e.Folder)
		if err != nil {
			return config, stop, err
		}
		config.Gallery = append(config.Gallery, broker.Example{Name: e.Name, Title: e.Title, Help: e.Help, Files: files, OutOfBand: e.OutOfBand})
	}
	return config, stop, nil
}

func (k *serveStartCommand) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(k.LogLevel)) // one of the enumeration
	switch k.Log {
	case "json":
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	case "text":
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.DiscardHandler)
}

// serveMemoryLimit is what the garbage collector works harder to keep below, in bytes; what operations and bodies hold is
// bounded so that a process stays below 128 MiB.
const serveMemoryLimit = 72 << 20

// serve serves until the command is interrupted. Requests that are under way may end.
func (k *serveStartCommand) serve(c *command, b *broker.Broker, listener net.Listener) error {
	server := &http.Server{Handler: b.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log(k.logger(c.Err))}
	c.drain.Store(int64(drainKill))
	limitMemory(serveMemoryLimit)
	failed := make(chan error, 1)
	jobs := make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.Context))
	defer cancel()
	go func() { failed <- server.Serve(listener) }()
	go func() { b.Run(c.Context); close(jobs) }()
	select {
	case err := <-failed:
		return err
	case <-c.Context.Done():
	}
	c.Err.Printf("ending; what is under way has %s\n", drainTime)
	ctx, end := context.WithTimeout(ctx, drainTime)
	defer end()
	err := server.Shutdown(ctx)
	select {
	case <-jobs:
	case <-ctx.Done():
	}
	return err
}

// log has net/http log as the broker does.
func log(l *slog.Logger) *stdlog.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelWarn) }

// local returns a broker for the sub-commands that change something beside a running one.
func (f storeFlags) local(c *command) (*broker.Broker, *opened, error) {
	o, err := f.open(c, false)
	if err != nil {
		return nil, nil, err
	}
	address := f.URL
	if address == "" {
		address = "http://127.0.0.1:8700"
	}
	b, err := broker.New(broker.Config{Store: o.store, Keys: o.ring, URL: address, Host: vm.Host{Clock: c.Now, Entropy: c.Entropy}})
	if err != nil {
		o.store.Close()
		return nil, nil, usagef("%v", err)
	}
	return b, o, nil
}

// serveLoginCommand prints a link.
type serveLoginCommand struct{ storeFlags }

// Run implements the sub-command.
func (k *serveLoginCommand) Run(c *command) error {
	b, o, err := k.local(c)
	if err != nil {
		return err
	}
	defer o.store.Close()
	path, err := b.LoginPath(c.Context)
	if err != nil {
		return err
	}
	address := k.URL
	if address == "" {
		address = "http://127.0.0.1:8700"
	}
	c.Out.Printf("%s%s\n", strings.TrimSuffix(address, "/"), path)
	return nil
}

// serveKeyCommand makes an API key.
type serveKeyCommand struct {
	storeFlags
	Name  string   `arg:"" help:"What the key is for."`
	Space string   `help:"Tenant and environment that the key is of." default:"default/main"`
	Scope []string `help:"What the key may do: read, specs, sessions, connections, proxy, reveal, webhooks, keys, or admin for the whole installation." default:"read,specs,sessions,connections,proxy"`
}

// Run implements the sub-command.
func (k *serveKeyCommand) Run(c *command) error {
	b, o, err := k.local(c)
	if err != nil {
		return err
	}
	defer o.store.Close()
	var scopes []broker.Scope
	for _, s := range k.Scope {
		scopes = append(scopes, broker.Scope(s))
	}
	secret, err := b.NewKey(c.Context, k.Space, k.Name, scopes)
	if err != nil {
		return usagef("%v", err)
	}
	c.Out.Printf("%s\n", secret)
	return nil
}
