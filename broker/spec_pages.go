package broker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func (b *Broker) overviewPage(w http.ResponseWriter, r *http.Request) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	specs, err := b.specs(ctx, space, "")
	if err != nil {
		return err
	}
	list, _, err := b.connections(ctx, space, filter{Limit: 10})
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
		return problem(http.StatusUnprocessableEntity, "spec-invalid", fmt.Sprintf("the example does not compile: %v", diagnostics(list)))
	}
	if len(e.Settings) > 0 || e.OutOfBand {
		if _, err := b.putSettings(ctx, space, e.Name, settings{Parameters: e.Settings, OutOfBand: e.OutOfBand}); err != nil {
			return err
		}
	}
	if len(e.Settings) == 0 {
		return see(w, r, "/specs/"+url.PathEscape(e.Name), "")
	}
	return b.startForm(w, r)
}

func (b *Broker) startForm(w http.ResponseWriter, r *http.Request) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	s, err := b.createSession(ctx, space, sessionRequest{Spec: r.PathValue("name"), User: r.PostFormValue("user"), Reconnect: r.PostFormValue("reconnect")})
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
	s.SetAside = b.asideOf(space, name)
	c, broken := &plan.Connection{}, (*Problem)(nil)
	switch p, err := b.plan(ctx, s.Plan); {
	case err == nil:
		c = p.Connection
	case problemOf(err).Code == codeStalePlan:
		broken = problemOf(err) // the page is where it can be mended
	default:
		return err
	}
	v, err := b.version(ctx, space, name, s.Version)
	if err != nil {
		return err
	}
	list, _, err := b.connections(ctx, space, filter{Spec: name, Limit: 10})
	if err != nil {
		return err
	}
	var calls []string
	for _, c := range c.Calls {
		calls = append(calls, c.Name)
	}
	from, err := strconv.Atoi(r.URL.Query().Get("before"))
	if err != nil || from > s.Latest {
		from = s.Latest
	}
	versions, err := b.versions(ctx, space, name, from)
	if err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "spec", name, map[string]any{"Spec": s, "Problem": broken, "Files": v.Files, "Versions": versions, "Before": from - shownVersions, "Connections": list, "Calls": calls,
		"Fields": fields(c.Parameters, filling{owner: true, set: s.Settings}), "Callback": b.config.URL + "/callback"})
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
	next := settings{Parameters: map[string]any{}, OutOfBand: r.PostFormValue("out-of-band:") != ""}
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
