package broker

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm/value"
)

// connectView is the page that a user connects by.
type connectView struct {
	Session session
	Token   string
	// Service is what the user connects to.
	Service string
	Fields  []field
	Problem *Problem
	// Code asks for a code that the service shows at Authorize (oob).
	Code, OutOfBand bool
	Authorize       string
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
	lang := languageOf(r)
	p = p.in(lang)
	view := connectView{Session: s, Token: r.PathValue("token"), Service: b.titleOf(r, s), Problem: p, OutOfBand: s.OutOfBand}
	if b.awaitsCode(r, s) && r.URL.Query().Get("again") == "" {
		view.Code, view.Authorize = true, s.Authorize
	} else if view.Fields, err = b.connectFields(r, rec, s, typed, p); err != nil {
		return err
	}
	title := "Connect %s"
	if s.Reconnect != "" {
		title = "Connect %s again"
	}
	b.showIn(w, r, lang, status, "connect", say(lang, title, view.Service), view)
	return nil
}

// titleOf is what a user knows the service of a session by.
func (b *Broker) titleOf(r *http.Request, s session) string {
	var spec Spec
	if _, err := b.get(r.Context(), s.Space, kindSpec, s.Spec, &spec); err != nil {
		return s.Spec
	}
	return cmp.Or(spec.Title, s.Spec)
}

// connectFields are the fields that the user of a session is asked for. A problem with a field that is not among them is
// told in the problem itself: the user cannot mend it, but whoever made the link can.
func (b *Broker) connectFields(r *http.Request, rec store.Record, s session, typed url.Values, p *Problem) ([]field, error) {
	run, err := b.engine(r.Context(), s.Space, s.Spec, s.Plan, s.Only)
	if err != nil {
		return nil, err
	}
	given, err := b.given(r.Context(), rec, run)
	if err != nil {
		return nil, err
	}
	with := filling{typed: typed, lang: languageOf(r)}
	if p != nil {
		with.problems = byField(p.Fields)
	}
	asked := fields(questions(run.engine.Plan().Connection.Parameters, given), with)
	var strip func([]field)
	strip = func(list []field) {
		for _, f := range list {
			delete(with.problems, f.Name)
			strip(f.Nested)
		}
	}
	strip(asked)
	for _, name := range slices.Sorted(maps.Keys(with.problems)) {
		p.Detail += "; " + name + ": " + with.problems[name]
	}
	return asked, nil
}

func (b *Broker) connectForm(w http.ResponseWriter, r *http.Request) error {
	rec, s, err := b.sessionByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	sentBy(r, s.Space)
	// Other sites cannot read the link, so they cannot send this form; one that has the link could, and learns nothing.
	form, err := b.readConnectForm(r, rec, s)
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

// readConnectForm reads what a user typed into the fields that he is asked for.
func (b *Broker) readConnectForm(r *http.Request, rec store.Record, s session) (*value.Object, error) {
	run, err := b.engine(r.Context(), s.Space, s.Spec, s.Plan, s.Only)
	if err != nil {
		return nil, err
	}
	given, err := b.given(r.Context(), rec, run)
	if err != nil {
		return nil, err
	}
	return fill(questions(run.engine.Plan().Connection.Parameters, given), r)
}

// awaitsCode reports whether a session waits for a code, in the browser that began it.
func (b *Broker) awaitsCode(r *http.Request, s session) bool {
	if !s.OutOfBand || s.Status != sessionWaiting {
		return false
	}
	cookie, err := r.Cookie(b.cookieName(flowCookie + s.ID))
	if err != nil {
		return false
	}
	_, browser, _ := strings.Cut(cookie.Value, ".")
	return fingerprint(browser) == s.Browser
}

// codeForm goes on with an authorisation whose service showed a code (oob).
func (b *Broker) codeForm(w http.ResponseWriter, r *http.Request) error {
	rec, s, err := b.sessionByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if !b.awaitsCode(r, s) { // it has ended, or begun elsewhere: the page shows where it stands
		return see(w, r, "/connect/"+r.PathValue("token"), "")
	}
	query := codeQuery(r.PostFormValue("code"))
	if query == "" {
		return b.showConnect(w, r, http.StatusUnprocessableEntity, nil, problem(http.StatusUnprocessableEntity, "code-missing", "type the code that the service shows"))
	}
	next, err := b.resume(r.Context(), rec, s, query)
	if err != nil {
		p := b.tell(r.Pattern, err)
		return b.showConnect(w, r, p.Status, nil, p)
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// codeQuery is the query of a callback with the code that a user typed. Users also paste the whole address of the page
// that shows it.
func codeQuery(text string) string {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "oauth_verifier=") {
		if _, query, ok := strings.Cut(text, "?"); ok {
			text = query
		}
		text, _, _ = strings.Cut(text, "#")
		return text
	}
	if text == "" {
		return ""
	}
	return url.Values{"oauth_verifier": {text}}.Encode()
}

func (b *Broker) callbackPage(w http.ResponseWriter, r *http.Request) error {
	next, s, err := b.callback(r.Context(), r.Cookies(), r.URL.RawQuery)
	if err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	if s == nil {
		return err
	}
	p := problemOf(err)
	if p.Retryable {
		// What the service granted is kept, or the callback is; the page looks again by itself.
		w.Header().Set("Refresh", strconv.Itoa(max(p.RetryAfter, 2)))
		return err
	}
	if s.Redirect != "" {
		if u, parseErr := url.Parse(s.Redirect); parseErr == nil {
			q := u.Query()
			q.Set("session", s.ID)
			q.Set("error", p.Code)
			u.RawQuery = q.Encode()
			http.Redirect(w, r, u.String(), http.StatusSeeOther)
			return nil
		}
	}
	b.failedSession(w, r, err, s)
	return nil
}

func (b *Broker) connectedPage(w http.ResponseWriter, r *http.Request) error {
	_, found, err := b.findSession(r.Context(), r.PathValue("id"))
	if err != nil {
		if problemOf(err).Status == http.StatusNotFound {
			err = unknownSession()
		}
		return err
	}
	if found.Status != sessionDone {
		return problem(http.StatusConflict, "not-connected", "this connection is not made yet")
	}
	var c Connection
	if _, err := b.get(r.Context(), found.Space, kindConnection, found.Connection, &c); err != nil {
		return err
	}
	b.showIn(w, r, languageOf(r), http.StatusOK, "connected", say(languageOf(r), "Connected"), map[string]any{"Session": found, "Label": cmp.Or(c.Label, c.UID)})
	return nil
}
