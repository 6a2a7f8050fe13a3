package show

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Report is a tracer that keeps a run for a page: a timeline of its requests, with the templates that made them, what
// was signed, what came back, and what was stored. Every text goes through a mask when the page is written.
type Report struct {
	vm.Watcher
	Title string
	plan  *plan.Plan
	mask  *Mask
	items []reportItem
	open  map[string]bool
	// values are what came out of directives, by pointer.
	values map[string]value.Value
}

// reportItem is one entry of the timeline.
type reportItem struct {
	Kind, Section, Title, Note string
	Rows                       []reportRow
	Groups                     []reportGroup
}

// reportGroup is a part that a reader may open. The templates of a section come in when the run is over, as some have their
// value from the answer.
type reportGroup struct {
	Title   string
	Rows    []reportRow
	Section string
}

const templatesOf = "templates and what came out of them"

// reportRow is a name and a text.
type reportRow struct{ Name, Text string }

// NewReport returns a report of a run of a plan that passes every event on to next, which may be nil.
func NewReport(title string, p *plan.Plan, mask *Mask, next vm.Watcher) *Report {
	return &Report{Watcher: next, Title: title, plan: p, mask: mask, open: map[string]bool{}, values: map[string]value.Value{}}
}

// Event implements vm.Tracer.
func (r *Report) Event(ctx context.Context, e vm.Event) {
	if r.Watcher != nil {
		r.Watcher.Event(ctx, e)
	}
}

// Computed implements vm.ValueWatcher.
func (r *Report) Computed(_ context.Context, e vm.Event) { r.values[e.Message] = e.Value }

// Watch implements vm.Watcher.
func (r *Report) Watch(ctx context.Context, e vm.Event) {
	if r.Watcher != nil {
		r.Watcher.Watch(ctx, e)
	}
	switch e.Kind {
	case vm.EventSection:
	case vm.EventSkipped:
		r.add(reportItem{Kind: "note", Section: e.Section, Title: "skipped: its condition is not met"})
	case vm.EventSigned:
		r.signed(e)
	case vm.EventRequest:
		r.request(e)
	case vm.EventResponse:
		r.response(e)
	case vm.EventRedirect:
		r.add(reportItem{Kind: "note", Section: e.Section, Title: "redirect to " + e.Message})
	case vm.EventTemp, vm.EventStored:
		title := map[string]string{vm.EventTemp: "kept for later requests", vm.EventStored: "stored in the connection"}[e.Kind]
		r.add(reportItem{Kind: "data", Section: e.Section, Title: title, Rows: r.rows(e.Value)})
	case vm.EventIdentity:
		r.add(reportItem{Kind: "data", Section: e.Section, Title: e.Message, Rows: []reportRow{{"", Text(e.Value)}}})
	case vm.EventSuspend:
		r.add(reportItem{Kind: "browser", Section: e.Section, Title: "the browser is sent to", Note: e.Message})
	case vm.EventResume:
		r.add(reportItem{Kind: "browser", Section: e.Section, Title: "the browser comes back", Rows: r.rows(e.Value)})
	case vm.EventWarning, vm.EventUnset, vm.EventAlone:
		r.add(reportItem{Kind: "warning", Section: e.Section, Title: strings.TrimSpace(e.Code + " " + e.Message)})
	case vm.EventError:
		r.add(reportItem{Kind: "error", Section: e.Section, Title: inFull(e.Message, e.Detail)})
	case vm.EventCommit:
		r.add(reportItem{Kind: "done", Title: "the connection is stored"})
	}
}

func (r *Report) add(item reportItem) { r.items = append(r.items, item) }

// signed keeps the derivation for the request that follows.
func (r *Report) signed(e vm.Event) {
	t := e.Signature
	if t == nil {
		return
	}
	var names []string
	for _, p := range t.Sorted {
		value := p.Value
		if p.Origin == oauth1.OriginProtocol && SecretName(p.Name) {
			value = "••••"
		}
		names = append(names, fmt.Sprintf("%s = %s (%s)", p.Name, value, p.Origin))
	}
	r.add(reportItem{Kind: "signature", Section: e.Section, Title: "signed with " + t.SignatureMethod, Groups: []reportGroup{{Title: "how the signature comes about", Rows: []reportRow{
		{"method", t.Method}, {"base string URI", t.BaseURI}, {"parameters", strings.Join(names, "\n")}, {"base string", t.BaseString}, {"key", t.Key},
	}}}})
}

func (r *Report) request(e vm.Event) {
	item := reportItem{Kind: "request", Section: e.Section, Title: e.Message}
	if key := fmt.Sprint(e.Section, e.Request); !r.open[key] {
		r.open[key] = true
		item.Groups = append(item.Groups, reportGroup{Title: templatesOf, Section: e.Section})
	}
	o := e.Value.Object()
	if rows := r.rows(o.Value("headers")); len(rows) > 0 {
		item.Groups = append(item.Groups, reportGroup{Title: "headers", Rows: rows})
	}
	if body := o.Value("body"); !value.IsEmpty(body) {
		item.Groups = append(item.Groups, reportGroup{Title: "body", Rows: []reportRow{{"", Text(r.mask.Value(body))}}})
	}
	r.add(item)
}

func (r *Report) response(e vm.Event) {
	if e.Code != "parsed" {
		kind := "answer"
		if e.Status >= 400 {
			kind = "error"
		}
		r.add(reportItem{Kind: kind, Section: e.Section, Title: wire.StatusText(e.Status)})
		return
	}
	if n := len(r.items); n > 0 && (r.items[n-1].Kind == "answer" || r.items[n-1].Kind == "error") {
		r.items[n-1].Groups = append(r.items[n-1].Groups, reportGroup{Title: "answer", Rows: r.rows(e.Value)})
	}
}

// rows lists the entries of an object, masked.
func (r *Report) rows(v value.Value) []reportRow {
	v = r.mask.Value(v)
	o := v.Object()
	if o == nil {
		if v.IsUndefined() {
			return nil
		}
		return []reportRow{{"", Text(v)}}
	}
	var rows []reportRow
	for i := range o.Len() {
		k, item := o.At(i)
		rows = append(rows, reportRow{k, Text(item)})
	}
	return rows
}

// templates lists the directives of a section as they are written, each with what came out of it last.
func (r *Report) templates(section string) []reportRow {
	var rows []reportRow
	for i := range r.plan.Functions {
		f := &r.plan.Functions[i]
		name, ok := strings.CutPrefix(f.Pointer, "/"+section+"/")
		file, known := r.plan.SourceFile(f)
		if !ok || !known || f.Line == 0 {
			continue
		}
		lines := strings.Split(file.Text, "\n")
		if int(f.Line) > len(lines) {
			continue
		}
		line := []rune(lines[f.Line-1])
		if int(f.Column) > len(line) {
			continue
		}
		rest := string(line[f.Column-1:]) + "\n" + strings.Join(lines[f.Line:], "\n")
		var text any
		if json.NewDecoder(strings.NewReader(rest)).Decode(&text) != nil {
			continue
		}
		written, isText := text.(string)
		if !isText {
			b, err := json.Marshal(text)
			if err != nil {
				continue
			}
			written = string(b)
		}
		if v, computed := r.values[f.Pointer]; computed && strings.ContainsAny(written, "{<") {
			written += "\n= " + Text(r.mask.Value(v))
		}
		rows = append(rows, reportRow{name, written})
	}
	return rows
}

// Write writes the page; conn is nil and failed set when no connection was made.
func (r *Report) Write(w io.Writer, conn *vm.Connection, failed error) error {
	page := struct {
		Title, Outcome, Kind string
		Result               []reportRow
		Items                []reportItem
	}{Title: r.Title, Outcome: "connected", Kind: "done"}
	var e *vm.Error
	switch {
	case errors.As(failed, &e):
		page.Outcome, page.Kind = inFull(e.Message, e.Detail()), "error"
		add := func(name, text string) {
			if text != "" {
				page.Result = append(page.Result, reportRow{name, text})
			}
		}
		if at := e.Place; at != nil {
			add("place", fmt.Sprintf("%s:%d:%d %s", at.File, at.Line, at.Column, at.Pointer))
			add("template", at.Template)
			add("undefined", strings.Join(at.Undefined, ", "))
		}
		add("section", section(e))
		add("type", e.Type)
		add("code", e.Code)
		add("provider", providerWords(e.Provider))
		add("what now", remedy(e))
	case failed != nil:
		page.Outcome, page.Kind = failed.Error(), "error"
	case conn != nil:
		page.Result = append(r.rows(value.Collection(conn.Data)), reportRow{"uid", conn.UID})
		if conn.Metadata != nil {
			page.Result = append(page.Result, reportRow{"label", conn.Metadata.Value})
		}
	}
	page.Outcome = r.mask.Text(page.Outcome)
	page.Result = r.masked(page.Result)
	for _, item := range r.items {
		item.Title, item.Note, item.Rows = r.mask.Text(item.Title), r.mask.Text(item.Note), r.masked(item.Rows)
		groups := make([]reportGroup, len(item.Groups))
		for i, g := range item.Groups {
			if g.Section != "" {
				g.Rows = r.templates(g.Section)
			}
			groups[i] = reportGroup{Title: g.Title, Rows: r.masked(g.Rows)}
		}
		item.Groups = groups
		page.Items = append(page.Items, item)
	}
	return reportTemplate.Execute(w, page)
}

func (r *Report) masked(rows []reportRow) []reportRow {
	out := make([]reportRow, len(rows))
	for i, row := range rows {
		text := row.Text
		if SecretName(row.Name) && text != "" && !strings.Contains(text, "{{") {
			text = value.Mask
		}
		out[i] = reportRow{row.Name, r.mask.Text(text)}
	}
	return out
}

var reportTemplate = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; --line: #8885; --soft: #8881 }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 54rem; padding: 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem }
.outcome { margin: .2rem 0 1rem; font-weight: 600 }
ol { list-style: none; margin: 0; padding: 0 0 0 1rem; border-left: 2px solid var(--line) }
li { position: relative; padding: .3rem 0 .3rem .6rem }
li::before { content: ""; position: absolute; left: -1.4rem; top: .75rem; width: .65rem; height: .65rem; border-radius: 50%; background: #888 }
.request::before { background: #0969da } .signature::before { background: #8250df } .answer::before, .done::before { background: #1a7f37 }
.error::before { background: #cf222e } .warning::before { background: #bf8700 } .browser::before { background: #1b7c83 }
.title { font-weight: 600 } .error .title, p.error { color: #cf222e } p.done { color: #1a7f37 }
details { margin: .2rem 0 } summary { cursor: pointer; color: #888 }
dl { margin: .2rem 0; padding: .5rem; background: var(--soft); border-radius: .4rem; display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .2rem .8rem }
dt { color: #888 } dd { margin: 0; font-family: ui-monospace, monospace; font-size: .85rem; white-space: pre-wrap; min-width: 0 }
dd.wide { grid-column: 1 / -1 }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .4rem } }
</style></head><body>
<h1>{{.Title}}</h1>
<p class="outcome {{.Kind}}">{{.Outcome}}</p>
{{if .Result}}{{template "rows" .Result}}{{end}}
{{$last := ""}}{{range .Items}}{{if and .Section (ne .Section $last)}}{{if ne $last ""}}</ol>{{end}}<h2>{{.Section}}</h2><ol>{{$last = .Section}}{{else if eq $last ""}}<ol>{{$last = "-"}}{{end}}
<li class="{{.Kind}}"><div class="title">{{.Title}}</div>{{if .Note}}<div>{{.Note}}</div>{{end}}
{{if .Rows}}{{template "rows" .Rows}}{{end}}
{{range .Groups}}{{if .Rows}}<details><summary>{{.Title}}</summary>{{template "rows" .Rows}}</details>{{end}}{{end}}</li>
{{end}}{{if ne $last ""}}</ol>{{end}}
</body></html>
{{define "rows"}}<dl>{{range .}}{{if .Name}}<dt>{{.Name}}</dt><dd>{{.Text}}</dd>{{else}}<dd class="wide">{{.Text}}</dd>{{end}}{{end}}</dl>{{end}}`))
