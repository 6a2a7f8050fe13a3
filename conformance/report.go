package conformance

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is the result of a run, one Result per case in the order of the cases.
type Report struct {
	Results                 []result
	Passed, Failed, Skipped int
}

// result is what became of one case. It passed when Failures is empty.
type result struct {
	ID, Kind, File string
	// Line is the 1-based line at which the case begins, 0 when it is not known.
	Line     int
	Failures []failure
	Elapsed  time.Duration
}

// failure is what went wrong on one engine.
type failure struct {
	// Engine is "" when the case itself is at fault.
	Engine string
	// Problem is set when the case could not be run to its end.
	Problem string
	// Mismatches are the differences, at least one when Problem is "".
	Mismatches []mismatch
	// Exchanges are the requests and answers of the first step that differs, of a flow.
	Exchanges []string
}

func (r *Report) count() {
	for i := range r.Results {
		if len(r.Results[i].Failures) == 0 {
			r.Passed++
		} else {
			r.Failed++
		}
	}
}

// OK reports whether no case failed.
func (r *Report) OK() bool { return r.Failed == 0 }

// Summary is the last line of the text report.
func (r *Report) Summary() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
}

// WriteText writes every failure with what was got and what was wanted, and ends with the summary line.
func (r *Report) WriteText(w io.Writer) error {
	var b bytes.Buffer
	for i := range r.Results {
		res := &r.Results[i]
		if len(res.Failures) == 0 {
			continue
		}
		fmt.Fprintf(&b, "FAIL %s (%s)\n", res.ID, res.place())
		for _, f := range res.Failures {
			f.writeText(&b)
		}
	}
	fmt.Fprintln(&b, r.Summary())
	_, err := w.Write(b.Bytes())
	return err
}

func (f *failure) writeText(b *bytes.Buffer) {
	prefix := "  "
	if f.Engine != "" {
		prefix += f.Engine + ": "
	}
	if f.Problem != "" {
		fmt.Fprintf(b, "%s%s\n", prefix, f.Problem)
	}
	for _, m := range f.Mismatches {
		if m.Where != "" {
			fmt.Fprintf(b, "%s%s\n", prefix, m.Where)
		} else {
			fmt.Fprintf(b, "%sresult\n", prefix)
		}
		fmt.Fprintf(b, "    got  %s\n    want %s\n", shorten(m.Got), shorten(m.Want))
	}
	for _, x := range f.Exchanges {
		fmt.Fprintf(b, "    %s\n", shorten(x))
	}
}

// shorten keeps a report readable when a text is huge, and control characters from reaching a terminal.
func shorten(s string) string {
	const limit = 2000
	if len(s) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = fmt.Sprintf("%s… (%d bytes)", s[:cut], len(s))
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' || r == 0x7F {
			return '\uFFFD'
		}
		return r
	}, strings.ReplaceAll(s, "\n", "\\n"))
}

type jsonResult struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"`
	File     string        `json:"file"`
	Line     int           `json:"line,omitempty"`
	Passed   bool          `json:"passed"`
	Seconds  float64       `json:"seconds"`
	Failures []jsonFailure `json:"failures,omitempty"`
}

type jsonFailure struct {
	Engine     string     `json:"engine,omitempty"`
	Problem    string     `json:"problem,omitempty"`
	Mismatches []mismatch `json:"mismatches,omitempty"`
	Exchanges  []string   `json:"exchanges,omitempty"`
}

// WriteJSON writes one JSON object: results, passed, failed, skipped.
func (r *Report) WriteJSON(w io.Writer) error {
	doc := struct {
		Results []jsonResult `json:"results"`
		Passed  int          `json:"passed"`
		Failed  int          `json:"failed"`
		Skipped int          `json:"skipped"`
	}{Results: make([]jsonResult, len(r.Results)), Passed: r.Passed, Failed: r.Failed, Skipped: r.Skipped}
	for i := range r.Results {
		res := &r.Results[i]
		j := jsonResult{ID: res.ID, Kind: res.Kind, File: res.File, Line: res.Line, Passed: len(res.Failures) == 0, Seconds: res.Elapsed.Seconds()}
		for _, f := range res.Failures {
			j.Failures = append(j.Failures, jsonFailure(f))
		}
		doc.Results[i] = j
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(doc)
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes JUnit XML, one suite per file.
func (r *Report) WriteJUnit(w io.Writer) error {
	doc := junitSuites{Tests: len(r.Results), Failures: r.Failed}
	at := map[string]int{}
	for i := range r.Results {
		res := &r.Results[i]
		k, ok := at[res.File]
		if !ok {
			k = len(doc.Suites)
			at[res.File] = k
			doc.Suites = append(doc.Suites, junitSuite{Name: res.File})
		}
		s := &doc.Suites[k]
		s.Tests++
		c := junitCase{Name: res.ID, Class: res.Kind, Time: fmt.Sprintf("%.3f", res.Elapsed.Seconds())}
		if len(res.Failures) > 0 {
			s.Failures++
			var b bytes.Buffer
			for _, f := range res.Failures {
				f.writeText(&b)
			}
			first, _, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
			c.Failure = &junitFailure{Message: first, Text: b.String()}
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
