package linkcheck

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// tree is the repository.
var tree = os.DirFS("../..")

// files returns the paths below the root whose extension is one of exts, without what is not the project's own text.
func files(t *testing.T, exts ...string) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "fuzz" && path.Base(path.Dir(name)) == "testdata"):
			return fs.SkipDir
		case !d.IsDir() && slices.Contains(exts, path.Ext(name)):
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// prose returns the lines of a Markdown text that are not in a code block, joined.
func prose(text string) string {
	var out strings.Builder
	fence := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fence = !fence
		} else if !fence {
			out.WriteString(line)
		}
	}
	return out.String()
}

var (
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *#*$`)
	anchorTag  = regexp.MustCompile(`<a id="([^"]+)"`)
	inlineLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// anchors returns what a link into a Markdown text may name: its headings as GitHub slugs them, and its <a id> marks.
func anchors(text string) map[string]bool {
	text = prose(text)
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		slug := slugOf(inlineLink.ReplaceAllString(m[1], "$1"))
		for name, n := slug, 1; ; n++ {
			if !out[name] {
				out[name] = true
				break
			}
			name = slug + "-" + string(rune('0'+n))
		}
	}
	for _, m := range anchorTag.FindAllStringSubmatch(text, -1) {
		out[m[1]] = true
	}
	return out
}

func slugOf(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, title)
}

var (
	link     = regexp.MustCompile(`\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)`)
	codeSpan = regexp.MustCompile("`[^`\n]*`")
)

// links returns the targets of a Markdown text that are inside the repository.
func links(text string) []string {
	var out []string
	for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose(text), "`code`"), -1) {
		if target := m[1]; !strings.Contains(target, "://") && !strings.HasPrefix(target, "mailto:") {
			out = append(out, target)
		}
	}
	return out
}

// broken says what is wrong with a link of the document name, "" when it leads somewhere.
func broken(t *testing.T, name, target string) string {
	file, anchor, _ := strings.Cut(target, "#")
	if file == "" {
		file = name
	} else {
		file = path.Join(path.Dir(name), file)
	}
	if _, err := fs.Stat(tree, file); err != nil {
		return "there is no " + file
	}
	if anchor != "" && !anchors(read(t, file))[anchor] {
		return file + " has no anchor " + anchor
	}
	return ""
}

func TestLinksResolve(t *testing.T) {
	documents := files(t, ".md")
	if len(documents) < 10 {
		t.Fatalf("found %v only", documents)
	}
	for _, name := range documents {
		for _, target := range links(read(t, name)) {
			if why := broken(t, name, target); why != "" {
				t.Errorf("%s: the link %s leads nowhere: %s", name, target, why)
			}
		}
	}
}

// TestLinksCanFail makes sure that the check sees what it should and nothing else.
func TestLinksCanFail(t *testing.T) {
	text := "# A `b` & c, §2\n## Twice\n## Twice\n[a](x.md#y) [b](https://example.com/z) `[c](d)` ![e](f.png \"t\") [g](#twice-1)\n```\n[h](i)\n# no heading\n```\n<a id=\"row-1\"></a>\n"
	if got, want := links(text), []string{"x.md#y", "f.png", "#twice-1"}; !slices.Equal(got, want) {
		t.Errorf("links are %q, want %q", got, want)
	}
	got := anchors(text)
	for _, a := range []string{"a-b--c-2", "twice", "twice-1", "row-1"} {
		if !got[a] {
			t.Errorf("anchor %s is missing in %v", a, got)
		}
	}
	if got["no-heading"] || len(got) != 4 {
		t.Errorf("anchors are %v", got)
	}
	for target, ok := range map[string]bool{"LICENSE": true, "docs": true, "docs/security.md#limits": true, "docs/security.md#nothing": false, "docs/nothing.md": false} {
		if why := broken(t, "README.md", target); (why == "") != ok {
			t.Errorf("%s: %q", target, why)
		}
	}
}
