package broker

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// planAnswer is a plan on its way to a host.
type planAnswer struct {
	Status      int
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Tag         string `header:"ETag"`
	Cache       string `header:"Cache-Control"`
	Plan        string `header:"Imlc-Plan"`
	Version     int    `header:"Imlc-Version"`
	Body        []byte
}

const planType = "application/octet-stream"

// answer answers a request for a plan, with nothing but the head when the caller has it already.
func (f planFile) answer(name, have string) *planAnswer {
	out := &planAnswer{Status: http.StatusOK, Type: planType, Disposition: fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-%d.imlc", name, f.version)),
		Tag: strconv.Quote(f.tag()), Cache: "private, no-cache", Plan: f.plan, Version: f.version, Body: f.data}
	if slices.ContainsFunc(strings.Split(have, ","), func(tag string) bool { return strings.TrimPrefix(strings.TrimSpace(tag), "W/") == out.Tag }) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out
}

func (b *Broker) registerPlans(api huma.API) {
	get := operation(ScopeRead, http.MethodGet, "/v1/specs/{name}/plan", "get-plan", "Download the compiled plan of a spec, for a host that runs it without this broker; its ETag is the SHA-256 of the file, which for a plan alone is its hash")
	get.Responses = map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{planType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
	handle(b, api, get, func(ctx context.Context, space string, in *struct {
		Name    string `path:"name" maxLength:"63"`
		Version int    `query:"version" minimum:"0" doc:"The current one otherwise"`
		Sign    string `query:"sign" maxLength:"64" doc:"current for a signature by the current signing key, or the id of another one; none otherwise"`
		Source  bool   `query:"source" doc:"With source and positions, so that errors name lines"`
		Have    string `header:"If-None-Match" hidden:"true"`
	}) (*planAnswer, error) {
		f, err := b.planFile(ctx, space, in.Name, in.Version, in.Source, in.Sign)
		if err != nil {
			return nil, err
		}
		return f.answer(in.Name, in.Have), nil
	})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/signing-keys", "list-signing-keys", "List the keys that sign plans of the space, the current one first"),
		func(ctx context.Context, space string, _ *struct{}) (*answer[[]signingKey], error) {
			s, err := b.signingKeys(ctx, space)
			if err != nil {
				return nil, err
			}
			return &answer[[]signingKey]{s.Keys}, nil
		})
	handle(b, api, operation(ScopeKeys, http.MethodPost, "/v1/signing-keys", "create-signing-key", "Make a new key the current one; the others sign what asks for them by id until they are retired"),
		func(ctx context.Context, space string, _ *struct{}) (*answer[signingKey], error) {
			k, err := b.rotateSigner(ctx, space)
			return &answer[signingKey]{k}, err
		})
	handle(b, api, operation(ScopeKeys, http.MethodDelete, "/v1/signing-keys/{id}", "retire-signing-key", "Forget a signing key that is not the current one"),
		func(ctx context.Context, space string, in *byID) (*nothing, error) {
			return nil, b.retireSigner(ctx, space, in.ID)
		})
}

// planDownload hands an operator a plan.
func (b *Broker) planDownload(w http.ResponseWriter, r *http.Request) error {
	name, q := r.PathValue("name"), r.URL.Query()
	version, err := strconv.Atoi(cmp.Or(q.Get("version"), "0"))
	if err != nil {
		return notFound("version", q.Get("version"))
	}
	f, err := b.planFile(r.Context(), callerOf(r.Context()).Space, name, version, false, q.Get("sign"))
	if err != nil {
		return err
	}
	a := f.answer(name, r.Header.Get("If-None-Match"))
	for field, text := range map[string]string{"Content-Type": a.Type, "Content-Disposition": a.Disposition, "ETag": a.Tag, "Cache-Control": a.Cache, "Imlc-Plan": a.Plan} {
		w.Header().Set(field, text)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the browser may be gone
	return nil
}

func (b *Broker) rotateSignerForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := b.rotateSigner(r.Context(), callerOf(r.Context()).Space); err != nil {
		return err
	}
	return see(w, r, "/keys", "signer")
}

func (b *Broker) retireSignerForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.retireSigner(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
		return err
	}
	return see(w, r, "/keys", "revoked")
}
