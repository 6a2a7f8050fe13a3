package make

import (
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
)

func TestHostileInput(t *testing.T) {
	tests := []struct{ name, text string }{
		{"open objects", strings.Repeat("{", 1_000_000)},
		{"open lists", strings.Repeat("[", 1_000_000)},
		{"many requests", "[" + strings.Repeat("{\"a\":1},", 100_000) + "{}]"},
		{"many unknown keys", `{"info":{` + strings.Repeat(`"aaaaaaaaaaaaaaa":1,`, 40_000) + `"b":1}}`},
		{"many ranges", `{"url":"https://x.test","response":{"type":{` + ranges(30_000) + `"*":"json"}}}`},
		{"long key over many values", `{"url":"https://x.test","body":{"` + strings.Repeat("k", 400_000) + `":[` + strings.Repeat("1,", 200_000) + `1]}}`},
		{"binary", "\x00\x01\xfe\xff"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := cputime.Now()
			_, list := parse(map[string]*source.File{Communication: source.NewFile("f", tt.text)}, parser.Options{Lint: true})
			if d := cputime.Since(start); d > 5*race.Slowdown*time.Second {
				t.Errorf("took %v", d)
			}
			if len(list.Items) == 0 && tt.name != "long key over many values" {
				t.Error("nothing reported")
			}
		})
	}
}

// ranges writes n different spellings of status ranges.
func ranges(n int) string {
	var b strings.Builder
	for i := range n {
		first, last := i%900+1, i%900+1+i/900
		b.WriteString(`"` + digits(first) + `-` + digits(last) + `":"json",`)
	}
	return b.String()
}

func digits(n int) string {
	return string([]byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}
