package broker

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

func (b *Broker) connectionsPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	list, next, err := b.connections(r.Context(), callerOf(r.Context()).Space, filter{Search: q.Get("search"), Status: q.Get("status"), After: q.Get("after")})
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
		defer run.done()
		res, err := run.engine.Do(run.with(r.Context()), conn, req)
		b.logFlow(r.Context(), space, Flow{Operation: "proxy", Spec: c.Spec, Connection: id, Started: rec.started}, rec, err)
		run.done() // what follows may be an operation of its own
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
