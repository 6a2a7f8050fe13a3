package broker

import (
	"embed"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

//go:embed static
var staticFiles embed.FS

// router is a mux that tells its patterns.
type router struct {
	http.ServeMux
	patterns []string
}

// Handle is that of http.ServeMux.
func (m *router) Handle(pattern string, h http.Handler) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.Handle(pattern, h)
}

// HandleFunc is that of http.ServeMux.
func (m *router) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, http.HandlerFunc(f))
}

// routes returns the handler of everything, and the pattern of each route.
func (b *Broker) routes() (http.Handler, []string) {
	mux := new(router)
	b.register(mux)
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		problem(http.StatusNotFound, "not-found", "there is no such route; /v1/openapi.json lists them").write(w)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := b.Ready(r.Context()); err != nil {
			b.config.Log.Error("not ready", "error", err.Error())
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /metrics", b.guarded(ScopeAdmin, func(w http.ResponseWriter, r *http.Request) error {
		b.metrics.handler().ServeHTTP(w, r)
		return nil
	}))
	b.pageRoutes(mux)
	mux.Handle("GET /static/", http.StripPrefix("/", cached(http.FileServerFS(staticFiles))))
	return b.observe(b.bounded(b.proxied(mux))), append(mux.patterns, proxyRoute)
}

func cached(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		h.ServeHTTP(w, r)
	})
}

// guarded serves a route that is no operation of the API's library, under the same guard.
func (b *Broker) guarded(scope Scope, f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := func() error {
			c, leave, err := b.admit(r, scope)
			if err != nil {
				return err
			}
			defer leave()
			return f(w, r.WithContext(withCaller(r.Context(), c)))
		}()
		if err != nil {
			w.Header().Set("Imlc-Problem", "true")
			b.tell(r.Pattern, err).write(w)
		}
	}
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observe logs and counts every request, and gives it an id. Paths are not logged: they may hold the token of a link.
func (b *Broker) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		id, err := b.id("req")
		if err != nil {
			id = "req_0"
		}
		w.Header().Set("Imlc-Request", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		out := &statusWriter{ResponseWriter: w}
		// The server's own request keeps its body, whatever is done to this one's: by that it finds out that some of it was
		// not read, and closes the connection, instead of taking the rest for the next request.
		r, span := b.spans.request(r.WithContext(r.Context()), id)
		defer func() { b.observed(r, out, id, time.Since(started), span) }() // also of an answer that is broken off
		next.ServeHTTP(out, r)
	})
}

func (b *Broker) observed(r *http.Request, out *statusWriter, id string, took time.Duration, span trace.Span) {
	status := out.status
	if status == 0 {
		status = http.StatusOK
	}
	b.metrics.requests.WithLabelValues(r.Pattern, strconv.Itoa(status)).Observe(took.Seconds())
	b.config.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("id", id), slog.String("route", r.Pattern), slog.Int("status", status),
		slog.Duration("took", took), slog.String("connection", r.PathValue("id")), slog.String("trace", traceID(r.Context())))
	answered(span, r, status)
}

// sameHost reports whether a request came to the broker's own address: a page that is loaded under another name is not
// shown, whoever made that name point here.
func (b *Broker) sameHost(r *http.Request) bool {
	u, err := url.Parse(b.config.URL)
	if err != nil {
		return false
	}
	host := r.Host
	if strings.EqualFold(host, u.Host) {
		return true
	}
	name, port, _ := strings.Cut(host, ":")
	return isLoopback(u.Hostname()) && isLoopback(name) && port == u.Port()
}
