package cli

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// callbackPath is where the browser comes back to when the user names no redirect URI.
const callbackPath = "/callback"

// callbackServer receives the browser on a loopback port.
type callbackServer struct {
	URI      string
	listener net.Listener
	server   *http.Server
	token    atomic.Pointer[string] // the request token that the answer is about, nil or "" for any
	queries  chan string
	outcome  chan string // what to tell the browser
}

// listenForCallback opens a loopback port with listen. uri is a loopback redirect URI of the user's choice, or "" for
// one of our own on port (0: any free one).
func listenForCallback(listen func(network, address string) (net.Listener, error), uri string, port int) (*callbackServer, error) {
	addr, path := net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), callbackPath
	if uri != "" {
		u, err := url.Parse(uri)
		if err != nil || !isLoopbackHTTP(u) {
			return nil, usagef("--redirect-uri: expected http://127.0.0.1:PORT/… to receive the browser here")
		}
		p := u.Port()
		if p == "" {
			p = "80"
		}
		addr, path = net.JoinHostPort(u.Hostname(), p), u.EscapedPath()
		if path == "" {
			path = "/"
		}
	}
	l, err := listen("tcp", addr)
	if err != nil {
		return nil, usagef("cannot listen on %s for the callback: %v\nchoose another port with --port", addr, err)
	}
	s := &callbackServer{URI: uri, listener: l, queries: make(chan string, 1), outcome: make(chan string, 1)}
	if uri == "" {
		s.URI = "http://" + l.Addr().String() + callbackPath
	}
	s.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10, Handler: s.handler(path)}
	go func() { _ = s.server.Serve(l) }()
	return s, nil
}

func isLoopbackHTTP(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// handler takes the first request to path that looks like a callback of the authorisation and answers it with the outcome
// of the flow.
func (s *callbackServer) handler(path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if r.URL.EscapedPath() != path || r.Method != http.MethodGet {
			http.NotFound(w, r)
			return
		}
		if !looksLikeCallback(r.URL.RawQuery) {
			writePage(w, http.StatusBadRequest, "This address waits for the answer of an OAuth 1.0a provider; the query holds none.")
			return
		}
		if token := s.token.Load(); token != nil && foreign(r.URL.RawQuery, *token) {
			writePage(w, http.StatusForbidden, "This answer belongs to another authorisation; the right one is still waited for.")
			return
		}
		select {
		case s.queries <- r.URL.RawQuery:
		default:
			writePage(w, http.StatusConflict, "The answer was already received.")
			return
		}
		select {
		case text := <-s.outcome:
			writePage(w, http.StatusOK, text)
		case <-time.After(time.Minute):
			writePage(w, http.StatusOK, "The answer was received. Go on in the terminal.")
		case <-r.Context().Done():
		}
	})
}

func looksLikeCallback(rawQuery string) bool {
	q, _ := url.ParseQuery(rawQuery)
	for _, name := range []string{"oauth_token", "oauth_verifier", "denied", "oauth_problem", "error"} {
		if q.Has(name) {
			return true
		}
	}
	return false
}

// foreign reports whether a callback names another request token than that of the authorisation: any page can send a
// browser here.
func foreign(rawQuery, token string) bool {
	q, _ := url.ParseQuery(rawQuery)
	for _, name := range []string{"oauth_token", "denied"} {
		if got := q.Get(name); token != "" && got != "" && got != token {
			return true
		}
	}
	return false
}

func writePage(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>imlc</title><body style=\"font:1.2em sans-serif;margin:4em\"><p>%s</p>", html.EscapeString(text))
}

// expect names the request token that the callback must be about.
func (s *callbackServer) expect(authorizeURL string) {
	if u, err := url.Parse(authorizeURL); err == nil {
		token := u.Query().Get("oauth_token")
		s.token.Store(&token)
	}
}

// wait returns the raw query of the callback.
func (s *callbackServer) wait(ctx context.Context) (string, error) {
	select {
	case q := <-s.queries:
		return q, nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", errors.New("the browser did not come back in time; give it longer with --timeout, or start again")
		}
		return "", errors.New("interrupted while waiting for the browser")
	}
}

// close tells the waiting browser how it went and stops.
func (s *callbackServer) close(outcome string) {
	s.outcome <- outcome
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.server.Shutdown(ctx)
}
