package conformance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Case is one loaded case. Exactly one of Expression, Signing, Flow, Formula and Problem is set.
type Case struct {
	// ID is unique among the cases of one run.
	ID string
	// File is where the case was read, Line the 1-based line in a JSON-lines file, else 0.
	File string
	Line int
	// Expression, Signing, Flow and Formula are the decoded case.
	Expression *expressionVector
	Signing    *signingVector
	Flow       *flowCase
	Formula    *formulaVector
	// Problem says why the case cannot be run at all; such a case fails.
	Problem string
	// Document is the case as it was written.
	Document value.Value
}

// Kind names the sort of case: expression, signing, flow, formula, or unreadable.
func (c *Case) Kind() string {
	switch {
	case c.Expression != nil:
		return "expression"
	case c.Signing != nil:
		return "signing"
	case c.Flow != nil:
		return "flow"
	case c.Formula != nil:
		return "formula"
	}
	return "unreadable"
}

// errNoCases says that the paths hold no case at all, which is more likely a wrong path than a passed run.
var errNoCases = errors.New("no conformance cases found: expected .jsonl, .json, .yaml or .yml files")

// Load reads the cases of files and folders, in the order of the paths, files of a folder by name. A named file must
// be a case file; in a folder other files are passed over, for specs lie beside their cases. A line or document that
// is no case of a known kind becomes a Case with a Problem, so that it counts as failed. The error is about paths that
// cannot be read, or that have no case.
func Load(paths []string) ([]*Case, error) {
	var cases []*Case
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			found, err := loadFile(p, true)
			if err != nil {
				return nil, err
			}
			cases = append(cases, found...)
			continue
		}
		found, err := loadFolder(p)
		if err != nil {
			return nil, err
		}
		cases = append(cases, found...)
	}
	if len(cases) == 0 {
		return nil, errNoCases
	}
	markRepeats(cases)
	return cases, nil
}

func loadFolder(root string) ([]*Case, error) {
	var cases []*Case
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() && !staysWithin(root, path) {
			return err
		}
		found, err := loadFile(path, false)
		cases = append(cases, found...)
		return err
	})
	return cases, err
}

// loadFile reads one file. When it is not named by the user, a JSON or YAML document that does not look like a flow
// case is passed over.
func loadFile(path string, named bool) ([]*Case, error) {
	ext := strings.ToLower(filepath.Ext(path))
	if !slices.Contains([]string{".jsonl", ".ndjson", ".json", ".yaml", ".yml"}, ext) {
		if named {
			return nil, fmt.Errorf("%s: a .jsonl, .json, .yaml or .yml file was expected", path)
		}
		return nil, nil
	}
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if ext == ".jsonl" || ext == ".ndjson" {
		cases := readLines(path, string(text))
		if !named && !slices.ContainsFunc(cases, func(c *Case) bool { return c.Document.Object().Value("id").Kind() == value.KindText }) {
			return nil, nil // lines of something else
		}
		return cases, nil
	}
	doc, err := readDocument(ext, string(text))
	if err != nil {
		if named || strings.HasSuffix(path, ".expected.json") {
			return []*Case{{ID: path, File: path, Problem: err.Error()}}, nil
		}
		return nil, nil
	}
	items := []value.Value{doc}
	if doc.Kind() == value.KindArray {
		items = doc.Items()
	}
	if !named && !slices.ContainsFunc(items, looksLikeCase) {
		return nil, nil
	}
	var cases []*Case
	lines := idLines(string(text))
	for i, item := range items {
		if i == maxCases {
			return append(cases, tooMany(path, fmt.Sprintf("%s#%d", path, i+1), 0)), nil
		}
		c := readCase(path, 0, fmt.Sprintf("%s#%d", path, i+1), item, false)
		c.Line = lines[c.ID]
		cases = append(cases, c)
	}
	return cases, nil
}

// idLine is a line of a JSON or YAML document in which an id is written.
var idLine = regexp.MustCompile(`(?m)^[ \t{\[-]*["']?id["']?[ \t]*:[ \t]*["']?(.*?)["']?[ \t]*,?[ \t]*(?:#.*)?\r?$`)

// idLines returns the line in which each id of a document is written first.
func idLines(text string) map[string]int {
	lines := map[string]int{}
	line, from := 1, 0
	for _, at := range idLine.FindAllStringSubmatchIndex(text, -1) {
		line += strings.Count(text[from:at[0]], "\n")
		from = at[0]
		if id := text[at[2]:at[3]]; lines[id] == 0 {
			lines[id] = line
		}
	}
	return lines
}

func readDocument(ext, text string) (value.Value, error) {
	if ext == ".json" {
		return value.ParseJSON(strings.TrimPrefix(text, "\uFEFF"), &value.JSONOptions{Budget: fileBudget()})
	}
	if len(text) > maxYAMLFile {
		return value.Undefined, fmt.Errorf("a document of YAML has at most %d MiB", maxYAMLFile>>20)
	}
	return parseYAML(text)
}

// looksLikeCase tells a flow case from a spec that lies in the same folder.
func looksLikeCase(v value.Value) bool {
	o := v.Object()
	if o == nil || o.Index("id") < 0 {
		return false
	}
	return o.Index("spec") >= 0 || o.Index("source") >= 0 || o.Index("template") >= 0 || o.Index("formula") >= 0
}

// deepLines are options for lines of cases: they let cases test the nesting limits of the language, which are 250 (spec
// iml.md §13), and bound what all lines together may become in memory.
func deepLines() *value.JSONOptions {
	return &value.JSONOptions{MaxDepth: 10_000, Budget: fileBudget()}
}

// fileBudget bounds what the cases of one file may become in memory.
func fileBudget() *builtin.Meter {
	var m builtin.Meter
	m.Start(context.Background(), builtin.Limits{Steps: math.MaxInt32, Memory: 128 << 20, ValueBytes: maxCaseFile, Items: 1_000_000, Nesting: value.DefaultJSONDepth})
	return &m
}

// maxCases is how many cases of one file are read.
const maxCases = 50_000

// tooMany stands for the cases that are not read.
func tooMany(path, id string, line int) *Case {
	return &Case{ID: id, File: path, Line: line, Problem: fmt.Sprintf("a file has at most %d cases; what follows is not read", maxCases)}
}

func readLines(path, text string) []*Case {
	var cases []*Case
	options := deepLines()
	line := 0
	for raw := range strings.SplitSeq(text, "\n") {
		line++
		if strings.TrimSpace(raw) == "" {
			continue
		}
		where := fmt.Sprintf("%s:%d", path, line)
		if len(cases) == maxCases {
			return append(cases, tooMany(path, where, line))
		}
		v, err := value.ParseJSON(strings.TrimSuffix(raw, "\r"), options)
		if err != nil {
			cases = append(cases, &Case{ID: where, File: path, Line: line, Problem: "no JSON value on this line: " + err.Error()})
			continue
		}
		cases = append(cases, readCase(path, line, where, v, false))
	}
	return cases
}

// readCase decodes one case of whatever kind; blind says that expectations are not there and not missed.
func readCase(path string, line int, fallback string, v value.Value, blind bool) *Case {
	c := &Case{ID: fallback, File: path, Line: line, Document: v}
	var errs []string
	f := newDecoder("", v, &errs)
	f.blind = blind
	if id := f.text("id"); id != "" {
		c.ID = id
	} else if len(errs) == 0 {
		f.fail("id is missing")
	}
	switch {
	case len(errs) > 0:
	case f.has("kind"):
		c.Signing = readSigning(f)
	case f.has("formula"):
		c.Formula = readFormula(f)
	case f.has("template"):
		c.Expression = readExpression(f)
	case f.has("spec") || f.has("source"):
		c.Flow = readFlow(f)
		c.Flow.Dir = filepath.Dir(path)
	default:
		f.fail("unknown kind of case: it has none of the keys kind, formula, template, spec and source")
	}
	if len(errs) > 0 {
		return &Case{ID: c.ID, File: path, Line: line, Document: v, Problem: strings.Join(errs, "; ")}
	}
	return c
}

// markRepeats makes every later case with an id that was there before a failure.
func markRepeats(cases []*Case) {
	first := map[string]*Case{}
	for _, c := range cases {
		if before, ok := first[c.ID]; ok {
			*c = Case{ID: c.ID, File: c.File, Line: c.Line, Document: c.Document,
				Problem: fmt.Sprintf("the id is already used in %s; give every case its own", before.File)}
			continue
		}
		first[c.ID] = c
	}
}
