package linkcheck

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/conformance"
)

// homes says where a document lies that citations name without a folder.
var homes = map[string]string{"iml.md": "spec", "make.md": "spec", "dialects.md": "spec", "oauth1.md": "spec", "architecture.md": "docs"}

var (
	section = regexp.MustCompile(`(?m)^#{2,} (\d+(?:\.\d+)*)\.? `)
	item    = regexp.MustCompile(`(?m)^(\d+)\. `)
	// citation is a document with the sections that follow it: "make.md §6.1, §11 and §26.8".
	citation = regexp.MustCompile(`\b([a-z0-9]+\.md)((?:,? (?:and |to |or )?§\d+(?:\.\d+)*)+)`)
	number   = regexp.MustCompile(`§(\d+(?:\.\d+)*)`)
	pitfall  = regexp.MustCompile(`\bpitfalls? (\d+)(?: (?:to|and) (\d+))?`)
	// homeless cites a section of no document that is named.
	homeless = regexp.MustCompile(`\b(spec|architecture) §\d`)
	wrapped  = regexp.MustCompile(`\n[ \t]*(?://|#)[ \t]*`)
)

// sections returns the numbers that citations of a document may use: those of its headings, and the items of a numbered
// list directly below a heading, as make.md §26.8.
func sections(text string) map[string]bool {
	out := map[string]bool{}
	for part := range strings.SplitSeq(prose(text), "\n#") {
		m := section.FindStringSubmatch("#" + part)
		if m == nil {
			continue
		}
		out[m[1]] = true
		for _, i := range item.FindAllStringSubmatch(part, -1) {
			out[m[1]+"."+i[1]] = true
		}
	}
	return out
}

// unresolved returns the citations of a text that name no section.
func unresolved(text string, known map[string]map[string]bool, pitfalls map[string]bool) []string {
	text = wrapped.ReplaceAllString(text, " ")
	var out []string
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		for _, n := range number.FindAllStringSubmatch(m[2], -1) {
			if !known[m[1]][n[1]] {
				out = append(out, m[1]+" §"+n[1])
			}
		}
	}
	for _, m := range pitfall.FindAllStringSubmatch(text, -1) {
		for _, n := range m[1:] {
			if n != "" && !pitfalls["pitfall-"+n] {
				out = append(out, "pitfall "+n)
			}
		}
	}
	return append(out, homeless.FindAllString(text, -1)...)
}

// citable reads the documents that are cited.
func citable(t *testing.T) (known map[string]map[string]bool, pitfalls map[string]bool) {
	t.Helper()
	known = map[string]map[string]bool{}
	for name, folder := range homes {
		known[name] = sections(read(t, path.Join(folder, name)))
		if len(known[name]) < 5 {
			t.Fatalf("%s has the sections %v only", name, known[name])
		}
	}
	return known, anchors(read(t, "spec/oauth1.md"))
}

func TestCitationsResolve(t *testing.T) {
	known, pitfalls := citable(t)
	for _, name := range files(t, ".go", ".md", ".yaml", ".jsonl", ".txt", ".txtar", ".jsonc") {
		if strings.HasPrefix(name, "internal/linkcheck/") {
			continue // its tests cite what does not exist
		}
		for _, c := range unresolved(read(t, name), known, pitfalls) {
			t.Errorf("%s: %q names no section", name, c)
		}
	}
}

func TestCitationsCanFail(t *testing.T) {
	known := map[string]map[string]bool{"iml.md": sections("# T\n## 1. One\n### 1.2 Two [def]\n## 3. Three\n1. a\n2. b\n```\n## 9. No\n```\n")}
	pitfalls := map[string]bool{"pitfall-1": true}
	for text, want := range map[string][]string{
		"// spec iml.md §1, §1.2 and §3.2":           nil,
		"// spec iml.md\n\t// §1.2, §3.3":            {"iml.md §3.3"},
		"// spec iml.md §9 or §4.1; RFC 5849 §3.4.1": {"iml.md §9", "iml.md §4.1"},
		"// pitfall 1, pitfalls 1 to 7":              {"pitfall 7"},
		"// (spec §1)":                               {"spec §1"},
		"// other.md §1":                             {"other.md §1"},
	} {
		if got := unresolved(text, known, pitfalls); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestSpecificationNamesItsOwnSections holds the references of spec/ into each other, which are written without the
// sign.
func TestSpecificationNamesItsOwnSections(t *testing.T) {
	known, _ := citable(t)
	reference := regexp.MustCompile("`?\\b([a-z0-9]+\\.md)`? (\\d+(?:\\.\\d+)*)")
	count := 0
	for _, name := range files(t, ".md") {
		if path.Dir(name) != "spec" {
			continue
		}
		for _, m := range reference.FindAllStringSubmatch(read(t, name), -1) {
			count++
			if !known[m[1]][m[2]] {
				t.Errorf("%s: %q names no section", name, m[0])
			}
		}
	}
	if count < 10 {
		t.Errorf("%d references found", count)
	}
}

// TestSpecificationNamesCases holds the ids of cases in spec/: a behaviour that a document lists has a case.
func TestSpecificationNamesCases(t *testing.T) {
	cases, err := conformance.Load([]string{"../../conformance/cases"})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, c := range cases {
		ids[c.ID] = true
	}
	cited := regexp.MustCompile(`\b(?:make/[a-z][a-z0-9-]*[a-z0-9]|oauth1/[a-z-]+-\d{3})\b`)
	count := 0
	for _, name := range []string{"spec/make.md", "spec/oauth1.md"} {
		for _, id := range cited.FindAllString(read(t, name), -1) {
			count++
			if !ids[id] {
				t.Errorf("%s names the case %s, which is not in conformance/cases", name, id)
			}
		}
	}
	if count < 100 {
		t.Errorf("%d ids found", count)
	}
}
