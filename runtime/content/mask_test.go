package content

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

func mustURL(t testing.TB, raw string) uri.URL {
	t.Helper()
	u, err := uri.Parse(raw, true)
	if err != nil {
		t.Fatal(err)
	}
	return *u
}

func TestMaskText(t *testing.T) {
	m := NewMasker([]string{"s3cret&1", "abc", "s3cret&1 longer", "zażółć"}, nil)
	tests := []struct{ in, want string }{
		{"key=s3cret&1.", "key=••••."},
		{"s3cret&1 longer", "••••"},
		{"s3cret%261%20longer s3cret%261+longer s3cret%25261", "•••• •••• ••••"},
		{"abc stays, zażółć and za%C5%BC%C3%B3%C5%82%C4%87 go", "abc stays, •••• and •••• go"},
		{"oauth_token=a&oauth_token_secret=b&oauth_verifier=c&oauth_nonce=d", "oauth_token=••••&oauth_token_secret=••••&oauth_verifier=••••&oauth_nonce=d"},
		{`OAuth oauth_nonce="n",oauth_token="t",oauth_signature="s%3D"`, `OAuth oauth_nonce="n",oauth_token="••••",oauth_signature="••••"`},
		{`{"oauth_token": "a\"b\\", "oauth_verifier":5}`, `{"oauth_token": "••••", "oauth_verifier":••••}`},
		{`{"text":"{\"oauth_token\":\"a\\\"b\",\"x\":1}"}`, `{"text":"{\"oauth_token\":\"••••\",\"x\":1}"}`},
		{"<oauth_token>abc def</oauth_token>", "<oauth_token>••••</oauth_token>"},
		{"GET&x&oauth_token%3Dtk%26oauth_version%3D1", "GET&x&oauth_token%3D••••%26oauth_version%3D1"},
		{"my_oauth_token=x oauth_tokens=y oauth_token", "my_oauth_token=x oauth_tokens=y oauth_token"},
		{"oauth_", "oauth_"},
		{"oauth_session_handle=h&oauth_expires_in=60&x_auth_username=u&x_auth_password=p&oauth_consumer_secret=s&oauth_consumer_key=k",
			"oauth_session_handle=••••&oauth_expires_in=60&x_auth_username=u&x_auth_password=••••&oauth_consumer_secret=••••&oauth_consumer_key=k"},
		{`{"oauth_session_handle":"h"} auth_auth_x_auth_password=p my_x_auth_password=p`, `{"oauth_session_handle":"••••"} auth_auth_x_auth_password=p my_x_auth_password=p`},
		{"oauth_token%3Da%26b oauth_token%3Dc", "oauth_token%3D••••%26b oauth_token%3D••••"},
	}
	for _, tt := range tests {
		if got := m.Text(tt.in); got != tt.want {
			t.Errorf("Text(%s)\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
	urls := []struct{ in, want string }{
		{"https://u:p@h.test/a@b", "https://••••@h.test/a@b"},
		{"//u@h", "//••••@h"},
		{"see https://a@b.test and http://c:d@e.test/?x", "see https://••••@b.test and http://••••@e.test/?x"},
		{"https://h.test/?u=a@b#c", "https://h.test/?u=a@b#c"},
		{"a // b @c", "a // b @c"},
	}
	for _, tt := range urls {
		if got := MaskURL(tt.in); got != tt.want {
			t.Errorf("MaskURL(%s) = %s", tt.in, got)
		}
	}
}

func TestMaskRecords(t *testing.T) {
	paths := []SanitizePath{
		{Steps: []string{"headers", "x-api-key"}}, {Steps: []string{"qs", "Key"}}, {Steps: []string{"body", "users", "odd name"}},
		{Answer: true, Steps: []string{"body", "items", "id"}}, {Answer: true, Steps: []string{"Headers", "X-Token"}},
		{Answer: true, Steps: []string{"body", "deep", "x"}}, {Answer: true, Steps: []string{"body", "nothing", "here"}},
	}
	m := NewMasker([]string{"topsecret", "12345678"}, paths)
	out := &wire.Outgoing{Method: "POST", URL: mustURL(t, "https://u:p@h.test/a/topsecret?key=k&oauth_token=t&v=1"),
		Header: wire.Header{{Name: "X-Api-Key", Value: "k"}, {Name: "Authorization", Value: "Basic x"}, {Name: "Cookie", Value: "a"}, {Name: "X-A", Value: "1"}, {Name: "X-A", Value: "topsecret"}, {Name: "Content-Type", Value: "application/json"}},
		Body:   wire.Body{Present: true}}
	sent := fromJSON(t, `{"users":[{"odd name":"a","n":1},{"odd name":"b"}],"oauth_verifier":"v","pin":12345678,"t":"x topsecret"}`)
	want := `{"method":"POST","url":"https://h.test/a/••••","headers":{"x-api-key":"••••","authorization":"••••","cookie":"••••","x-a":["1","••••"],` +
		`"content-type":"application/json"},"qs":{"key":"••••","oauth_token":"••••","v":"1"},` +
		`"body":{"users":[{"odd name":"••••","n":1},{"odd name":"••••"}],"oauth_verifier":"••••","pin":"••••","t":"x ••••"}}`
	if diff := cmp.Diff(want, jsonOf(m.Request(RequestRecord(out, sent)))); diff != "" {
		t.Error(diff)
	}
	headers, err := HeaderValue(map[string][]string{"Set-Cookie": {"a=1"}, "X-Token": {"x"}, "Date": {"d"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := fromJSON(t, `{"items":[[{"id":1}],{"id":{"x":2},"k":3}],"deep":[{"x":1},{"x":2}],"raw":"oauth_token=a&b=c","bin":{"$buffer":"topsecret"}}`)
	want = `{"status":200,"headers":{"date":"d","set-cookie":"••••","x-token":"••••"},"body":{"items":[[{"id":"••••"}],{"id":"••••","k":3}],` +
		`"deep":[{"x":"••••"},{"x":"••••"}],"raw":"oauth_token=••••&b=c","bin":"••••"}}`
	if diff := cmp.Diff(want, jsonOf(m.Response(ResponseRecord(200, headers, body)))); diff != "" {
		t.Error(diff)
	}
	if got := jsonOf(m.Response(value.Text("x").AsSecret())); got != `"••••"` {
		t.Errorf("marked value: %s", got)
	}
	form := &wire.Outgoing{Method: "POST", URL: mustURL(t, "https://h.test/"), Header: wire.Header{{Name: "X-A", Value: "k", Secret: true}},
		Body: wire.Body{Content: []byte("oauth_token=a&x=1"), Present: true, Pairs: true}}
	if got := jsonOf(m.Request(RequestRecord(form, value.Undefined))); !strings.Contains(got, `"headers":{"x-a":"••••"},"qs":{},"body":"oauth_token=••••&x=1"`) {
		t.Errorf("bytes only: %s", got)
	}
	form.Body.Secret = true
	if got := jsonOf(m.Request(RequestRecord(form, value.Undefined))); !strings.Contains(got, `"body":"••••"`) {
		t.Errorf("secret bytes: %s", got)
	}
	form.Body.Content = []byte{0xff}
	if got := jsonOf(m.Request(RequestRecord(form, value.Text("x")))); !strings.Contains(got, `"body":"(binary, 1 bytes)"`) {
		t.Errorf("binary: %s", got)
	}
	if got := jsonOf(NewMasker(nil, []SanitizePath{{Steps: []string{"url"}}}).Request(RequestRecord(form, value.Undefined))); !strings.Contains(got, `"url":"••••"`) {
		t.Errorf("url path: %s", got)
	}
}

// TestSecretForms: a provider may repeat a secret in any encoding, once or several times.
func TestSecretForms(t *testing.T) {
	const secret = "cs demo&1<é>/\"x'+%2f\\z"
	m := NewMasker([]string{secret}, nil)
	js := func(s string) string { return string(value.AppendEscaped(nil, s)) }
	percent := func(s string) string { return uri.Encode(s) }
	lower := func(s string) string {
		b := []byte(uri.Encode(s))
		for i := range b {
			if i > 0 && b[i-1] == '%' || i > 1 && b[i-2] == '%' {
				b[i] |= 0x20
			}
		}
		return string(b)
	}
	unicode := func(s string) string {
		var b strings.Builder
		for _, c := range utf16.Encode([]rune(s)) {
			fmt.Fprintf(&b, "\\u%04x", c)
		}
		return b.String()
	}
	for name, form := range map[string]string{
		"as it is":            secret,
		"percent":             percent(secret),
		"percent, lower case": lower(secret),
		"percent twice":       percent(percent(secret)),
		"form":                strings.ReplaceAll(percent(secret), "%20", "+"),
		"encodeURI":           uri.EncodeURI(secret),
		"path":                uri.EscapePath(secret),
		"query":               uri.EscapeQuery(secret),
		"JSON":                js(secret),
		"JSON in JSON":        js(js(secret)),
		"JSON of Go":          strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(js(secret)),
		"JSON of PHP":         strings.NewReplacer("/", `\/`, "é", `\u00e9`).Replace(js(secret)),
		"all of it \\u":       unicode(secret),
		"percent in JSON":     js(percent(secret)),
		"JSON, percent":       percent(js(secret)),
		"HTML":                html.EscapeString(secret),
		"HTML, by name":       strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(secret),
		"HTML, by number":     strings.NewReplacer("&", "&#x26;", "<", "&#60;", "é", "&#xE9;").Replace(secret),
		"HTML twice":          html.EscapeString(html.EscapeString(secret)),
		"percent in HTML":     html.EscapeString(percent(secret)),
	} {
		for _, around := range [][2]string{{"", ""}, {"a=", "&b"}, {`{"x":"`, `"}`}, {"<p>", "</p>"}, {"%", "%"}, {"\\", ";"}} {
			if around[0] == "\\" && strings.HasPrefix(form, "\\u") {
				continue // the backslash before belongs to the first escape
			}
			text := around[0] + form + around[1]
			if got := m.Text(text); got != around[0]+value.Mask+around[1] || !m.Holds(text) {
				t.Errorf("%s: %s became %s", name, text, got)
			}
		}
	}
	if m.Holds("cs demo&1<é>/") || m.Holds("") {
		t.Error("a part of a secret is taken for the whole")
	}
	for _, end := range []string{`\`, `\\`, "%", "%2", "&", "&am", "&#x2", `\u00`} {
		text := `{"x":"` + js(percent("open end"+end)) + `26;"}`
		if got := NewMasker([]string{"open end" + end}, nil).Text(text); strings.Contains(got, "open") {
			t.Errorf("a secret that ends in %s: %s", end, got)
		}
	}
	emoji := NewMasker([]string{"key😀😀"}, nil)
	if got := emoji.Text(`"key\ud83d\ude00\uD83D\uDE00"`); got != `"••••"` {
		t.Errorf("surrogate pairs: %s", got)
	}
	long := strings.Repeat("long secret ", 1000)
	if got := NewMasker([]string{long, "secret long"}, nil).Text("a" + long + "b" + percentAll(long) + "c" + long[:5000] + "d"); got != "a••••b••••c••••d" {
		t.Errorf("long secrets: %.100s", got)
	}
}

// percentAll encodes every byte.
func percentAll(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		b = uri.AppendEscape(b, s[i])
	}
	return string(b)
}

// TestMaskingIsLinear: hostile texts once took minutes: many names of fields, many authorities, a secret that nearly is
// there again and again.
func TestMaskingIsLinear(t *testing.T) {
	secrets := []string{strings.Repeat("a", 4000) + "b", strings.Repeat("a", 900), strings.Repeat("ab", 600) + "c", strings.Repeat("%25", 300)}
	for i := range 500 {
		secrets = append(secrets, strings.Repeat("a", i+4)+"x")
	}
	m := NewMasker(secrets, nil)
	for name, piece := range map[string]string{
		"field names": "oauth_token%3D", "fields": "oauth_token%3D%26", "quoted fields": `"oauth_token":"\\`, "authorities": "//u@", "slashes": "//",
		"secrets": "a", "pairs": "ab", "escapes": "%25", "half escapes": "%2", "backslashes": "\\", "units": "\\u", "entities": "&#x2", "semicolons": "&;",
	} {
		took := func(size int) time.Duration {
			text := strings.Repeat(piece, size/len(piece))
			best := time.Hour
			for range 2 {
				began := cputime.Now()
				_ = m.URL(text)
				best = min(best, cputime.Since(began))
			}
			return best
		}
		first, second := took(1<<17), took(1<<20)
		if second > max(5*8*first, 300*time.Millisecond) {
			t.Errorf("%s: %v for 128 KiB, %v for eight times as much", name, first, second)
		}
	}
}

func TestExcerpt(t *testing.T) {
	m := NewMasker([]string{"s3cret&1"}, nil)
	for in, want := range map[string]string{
		"a\n\x1b]0;x\x07 s3cret%261\u009b31m\u202e": "a ]0;x •••• 31m",
		strings.Repeat("é", 100):                    strings.Repeat("é", 20) + "…",
		strings.Repeat(" ", 1<<20) + "x":            "…",
		"oauth_token=x&b":                           "oauth_token=••••&b",
	} {
		if got := m.Excerpt(in, 40); got != want {
			t.Errorf("%.40q became %q, want %q", in, got, want)
		}
	}
	body := strings.Repeat("x", 1000) + strings.Repeat("s3cret&1 ", 1<<20)
	if got := m.Excerpt(body, 2000); strings.Contains(got, "s3cret") {
		t.Errorf("a secret shows: %s", got)
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"https://u@h?oauth_token=1", `"oauth_token":"x`, "<oauth_token>", "s3cret&1", "oauth_token%3D%26", "s3cs3cret&1ret&1"} {
		f.Add(s)
	}
	const secret = "s3cret&1"
	m := NewMasker([]string{secret}, nil)
	f.Fuzz(func(t *testing.T, text string) {
		if got := m.URL(text); strings.Contains(got, secret) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// A message is whole as long as people can read it; of a longer one the beginning is left, and of a secret at its end
// nothing.
func TestMessage(t *testing.T) {
	m := NewMasker([]string{"s3cret"}, nil)
	for in, want := range map[string]string{
		"a s3cret\nb":                             "a ••••\nb",
		strings.Repeat("é", 20):                   strings.Repeat("é", 20),
		strings.Repeat("é", 21):                   strings.Repeat("é", 20) + "…",
		"x" + strings.Repeat("é", 20):             "x" + strings.Repeat("é", 19) + "…",
		strings.Repeat("x", 37) + "s3cret":        strings.Repeat("x", 37) + "•…",
		strings.Repeat("x", 1<<20) + "s3cret":     strings.Repeat("x", 40) + "…",
		strings.Repeat("s3cret", 3000) + " after": strings.Repeat("••••", 3) + "•…",
	} {
		if got := m.Message(in, 40); got != want {
			t.Errorf("%.50q: got %q, want %q", in, got, want)
		}
	}
}

// Masking tells how far it came all the time, and what it does not come to is masked as a whole.
func TestMaskerUnder(t *testing.T) {
	const size = 1 << 17
	for name, unit := range map[string]string{"words": "some words ", "percents": "s3cr%65t ", "users": "//u:s3cret@h/ ", "fields": "oauth_token=s3cret&", "signs": "a+b"} {
		body := value.Text(strings.Repeat(unit, size/len(unit)))
		record := ResponseRecord(200, value.Undefined, value.Array([]value.Value{body, body}))
		for _, most := range []int{0, 30, 1 << 30} {
			told, calls := 0, 0
			m := NewMasker([]string{"s3cret"}, nil).Under(func(bytes int) error {
				told += bytes
				if calls++; calls > most {
					return errors.New("ended")
				}
				return nil
			})
			out := string(value.AppendJSON(nil, m.Response(record)))
			if strings.Contains(out, "s3cr") {
				t.Errorf("%s, %d looks: a secret shows", name, most)
			}
			if most == 1<<30 && (told < 2*size || calls < 2*size/stretch) {
				t.Errorf("%s: %d looks at %d bytes", name, calls, told)
			}
			if most < 20 && len(out) > 200 {
				t.Errorf("%s, %d looks: it went on and wrote %d bytes", name, most, len(out))
			}
		}
	}
}

// A long buffer is looked through piece by piece too.
func TestMaskedBuffersLook(t *testing.T) {
	text := bytes.Repeat([]byte("é"), 1<<17)
	for name, c := range map[string]struct {
		in    value.Value
		least int
	}{
		"text": {value.Buffer(text), 2 * len(text)}, "binary": {value.Buffer(append(text, 0xff)), len(text)},
	} {
		calls, told := 0, 0
		whole := NewMasker([]string{"s3cret"}, nil).Under(func(bytes int) error { told += bytes; return nil })
		if whole.Response(c.in); told < c.least {
			t.Errorf("%s: it told of %d bytes", name, told)
		}
		ended := NewMasker([]string{"s3cret"}, nil).Under(func(int) error { calls++; return errors.New("ended") })
		if out := string(value.AppendJSON(nil, ended.Response(c.in))); calls > 1 || len(out) > 20 {
			t.Errorf("%s: it went on for %d looks and wrote %d bytes", name, calls, len(out))
		}
	}
}

// A body that is known to be text is shown as text unseen; any other is looked at.
func TestRecordOfText(t *testing.T) {
	for _, known := range []bool{false, true} {
		o := &wire.Outgoing{Body: wire.Body{Present: true, Content: []byte("a\xff"), Text: known}}
		if got := RequestRecord(o, value.Undefined).Object().Value("body").Str(); strings.HasPrefix(got, "(binary") == known {
			t.Errorf("known %v: %q", known, got)
		}
	}
}
