package diag

import (
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
)

// jsonPlace is a range of a file; lines and columns are 1-based and count code points, the end is exclusive.
type jsonPlace struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
}

type jsonRelated struct {
	jsonPlace
	Message string `json:"message"`
}

type jsonEdit struct {
	jsonPlace
	Text string `json:"text"`
}

type jsonFix struct {
	Title string     `json:"title"`
	Edits []jsonEdit `json:"edits"`
}

type jsonDiagnostic struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	jsonPlace
	Pointer string        `json:"pointer,omitempty"`
	Message string        `json:"message"`
	Help    string        `json:"help,omitempty"`
	Related []jsonRelated `json:"related,omitempty"`
	// Focus is the part of the place that is wrong, where that is another one.
	Focus *jsonPlace `json:"focus,omitempty"`
	Fixes []jsonFix  `json:"fixes,omitempty"`
}

type jsonReport struct {
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
	Notes       int              `json:"notes"`
	// Omitted counts the diagnostics beyond MaxRendered.
	Omitted int `json:"omitted"`
}

func placeOf(s source.Span) jsonPlace {
	if s.IsZero() {
		return jsonPlace{}
	}
	start, end := s.Position(), s.File.Position(max(s.Start, s.End))
	return jsonPlace{File: s.File.Name, Line: start.Line, Column: start.Column, EndLine: end.Line, EndColumn: end.Column}
}

// RenderJSON writes one JSON object: "diagnostics" (at most MaxRendered), the counts "errors", "warnings" and "notes"
// of all, and "omitted". The error is that of w.
func RenderJSON(w io.Writer, items []Diagnostic) error {
	report := jsonReport{Diagnostics: []jsonDiagnostic{}, Omitted: max(0, len(items)-MaxRendered)}
	for i, d := range items {
		switch d.Severity {
		case Warning:
			report.Warnings++
		case Info:
			report.Notes++
		default:
			report.Errors++
		}
		if i >= MaxRendered {
			continue
		}
		report.Diagnostics = append(report.Diagnostics, machineForm(&d))
	}
	return writeJSON(w, report)
}

// MarshalJSON writes a diagnostic as RenderJSON does: its place as lines and columns, without the text of the file.
func (d Diagnostic) MarshalJSON() ([]byte, error) { return json.Marshal(machineForm(&d)) }

func machineForm(d *Diagnostic) jsonDiagnostic {
	out := jsonDiagnostic{Code: d.Code, Severity: d.Severity.String(), jsonPlace: placeOf(d.Span), Pointer: d.Pointer, Message: d.Message, Help: d.Help}
	for _, r := range d.Related {
		out.Related = append(out.Related, jsonRelated{placeOf(r.Span), r.Message})
	}
	if !d.Focus.IsZero() {
		at := placeOf(d.Focus)
		out.Focus = &at
	}
	for _, fix := range d.Fixes {
		j := jsonFix{Title: fix.Title}
		for _, e := range fix.Edits {
			j.Edits = append(j.Edits, jsonEdit{placeOf(e.Span), e.Text})
		}
		out.Fixes = append(out.Fixes, j)
	}
	return out
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// Tool names the program in a SARIF log, and says what it knows.
type Tool struct {
	Name, Version string
	// Home is the address of the program, "" for none.
	Home string
	// Describe returns the rule of a code; nil, or a false result, leaves it at the code.
	Describe func(code string) (Rule, bool)
}

// Rule explains a code: what it means, what to do about it, where that is written, and how much it matters.
type Rule struct {
	Meaning, Advice, Address string
	Severity                 Severity
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
	Related   []sarifLocation `json:"relatedLocations,omitempty"`
	Fixes     []sarifFix      `json:"fixes,omitempty"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted sarifText   `json:"insertedContent"`
}

type sarifRule struct {
	ID      string         `json:"id"`
	Short   *sarifText     `json:"shortDescription,omitempty"`
	Help    *sarifText     `json:"help,omitempty"`
	HelpURI string         `json:"helpUri,omitempty"`
	Default *sarifSeverity `json:"defaultConfiguration,omitempty"`
}

type sarifSeverity struct {
	Level string `json:"level"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri,omitempty"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string         `json:"columnKind"`
	Results    []sarifResult  `json:"results"`
	Properties map[string]int `json:"properties,omitempty"`
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

// RenderSARIF writes a SARIF 2.1.0 log with one run. At most MaxRendered results are written; the property "omitted" of
// the run counts the rest. The error is that of w.
func RenderSARIF(w io.Writer, items []Diagnostic, tool Tool) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	shown := items[:min(len(items), MaxRendered)]
	run.Tool.Driver = sarifDriver{Name: tool.Name, Version: tool.Version, InformationURI: tool.Home, Rules: rulesOf(shown, tool)}
	for _, d := range shown {
		run.Results = append(run.Results, sarifResultOf(d, run.Tool.Driver.Rules))
	}
	if n := len(items) - len(shown); n > 0 {
		run.Properties = map[string]int{"omitted": n}
	}
	return writeJSON(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// rulesOf lists the codes in use, each once, in alphabetical order.
func rulesOf(items []Diagnostic, tool Tool) []sarifRule {
	codes := map[string]bool{}
	for _, d := range items {
		codes[d.Code] = true
	}
	out := []sarifRule{}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		rule := sarifRule{ID: code}
		if tool.Describe != nil {
			if r, ok := tool.Describe(code); ok {
				rule.Short, rule.HelpURI, rule.Default = &sarifText{r.Meaning}, r.Address, &sarifSeverity{levelOf(r.Severity)}
				if r.Advice != "" {
					rule.Help = &sarifText{r.Advice}
				}
			}
		}
		out = append(out, rule)
	}
	return out
}

func levelOf(s Severity) string {
	switch s {
	case Warning:
		return "warning"
	case Info:
		return "note"
	}
	return "error"
}

// sarifFixOf writes a fix, the edits of each file together.
func sarifFixOf(fix Fix) sarifFix {
	out := sarifFix{Description: sarifText{fix.Title}}
	for _, e := range fix.Edits {
		at := physical(e.Span)
		if at == nil {
			continue
		}
		i := slices.IndexFunc(out.Changes, func(c sarifChange) bool { return c.Artifact == at.Artifact })
		if i < 0 {
			i = len(out.Changes)
			out.Changes = append(out.Changes, sarifChange{Artifact: at.Artifact})
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, sarifReplacement{at.Region, sarifText{e.Text}})
	}
	return out
}

func sarifResultOf(d Diagnostic, rules []sarifRule) sarifResult {
	index := slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == d.Code })
	r := sarifResult{RuleID: d.Code, RuleIndex: index, Level: levelOf(d.Severity), Message: sarifText{d.Message}}
	for _, fix := range d.Fixes {
		r.Fixes = append(r.Fixes, sarifFixOf(fix))
	}
	if d.Help != "" {
		r.Message.Text += " (" + d.Help + ")"
	}
	at := sarifLocation{Physical: physical(d.Span)}
	if d.Pointer != "" {
		at.Logical = []sarifLogical{{d.Pointer}}
	}
	if at.Physical != nil || at.Logical != nil {
		r.Locations = []sarifLocation{at}
	}
	for _, x := range d.Related {
		r.Related = append(r.Related, sarifLocation{Physical: physical(x.Span), Message: &sarifText{x.Message}})
	}
	return r
}

func physical(s source.Span) *sarifPhysical {
	if s.IsZero() {
		return nil
	}
	p := placeOf(s)
	uri := (&url.URL{Path: p.File}).EscapedPath()
	if first, _, _ := strings.Cut(uri, "/"); strings.Contains(first, ":") {
		uri = "./" + uri // a colon in the first segment would read as a scheme (RFC 3986 §4.2)
	}
	return &sarifPhysical{sarifArtifact{uri}, sarifRegion{p.Line, p.Column, p.EndLine, p.EndColumn}}
}
