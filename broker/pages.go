package broker

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/plan"
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
	parameters, common, err := b.settings(ctx, space, name)
	if err != nil {
		return err
	}
	// A field that was left empty keeps what is set; the box beside it takes that away.
	for i := range filled.Len() {
		k, v := filled.At(i)
		parameters.Set(k, v)
	}
	next := settings{Parameters: map[string]any{}}
	for i := range parameters.Len() {
		k, v := parameters.At(i)
		if r.PostFormValue("forget:"+k) == "" {
			next.Parameters[k] = jsonOf(v)
		}
	}
	if common != nil {
		next.Common = map[string]any{}
		for i := range common.Len() {
			k, v := common.At(i)
			next.Common[k] = jsonOf(v)
		}
	}
	if _, err := b.putSettings(ctx, space, name, next); err != nil {
		return err
	}
	return see(w, r, "/specs/"+url.PathEscape(name), "saved")
}

// field is one field of a form as a page shows it.
type field struct {
	plan.Parameter
	ID, Input, Text, Problem string
	Options                  []option
	Set                      bool
	Nested                   []field
	// Under says when the field is asked for, "" always.
	Under string
}

type option struct {
	Value, Label string
	Chosen       bool
}

// fields prepares a form: typed is what was filled in before, problems what was wrong with it.
func fields(defs []plan.Parameter, typed url.Values, problems map[string]string, set []string) []field {
	var out []field
	for _, d := range defs {
		f := field{Parameter: d, ID: "field-" + d.Name, Input: "text", Problem: problems[d.Name], Set: slices.Contains(set, d.Name)}
		f.Label = cmp.Or(d.Label, d.Name)
		switch {
		case d.Visual:
			f.Input = "note"
		case d.Choice:
			f.Input = "select"
		case d.Kind == plan.ParameterBoolean:
			f.Input = "checkbox"
		case d.Kind == plan.ParameterNumber:
			f.Input = "number"
		case d.Kind == plan.ParameterList || d.Kind == plan.ParameterObject:
			f.Input = "json"
		case d.Secret && d.Multiline:
			f.Input = "secrets"
		case d.Secret:
			f.Input = "password"
		case d.Multiline:
			f.Input = "textarea"
		}
		chosen := typed[d.Name]
		if len(chosen) == 0 && d.HasDefault && typed == nil {
			chosen = []string{value.ToText(d.Default)}
			if f.Input == "json" {
				chosen = []string{string(value.AppendJSON(nil, d.Default))}
			}
		}
		if len(chosen) > 0 && !d.Secret { // a secret is never sent back
			f.Text = chosen[0]
		}
		for _, o := range d.Options {
			text := value.ToText(o.Value)
			f.Options = append(f.Options, option{Value: text, Label: cmp.Or(o.Label, text), Chosen: slices.Contains(chosen, text)})
			for _, n := range fields(o.Nested, typed, problems, set) {
				n.Under = fmt.Sprintf("Only for %s: %s.", f.Label, cmp.Or(o.Label, text))
				n.Required = false
				f.Nested = append(f.Nested, n)
			}
		}
		if f.Input != "json" {
			f.Nested = append(f.Nested, fields(d.Nested, typed, problems, set)...)
		}
		out = append(out, f)
	}
	return out
}

// fill reads the values of a form that was sent. What was left empty is not there.
func fill(defs []plan.Parameter, r *http.Request) (*value.Object, error) {
	if err := r.ParseForm(); err != nil {
		return nil, problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	out := value.NewObject(8)
	problems := []FieldProblem{}
	var walk func([]plan.Parameter)
	walk = func(defs []plan.Parameter) {
		for i := range defs {
			d := &defs[i]
			for _, o := range d.Options {
				walk(o.Nested)
			}
			if d.Kind != plan.ParameterList && d.Kind != plan.ParameterObject {
				walk(d.Nested)
			}
			v, err := readField(d, r.PostForm[d.Name])
			if err != nil {
				problems = append(problems, FieldProblem{d.Name, "type", err.Error()})
			} else if !v.IsUndefined() {
				out.Set(d.Name, v)
			}
		}
	}
	walk(defs)
	if len(problems) > 0 {
		p := problem(http.StatusUnprocessableEntity, "parameters-invalid", "some fields cannot be read")
		p.Fields = problems
		return out, p
	}
	return out, nil
}

// readField reads a field as the type of its parameter.
func readField(d *plan.Parameter, texts []string) (value.Value, error) {
	if d.Visual || len(texts) == 0 || len(texts) == 1 && texts[0] == "" {
		return value.Undefined, nil
	}
	if d.Choice {
		var chosen []value.Value
		for _, text := range texts {
			v := value.Text(text)
			for _, o := range d.Options {
				if value.ToText(o.Value) == text {
					v = o.Value
				}
			}
			chosen = append(chosen, v)
		}
		if d.Multiple {
			return value.Array(chosen), nil
		}
		return chosen[0], nil
	}
	text := texts[0]
	switch d.Kind {
	case plan.ParameterBoolean:
		return value.Bool(text == "true"), nil
	case plan.ParameterNumber:
		if v, ok := value.ParseInteger(strings.TrimSpace(text)); ok {
			return v, nil
		}
		if n, ok := value.ParseDecimal(strings.TrimSpace(text)); ok {
			return value.Number(n), nil
		}
		return value.Undefined, errors.New("expected a number")
	case plan.ParameterList, plan.ParameterObject:
		v, err := value.ParseJSON(text, nil)
		if err != nil {
			return value.Undefined, errors.New("expected JSON")
		}
		return v, nil
	}
	return value.Text(text), nil
}

// connectView is the page that a user connects by.
type connectView struct {
	Session session
	Fields  []field
	Problem *Problem
	// Service is where the user will be sent, when it is known.
	Service string
	// Code asks for a verifier that the service shows (oob).
	Code bool
}

func (b *Broker) connectPage(w http.ResponseWriter, r *http.Request) error {
	return b.showConnect(w, r, http.StatusOK, nil, nil)
}

// showConnect shows the form of a session, again with what was wrong.
func (b *Broker) showConnect(w http.ResponseWriter, r *http.Request, status int, typed url.Values, p *Problem) error {
	ctx := r.Context()
	rec, s, err := b.sessionByToken(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	switch {
	case s.Status == sessionDone:
		return see(w, r, "/connected/"+s.ID, "")
	case b.now().After(rec.Expires):
		return problem(http.StatusGone, "session-expired", "this link is too old; ask for a new one")
	case s.Status == sessionFailed && p == nil:
		p = s.Problem
	}
	run, err := b.newEngine(ctx, s.Space, s.Spec, s.Plan, s.Only, nil)
	if err != nil {
		return err
	}
	defer run.engine.Close()
	given, err := b.given(ctx, rec, run)
	if err != nil {
		return err
	}
	problems := map[string]string{}
	if p != nil {
		for _, f := range p.Fields {
			problems[f.Path] = f.Message
		}
	}
	view := connectView{Session: s, Problem: p, Fields: fields(questions(run.engine.Plan().Connection.Parameters, given), typed, problems, nil)}
	b.show(w, r, status, "connect", "Connect "+cmp.Or(s.Spec, "an account"), view)
	return nil
}

func (b *Broker) connectForm(w http.ResponseWriter, r *http.Request) error {
	_, s, err := b.sessionByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	// Other sites cannot read the link, so they cannot send this form; one that has the link could, and learns nothing.
	p, err := b.plan(r.Context(), s.Plan)
	if err != nil {
		return err
	}
	form, err := fill(p.Connection.Parameters, r)
	if err != nil {
		return b.showConnect(w, r, http.StatusUnprocessableEntity, r.PostForm, problemOf(err))
	}
	next, cookie, err := b.begin(r.Context(), r.PathValue("token"), form)
	if err != nil {
		p := b.tell(r.Pattern, err)
		if p.Status == http.StatusNotFound || p.Status == http.StatusGone {
			return p
		}
		return b.showConnect(w, r, p.Status, r.PostForm, p)
	}
	if cookie != nil {
		http.SetCookie(w, cookie)
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (b *Broker) callbackPage(w http.ResponseWriter, r *http.Request) error {
	next, s, err := b.callback(r.Context(), r.Cookies(), r.URL.RawQuery)
	if err != nil {
		if s != nil && s.Redirect != "" {
			if u, parseErr := url.Parse(s.Redirect); parseErr == nil {
				q := u.Query()
				q.Set("session", s.ID)
				q.Set("error", problemOf(err).Code)
				u.RawQuery = q.Encode()
				http.Redirect(w, r, u.String(), http.StatusSeeOther)
				return nil
			}
		}
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (b *Broker) connectedPage(w http.ResponseWriter, r *http.Request) error {
	_, found, err := b.findSession(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if found.Status != sessionDone {
		return problem(http.StatusConflict, "not-connected", "this connection is not made yet")
	}
	var c Connection
	if _, err := b.get(r.Context(), found.Space, kindConnection, found.Connection, &c); err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "connected", "Connected", map[string]any{"Session": found, "Label": cmp.Or(c.Label, c.UID), "Origin": found.Origin})
	return nil
}

func jsonOf(v value.Value) any { return v }

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
	if err := b.deleteConnection(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
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
		run, err := b.newEngine(r.Context(), space, c.Spec, c.Plan, c.Only, traced(rec))
		if err != nil {
			return err
		}
		defer run.engine.Close()
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
