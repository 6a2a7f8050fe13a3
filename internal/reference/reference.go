package reference

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed */codes.txt */directives.txt
var files embed.FS

// Code explains the code of a diagnostic or an error.
type Code struct {
	// Code is the code itself, such as "IML103" or "oauth1/expired".
	Code string
	// Severity is "error", "warning", "info", "lint" (a warning of check --lint), "run" (fails a run), "limit" or
	// "trace" (a note of a run).
	Severity string
	// Meaning says what was found, Advice what to do; Advice may be "".
	Meaning, Advice string
	// Example is a template that shows the code, "" when no template can.
	Example string
}

// Section is a part of a spec with the directives that may stand there.
type Section struct {
	// Dialect is the name of the dialect, such as "make".
	Dialect string
	// Name is the word by which the section is asked for, Title its heading.
	Name, Title string
	Directives  []Directive
}

// Directive explains one key of a spec.
type Directive struct {
	Name string
	// Type describes the values, Default what holds without the key: "required" when it must be there, "" when nothing
	// holds.
	Type, Default string
	Meaning       string
}

// Codes returns all codes, those of the expression language first, then by language and in the order of its file.
var Codes = sync.OnceValue(func() []Code {
	var out []Code
	for _, language := range languages() {
		for _, f := range rows(path.Join(language, "codes.txt"), 5) {
			out = append(out, Code{f[0], f[1], f[2], f[3], f[4]})
		}
	}
	return out
})

// Sections returns the sections of all dialects in the order of their files.
var Sections = sync.OnceValue(func() []Section {
	var out []Section
	for _, language := range languages() {
		for _, f := range rows(path.Join(language, "directives.txt"), 4) {
			if name, ok := strings.CutPrefix(f[0], "= "); ok {
				out = append(out, Section{Dialect: language, Name: name, Title: f[1]})
				continue
			}
			last := &out[len(out)-1]
			last.Directives = append(last.Directives, Directive{f[0], f[1], f[2], f[3]})
		}
	}
	return out
})

// FindCode returns the explanation of a code, whatever the case of its letters.
func FindCode(code string) (Code, bool) {
	e, ok := byCode()[strings.ToUpper(code)]
	return e, ok
}

var byCode = sync.OnceValue(func() map[string]Code {
	out := map[string]Code{}
	for _, e := range Codes() {
		out[strings.ToUpper(e.Code)] = e
	}
	return out
})

// languages returns the names of the folders in alphabetical order, iml first.
func languages() []string {
	out := []string{"iml"}
	entries, _ := fs.ReadDir(files, ".") // the embedded root can be read
	for _, e := range entries {
		if e.Name() != "iml" {
			out = append(out, e.Name())
		}
	}
	return out
}

// rows returns the lines of a file without comments, each as n fields; the last one may hold the separator. A language
// need not have every file.
func rows(name string, n int) [][]string {
	data, _ := files.ReadFile(name)
	var out [][]string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && line[0] != '#' {
			f := strings.SplitN(line, "|", n)
			out = append(out, append(f, make([]string, n-len(f))...))
		}
	}
	return out
}
