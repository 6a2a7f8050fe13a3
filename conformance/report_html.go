package conformance

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// WriteTAP writes the Test Anything Protocol, version 14, with what differs as YAML blocks.
func (r *Report) WriteTAP(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "TAP version 14\n1..%d\n", len(r.Results))
	for i := range r.Results {
		res := &r.Results[i]
		name := strings.NewReplacer("\\", "\\\\", "#", "\\#", "\n", " ").Replace(res.ID)
		if len(res.Failures) == 0 {
			fmt.Fprintf(&b, "ok %d - %s\n", i+1, name)
			continue
		}
		fmt.Fprintf(&b, "not ok %d - %s\n  ---\n  at: %q\n  message: |\n", i+1, name, res.place())
		for _, line := range strings.Split(strings.TrimRight(res.failureText(), "\n"), "\n") {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		b.WriteString("  ...\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// place is the file of a case, with its line where that is known.
func (r *result) place() string {
	if r.Line > 0 {
		return fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	return r.File
}

// failureText is what went wrong with a case, as the text report says it.
func (r *result) failureText() string {
	var b bytes.Buffer
	for i := range r.Failures {
		r.Failures[i].writeText(&b)
	}
	return b.String()
}

var reportPage = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Summary}}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem }
h1 { font-size: 1.25rem }
details, .ok { border-top: 1px solid #8886; padding: .4rem 0 }
summary { cursor: pointer }
.mark { display: inline-block; width: 4.5rem; font-weight: 600 }
.pass { color: #1a7f37 } .fail { color: #cf222e }
.where { color: #888; font-size: .85rem; overflow-wrap: anywhere }
pre { background: #8881; overflow-x: auto; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
</style></head><body>
<h1>{{.Summary}}</h1>
{{range .Rows}}{{if .Text}}<details open><summary><span class="mark fail">failed</span>{{.ID}} <span class="where">{{.Place}}</span></summary><pre>{{.Text}}</pre></details>
{{else}}<div class="ok"><span class="mark pass">passed</span>{{.ID}} <span class="where">{{.Place}}, {{.Milliseconds}} ms</span></div>
{{end}}{{end}}</body></html>
`))

// WriteHTML writes a page that needs nothing beside itself.
func (r *Report) WriteHTML(w io.Writer) error {
	type row struct {
		ID, Place, Text string
		Milliseconds    int64
	}
	page := struct {
		Summary string
		Rows    []row
	}{Summary: r.Summary()}
	for i := range r.Results {
		res := &r.Results[i]
		page.Rows = append(page.Rows, row{res.ID, res.place(), res.failureText(), res.Elapsed.Milliseconds()})
	}
	return reportPage.Execute(w, page)
}
