package show

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

// Explanation writes how a signature comes about, step by step, and the request that is sent with method.
func (s *Stream) Explanation(e *explain.Explanation, method string) {
	for i, step := range e.Steps {
		title := s.Paint(Bold, fmt.Sprintf("%d. %s", i+1, step.Title))
		if step.Section != "" {
			title += s.Paint(Dim, "  RFC 5849 §"+strings.TrimPrefix(strings.TrimPrefix(step.Section, "RFC 5849 "), "§"))
		}
		s.Printf("%s\n", title)
		for _, line := range step.Lines {
			s.Printf("   %s\n", line)
		}
		s.Printf("\n")
	}
	if e.Trace == nil {
		return
	}
	s.Printf("%s\n   %s %s\n", s.Paint(Bold, "Sent"), method, e.URL)
	if e.Authorization != "" {
		s.Printf("   Authorization: %s\n", e.Authorization)
	}
	if e.Body != "" {
		s.Printf("\n   %s\n", e.Body)
	}
}

type jsonCause struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Advice  string `json:"advice"`
	Certain bool   `json:"certain"`
}

type jsonPair struct {
	Name    string  `json:"name"`
	Value   string  `json:"value,omitempty"`
	Origin  string  `json:"origin,omitempty"`
	Own     *string `json:"own,omitempty"`
	Foreign *string `json:"foreign,omitempty"`
}

type jsonDifference struct {
	Part     string      `json:"part"`
	Offset   int         `json:"offset"`
	Own      string      `json:"own"`
	Foreign  string      `json:"foreign"`
	Params   []jsonPair  `json:"parameters,omitempty"`
	Causes   []jsonCause `json:"causes"`
	Together bool        `json:"together,omitempty"`
	// Unfinished says that not every known mistake was tried.
	Unfinished bool `json:"unfinished,omitempty"`
}

type jsonExplanation struct {
	Method          string          `json:"method"`
	BaseURI         string          `json:"baseUri"`
	Parameters      []jsonPair      `json:"parameters"`
	Normalized      string          `json:"normalizedParameters"`
	BaseString      string          `json:"baseString"`
	Key             string          `json:"key"`
	SignatureMethod string          `json:"signatureMethod"`
	Signature       string          `json:"signature"`
	URL             string          `json:"url"`
	Authorization   string          `json:"authorization,omitempty"`
	Body            string          `json:"body,omitempty"`
	Warnings        []jsonCause     `json:"warnings,omitempty"`
	Agree           *bool           `json:"agree,omitempty"`
	Difference      *jsonDifference `json:"difference,omitempty"`
}

// ExplanationJSON is an explanation as data: the derivation, and when it was compared whether both agree, or the
// difference with its causes. e.Err must be nil.
func ExplanationJSON(e *explain.Explanation, method string, compared bool) any {
	t := e.Trace
	out := jsonExplanation{Method: method, BaseURI: t.BaseURI, Parameters: []jsonPair{}, Normalized: t.Normalized, BaseString: t.BaseString, Key: t.Key,
		SignatureMethod: t.SignatureMethod, Signature: t.Signature, URL: e.URL, Authorization: e.Authorization, Body: e.Body, Warnings: jsonCauses(e.Warnings)}
	for _, p := range t.Sorted {
		out.Parameters = append(out.Parameters, jsonPair{Name: p.Name, Value: p.Value, Origin: p.Origin.String()})
	}
	if compared {
		agree := e.Difference == nil
		out.Agree = &agree
	}
	if d := e.Difference; d != nil {
		out.Difference = &jsonDifference{Part: d.Part, Offset: d.Offset, Own: d.Own, Foreign: d.Foreign, Causes: jsonCauses(d.Causes), Together: d.Together, Unfinished: d.Unfinished}
		for _, p := range d.Params {
			pair := jsonPair{Name: p.Name}
			if p.OwnPresent {
				pair.Own = &p.Own
			}
			if p.ForeignPresent {
				pair.Foreign = &p.Foreign
			}
			out.Difference.Params = append(out.Difference.Params, pair)
		}
	}
	return out
}

func jsonCauses(causes []explain.Cause) []jsonCause {
	out := make([]jsonCause, 0, len(causes))
	for _, c := range causes {
		out = append(out, jsonCause{c.ID, c.Name, c.Advice, c.Certain})
	}
	return out
}
