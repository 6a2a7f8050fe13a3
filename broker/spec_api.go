package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/vm/plan"
)

// specAnswer is what an upload, or a dry run, comes to.
type specAnswer struct {
	Spec        *Spec        `json:"spec,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics" doc:"Every problem of every file; with an error among them nothing was changed"`
	Rehearsal   *Rehearsal   `json:"rehearsal,omitempty"`

	// log is the answer as a SARIF log instead, for who asked for one.
	log []byte
}

const sarifType = "application/sarif+json"

// ContentType implements huma.ContentTypeFilter.
func (a specAnswer) ContentType(kind string) string {
	if a.log != nil {
		return sarifType
	}
	return kind
}

// MarshalJSON implements json.Marshaler.
func (a specAnswer) MarshalJSON() ([]byte, error) {
	if a.log != nil {
		return a.log, nil
	}
	type plain specAnswer
	return json.Marshal(plain(a))
}

// sarif turns the answer into a SARIF 2.1.0 log, whose places are below a folder.
func (a *specAnswer) sarif(list *imlc.Diagnostics, folder string) error {
	var out bytes.Buffer
	imlc.AddFixes(list)
	err := imlc.WriteSARIF(&out, placed(list, func(name string) string { return path.Join(folder, name) }))
	a.log = out.Bytes()
	return err
}

// placed returns diagnostics whose files have other names.
func placed(list *imlc.Diagnostics, name func(string) string) *imlc.Diagnostics {
	files := map[*imlc.File]*imlc.File{nil: nil}
	at := func(span source.Span) source.Span {
		if _, ok := files[span.File]; !ok {
			files[span.File] = imlc.NewFile(name(span.File.Name), span.File.Text)
		}
		span.File = files[span.File]
		return span
	}
	out := &imlc.Diagnostics{Items: slices.Clone(list.Items)}
	for i := range out.Items {
		d := &out.Items[i]
		d.Span, d.Focus, d.Related, d.Fixes = at(d.Span), at(d.Focus), slices.Clone(d.Related), slices.Clone(d.Fixes)
		for k := range d.Related {
			d.Related[k].Span = at(d.Related[k].Span)
		}
		for k := range d.Fixes {
			d.Fixes[k].Edits = slices.Clone(d.Fixes[k].Edits)
			for e := range d.Fixes[k].Edits {
				d.Fixes[k].Edits[e].Span = at(d.Fixes[k].Edits[e].Span)
			}
		}
	}
	return out
}

type uploadBody struct {
	Files    map[string]string `json:"files" doc:"The files of the spec by their names, as they lie in its folder"`
	Dialect  string            `json:"dialect,omitempty" doc:"make, membrane, zapier or supermetrics, with a variant as in zapier:legacy; recognised otherwise"`
	Title    string            `json:"title,omitempty" maxLength:"200"`
	DryRun   bool              `json:"dryRun,omitempty" doc:"Only tell the diagnostics"`
	Rehearse *rehearsalBody    `json:"rehearse,omitempty" doc:"Of a dry run that compiles: go the whole way against the provider inside the broker, which stands in for every service; nothing leaves the process and no real credential is needed"`
	Folder   string            `json:"folder,omitempty" maxLength:"500" doc:"Where the files lie in your repository; the places of a SARIF log begin with it"`
}

type settingsBody struct {
	Parameters map[string]any `json:"parameters,omitempty" doc:"Values of the form that users are not asked for"`
	Common     map[string]any `json:"common,omitempty" doc:"Common data, in the words of the dialect: environment, secrets"`
	OutOfBand  bool           `json:"outOfBand,omitempty" doc:"The service shows users a code instead of sending their browsers back (oob)"`
}

// uploaded is the answer of an upload. Its status is that of what was sent: a log of it may be asked for in both.
type uploaded struct {
	Status int
	Body   specAnswer
}

// upload compiles files and, unless it is a dry run, makes them the next version. log says that a SARIF log is wanted.
func (b *Broker) upload(ctx context.Context, space, name string, body uploadBody, log bool) (*uploaded, error) {
	out := &uploaded{Status: http.StatusOK}
	var list *imlc.Diagnostics
	var s Spec
	var err error
	switch {
	case body.DryRun:
		var p *plan.Plan
		if p, list, err = b.compile(ctx, body.Files, body.Dialect); err == nil && p != nil && body.Rehearse != nil {
			out.Body.Rehearsal, err = b.rehearse(ctx, space, "", p, *body.Rehearse)
		}
	case body.Rehearse != nil:
		err = invalid("rehearse", "type", "it is for a dry run: set dryRun too")
	default:
		s, list, err = b.putSpec(ctx, space, name, body.Files, body.Dialect, body.Title, "")
	}
	if err != nil {
		return nil, err
	}
	if out.Body.Diagnostics = orEmpty(diagnostics(list)); s.Latest > 0 {
		s.Settings = orEmpty(s.Settings)
		out.Body.Spec = &s
	} else if !body.DryRun {
		out.Status = http.StatusUnprocessableEntity
	}
	switch {
	case log:
		return out, out.Body.sarif(list, body.Folder)
	case out.Status == http.StatusOK:
		return out, nil
	}
	p := problem(out.Status, "spec-invalid", "the files do not compile")
	for _, d := range out.Body.Diagnostics {
		if d.Severity == "error" {
			p.Fields = append(p.Fields, fieldProblem{Path: place(d), Code: d.Code, Message: d.Message})
		}
	}
	return nil, p
}

func place(d Diagnostic) string { return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column) }

func (b *Broker) registerSpecs(api huma.API) {
	put := operation(ScopeSpecs, http.MethodPut, "/v1/specs/{name}", "put-spec", "Compile files and make them the next version of a spec; with \"Accept: application/sarif+json\" the answer is a SARIF log")
	put.Responses = map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{"application/json": {}, sarifType: {Schema: &huma.Schema{Type: "object"}}}}}
	handle(b, api, put, func(ctx context.Context, space string, in *struct {
		Name   string `path:"name" maxLength:"63"`
		Accept string `header:"Accept" hidden:"true"`
		Body   uploadBody
	}) (*uploaded, error) {
		return b.upload(ctx, space, in.Name, in.Body, strings.Contains(in.Accept, sarifType))
	})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/specs", "list-specs", "List specs"),
		func(ctx context.Context, space string, in *struct {
			After string `query:"after"`
		}) (*answer[[]Spec], error) {
			out, err := b.specs(ctx, space, in.After)
			return &answer[[]Spec]{out}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/specs/{name}", "get-spec", "Read a spec"),
		func(ctx context.Context, space string, in *byName) (*answer[Spec], error) {
			var s Spec
			_, err := b.get(ctx, space, kindSpec, in.Name, &s)
			s.Settings, s.SetAside = orEmpty(s.Settings), b.asideOf(space, in.Name)
			return &answer[Spec]{s}, err
		})
	handle(b, api, operation(ScopeSpecs, http.MethodDelete, "/v1/specs/{name}", "delete-spec", "Delete a spec without connections"),
		func(ctx context.Context, space string, in *byName) (*nothing, error) {
			return nil, b.deleteSpec(ctx, space, in.Name)
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/specs/{name}/versions/{version}", "get-version", "Read a version of a spec with its files"),
		func(ctx context.Context, space string, in *struct {
			Name    string `path:"name" maxLength:"63"`
			Version int    `path:"version" minimum:"1"`
		}) (*answer[Version], error) {
			v, err := b.version(ctx, space, in.Name, in.Version)
			return &answer[Version]{v}, err
		})
	handle(b, api, operation(ScopeSpecs, http.MethodPost, "/v1/specs/{name}/versions/{version}/use", "use-version", "Make a version the current one: a rollback"),
		func(ctx context.Context, space string, in *struct {
			Name    string `path:"name" maxLength:"63"`
			Version int    `path:"version" minimum:"1"`
		}) (*answer[Spec], error) {
			s, err := b.useVersion(ctx, space, in.Name, in.Version)
			s.Settings = orEmpty(s.Settings)
			return &answer[Spec]{s}, err
		})
	handle(b, api, operation(ScopeSpecs, http.MethodPost, "/v1/specs/{name}/upgrade", "upgrade", "Move connections of older versions to the current one, those that pass a test under it"),
		func(ctx context.Context, space string, in *struct {
			Name  string `path:"name" maxLength:"63"`
			After string `query:"after"`
		}) (*answer[Upgrade], error) {
			out, err := b.upgrade(ctx, space, in.Name, in.After)
			return &answer[Upgrade]{out}, err
		})
	handle(b, api, operation(ScopeSpecs, http.MethodPut, "/v1/specs/{name}/settings", "put-settings", "Replace the values that belong to the spec, such as the consumer key and secret; they cannot be read again"),
		func(ctx context.Context, space string, in *struct {
			Name string `path:"name" maxLength:"63"`
			Body settingsBody
		}) (*answer[Spec], error) {
			s, err := b.putSettings(ctx, space, in.Name, settings(in.Body))
			s.Settings = orEmpty(s.Settings)
			return &answer[Spec]{s}, err
		})
}
