package hostile

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// readers is everything that reads a text of strangers.
func readers() []func(text string) {
	options := document.Options{Code: "MAKE101"}
	masker := content.NewMasker([]string{strings.Repeat("a", 400) + "b", "a b&c", `"\u0041"`, "[[[["}, nil)
	list := []func(string){
		func(s string) { _, _ = content.Parse(content.ParseForm, "", 200, s, nil) },
		func(s string) { _, _ = content.Parse(content.ParseJSON, "", 200, s, nil) },
		func(s string) { _, _ = content.Parse(content.ParseXML, "", 200, s, nil) },
		func(s string) { content.MaskURL(s) },
		func(s string) { _ = masker.URL(s) },
		func(s string) { media.Line(s, 300) },
		func(s string) { _, _ = oauth1.ParseTokenAnswer(200, "", s, oauth1.TokenOptions{TrailingCommas: true}) },
		func(s string) { _, _ = oauth1.ParseAuthorization(s) },
		func(s string) { _, _ = regex.Compile(s, "g") },
		func(s string) { document.ParseJSONC(source.NewFile("f", s), options) },
		func(s string) { document.ParseYAML(source.NewFile("f", s), options) },
		func(s string) { imlc.CompileTemplate("t", s, imlc.TemplateOptions{}) },
		func(s string) { imlc.CompileFormula("f", s, []string{"x"}) },
		func(s string) {
			parts := map[string]*source.File{makespec.Communication: source.NewFile("communication.jsonc", s)}
			imlc.CompileSource(makespec.Source("", parts, nil), imlc.Options{})
		},
	}
	for _, name := range []string{"iml", "membrane", "supermetrics", "zapier"} {
		library, _ := builtin.Find(name)
		for _, f := range library.All(true) {
			if f.Lazy || f.Min > 3 || f.Max < 1 {
				continue
			}
			list = append(list, func(s string) {
				args := []value.Value{value.Text(s), value.Text(s), value.Text("a")}[:max(1, min(f.Min, 3))]
				_, _ = builtin.Invoke(f, &builtin.Context{}, builtin.MakeArgs(args, math.MaxUint64))
			})
		}
	}
	return list
}

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
		read := all[int(reader)%len(all)]
		const small, times = 1 << 13, 4
		took := func(n int) time.Duration {
			s := head + strings.Repeat(unit, n/len(unit)) + tail
			best := time.Hour
			for range 3 {
				begin := processorTime()
				read(s)
				best = min(best, processorTime()-begin)
			}
			return best
		}
		// Four times the text may take four times as long and a bit more, on a machine that does other things too. What is
		// done within some milliseconds cannot be told apart.
		const floor = race.Slowdown * 20 * time.Millisecond
		little, much := took(small), took(times*small)
		if much <= floor || much <= 3*times*little {
			return
		}
		if again := took(times * small); again > floor && again > 3*times*max(little, took(small)) {
			t.Errorf("reader %d: %v for %d bytes, %v for %d", int(reader)%len(all), little, small, again, times*small)
		}
	})
}
