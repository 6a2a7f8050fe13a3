package imlc_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// goodSpecs are whole connections of every dialect, with the keys that each cannot do without.
var goodSpecs = []struct {
	file string
	// needed are paths, as regular expressions, of what a connection cannot do without. own are objects whose keys are the
	// author's.
	needed, own string
	// words are paths of values that come from a list.
	words string
}{
	{"make/demo/demo.jsonc",
		`/(requestToken|authorize|accessToken)/url$|/communication/oauth/consumer_(key|secret)$|/authorize/oauth$|/(authorize|accessToken)/oauth/token$|/token_secret$|/accessToken/oauth/verifier$|/accessToken/response/data$|/requestToken/response/temp$|/parameters/\d+/(name|type)$`,
		`/(data|temp|body|calls)$`, `/method$|/type$`},
	{"zapier/provider/provider.json",
		`/oauth1Config$|/oauth1Config/\w+$|/oauth1Config/\w+/url$|/getRequestToken/auth$|/getAccessToken/auth$|/authentication(/type|/test)?$|/fields/\d+/key$|/authorizeUrl/params(/oauth_token)?$`,
		`/(headers|params|body|creates|removeMissingValuesFrom|auth)$`, `/method$|/authentication/type$`},
	{"supermetrics/demo/config.json",
		`/authentication(/type|/oauth1)?$|/oauth1/\w+$|Endpoint/request$|/request/url$|/requestTokenEndpoint/request/(type|method)$|/userInputs/\d+/id$`,
		`/(headers)$`, `/authentication/type$|/request/(type|method|builderType)$`},
	{"membrane/plurk/plurk.yml",
		`^/type$|^/(getOAuthConfig|makeApiClient|test)$|/mapping/(consumerKey|consumerSecret|requestTokenUri|authorizeUri|tokenUri)$`,
		`Schema|/(properties|extra|headers|query|responseMapping)$`, `^/type$|/method$`},
}

// mistake is one change of a good spec.
type mistake struct {
	rule, path string
	text       string
	line       int // of the change
	around     map[int]bool
}

// mistakesOf makes every mistake that the rules know, at every place where it is one.
func mistakesOf(f *source.File, root *document.Node, needed, own, words *regexp.Regexp) []mistake {
	var out []mistake
	yaml := parser.IsYAML(f.Name)
	var around map[int]bool // lines of the keys around a place, where what is absent is told
	edit := func(rule, path string, start, end int, text string) {
		if changed := f.Text[:start] + text + f.Text[end:]; changed != f.Text {
			out = append(out, mistake{rule, path, changed, f.Position(start).Line, around})
		}
	}
	var visit func(n *document.Node, path string)
	text := func(n *document.Node, path string) {
		s, raw := n.Span, n.Span.Text()
		if words.MatchString(path) {
			edit("word of two letters swapped", path, s.Start, s.End, strings.Replace(raw, n.Text, swapped(n.Text), 1))
			if !strings.HasSuffix(path, "/method") { // any token is one
				edit("word that is none", path, s.Start, s.End, strings.Replace(raw, n.Text, "qqq", 1))
			}
		}
		if !yaml {
			if _, err := strconv.ParseFloat(n.Text, 64); err != nil { // a number may be one
				edit("text without its quotes", path, s.Start, s.End, strings.ReplaceAll(raw, `"`, ""))
			}
			edit("text that is not closed", path, s.End-1, s.End, "")
		}
		if strings.HasPrefix(n.Text, "http") && strings.HasSuffix(strings.ToLower(path), "url") {
			i := strings.Index(raw, "://")
			edit("URL without scheme", path, s.Start+strings.Index(raw, "http"), s.Start+i+3, "")
		}
		for _, m := range regexp.MustCompile(`\{\{\s*(\w+)\.(\w+)\.?(\w*)`).FindAllStringSubmatchIndex(raw, -1) {
			root := raw[m[2]:m[3]]
			edit("root with two letters swapped", path, s.Start+m[2], s.Start+m[3], swapped(root))
			edit("opener of one brace", path, s.Start+m[0], s.Start+m[0]+1, "")
			if closer := strings.Index(raw[m[1]:], "}}"); closer >= 0 {
				edit("hole that is not closed", path, s.Start+m[1]+closer, s.Start+m[1]+closer+2, "")
			}
			if name := raw[m[4]:m[5]]; known[root] || strings.HasPrefix(name, "oauth_") {
				edit("name with two letters swapped", path, s.Start+m[4], s.Start+m[5], swapped(name))
			}
		}
		for _, m := range regexp.MustCompile(`(\w+)\(([^)]*)\)`).FindAllStringSubmatchIndex(raw, -1) {
			edit("function with two letters swapped", path, s.Start+m[2], s.Start+m[3], swapped(raw[m[2]:m[3]]))
			edit("call that is not closed", path, s.Start+m[1]-1, s.Start+m[1], "")
		}
	}
	visit = func(n *document.Node, path string) {
		for i, m := range n.Members {
			here := path + "/" + m.Key
			key := m.KeySpan
			if !own.MatchString(path) && strings.Count(here, "/") > 0 {
				edit("key with two letters swapped", here, key.Start, key.End, strings.Replace(key.Text(), m.Key, swapped(m.Key), 1))
				if len(m.Key) > 3 {
					edit("key without a letter", here, key.Start, key.End, strings.Replace(key.Text(), m.Key, m.Key[:1]+m.Key[2:], 1))
				}
			}
			if needed.MatchString(here) {
				start, end := key.Start, m.Value.Span.End
				if i+1 < len(n.Members) && !yaml {
					end = n.Members[i+1].KeySpan.Start
				} else if i > 0 && !yaml {
					start = n.Members[i-1].Value.Span.End
				}
				if !yaml || strings.HasPrefix(n.Span.Text(), "{") == false {
					if yaml {
						start = strings.LastIndexByte(f.Text[:start], '\n') + 1
						if n := strings.IndexByte(f.Text[end:], '\n'); n >= 0 {
							end += n + 1
						}
					}
					edit("key that is left out", here, start, end, "")
				}
			}
			if m.Value.Kind == document.KindText || m.Value.Kind == document.KindObject {
				if needed.MatchString(here) && !yaml {
					edit("number instead of the value", here, m.Value.Span.Start, m.Value.Span.End, "5")
				}
			}
			if !yaml && i+1 < len(n.Members) {
				if comma := strings.IndexByte(f.Text[m.Value.Span.End:], ','); comma >= 0 {
					at := m.Value.Span.End + comma
					edit("missing comma", here, at, at+1, "")
				}
			}
			if !yaml {
				colon := key.End + strings.IndexByte(f.Text[key.End:], ':')
				edit("missing colon", here, colon, colon+1, "")
			}
			outer := around
			around = maps.Clone(around)
			around[f.Position(key.Start).Line] = true
			visit(m.Value, here)
			around = outer
		}
		for i, item := range n.Items {
			visit(item, fmt.Sprint(path, "/", i))
		}
		if n.Kind == document.KindText {
			text(n, path)
		}
	}
	around = map[int]bool{}
	if key, ok := root.FirstKey(); ok { // the place of the root
		around[f.Position(key.Start).Line] = true
	}
	visit(root, "")
	return out
}

// known are the roots whose members the spec itself shows.
var known = map[string]bool{"parameters": true, "data": true, "connection": true, "temp": true, "oauth": true, "credentials": false}

// swapped exchanges the two middle letters that differ.
func swapped(s string) string {
	for i := len(s) / 2; i > 0; i-- {
		if i < len(s) && s[i] != s[i-1] {
			return s[:i-1] + s[i:i+1] + s[i-1:i] + s[i+1:]
		}
	}
	return s + "x"
}

// TestMistakesAreErrors makes single mistakes in good specs of every dialect, by rules: nearly all give an error, at the line
// of the mistake, that says what to do. The good specs themselves give none.
func TestMistakesAreErrors(t *testing.T) {
	all := 0
	for _, spec := range goodSpecs {
		data, err := os.ReadFile(filepath.Join("examples", filepath.FromSlash(spec.file)))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(spec.file)
		if list := checked(name, string(data)); list.HasErrors() {
			t.Errorf("%s: the good spec has errors: %v", spec.file, list.Items)
			continue
		}
		f := source.NewFile(name, string(data))
		parse := document.ParseJSONC
		if parser.IsYAML(name) {
			parse = document.ParseYAML
		}
		doc, _ := parse(f, document.Options{Code: "X"})
		n, ok := 0, 0
		for _, m := range mistakesOf(f, doc.Root, regexp.MustCompile(spec.needed), regexp.MustCompile(spec.own), regexp.MustCompile(spec.words)) {
			n++
			if why := judged(checked(name, m.text), m); why != "" {
				t.Logf("%s: %s at %s, line %d: %s", spec.file, m.rule, m.path, m.line, why)
			} else {
				ok++
			}
		}
		t.Logf("%s: %d of %d mistakes are told", spec.file, ok, n)
		if all += n; ok*100 < n*95 {
			t.Errorf("%s: %d of %d mistakes are errors at their line with a help; expected 95 %%", spec.file, ok, n)
		}
	}
	if all < 1000 {
		t.Errorf("%d mistakes were made, expected at least 1000", all)
	}
}

func checked(name, text string) *diag.List {
	sources, list := imlc.Load(fstest.MapFS{name: {Data: []byte(text)}}, name, imlc.Options{})
	if len(sources) != 1 || list.HasErrors() {
		return list
	}
	_, list = imlc.CompileSource(sources[0], imlc.Options{})
	return list
}

// judged says what is wrong with the diagnostics of a mistake, "" for nothing.
func judged(list *diag.List, m mistake) string {
	said := ""
	for _, d := range list.Items {
		if d.Severity != diag.Error {
			continue
		}
		lines := []int{d.Span.Position().Line, d.Focus.Position().Line}
		for _, r := range d.Related {
			lines = append(lines, r.Span.Position().Line)
		}
		here := false
		for _, n := range lines {
			// What is absent is told at the object that lacks it, and where a line has ended too early on the one before.
			here = here || n == m.line || n == m.line-1 || m.around[n]
		}
		switch {
		case here && d.Help != "":
			return ""
		case here:
			said += " no help: " + d.Error()
		default:
			said += " elsewhere: " + d.Error()
		}
	}
	if said == "" {
		return fmt.Sprintf("no error: %v", list.Items)
	}
	return said
}
