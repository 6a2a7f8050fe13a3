// Command host is a small web application that embeds the engine: it sends its users to a service, takes them back, and
// makes signed requests for them. It loads a compiled plan; neither the parser nor the compiler is part of it.
//
//	imlc compile examples/make/demo/demo.jsonc -o demo.imlc
//	imlc provider -- in another terminal
//	go run ./examples/host -plan demo.imlc -params params.json -get http://127.0.0.1:8765/me -allow-private
//
// params.json holds what the spec asks for, such as {"consumerKey": "ck-hmac", "consumerSecret": "cs-hmac"}. A real
// host would keep connections encrypted in a database, give every replica the same key of the sealer and the same
// pending store, and stand behind https.
package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	planFile := flag.String("plan", "", "compiled plan (.imlc)")
	paramsFile := flag.String("params", "", "JSON file with the parameters of the connection")
	get := flag.String("get", "", "URL that /me fetches with the connection")
	allowPrivate := flag.Bool("allow-private", false, "let the engine reach private and loopback addresses")
	flag.Parse()
	h, err := load(*planFile, *paramsFile, vm.Host{Egress: wire.Egress{AllowPrivate: *allowPrivate}})
	if err != nil {
		log.Fatal(err)
	}
	h.base, h.target = "http://"+*listen, *get
	server := &http.Server{Addr: *listen, Handler: h.handler(), ReadHeaderTimeout: 10 * time.Second}
	log.Printf("open %s/", h.base)
	log.Fatal(server.ListenAndServe())
}

// load reads plan and parameters. The engine's defaults hold for the rest: the state is sealed under a key that lives
// as long as this process.
func load(planFile, paramsFile string, h vm.Host) (*host, error) {
	file, err := os.ReadFile(planFile)
	if err != nil {
		return nil, err
	}
	p, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", planFile, err)
	}
	text, err := os.ReadFile(paramsFile)
	if err != nil {
		return nil, err
	}
	params, err := value.ParseJSON(string(text), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", paramsFile, err)
	}
	engine, err := vm.New(p, h)
	if err != nil {
		return nil, err
	}
	return newHost(engine, params.Object()), nil
}

// host is the web application. Its connections live in memory, by session.
type host struct {
	engine *vm.Engine
	params *value.Object
	base   string // address of this application, without a slash at the end
	target string // what /me fetches

	mu          sync.Mutex
	connections map[string]*vm.Connection
}

func newHost(engine *vm.Engine, params *value.Object) *host {
	return &host{engine: engine, params: params, connections: map[string]*vm.Connection{}}
}

func (h *host) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.index)
	mux.HandleFunc("GET /connect", h.connect)
	mux.HandleFunc("GET /callback", h.callback)
	mux.HandleFunc("GET /me", h.me)
	return mux
}

const (
	// stateCookie carries the sealed state of a pending authorisation. Being a cookie it binds the state to this
	// browser, which is the defence against a callback that somebody else started.
	stateCookie   = "authorization"
	sessionCookie = "session"
)

// cookie returns a cookie that scripts cannot read. Lax lets it come along when the service sends the browser back.
func (h *host) cookie(name, value, path string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: path, MaxAge: int(life.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(h.base, "https:")}
}

func (h *host) index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if conn := h.connection(r); conn != nil {
		label := conn.UID
		if conn.Metadata != nil {
			label = conn.Metadata.Value
		}
		fmt.Fprintf(w, "<p>Connected as %s. <a href=/me>Fetch</a> or <a href=/connect>connect again</a>.</p>", html.EscapeString(label))
		return
	}
	fmt.Fprint(w, "<p><a href=/connect>Connect</a></p>")
}

// connect starts an authorisation and sends the browser to the service.
func (h *host) connect(w http.ResponseWriter, r *http.Request) {
	step, err := h.engine.Authorize(r.Context(), vm.Grant{Parameters: h.params, RedirectURI: h.base + "/callback"})
	switch {
	case err != nil:
		fail(w, err)
	case step.Connection != nil: // a spec without a redirect is done at once
		h.keep(w, step.Connection)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	default:
		http.SetCookie(w, h.cookie(stateCookie, step.State, "/callback", vm.DefaultPendingTTL))
		http.Redirect(w, r, step.RedirectURL, http.StatusSeeOther)
	}
}

// callback goes on where connect stopped, with what the service appended to the address.
func (h *host) callback(w http.ResponseWriter, r *http.Request) {
	state := ""
	if c, err := r.Cookie(stateCookie); err == nil {
		state = c.Value
	}
	http.SetCookie(w, h.cookie(stateCookie, "", "/callback", -time.Second))
	conn, err := h.engine.Callback(r.Context(), state, r.URL.RawQuery)
	if err != nil {
		fail(w, err)
		return
	}
	h.keep(w, conn)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// me makes one request with the user's connection. The client signs it.
func (h *host) me(w http.ResponseWriter, r *http.Request) {
	conn := h.connection(r)
	if conn == nil {
		http.Redirect(w, r, "/connect", http.StatusSeeOther)
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, h.target, nil)
	if err != nil {
		fail(w, err)
		return
	}
	res, err := h.engine.Client(conn).Do(req)
	if err != nil {
		fail(w, err)
		return
	}
	defer res.Body.Close()
	// The answer is the service's: it must not run as a page of this application.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(res.StatusCode)
	if _, err := io.Copy(w, io.LimitReader(res.Body, 1<<20)); err != nil {
		log.Print(err)
	}
}

// keep stores the connection under a new session.
func (h *host) keep(w http.ResponseWriter, conn *vm.Connection) {
	id := rand.Text()
	h.mu.Lock()
	h.connections[id] = conn
	h.mu.Unlock()
	http.SetCookie(w, h.cookie(sessionCookie, id, "/", 24*time.Hour))
}

// connection returns the connection of the request's session, or nil.
func (h *host) connection(r *http.Request) *vm.Connection {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connections[c.Value]
}

// fail shows what went wrong. Messages of the engine are meant for users and hold no secrets.
func fail(w http.ResponseWriter, err error) {
	var e *vm.Error
	if errors.As(err, &e) {
		text := e.Message
		if e.Help != "" {
			text += " (" + e.Help + ")"
		}
		http.Error(w, text, http.StatusBadGateway)
		return
	}
	log.Print(err)
	http.Error(w, "something went wrong", http.StatusInternalServerError)
}
