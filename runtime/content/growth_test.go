package content

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// growing makes hostile input of about n bytes.
func growing(piece string) func(n int) string {
	return func(n int) string { return strings.Repeat(piece, n/len(piece)+1) }
}

func numbered(format string) func(n int) string {
	return func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
}

// within puts what make gives between two texts.
func within(before string, make func(int) string, after string) func(int) string {
	return func(n int) string { return before + make(n) + after }
}

// manyHeaders is an object of n/10 headers, most of them under spellings of a few names.
func manyHeaders(n int) *value.Object {
	o := value.NewObject(n / 10)
	for i := range n / 10 {
		name := []byte("x-abcdefghijklmnop")
		for bit := range 16 {
			if i>>bit&1 == 1 {
				name[2+bit] -= 'a' - 'A'
			}
		}
		o.Set(string(name)+fmt.Sprint(i>>16), value.Array([]value.Value{value.Text("1"), value.Text("2")}))
	}
	return o
}

// TestNoReaderIsWorseThanLinear gives every reader and writer of the runtime inputs that a hostile author, provider or
// browser may send, at two sizes: eight times as much may take eight times as long, and then some for a busy machine;
// more is another exponent.
func TestNoReaderIsWorseThanLinear(t *testing.T) {
	const small, times = 1 << 15, 8
	token := func(text string) {
		_, _ = oauth1.ParseTokenAnswer(200, "", text, oauth1.TokenOptions{TrailingCommas: true})
	}
	answer := func(kind ParseKind) func(string) {
		return func(text string) { _, _ = Parse(kind, "", 400, text, nil) }
	}
	query := func(mode QueryMode) func(string) {
		return func(text string) {
			_ = ApplyQuery(&uri.URL{Query: text}, FormValue(text), mode, nil)
		}
	}
	headers := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name string
		make func(n int) string
		run  func(text string)
	}{
		{"pairs", growing("a=%zz&"), func(s string) { uri.SplitPairs(s) }},
		{"dropped pairs", numbered("%d&"), func(s string) { uri.WithoutPairs(s, func(name, _ string) bool { return len(name)%2 == 0 }) }},
		{"empty pairs", growing("&"), func(s string) { uri.SplitPairs(s) }},
		{"resolved dots", growing("/../a/."), func(s string) { (&uri.URL{Scheme: "https", Host: "h", Path: "/"}).Resolve(s) }},
		{"media types", growing("; charset"), func(s string) { media.Charset(s); media.KindOf(s) }},
		{"lines", growing("\x1b "), func(s string) { media.Line(s, 300) }},
		{"authorization", within("OAuth ", numbered(`a%d="\"",`), ""), func(s string) { _, _ = oauth1.ParseAuthorization(s) }},
		{"challenges", growing("oauth realm=x, "), func(s string) { oauth1.ParseProblem(401, []string{s}, "", nil) }},
		{"problems", growing("oauth_problem=a&"), func(s string) { oauth1.ParseProblem(401, nil, "", []byte(s)) }},
		{"token form", numbered("a%d=1&"), token},
		{"repeated token fields", growing("a=1&"), token},
		{"token JSON", within("{", numbered(`"a%d":[1],`), "}"), token},
		{"token commas", within("[", growing("1 , ], "), "]"), token},
		{"token XML", within("<r>", numbered("<a%d/>"), "</r>"), token},
		{"nested token XML", within("<r><u>", numbered("<a%d/>"), "</u></r>"), token},
		{"form", numbered("a%d=1&"), answer(ParseForm)},
		{"repeated names", growing("a=1&"), answer(ParseForm)},
		{"JSON", within("[", growing(`{"a":1},`), "0]"), answer(ParseJSON)},
		{"JSON keys", within("{", numbered(`"a%d":0,`), `"a":0}`), answer(ParseJSON)},
		{"XML", within("<r>", numbered("<a%d>x</a%[1]d>"), "</r>"), answer(ParseXML)},
		{"XML pieces", within("<r>", growing("x<a/>"), "</r>"), answer(ParseXML)},
		{"XML comments", within("<r>", growing("<!-- -->x"), "</r>"), answer(ParseXML)},
		{"replaced query", numbered("a%d=1&"), query(QueryReplace)},
		{"merged query", numbered("a%d=1&"), query(QueryMerge)},
		{"overridden query", numbered("a%d=1&"), query(QueryOverride)},
		{"headers", headers, func(s string) { _, _ = BuildHeader(value.Collection(manyHeaders(len(s)))) }},
		{"recorded headers", headers, func(s string) {
			h := make(wire.Header, len(s)/10)
			for i := range h {
				h[i] = wire.Field{Name: "X-A", Value: "1"}
			}
			RequestRecord(&wire.Outgoing{Header: h}, value.Undefined)
		}},
		{"answered headers", headers, func(s string) {
			_, _ = HeaderValue(http.Header{"X-A": strings.Split(s, ""), "Set-Cookie": strings.Split(s, "")}, nil)
		}},
		{"masked URL", growing("//u@"), func(s string) { MaskURL(s) }},
	} {
		took := func(n int) time.Duration {
			text := c.make(n)
			best := time.Hour
			for range 3 {
				began := cputime.Now()
				c.run(text)
				best = min(best, cputime.Since(began))
			}
			return best
		}
		first := took(small)
		second := took(small * times)
		if limit := max(5*times*first, 300*time.Millisecond); second > limit {
			t.Errorf("%s: %v for %d bytes, %v for %d", c.name, first, small, second, small*times)
		}
	}
}
