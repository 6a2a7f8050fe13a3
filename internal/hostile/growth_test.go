package hostile

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/jsonpath"
	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// reader reads a text of strangers.
type reader struct {
	name string
	read func(text string)
}

// readers is everything that reads texts of strangers, and what writes them for people.
func readers() []reader {
	options := document.Options{Code: "MAKE101"}
	masker := content.NewMasker([]string{strings.Repeat("a", 400) + "b", "a b&c", `"\u0041"`, "[[[["}, nil)
	var list []reader
	add := func(name string, read func(string)) { list = append(list, reader{name, read}) }
	compile := func(part, name string, source func(*source.File) parser.Source) {
		add(part, func(s string) { imlc.CompileSource(source(sourceFile(name, s)), imlc.Options{}) })
	}
	add("form", func(s string) { _, _ = content.Parse(content.ParseForm, "", 200, s, nil) })
	add("JSON", func(s string) { _, _ = content.Parse(content.ParseJSON, "", 200, s, nil) })
	add("XML", func(s string) { _, _ = content.Parse(content.ParseXML, "", 200, s, nil) })
	add("MaskURL", func(s string) { content.MaskURL(s) })
	add("masked text", func(s string) { _ = masker.URL(s) })
	add("line", func(s string) { media.Line(s, 300) })
	add("token answer", func(s string) { _, _ = oauth1.ParseTokenAnswer(200, "", s, oauth1.TokenOptions{TrailingCommas: true}) })
	add("Authorization", func(s string) { _, _ = oauth1.ParseAuthorization(s) })
	add("pattern", func(s string) { _, _ = regex.Compile(s, "g") })
	add("JSONC", func(s string) { document.ParseJSONC(sourceFile("f", s), options) })
	add("YAML", func(s string) { document.ParseYAML(sourceFile("f", s), options) })
	add("template", func(s string) { imlc.CompileTemplate("t", s, imlc.TemplateOptions{}) })
	add("template in JSON", func(s string) { imlc.CompileTemplateJSON("t", s, imlc.TemplateOptions{}) })
	add("formula", func(s string) { imlc.CompileFormula("f", s, []string{"x"}) })
	add("locator", func(s string) {
		steps, _ := locator.Parse(s)
		locator.Append(nil, steps)
	})
	add("locator in a formula", func(s string) {
		imlc.CompileFormula("f", `{"$var":`+string(value.AppendJSON(nil, value.Text(s)))+"}", []string{"x"})
	})
	add("JSONPath", func(s string) { _, _ = jsonpath.Parse(s) })
	add("plan", func(s string) { _, _ = plan.Decode([]byte(s), plan.DecodeOptions{}) })
	add("connection", func(s string) { _ = json.Unmarshal([]byte(s), new(vm.Connection)) })
	add("value", func(s string) { _, _, _ = codec.Read(s, new(codec.Rules)) })
	add("tagged value", func(s string) {
		if v, err := value.ParseJSON(s, nil); err == nil {
			_, _ = codec.Untag(v)
		}
	})
	add("cases", func(s string) {
		name := filepath.Join(os.TempDir(), fmt.Sprintf("imlc-growth-%d.yaml", os.Getpid()))
		defer os.Remove(name)
		if os.WriteFile(name, []byte(s), 0o600) == nil {
			_, _ = conformance.Load([]string{name})
		}
	})
	compile("make", "communication.jsonc", func(f *source.File) parser.Source {
		return makespec.Source("", map[string]*source.File{makespec.Communication: f}, nil)
	})
	compile("parameters of make", "params.json", func(f *source.File) parser.Source {
		parts := map[string]*source.File{makespec.Communication: sourceFile("communication.jsonc", `{"url":"https://a.test/"}`), makespec.Params: f}
		return makespec.Source("", parts, nil)
	})
	for _, name := range []string{"spec.yml", "provider.json", "config.json", "legacy.yml"} {
		add("folder with "+name, func(s string) {
			p, l := imlc.Compile(fstest.MapFS{name: &fstest.MapFile{Data: []byte(s)}}, ".", imlc.Options{})
			if p == nil {
				_ = diag.Render(io.Discard, l.Items, diag.Options{})
				_ = diag.RenderSARIF(io.Discard, l.Items[:min(len(l.Items), 100)], diag.Tool{})
			}
		})
	}
	for _, name := range []string{"iml", "membrane", "supermetrics", "zapier"} {
		library, _ := builtin.Find(name)
		for _, f := range library.All(true) {
			if f.Lazy || f.Min > 3 || f.Max < 1 {
				continue
			}
			add(name+"."+f.Name, func(s string) {
				args := []value.Value{value.Text(s), value.Text(s), value.Text("a")}[:max(1, min(f.Min, 3))]
				_, _ = builtin.Invoke(f, &builtin.Context{}, builtin.MakeArgs(args, math.MaxUint64))
			})
		}
	}
	return list
}

func sourceFile(name, text string) *source.File { return source.NewFile(name, text) }

// FuzzGrowth looks for work that grows faster than n log n: a reader gets n and 4n bytes of the same kind. head, unit and
// tail make the text, of which unit is repeated.
func FuzzGrowth(f *testing.F) {
	all := readers()
	for i := range all {
		for _, unit := range []string{"a", "[", "{\"a\":", "a,", "<a>", "%26", "//u@", "\\u0041", "(a|b)*", "{{a+", "- a\n", "&a=1", " ", "9", "'"} {
			f.Add(uint8(i), "", unit, "")
		}
	}
	f.Fuzz(func(t *testing.T, reader uint8, head, unit, tail string) {
		if unit == "" || len(unit) > 64 || len(head)+len(tail) > 256 {
			return
		}
		if problem := growth(all[int(reader)%len(all)].read, head, unit, tail); problem != "" {
			t.Errorf("%s: %s", all[int(reader)%len(all)].name, problem)
		}
	})
}

// growth says how the time that a text takes grows when it is much more than four times as much for four times the text.
func growth(read func(string), head, unit, tail string) string {
	const small, times = 1 << 13, 4
	took := func(n int) time.Duration {
		s := head + strings.Repeat(unit, n/len(unit)) + tail
		best := time.Hour
		for range 3 {
			begin := processorTime()
			read(s)
			best = min(best, processorTime()-begin)
			if best < time.Millisecond {
				break
			}
		}
		return best
	}
	// On a machine that does other things four times the text takes a bit more. What is done within some milliseconds
	// cannot be told apart.
	const floor = race.Slowdown * 20 * time.Millisecond
	much := took(times * small)
	if much <= floor {
		return ""
	}
	little := took(small)
	if much <= 3*times*little {
		return ""
	}
	if again := took(times * small); again > floor && again > 3*times*max(little, took(small)) {
		return fmt.Sprintf("%v for %d bytes, %v for %d", little, small, again, times*small)
	}
	return ""
}
