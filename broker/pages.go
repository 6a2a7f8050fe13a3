package broker

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc"
)

//go:embed pages
var pageFiles embed.FS

var pageFunctions = template.FuncMap{
	"when": func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return t.UTC().Format("2006-01-02 15:04 UTC")
	},
	"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"join":    func(list []string) string { return strings.Join(list, ", ") },
	"before":  func(n int) int { return n - 1 },
	"signed":  readBaseString,
	"pretty":  prettyJSON,
	"size":    sizeText,
	"about":   aboutSize,
}

// templates returns the pages by language and file name, each within the layout. They are read when the first page is
// wanted: a program that shows none, as most commands of imlc do, starts without.
var templates = sync.OnceValue(func() map[string]map[string]*template.Template {
	out := map[string]map[string]*template.Template{}
	for _, lang := range languages {
		out[lang] = templatesIn(lang)
	}
	return out
})

func templatesIn(lang string) map[string]*template.Template {
	names, err := pageFiles.ReadDir("pages")
	if err != nil {
		panic(err) // the files are part of the program
	}
	out := map[string]*template.Template{}
	for _, n := range names {
		if n.Name() == "layout.html" || n.Name() == "parts.html" {
			continue
		}
		t := template.Must(template.New("layout.html").Funcs(pageFunctions).Funcs(template.FuncMap{"say": func(text string, args ...any) string { return say(lang, text, args...) }}).ParseFS(pageFiles, "pages/layout.html", "pages/parts.html", "pages/"+n.Name()))
		out[strings.TrimSuffix(n.Name(), ".html")] = t
	}
	return out
}

// page is what every page is made of.
type page struct {
	Lang     string
	Title    string
	Part     string // what of the navigation it belongs to
	Operator bool
	CSRF     string
	Space    string
	Scopes   []Scope // of the operator, in the space
	SignIn   string  // the provider that operators can sign in at
	SignInAt string
	Notice   string
	Version  string
	Data     any
}

// May reports whether the operator has a scope, so that a page offers what can be done.
func (p page) May(s Scope) bool { return slices.Contains(p.Scopes, s) }

// parts are what of the navigation pages belong to.
var parts = map[string]string{"overview": "overview", "connections": "connections", "connection": "connections", "specs": "specs", "spec": "specs", "upload": "specs", "diff": "specs",
	"upgrade": "specs", "rehearsal": "specs", "webhooks": "webhooks", "webhook": "webhooks", "keys": "keys", "tenants": "tenants", "tenant": "tenants"}

// show writes a page for operators.
func (b *Broker) show(w http.ResponseWriter, r *http.Request, status int, name, title string, data any) {
	b.showIn(w, r, languages[0], status, name, title, data)
}

// showIn writes a page in a language.
func (b *Broker) showIn(w http.ResponseWriter, r *http.Request, lang string, status int, name, title string, data any) {
	p := page{Lang: lang, Title: title, Part: parts[name], Data: data, Version: imlc.Version(), Notice: notices[r.URL.Query().Get("notice")]}
	if l, ok := b.login(r); ok {
		p.Operator, p.CSRF, p.Space, p.Scopes = true, l.CSRF, l.Space, l.scopes(l.Space)
	}
	if b.signIn.provider != nil {
		p.SignIn, p.SignInAt = b.signIn.name, signInPath
	}
	var out bytes.Buffer
	if err := templates()[lang][name].Execute(&out, p); err != nil {
		b.config.Log.Error("a page was not made", "page", name, "error", err.Error())
		http.Error(w, "this page could not be made; the log says why", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
	h.Set("X-Frame-Options", "DENY")
	// A form may lead to a service, which the browser checks for each redirect of its answer.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "+
		"form-action 'self' https: http://127.0.0.1:* http://localhost:*")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the browser may be gone
}

// notices are told at the head of a page, by the word in its address: no text of an address is shown.
var notices = map[string]string{
	"saved": "Saved.", "tested": "The connection was tested.", "deleted": "Deleted.", "rotated": "There is a new key, and everything is being wrapped under it.",
	"revoked": "The key is revoked.", "uploaded": "The new version is the current one.", "used": "That version is the current one now; connections keep the plan that made them.",
	"signer":   "Plans are signed by the new key now; those that ask for another one by its id still get its signature.",
	"replayed": "The event is on its way again.",
}

// failed shows an error.
func (b *Broker) failed(w http.ResponseWriter, r *http.Request, err error) {
	b.failedSession(w, r, err, nil)
}

// failedSession shows an error that ended a session, and has the page that opened the window told of it.
func (b *Broker) failedSession(w http.ResponseWriter, r *http.Request, err error, s *session) {
	p, lang := b.tell(r.Pattern, err), languageOf(r)
	if slices.Contains(b.pages, r.Pattern) || strings.HasPrefix(r.URL.Path, "/login") {
		lang = languages[0]
	}
	b.showIn(w, r, lang, p.Status, "failed", say(lang, "That did not work"), map[string]any{"Problem": p.in(lang), "Session": s})
}

func (b *Broker) pageRoutes(mux *router) {
	// open pages are for everybody who has their link.
	type handler = func(http.ResponseWriter, *http.Request) error
	upTo := func(pattern string, most int64, f handler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !b.sameHost(r) {
				http.Error(w, "this is not the address of the broker", http.StatusMisdirectedRequest)
				return
			}
			atMost(w, r, most)
			if err := f(w, r); err != nil {
				b.failed(w, r, b.guessed(r, err))
			}
		})
	}
	open := func(pattern string, f handler) { upTo(pattern, 1<<20, f) }
	// closed pages are for operators who have the scopes.
	closedUpTo := func(most int64, pattern string, f handler, scopes ...Scope) {
		b.pages = append(b.pages, pattern)
		upTo(pattern, most, func(w http.ResponseWriter, r *http.Request) error {
			c, ok := b.operator(r, r.Method != http.MethodGet && r.Method != http.MethodHead)
			if !ok {
				b.show(w, r, http.StatusUnauthorized, "locked", "Not logged in", nil)
				return nil
			}
			for _, s := range scopes {
				if !c.may(s) {
					return problem(http.StatusForbidden, "scope", "you do not have the scope "+string(s)+" in "+c.Space)
				}
			}
			return f(w, r.WithContext(withCaller(r.Context(), c)))
		})
	}
	closed := func(pattern string, f handler, scopes ...Scope) { closedUpTo(1<<20, pattern, f, scopes...) }
	open("GET /login", b.loginPage)
	if b.signIn.provider != nil {
		open("GET "+signInPath, b.signInPage)
		open("GET "+SignedInPath, b.signedInPage)
	}
	open("GET /connect/{token}", b.connectPage)
	open("POST /connect/{token}", b.connectForm)
	open("POST /connect/{token}/code", b.codeForm)
	open("GET /callback", b.callbackPage)
	open("GET /connected/{id}", b.connectedPage)
	closed("POST /logout", b.logout)
	closed("GET /{$}", b.overviewPage, ScopeRead)
	closed("POST /gallery/{name}", b.galleryForm, ScopeSpecs, ScopeSessions)
	closed("POST /space", b.spaceForm)
	closed("GET /specs", b.specsPage, ScopeRead)
	closed("GET /upload", b.newSpecPage, ScopeSpecs)
	closedUpTo(maxUpload, "POST /upload", b.uploadForm, ScopeSpecs)
	closed("GET /specs/{name}", b.specPage, ScopeRead)
	closed("GET /specs/{name}/edit", b.editPage, ScopeRead, ScopeSpecs)
	closedUpTo(maxUpload, "POST /specs/{name}/edit", b.uploadForm, ScopeSpecs)
	closed("GET /specs/{name}/diff", b.diffPage, ScopeRead)
	closed("GET /specs/{name}/plan", b.planDownload, ScopeRead)
	closed("POST /specs/{name}/versions/{version}/use", b.useForm, ScopeSpecs)
	closed("POST /specs/{name}/upgrade", b.upgradeForm, ScopeSpecs)
	closed("POST /specs/{name}/rehearse", b.rehearseForm, ScopeSpecs)
	closed("POST /specs/{name}/delete", b.deleteSpecForm, ScopeSpecs)
	closed("POST /specs/{name}/settings", b.settingsForm, ScopeSpecs)
	closed("POST /specs/{name}/connect", b.startForm, ScopeSessions)
	closed("GET /connections", b.connectionsPage, ScopeRead)
	closed("GET /connections/{id}", b.connectionPage, ScopeRead)
	closed("POST /connections/{id}/test", b.testForm, ScopeConnections)
	closed("POST /connections/{id}/delete", b.deleteForm, ScopeConnections)
	closed("POST /connections/{id}/request", b.requestForm, ScopeRead, ScopeProxy)
	closed("GET /flows/{id}", b.flowPage, ScopeRead)
	closed("GET /keys", b.keysPage, ScopeRead, ScopeKeys)
	closed("POST /keys", b.keyForm, ScopeRead, ScopeKeys)
	closed("POST /keys/{id}/revoke", b.revokeForm, ScopeKeys)
	closed("POST /rotate", b.rotateForm, ScopeAdmin)
	closed("POST /signing-keys", b.rotateSignerForm, ScopeKeys)
	closed("POST /signing-keys/{id}/retire", b.retireSignerForm, ScopeKeys)
	closed("GET /webhooks", b.webhooksPage, ScopeRead)
	closed("POST /webhooks", b.webhookForm, ScopeRead, ScopeWebhooks)
	closed("GET /webhooks/{id}", b.webhookPage, ScopeRead)
	closed("POST /webhooks/{id}/delete", b.deleteWebhookForm, ScopeWebhooks)
	closed("POST /webhooks/{id}/deliveries/{event}/replay", b.replayForm, ScopeWebhooks)
	closed("GET /tenants", b.tenantsPage)
	closed("POST /tenants", b.tenantForm, ScopeAdmin)
	closed("GET /tenants/{name}", b.tenantPage, ScopeAdmin)
	closed("POST /tenants/{name}", b.changeTenantForm, ScopeAdmin)
	open("/", func(w http.ResponseWriter, r *http.Request) error {
		return problem(http.StatusNotFound, "not-found", "there is no such page")
	})
}

// see sends the browser on, with a word of what happened.
func see(w http.ResponseWriter, r *http.Request, target, notice string) error {
	if notice != "" {
		target += "?notice=" + notice
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

func (b *Broker) loginPage(w http.ResponseWriter, r *http.Request) error {
	taken, err := b.takeLogin(r.Context(), r.URL.Query().Get("token"))
	if err != nil {
		return err
	}
	if !taken {
		if _, ok := b.login(r); ok {
			return see(w, r, "/", "")
		}
		if err := b.guessed(r, unknownSession()); problemOf(err).Status == http.StatusTooManyRequests {
			return err
		}
		b.show(w, r, http.StatusUnauthorized, "locked", "Not logged in", nil)
		return nil
	}
	cookie, err := b.openLogin(r.Context(), loginBody{Actor: "operator", Grants: []grant{everything}, Space: DefaultSpace})
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return see(w, r, "/", "")
}

func (b *Broker) logout(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(b.cookieName(loginCookie)); err == nil {
		if rec, err := b.get(r.Context(), "", kindLogin, fingerprint(cookie.Value), &loginBody{}); err == nil {
			if _, err := b.apply(r.Context(), remove(rec)); err != nil {
				return err
			}
		}
	}
	http.SetCookie(w, b.cookie(loginCookie, "", -time.Second))
	return see(w, r, "/", "")
}
