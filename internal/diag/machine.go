package diag

import (
	"encoding/json"
	"io"
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

type jsonDiagnostic struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	jsonPlace
	Pointer string        `json:"pointer,omitempty"`
	Message string        `json:"message"`
	Help    string        `json:"help,omitempty"`
	Related []jsonRelated `json:"related,omitempty"`
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
		out := jsonDiagnostic{Code: d.Code, Severity: d.Severity.String(), jsonPlace: placeOf(d.Span), Pointer: d.Pointer, Message: d.Message, Help: d.Help}
		for _, r := range d.Related {
			out.Related = append(out.Related, jsonRelated{placeOf(r.Span), r.Message})
		}
		report.Diagnostics = append(report.Diagnostics, out)
	}
	return writeJSON(w, report)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// Tool names the program in a SARIF log.
type Tool struct{ Name, Version string }

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
}

type sarifRule struct {
	ID string `json:"id"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
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
	run.Tool.Driver = sarifDriver{Name: tool.Name, Version: tool.Version, Rules: rulesOf(shown)}
	for _, d := range shown {
		run.Results = append(run.Results, sarifResultOf(d, run.Tool.Driver.Rules))
	}
	if n := len(items) - len(shown); n > 0 {
		run.Properties = map[string]int{"omitted": n}
	}
	return writeJSON(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// rulesOf lists the codes in use, each once, in alphabetical order.
func rulesOf(items []Diagnostic) []sarifRule {
	out := []sarifRule{}
	for _, d := range items {
		out = append(out, sarifRule{d.Code})
	}
	slices.SortFunc(out, func(a, b sarifRule) int { return strings.Compare(a.ID, b.ID) })
	return slices.Compact(out)
}

func sarifResultOf(d Diagnostic, rules []sarifRule) sarifResult {
	r := sarifResult{RuleID: d.Code, RuleIndex: slices.Index(rules, sarifRule{d.Code}), Level: "error", Message: sarifText{d.Message}}
	switch d.Severity {
	case Warning:
		r.Level = "warning"
	case Info:
		r.Level = "note"
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
