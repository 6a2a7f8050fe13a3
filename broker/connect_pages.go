package broker

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
)

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
	run, err := b.engine(ctx, s.Space, s.Spec, s.Plan, s.Only)
	if err != nil {
		return err
	}
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
		if p := problemOf(err); s != nil && p.Retryable {
			// What the service granted is kept, or the callback is; the page looks again by itself.
			w.Header().Set("Refresh", strconv.Itoa(max(p.RetryAfter, 2)))
			return err
		}
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
