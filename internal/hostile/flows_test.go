package hostile

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	"github.com/imlc-lang/imlc/vm/value"
)

// flow is a connection that is authorised, and what its provider answers to request i, from 1.
type flow struct {
	spec, parameters string
	answer           func(i int) *http.Response
	logged           bool
	count            atomic.Int32
	after            func(*vm.Connection) error
	// query, when it is not "", comes back through the browser.
	query string
}

// RoundTrip implements http.RoundTripper.
func (f *flow) RoundTrip(req *http.Request) (*http.Response, error) {
	caller.look()
	defer caller.forget() // what the provider does is not the program's work
	if req.Body != nil {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
	}
	i := int(f.count.Add(1))
	r := answer(200, "application/json", "{}")
	if f.answer != nil {
		r = f.answer(i)
	}
	r.Request, r.Body = req, &arriving{r.Body}
	return r, nil
}

// arriving is a body of which nothing arrives any more when the request has ended, as net/http has it.
type arriving struct{ io.ReadCloser }

// Read implements io.Reader.
func (a *arriving) Read(p []byte) (int, error) {
	if err := caller.Err(); err != nil {
		return 0, err
	}
	return a.ReadCloser.Read(p)
}

func answer(status int, contentType, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {contentType}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ProtoMajor: 1, ProtoMinor: 1}
}

// engine compiles a spec of the dialect make.
func (f *flow) engine() (*vm.Engine, error) {
	parts := map[string]*source.File{makespec.Communication: source.NewFile("communication.jsonc", f.spec)}
	if f.parameters != "" {
		parts[makespec.Params] = source.NewFile("params.json", f.parameters)
	}
	p, l := imlc.CompileSource(makespec.Source("", parts, nil), imlc.Options{})
	if p == nil {
		for _, d := range l.Items {
			if d.Severity == diag.Error {
				return nil, fmt.Errorf("%s %s", d.Code, d.Message)
			}
		}
	}
	h := vm.Host{Transport: f}
	if f.logged {
		h.Log = func(context.Context, vm.LogRecord) {}
		h.Tracer = traced{}
	}
	return vm.New(p, h)
}

func (f *flow) run(started func()) error {
	e, err := f.engine()
	if err != nil {
		return err
	}
	started()
	step, err := e.Authorize(caller, vm.Grant{Parameters: value.NewObject(0), RedirectURI: "https://b.test/"})
	if err == nil && f.query != "" {
		step.Connection, err = e.Callback(caller, step.State, f.query)
	}
	if err == nil && f.after != nil {
		err = f.after(step.Connection)
	}
	return err
}

// attackFlow adds an attack by a flow, which make makes at a scale.
func attackFlow(name string, make func(n int) *flow, ends ...string) {
	add("flow/"+name, attack{run: func(n int, started func()) error { return make(n).run(started) }, ends: ends, matches: strings.HasPrefix(name, "patterns-")})
}

func repeated(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

// numbered is n copies of a format with their numbers, with commas between.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// always gives the same answer.
func always(status int, contentType, body string, header ...string) func(int) *http.Response {
	return func(int) *http.Response { return answer(status, contentType, body, header...) }
}

// first gives a JSON answer to the first request and {} to the others.
func first(body string) func(int) *http.Response {
	return func(i int) *http.Response {
		if i > 1 {
			body = "{}"
		}
		return answer(200, "application/json", body)
	}
}

const (
	handshake = `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://a.test/r","method":"POST","response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}","s":"{{body.oauth_token_secret}}"}}},
		"authorize":{"url":"https://a.test/a","oauth":{"token":"{{temp.t}}"}},"accessToken":{"url":"https://a.test/x","method":"POST","oauth":{"token":"{{temp.t}}","token_secret":"{{temp.s}}","verifier":"{{oauth.oauth_verifier}}"},"response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}","secret":"{{body.oauth_token_secret}}"}}}}`
	simple = `{"url":"https://a.test/"}`
	keep   = `{"url":"https://a.test/","response":{"temp":{"x":"{{body}}"}}}`
)

// signed is a spec whose second request is signed.
func signed(request string) string {
	const credentials = `"oauth":{"consumer_key":"k","consumer_secret":"s"}`
	return `{` + credentials + `,"requestToken":` + keep + `,"accessToken":{` + request + `}}`
}

func compressed(layers int, write func(io.Writer) io.WriteCloser, body []byte) string {
	for range layers {
		var next bytes.Buffer
		w := write(&next)
		_, _ = w.Write(body)
		_ = w.Close()
		body = next.Bytes()
	}
	return string(body)
}

func init() {
	gz := func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed); return z }
	deflate := func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, flate.BestSpeed); return z }
	limits := []string{"memory", "items", "value bytes", "steps", "nesting", "run time", "response body", "regular expression time"}
	size := func(n int) int { return min(10<<20, n<<22) }

	attackFlow("objects-kept", func(n int) *flow {
		return &flow{spec: "[" + numbered(4*n, `{"url":"https://a.test/","response":{"temp":{"k%d":"{{body}}"}}}`) + "]", answer: always(200, "application/json", "["+repeated(3_400_000, "{}")+"]")}
	}, limits...)
	many := http.Header{}
	for k := range 60_000 {
		many["A"+strconv.Itoa(k)] = []string{"1"}
	}
	attackFlow("headers-kept", func(n int) *flow {
		return &flow{spec: "[" + numbered(15*n, `{"url":"https://a.test/","response":{"temp":{"k%d":"{{headers}}"}}}`) + "]", answer: func(i int) *http.Response {
			r := answer(200, "application/json", "{}")
			r.Header = many
			return r
		}}
	}, append(limits, "header")...)
	attackFlow("trees-merged", func(n int) *flow {
		spec := `{"temp":{"x":{"a":1}}},` + strings.Repeat(`{"temp":{"y":{"l":"{{temp.x}}","r":"{{temp.x}}"}}},{"temp":{"x":null}},{"temp":{"x":"{{temp.y}}"}},{"temp":{"y":null}},`, 17)
		return &flow{spec: "[" + spec + numbered(8*n, `{"temp":{"k%d":"{{temp.x}}"}},{"temp":{"k%[1]d":"{{temp.x}}"}}`) + "]"}
	}, append(limits, "")...)
	attackFlow("values-shared-and-stored", func(n int) *flow {
		spec := `{"temp":{"x":["` + strings.Repeat("x", 1000) + `"]}},` + strings.Repeat(`{"temp":{"x":"{{merge(temp.x;temp.x)}}"}},`, 12)
		return &flow{spec: "[" + spec + numbered(4*n, `{"response":{"data":{"k%d":"{{temp.x}}"}}}`) + "]", after: func(c *vm.Connection) error { _, err := json.Marshal(c); return err }}
	}, limits...)
	long := `{"a":{"` + strings.Repeat("k", 100_000) + `":{`
	attackFlow("form-of-long-names", func(n int) *flow {
		return &flow{spec: "[" + keep + `,{"url":"https://a.test/","method":"POST","type":"urlencoded","body":"{{temp.x}}"}]`, answer: first(long + numbered(3000*n, `"%d":1`) + "}}}")}
	}, limits...)
	attackFlow("query-of-long-names", func(n int) *flow {
		return &flow{spec: "[" + keep + `,{"url":"https://a.test/","qs":"{{temp.x}}"}]`, answer: first(long + numbered(3000*n, `"%d":1`) + "}}}")}
	}, "request URL")
	attackFlow("multipart-of-many-parts", func(n int) *flow {
		return &flow{spec: "[" + keep + `,{"url":"https://a.test/","method":"POST","type":"multipart/form-data","body":"{{temp.x}}"}]`, answer: first("{" + numbered(50_000*n, `"k%d":"v"`) + "}")}
	}, append(limits, "")...)
	attackFlow("many-headers", func(n int) *flow {
		return &flow{spec: "[" + keep + `,{"url":"https://a.test/","headers":"{{temp.x}}"}]`, answer: first("{" + numbered(40_000*n, `"h%d":1`) + "}")}
	}, append(limits, "", "header")...)
	attackFlow("one-header-of-many-lines", func(n int) *flow {
		return &flow{spec: "[" + keep + `,{"url":"https://a.test/","headers":{"x-a":"{{temp.x}}"},"log":{"sanitize":["response.headers.x"]}}]`, answer: first("[" + repeated(40_000*n, "1") + "]"), logged: true}
	}, append(limits, "", "header")...)
	for name, unit := range map[string]string{"token": "oauth_token%3Dx&", "secret": "oauth_token_secret=", "percent": "%25", "user": "//u@", "escape": `\u0026`, "entity": "&amp;", "control": "\x1b[31m", "bad": "\xff", "wide": "é", "problem": "oauth_problem=a&"} {
		attackFlow("refusal-of-"+name, func(n int) *flow {
			return &flow{spec: simple, answer: always(400, "text/plain", strings.Repeat(unit, size(n)/len(unit)))}
		}, "[400]")
		attackFlow("location-of-"+name, func(n int) *flow {
			return &flow{spec: simple, answer: always(302, "text/plain", "", "Location", "x:"+strings.Repeat(unit, n*200_000/len(unit)))}
		}, "Invalid URI", "redirect", "Redirect", "header")
		attackFlow("log-of-"+name, func(n int) *flow {
			return &flow{spec: `{"url":"https://a.test/","log":{"sanitize":["response.headers.x"]}}`, answer: always(200, "text/plain", strings.Repeat(unit, size(n)/len(unit))), logged: true}
		}, "", "value bytes")
	}
	for name, parts := range map[string][4]string{ // media type, head, repeated, tail
		"json-zeros": {"application/json", "[0", ",0", "]"}, "json-objects": {"application/json", "[0", ",{}", "]"}, "json-members": {"application/json", "[0", `,{"a":0}`, "]"},
		"json-lists": {"application/json", "[0", ",[]", "]"}, "json-deep": {"application/json", "", "[", ""}, "json-deep-objects": {"application/json", "", `{"a":`, ""}, "json-escapes": {"application/json", `"`, `\u0041`, `"`},
		"json-digits": {"application/json", "1", "0", ""}, "json-fraction": {"application/json", "0.", "1", ""}, "json-integers": {"application/json", "[0", "," + strings.Repeat("9", 999), "]"},
		"json-exponents": {"application/json", "[0", ",1e400", "]"}, "json-blanks": {"application/json", "", " ", "1"}, "json-surrogates": {"application/json", `"`, `\ud800`, `"`}, "json-same-key": {"application/json", `{"a":1`, `,"a":1`, "}"},
		"json-bad-bytes": {"application/json", `"`, "\xff", `"`}, "json-wide": {"application/json", `["`, "é", `"]`}, "json-keys-of-bad-bytes": {"application/json", `{"`, "\xffa", `":1}`},
		"xml-bad-bytes": {"text/xml", "<r>", "\xff", "</r>"}, "xml-long-tag": {"text/xml", "<r a='", "a", "'/>"}, "form-bad-bytes": {"application/x-www-form-urlencoded", "a=", "\xff", ""},
		"form-bad-escapes": {"application/x-www-form-urlencoded", "a=", "%ff", ""},
		"xml-empty":        {"text/xml", "<r>", "<a/>", "</r>"}, "xml-attributes": {"text/xml", "<r>", `<b c=""/>`, "</r>"}, "xml-deep": {"text/xml", "", "<a>", ""}, "xml-entities": {"text/xml", "<r>", "&amp;", "</r>"},
		"xml-numbers": {"text/xml", "<r>", "&#65;", "</r>"}, "xml-comments": {"text/xml", "<r>", "<!---->", "</r>"}, "xml-cdata": {"text/xml", "<r>", "<![CDATA[]]>", "</r>"}, "xml-instructions": {"text/xml", "<r>", "<?a b?>", "</r>"},
		"xml-names": {"text/xml", "<r ", `a:b="" `, "/>"}, "xml-declarations": {"text/xml", "<!DOCTYPE r [", `<!ENTITY a "&b;&b;">`, "]><r>&a;</r>"}, "xml-open": {"text/xml", "<r ", "a", ""},
		"form-names": {"application/x-www-form-urlencoded", "", "a&", ""}, "form-empty": {"application/x-www-form-urlencoded", "", "&", ""}, "form-brackets": {"application/x-www-form-urlencoded", "a", "[a]", "=1"},
		"form-lists": {"application/x-www-form-urlencoded", "", "a[]=1&", ""}, "form-indexes": {"application/x-www-form-urlencoded", "", "a[999999]=1&", ""}, "form-percents": {"application/x-www-form-urlencoded", "a=", "%", ""},
		"text-bad-bytes": {"text/plain; charset=utf-16", "", "\xd8\x00", ""}, "text-latin": {"text/plain; charset=iso-8859-1", "", "\xe9", ""}, "text-unknown": {"text/plain; charset=x", "", "é", ""},
	} {
		attackFlow("answer-of-"+name, func(n int) *flow {
			return &flow{spec: keep, answer: always(200, parts[0], parts[1]+strings.Repeat(parts[2], (size(n)-20)/len(parts[2]))+parts[3])}
		}, append(limits, "", "DataError", "SON", "XML", "parse")...)
	}
	attackFlow("gzip-bomb", func(n int) *flow {
		return &flow{spec: `{"url":"https://a.test/","gzip":true}`, answer: always(200, "text/plain", compressed(1, gz, make([]byte, n<<26)), "Content-Encoding", "gzip")}
	}, limits...)
	attackFlow("gzip-bomb-twice", func(n int) *flow {
		return &flow{spec: `{"url":"https://a.test/","gzip":true}`, answer: always(200, "text/plain", compressed(2, gz, make([]byte, n<<26)), "Content-Encoding", "gzip, gzip")}
	}, limits...)
	attackFlow("deflate-layers", func(n int) *flow {
		layers := 500 * n
		return &flow{spec: `{"url":"https://a.test/","gzip":true}`, answer: always(200, "text/plain", compressed(layers, deflate, []byte("x")), "Content-Encoding", strings.TrimSuffix(strings.Repeat("deflate,", layers), ","))}
	}, "decompression layers")
	attackFlow("patterns-of-parameters", func(n int) *flow {
		return &flow{spec: simple, parameters: "[" + numbered(100*n, `{"name":"p%d","type":"text","default":"`+strings.Repeat("a", 200)+`","validate":{"pattern":"^(a*)*b"}}`) + "]"}
	}, "IML505")
	attackFlow("patterns-of-alternatives", func(n int) *flow {
		alternatives := ""
		for i := range 60 * n {
			alternatives += strings.Repeat("a", i) + "b|"
		}
		return &flow{spec: simple, parameters: `[{"name":"p","type":"text","default":"c","validate":{"pattern":"` + strings.TrimSuffix(alternatives, "|") + `"}}]`}
	}, "pattern", "MAKE", "IML505")
	attackFlow("deep-values", func(n int) *flow {
		const calls = 240
		set := strings.Repeat("set(emptyarray;temp.p;", calls) + "temp.x" + strings.Repeat(")", calls)
		return &flow{spec: `[{"temp":{"p":"` + strings.Repeat("[1]", 250) + `","x":1}},{"temp":{"x":"{{` + set + `}}"},"repeat":{"condition":"{{true}}","limit":` + strconv.Itoa(4*n) + `}}]`}
	}, "nesting")
	for name, query := range map[string][3]string{ // what a page has a browser bring back
		"problem": {"oauth_problem=", "oauth_token%3Dx&", ""}, "words": {"error=", "//u@", ""}, "names": {"oauth_token=", "a&", ""}, "brackets": {"oauth_token=rt&oauth_verifier=v&a", "[a]", "=1"},
		"escapes": {"oauth_problem=", "%1b%5d0;x%07", ""}, "percents": {"oauth_token=rt&oauth_verifier=", "%25", ""}, "again": {"oauth_token=rt", "&oauth_token=rt", ""}, "denied": {"denied=rt&echo=", `%5Cu0026`, ""},
	} {
		attackFlow("callback-of-"+name, func(n int) *flow {
			return &flow{spec: handshake, query: query[0] + strings.Repeat(query[1], n*(15<<10)/len(query[1])) + query[2], answer: func(int) *http.Response {
				return answer(200, "application/x-www-form-urlencoded", "oauth_token=rt&oauth_token_secret=s&oauth_callback_confirmed=true")
			}}
		}, "", "oauth1/", "denied", "RuntimeError", "limit on", "DataError")
	}
	attackFlow("callback-of-megabytes", func(n int) *flow {
		return &flow{spec: handshake, query: "oauth_token=rt&" + strings.Repeat("a&", n<<20), answer: always(200, "application/x-www-form-urlencoded", "oauth_token=rt&oauth_token_secret=s&oauth_callback_confirmed=true")}
	}, "callback query")
	for name, unit := range map[string]string{"pairs": "a&", "names": "", "escapes": "%26&"} { // what is signed, logged and sent
		pairs := func(n int) string {
			if unit != "" {
				return strings.Repeat(unit, n*(2<<20)/len(unit)-10)
			}
			return strings.ReplaceAll(numbered(n*(2<<20)/9, "%d"), ",", "=&")
		}
		first := func(n int) func(int) *http.Response {
			return func(i int) *http.Response {
				if i > 1 {
					return answer(200, "text/plain", "")
				}
				return answer(200, "text/plain", pairs(n))
			}
		}
		attackFlow("signed-query-of-"+name, func(n int) *flow {
			return &flow{spec: signed(`"url":"https://a.test/?{{temp.x}}"`), answer: first(n)}
		}, append(limits, "", "signed parameters", "request URL")...)
		attackFlow("signed-form-of-"+name, func(n int) *flow {
			return &flow{spec: signed(`"url":"https://a.test/","method":"POST","type":"urlencoded","body":"{{temp.x}}"`), answer: first(n)}
		}, append(limits, "", "signed parameters", "request URL")...)
		attackFlow("logged-query-of-"+name, func(n int) *flow {
			return &flow{spec: "[" + keep + `,{"url":"https://a.test/?{{temp.x}}","log":{"sanitize":["request.qs.b"]}}]`, answer: first(n), logged: true}
		}, append(limits, "", "signed parameters", "request URL")...)
	}
	attackFlow("cookies", func(n int) *flow {
		return &flow{spec: "[" + repeated(20*n, simple) + "]", answer: func(i int) *http.Response {
			r := answer(200, "text/plain", "x")
			for k := range 2000 {
				r.Header.Add("Set-Cookie", fmt.Sprintf("c%d-%d=v; Path=/; Max-Age=9999999999", i, k))
			}
			return r
		}}
	}, append(limits, "", "header")...)
	attackFlow("texts-doubled", func(n int) *flow {
		return &flow{spec: `[{"temp":{"x":"x"}},{"temp":{"x":"{{temp.x}}{{temp.x}}"},"repeat":{"condition":"{{true}}","limit":` + strconv.Itoa(50*n) + `}}]`}
	}, limits...)
	attackFlow("lists-doubled", func(n int) *flow {
		return &flow{spec: `[{"temp":{"x":[1]}},{"temp":{"x":"{{merge(temp.x;temp.x)}}"},"repeat":{"condition":"{{true}}","limit":` + strconv.Itoa(50*n) + `}}]`}
	}, limits...)
}
