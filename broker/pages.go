package broker

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/value"
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
	"join": func(list []string) string { return strings.Join(list, ", ") },
}

// templates are the pages by their file names, each within the layout.
var templates = func() map[string]*template.Template {
	names, err := pageFiles.ReadDir("pages")
	if err != nil {
		panic(err) // the files are part of the program
	}
	out := map[string]*template.Template{}
	for _, n := range names {
		if n.Name() == "layout.html" {
			continue
		}
		t := template.Must(template.New("layout.html").Funcs(pageFunctions).ParseFS(pageFiles, "pages/layout.html", "pages/"+n.Name()))
		out[strings.TrimSuffix(n.Name(), ".html")] = t
	}
	return out
}()

// page is what every page is made of.
type page struct {
	Title    string
	Operator bool
	CSRF     string
	Space    string
	Notice   string
	Version  string
	Data     any
}

// show writes a page.
func (b *Broker) show(w http.ResponseWriter, r *http.Request, status int, name, title string, data any) {
	p := page{Title: title, Data: data, Version: imlc.Version(), Notice: notices[r.URL.Query().Get("notice")]}
	if l, ok := b.login(r); ok {
		p.Operator, p.CSRF, p.Space = true, l.CSRF, l.Space
	}
	var out bytes.Buffer
	if err := templates[name].Execute(&out, p); err != nil {
		b.config.Log.Error("a page was not made", "page", name, "error", err.Error())
		http.Error(w, "this page could not be made; the log says why", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
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
	"revoked": "The key is revoked.",
}

// failed shows an error.
func (b *Broker) failed(w http.ResponseWriter, r *http.Request, err error) {
	p := b.tell(r.Pattern, err)
	b.show(w, r, p.Status, "failed", "That did not work", p)
}

func (b *Broker) pageRoutes(mux *http.ServeMux) {
	// open pages are for everybody who has their link.
	open := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !b.sameHost(r) {
				http.Error(w, "this is not the address of the broker", http.StatusMisdirectedRequest)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
			if err := f(w, r); err != nil {
				b.failed(w, r, err)
			}
		})
	}
	// closed pages are for operators.
	closed := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		open(pattern, func(w http.ResponseWriter, r *http.Request) error {
			c, ok := b.operator(r)
			if !ok {
				b.show(w, r, http.StatusUnauthorized, "locked", "Not logged in", nil)
				return nil
			}
			return f(w, r.WithContext(withCaller(r.Context(), c)))
		})
	}
	open("GET /login", b.loginPage)
	open("GET /connect/{token}", b.connectPage)
	open("POST /connect/{token}", b.connectForm)
	open("GET /callback", b.callbackPage)
	open("GET /connected/{id}", b.connectedPage)
	closed("POST /logout", b.logout)
	closed("GET /{$}", b.overviewPage)
	closed("POST /gallery/{name}", b.galleryForm)
	closed("GET /specs/{name}", b.specPage)
	closed("POST /specs/{name}/settings", b.settingsForm)
	closed("POST /specs/{name}/connect", b.startForm)
	closed("GET /connections", b.connectionsPage)
	closed("GET /connections/{id}", b.connectionPage)
	closed("POST /connections/{id}/test", b.testForm)
	closed("POST /connections/{id}/delete", b.deleteForm)
	closed("POST /connections/{id}/request", b.requestForm)
	closed("GET /flows/{id}", b.flowPage)
	closed("GET /keys", b.keysPage)
	closed("POST /keys", b.keyForm)
	closed("POST /keys/{id}/revoke", b.revokeForm)
	closed("POST /rotate", b.rotateForm)
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
		b.show(w, r, http.StatusUnauthorized, "locked", "Not logged in", nil)
		return nil
	}
	cookie, err := b.openLogin(r.Context(), DefaultSpace)
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return see(w, r, "/", "")
}

func (b *Broker) logout(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(loginCookie); err == nil {
		if rec, err := b.get(r.Context(), "", kindLogin, fingerprint(cookie.Value), &loginBody{}); err == nil {
			if _, err := b.apply(r.Context(), remove(rec)); err != nil {
				return err
			}
		}
	}
	http.SetCookie(w, b.cookie(loginCookie, "", "/", -time.Second))
	return see(w, r, "/", "")
}

func (b *Broker) overviewPage(w http.ResponseWriter, r *http.Request) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	specs, err := b.specs(ctx, space, "")
	if err != nil {
		return err
	}
	list, _, err := b.connections(ctx, space, Filter{Limit: 10})
	if err != nil {
		return err
	}
	flows, err := b.flows(ctx, space, "", "", "", "")
	if err != nil {
		return err
	}
	var gallery []Example
	for _, e := range b.config.Gallery {
		if !slices.ContainsFunc(specs, func(s Spec) bool { return s.Name == e.Name }) {
			gallery = append(gallery, e)
		}
	}
	b.show(w, r, http.StatusOK, "overview", "Overview", map[string]any{"Specs": specs, "Connections": list, "Flows": flows[:min(len(flows), 10)], "Gallery": gallery,
		"Callback": b.config.URL + "/callback"})
	return nil
}

// galleryForm makes a spec of the gallery one of the space, and goes on to connect by it.
func (b *Broker) galleryForm(w http.ResponseWriter, r *http.Request) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	i := slices.IndexFunc(b.config.Gallery, func(e Example) bool { return e.Name == r.PathValue("name") })
	if i < 0 {
		return notFound("example", r.PathValue("name"))
	}
	e := b.config.Gallery[i]
	s, list, err := b.putSpec(ctx, space, e.Name, e.Files, "", e.Title, e.Only)
	if err != nil {
		return err
	}
	if s.Latest == 0 {
		return problem(http.StatusUnprocessableEntity, "spec-invalid", fmt.Sprintf("the example does not compile: %v", list))
	}
	if len(e.Settings) == 0 {
		return see(w, r, "/specs/"+url.PathEscape(e.Name), "")
	}
	if _, err := b.putSettings(ctx, space, e.Name, settings{Parameters: e.Settings}); err != nil {
		return err
	}
	return b.startForm(w, r)
}

func (b *Broker) startForm(w http.ResponseWriter, r *http.Request) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	s, err := b.createSession(ctx, space, SessionRequest{Spec: r.PathValue("name"), User: r.PostFormValue("user"), Reconnect: r.PostFormValue("reconnect")})
	if err != nil {
		return err
	}
	return see(w, r, strings.TrimPrefix(s.URL, b.config.URL), "")
}

func (b *Broker) specPage(w http.ResponseWriter, r *http.Request) error {
	ctx, space, name := r.Context(), callerOf(r.Context()).Space, r.PathValue("name")
	var s Spec
	if _, err := b.get(ctx, space, kindSpec, name, &s); err != nil {
		return err
	}
	p, err := b.plan(ctx, s.Plan)
	if err != nil {
		return err
	}
	v, err := b.version(ctx, space, name, s.Version)
	if err != nil {
		return err
	}
	list, _, err := b.connections(ctx, space, Filter{Spec: name, Limit: 10})
	if err != nil {
		return err
	}
	var calls []string
	for _, c := range p.Connection.Calls {
		calls = append(calls, c.Name)
	}
	b.show(w, r, http.StatusOK, "spec", name, map[string]any{"Spec": s, "Files": v.Files, "Connections": list, "Calls": calls,
		"Fields": fields(p.Connection.Parameters, nil, nil, s.Settings), "Callback": b.config.URL + "/callback"})
	return nil
}

func (b *Broker) settingsForm(w http.ResponseWriter, r *http.Request) error {
	ctx, space, name := r.Context(), callerOf(r.Context()).Space, r.PathValue("name")
	var s Spec
	if _, err := b.get(ctx, space, kindSpec, name, &s); err != nil {
		return err
	}
	p, err := b.plan(ctx, s.Plan)
	if err != nil {
		return err
	}
	filled, err := fill(p.Connection.Parameters, r)
	if err != nil {
		return err
	}
	set, err := b.settings(ctx, space, name)
	if err != nil {
		return err
	}
	parameters, common := set.parameters, set.common
	// A field that was left empty keeps what is set; the box beside it takes that away.
	for i := range filled.Len() {
		k, v := filled.At(i)
		parameters.Set(k, v)
	}
	next := settings{Parameters: map[string]any{}}
	for i := range parameters.Len() {
		k, v := parameters.At(i)
		if r.PostFormValue("forget:"+k) == "" {
			next.Parameters[k] = json.RawMessage(value.AppendJSON(nil, v))
		}
	}
	if common != nil {
		next.Common = map[string]any{}
		for i := range common.Len() {
			k, v := common.At(i)
			next.Common[k] = json.RawMessage(value.AppendJSON(nil, v))
		}
	}
	if _, err := b.putSettings(ctx, space, name, next); err != nil {
		return err
	}
	return see(w, r, "/specs/"+url.PathEscape(name), "saved")
}

func (b *Broker) connectionsPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	list, next, err := b.connections(r.Context(), callerOf(r.Context()).Space, Filter{Search: q.Get("search"), Status: q.Get("status"), After: q.Get("after")})
	if err != nil {
		return err
	}
	q.Set("after", next)
	b.show(w, r, http.StatusOK, "connections", "Connections", map[string]any{"Connections": list, "Search": q.Get("search"), "Status": q.Get("status"), "States": []string{"", statusOK, statusDegraded, statusLost}, "More": next != "", "Next": "?" + q.Encode()})
	return nil
}

// sent is a request that an operator tried.
type sent struct {
	Method, URL string
	Status      int
	Body        string
	Problem     *Problem
}

func (b *Broker) connectionPage(w http.ResponseWriter, r *http.Request) error {
	return b.showConnection(w, r, nil)
}

func (b *Broker) showConnection(w http.ResponseWriter, r *http.Request, tried *sent) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	_, c, conn, err := b.connection(ctx, space, r.PathValue("id"))
	if err != nil {
		return err
	}
	run, err := b.engine(ctx, space, c.Spec, c.Plan, c.Only)
	if err != nil {
		return err
	}
	base, err := run.engine.BaseURL(run.with(ctx), conn)
	if err != nil {
		base = ""
	}
	flows, err := b.flows(ctx, space, c.ID, "", "", "")
	if err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "connection", cmp.Or(c.Label, c.UID, c.ID), map[string]any{"Connection": c, "Flows": flows, "Base": base, "Tried": tried,
		"Proxy": b.config.URL + "/v1/connections/" + c.ID + "/proxy/"})
	return nil
}

func (b *Broker) testForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := b.test(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
		return err
	}
	return see(w, r, "/connections/"+url.PathEscape(r.PathValue("id")), "tested")
}

func (b *Broker) deleteForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := b.deleteConnection(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
		return err
	}
	return see(w, r, "/connections", "deleted")
}

// requestForm sends a request by a connection and shows the answer.
func (b *Broker) requestForm(w http.ResponseWriter, r *http.Request) error {
	space, id := callerOf(r.Context()).Space, r.PathValue("id")
	tried := &sent{Method: http.MethodGet, URL: r.PostFormValue("url")}
	rec := &recorder{started: b.now()}
	err := func() error {
		req, err := http.NewRequestWithContext(r.Context(), tried.Method, tried.URL, nil)
		if err != nil {
			return invalid("url", "format", "it is no URL")
		}
		_, c, conn, err := b.connection(r.Context(), space, id)
		if err != nil {
			return err
		}
		run, err := b.recorded(r.Context(), space, c.Spec, c.Plan, c.Only, rec)
		if err != nil {
			return err
		}
		res, err := run.engine.Do(run.with(r.Context()), conn, req)
		b.logFlow(r.Context(), space, Flow{Operation: "proxy", Spec: c.Spec, Connection: id, Started: rec.started}, rec, err)
		b.note(r.Context(), space, c, err)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		var body bytes.Buffer
		if _, err := body.ReadFrom(http.MaxBytesReader(nil, res.Body, 64<<10)); err != nil && body.Len() == 0 {
			return err
		}
		tried.Status, tried.Body = res.StatusCode, strings.ToValidUTF8(body.String(), "\uFFFD")
		return nil
	}()
	if err != nil {
		tried.Problem = b.tell(r.Pattern, err)
	}
	return b.showConnection(w, r, tried)
}

func (b *Broker) flowPage(w http.ResponseWriter, r *http.Request) error {
	var f Flow
	if _, err := b.get(r.Context(), callerOf(r.Context()).Space, kindFlow, r.PathValue("id"), &f); err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "flow", "Flow "+f.Operation, f)
	return nil
}

func (b *Broker) keysPage(w http.ResponseWriter, r *http.Request) error { return b.showKeys(w, r, "") }

func (b *Broker) showKeys(w http.ResponseWriter, r *http.Request, secret string) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	keys, err := b.keys(ctx, space)
	if err != nil {
		return err
	}
	foreign, err := b.config.Store.Foreign(ctx, b.config.Keys.Current(), 1000)
	if err != nil {
		return err
	}
	audit, err := b.audits(ctx, space, "")
	if err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "keys", "Keys", map[string]any{"Keys": keys, "Secret": secret, "Scopes": Scopes(), "Current": b.config.Keys.Current(), "Left": len(foreign),
		"Rotates": b.config.RotateKeys != nil, "Audit": audit[:min(len(audit), 20)]})
	return nil
}

func (b *Broker) keyForm(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	var scopes []Scope
	for _, s := range r.PostForm["scope"] {
		scopes = append(scopes, Scope(s))
	}
	secret, err := b.NewKey(r.Context(), callerOf(r.Context()).Space, cmp.Or(r.PostFormValue("name"), "unnamed"), scopes)
	if err != nil {
		return err
	}
	return b.showKeys(w, r, secret)
}

func (b *Broker) revokeForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.revokeKey(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
		return err
	}
	return see(w, r, "/keys", "revoked")
}

func (b *Broker) rotateForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.rotate(r.Context()); err != nil {
		return err
	}
	return see(w, r, "/keys", "rotated")
}
