// Command host is a web application that embeds the engine as a platform would: any number of replicas share a
// database and nothing else. It sends its users to a service, takes them back, keeps their connections encrypted, and
// makes signed requests for them. It loads a compiled plan; neither the parser nor the compiler is part of it.
//
//	imlc compile examples/make/demo/demo.jsonc -o demo.imlc
//	imlc provider -- in another terminal
//	go run ./examples/host -plan demo.imlc -params params.json -keys keys.txt -db host.db -allow-private
//
// params.json holds what the spec asks for, such as {"consumerKey": "ck-hmac", "consumerSecret": "cs-hmac"}. Each line
// of keys.txt is a key of the sealer, an id and 64 hexadecimal digits; the first one seals, all of them open. -db is a
// file of SQLite, or the address of PostgreSQL (postgres://user@host/database). A real host stands behind https.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	_ "modernc.org/sqlite"             // SQLite

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/sqlstore"
	"github.com/imlc-lang/imlc/vm/value"
)

// options are what the command line says.
type options struct {
	listen, base, plan, params, keys, db string
	allowPrivate                         bool
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to listen on")
	flag.StringVar(&o.base, "base", "", "address of the application for browsers; default http:// and -listen")
	flag.StringVar(&o.plan, "plan", "", "compiled plan (.imlc)")
	flag.StringVar(&o.params, "params", "", "JSON file with the parameters of the connection")
	flag.StringVar(&o.keys, "keys", "", "file with the keys of the sealer")
	flag.StringVar(&o.db, "db", "host.db", "file of SQLite, or postgres://…")
	flag.BoolVar(&o.allowPrivate, "allow-private", false, "let the engine reach private and loopback addresses")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, o); err != nil {
		log.Fatal(err)
	}
}

// serve runs the application until ctx ends; requests that are under way are finished.
func serve(ctx context.Context, o options) error {
	h, err := load(ctx, o)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: o.listen, Handler: h.handler(), ReadHeaderTimeout: 10 * time.Second}
	go h.sweep(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return server.Shutdown(drain)
}

// host is the web application. Everything that outlives a request is in the store.
type host struct {
	engine *vm.Engine
	store  *sqlstore.Store
	params *value.Object
	base   string // address of this application, without a slash at the end
}

func load(ctx context.Context, o options) (*host, error) {
	p, err := readPlan(o.plan)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(o.params)
	if err != nil {
		return nil, err
	}
	params, err := value.ParseJSON(string(text), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.params, err)
	}
	seal, err := readKeys(o.keys)
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, o.db, seal)
	if err != nil {
		return nil, err
	}
	engine, err := vm.New(p, vm.Host{
		Egress: wire.Egress{AllowPrivate: o.allowPrivate}, Seal: seal, Pending: store, States: store, Connections: store, Observe: observe, Log: logRequest,
	})
	if err != nil {
		return nil, err
	}
	if o.base == "" {
		o.base = "http://" + o.listen
	}
	return &host{engine: engine, store: store, params: params.Object(), base: o.base}, nil
}

func readPlan(file string) (*plan.Plan, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p, err := plan.Decode(b, plan.DecodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// readKeys reads the keys of the sealer. To rotate, add a key as the last line everywhere, then make it the first
// everywhere, then run Store.Rewrap and drop the old one.
func readKeys(file string) (vm.Sealer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var keys []vm.SealKey
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		id, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		secret, err := hex.DecodeString(strings.TrimSpace(digits))
		if err != nil {
			return nil, fmt.Errorf("%s: key %q: expected hexadecimal digits", file, id)
		}
		keys = append(keys, vm.SealKey{ID: id, Secret: secret})
	}
	return vm.NewSealer(rand.Reader, keys...)
}

func openStore(ctx context.Context, address string, seal vm.Sealer) (*sqlstore.Store, error) {
	driver, kind := "pgx", sqlstore.PostgreSQL
	if !strings.HasPrefix(address, "postgres://") {
		file := url.URL{Path: address}
		driver, kind = "sqlite", sqlstore.SQLite
		address = "file:" + file.EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	return sqlstore.New(ctx, db, kind, seal, nil)
}

// sweep forgets authorisations that nobody completes any more.
func (h *host) sweep(ctx context.Context) {
	for ticker := time.NewTicker(time.Minute); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
			if err := h.store.Sweep(ctx); err != nil {
				slog.ErrorContext(ctx, "sweep", "error", err)
			}
		}
	}
}

func observe(ctx context.Context, o vm.Operation) (context.Context, func(vm.Result)) {
	return ctx, func(r vm.Result) {
		slog.InfoContext(ctx, "operation", "name", o.Name, "run", o.RunID, "connection", o.ConnectionID, "took", r.Duration, "requests", r.Requests,
			"retries", r.Retries, "error", r.Err)
	}
}

func logRequest(ctx context.Context, r vm.LogRecord) {
	slog.DebugContext(ctx, "request", "run", r.RunID, "method", r.Method, "host", r.Host, "path", r.Path, "status", r.Status, "attempt", r.Attempt, "took", r.Duration)
}

func (h *host) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.index)
	mux.HandleFunc("GET /connect", h.connect)
	mux.HandleFunc("GET /callback", h.callback)
	mux.HandleFunc("GET /resume", h.resume)
	mux.HandleFunc("/api/{path...}", h.api)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return mux
}

const (
	stateCookie   = "authorization" // the handle of a pending authorisation
	resumeCookie  = "resume"        // that of one that failed behind what the service granted
	sessionCookie = "session"       // who the browser is; the connection has its name
)

// cookie returns a cookie that scripts cannot read. Lax lets it come along when the service sends the browser back.
func (h *host) cookie(name, value, path string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: path, MaxAge: int(life.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(h.base, "https:")}
}

func valueOf(r *http.Request, name string) string {
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// connection returns the connection of the request's session, nil when it has none.
func (h *host) connection(r *http.Request) (*vm.Connection, error) {
	session := valueOf(r, sessionCookie)
	if session == "" {
		return nil, nil
	}
	return h.store.Load(r.Context(), session)
}

func (h *host) index(w http.ResponseWriter, r *http.Request) {
	conn, err := h.connection(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if conn == nil {
		fmt.Fprint(w, "<p><a href=/connect>Connect</a></p>")
		return
	}
	label := conn.UID
	if conn.Metadata != nil {
		label = conn.Metadata.Value
	}
	fmt.Fprintf(w, "<p>Connected as %s. <a href=/connect>Connect again</a>.</p>", html.EscapeString(label))
}

// connect starts an authorisation and sends the browser to the service. It belongs to the session that started it.
func (h *host) connect(w http.ResponseWriter, r *http.Request) {
	session := valueOf(r, sessionCookie)
	if session == "" {
		session = rand.Text()
		http.SetCookie(w, h.cookie(sessionCookie, session, "/", 24*time.Hour))
	}
	conn, err := h.store.Load(r.Context(), session)
	if err != nil {
		fail(w, r, err)
		return
	}
	grant := vm.Grant{Parameters: h.params, RedirectURI: h.base + "/callback", ConnectionID: session, Bind: []byte(session)}
	var step *vm.Step
	if conn == nil {
		step, err = h.engine.Authorize(r.Context(), grant)
	} else {
		step, err = h.engine.Reauthorize(r.Context(), conn, grant)
	}
	switch {
	case err != nil:
		h.failed(w, r, err)
	case step.Connection != nil: // a spec without a redirect is done at once
		h.keep(w, r, step.Connection)
	default:
		http.SetCookie(w, h.cookie(stateCookie, step.State, "/", time.Until(step.Expires)))
		http.Redirect(w, r, step.RedirectURL, http.StatusSeeOther)
	}
}

// callback goes on where connect stopped, in any replica, with what the service appended to the address.
func (h *host) callback(w http.ResponseWriter, r *http.Request) {
	_, err := h.engine.CallbackBound(r.Context(), []byte(valueOf(r, sessionCookie)), valueOf(r, stateCookie), r.URL.RawQuery)
	h.completed(w, r, err)
}

// resume goes on with an authorisation that failed behind what the service granted.
func (h *host) resume(w http.ResponseWriter, r *http.Request) {
	_, err := h.engine.Resume(r.Context(), []byte(valueOf(r, sessionCookie)), valueOf(r, resumeCookie))
	h.completed(w, r, err)
}

func (h *host) completed(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		h.done(w, r) // and the engine has stored it
		return
	}
	var e *vm.Error
	if errors.As(err, &e) && e.Code == vm.CodeUnknownPending {
		// A callback that comes a second time, because the browser or a balancer repeats it, finds what the first made. While
		// that is under way, or its process has died (CodeInProgress), failed asks again.
		if stored, _ := h.connection(r); stored != nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
	}
	h.failed(w, r, err)
}

// keep stores a connection that needed no callback. What is older than the stored one is not stored: the user sees that
// one.
func (h *host) keep(w http.ResponseWriter, r *http.Request, conn *vm.Connection) {
	if _, err := h.store.Swap(r.Context(), conn); err != nil {
		fail(w, r, err)
		return
	}
	h.done(w, r)
}

// done forgets the authorisation and shows the connection.
func (h *host) done(w http.ResponseWriter, r *http.Request) {
	for _, name := range []string{stateCookie, resumeCookie} {
		http.SetCookie(w, h.cookie(name, "", "/", -time.Second))
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// failed shows what went wrong with an authorisation. What the service granted already is not lost: the browser is sent
// on to where it goes on.
func (h *host) failed(w http.ResponseWriter, r *http.Request, err error) {
	var e *vm.Error
	if errors.As(err, &e) && e.Resume != "" {
		http.SetCookie(w, h.cookie(resumeCookie, e.Resume, "/", vm.DefaultPendingTTL))
		wait := "2"
		if !e.Retryable() {
			wait = "30" // somebody has to put right what the service refuses
		}
		w.Header().Set("Refresh", wait+"; url=/resume")
	} else if errors.As(err, &e) && e.Retryable() {
		w.Header().Set("Refresh", "2")
	}
	fail(w, r, err)
}

// api makes a request with the user's connection: /api/notes is notes behind the base URL of the spec.
func (h *host) api(w http.ResponseWriter, r *http.Request) {
	conn, err := h.connection(r)
	if err != nil || conn == nil {
		if err == nil {
			err = &vm.Error{Class: vm.ClassUser, Message: "this browser has no connection yet"}
		}
		fail(w, r, err)
		return
	}
	target := &url.URL{Path: "/" + r.PathValue("path"), RawQuery: r.URL.RawQuery}
	req := &http.Request{Method: r.Method, URL: target, Header: http.Header{}, Body: r.Body}
	for _, name := range []string{"Accept", "Content-Type"} {
		if text := r.Header.Get(name); text != "" {
			req.Header.Set(name, text)
		}
	}
	res, err := h.engine.Do(r.Context(), conn, req)
	if err != nil {
		fail(w, r, err)
		return
	}
	defer res.Body.Close()
	// The answer is the service's: it must not run as a page of this application.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

// fail shows what went wrong. Messages of the engine are meant for users and hold no secrets; whatever else failed is
// for the log.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	var e *vm.Error
	if !errors.As(err, &e) {
		slog.ErrorContext(r.Context(), "failed", "error", err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	text := e.Message
	if e.Help != "" {
		text += " (" + e.Help + ")"
	}
	status := http.StatusBadGateway
	if e.Class == vm.ClassUser {
		status = http.StatusBadRequest
	}
	http.Error(w, text, status)
}
