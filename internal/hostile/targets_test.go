package hostile

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/jsonpath"
	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/internal/rsakey"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// target is something that gets what strangers wrote: a reader of texts, or a function of a library.
type target struct {
	name string
	// read reads a text; frames are what else a text may stand in, before and behind it, to be read at all.
	read     func(text string)
	frames   [][2]string
	function *builtin.Function
}

// targets is everything that reads texts of strangers, what writes them for people, and every function.
func targets() []target {
	var list []target
	add := func(name string, read func(string), frames ...[2]string) {
		list = append(list, target{name: name, read: read, frames: append([][2]string{{}}, frames...)})
	}
	runtimeTargets(add)
	languageTargets(add)
	specTargets(add)
	flowTargets(add)
	for _, name := range []string{"core", "iml", "membrane", "supermetrics", "zapier", "jsonata"} {
		library, _ := builtin.Find(name)
		for _, f := range library.All(true) {
			if !f.Lazy {
				list = append(list, target{name: name + "." + f.Name, function: f})
			}
		}
	}
	return list
}

type adder func(name string, read func(string), frames ...[2]string)

// runtimeTargets read what is sent and answered.
func runtimeTargets(add adder) {
	secrets := []string{strings.Repeat("a", 400) + "b", "a b&c", `"\u0041"`, "[[[["}
	masker := content.NewMasker(secrets, nil)
	add("form", func(s string) { _, _ = content.Parse(content.ParseForm, "", 200, s, nil) })
	add("JSON", func(s string) { _, _ = content.Parse(content.ParseJSON, "", 200, s, nil) }, [2]string{"[", "0]"}, [2]string{`{"a":"`, `"}`})
	add("XML", func(s string) { _, _ = content.Parse(content.ParseXML, "", 200, s, nil) }, [2]string{"<r>", "</r>"}, [2]string{"<r ", "/>"}, [2]string{"<!DOCTYPE r [", "]><r/>"})
	add("MaskURL", func(s string) { content.MaskURL(s) }, [2]string{"https://a.test/?", ""})
	add("masked text", func(s string) { _ = masker.URL(s) })
	add("masker", func(s string) { content.NewMasker([]string{s, s + "a"}, nil).URL(s) })
	add("line", func(s string) { media.Line(s, 300) })
	add("media type", func(s string) { media.Charset(s); media.KindOf(s) }, [2]string{"text/plain;", ""})
	add("token answer", func(s string) {
		_, _ = oauth1.ParseTokenAnswer(200, "", s, oauth1.TokenOptions{TrailingCommas: true})
	}, [2]string{"{", "}"}, [2]string{"<r>", "</r>"})
	add("Authorization", func(s string) { _, _ = oauth1.ParseAuthorization(s) }, [2]string{"OAuth ", ""})
	add("problem", func(s string) { oauth1.ParseProblem(401, []string{s}, "", []byte(s)) }, [2]string{"OAuth ", ""}, [2]string{"oauth_problem=", ""})
	add("URL", func(s string) {
		if u, err := uri.Parse(s, true); err == nil {
			_ = new(wire.Egress).CheckURL(u)
			_, _ = u.Resolve(s)
		}
		_, _ = (&uri.URL{Scheme: "https", Host: "a.test", Path: "/"}).Resolve(s)
	}, [2]string{"https://", ""}, [2]string{"https://a.test/", ""}, [2]string{"https://a.test/?", ""})
	add("query", func(s string) {
		for mode := content.QueryReplace; mode <= content.QueryOverride; mode++ {
			_ = content.ApplyQuery(&uri.URL{Query: s}, content.FormValue(s), mode, nil)
		}
	})
	add("explanation", func(s string) {
		explain.Explain(explain.Input{
			Params:  oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "s", Token: "t", TokenSecret: "u"},
			Request: oauth1.Request{Method: "POST", URL: "https://a.test/?" + s, ContentType: media.Form, Body: []byte(s)},
			Foreign: &explain.Foreign{Authorization: "OAuth oauth_nonce=1,oauth_signature=x," + s, BaseString: "POST&" + s},
		})
	})
	add("certificate authorities", func(s string) { _, _ = wire.ParseCA(s, false) }, [2]string{"-----BEGIN CERTIFICATE-----\n", "\n-----END CERTIFICATE-----"})
	add("key", func(s string) {
		_, _ = oauth1.PrepareKey(&oauth1.Params{SignatureMethod: "RSA-SHA1", PrivateKey: s}, oauth1.Registry{})
		if block, _ := pem.Decode([]byte(s)); block != nil {
			_, _ = rsakey.Parse(block.Bytes)
		}
	}, [2]string{"-----BEGIN PRIVATE KEY-----\n", "\n-----END PRIVATE KEY-----"})
}

// languageTargets read expressions, and what the engine has written.
func languageTargets(add adder) {
	add("pattern", func(s string) { _, _ = regex.Compile(s, "g") })
	add("template", func(s string) { imlc.CompileTemplate("t", s, imlc.TemplateOptions{}) }, [2]string{"{{", "}}"}, [2]string{`{{replace("a";"/`, `/g";"b")}}`})
	add("template in JSON", func(s string) { imlc.CompileTemplateJSON("t", s, imlc.TemplateOptions{}) }, [2]string{`{"a":`, "}"}, [2]string{`["{{`, `}}"]`})
	add("formula", func(s string) { imlc.CompileFormula("f", s, []string{"x"}) }, [2]string{`{"$case":[`, "]}"}, [2]string{`{"$concat":[`, "]}"})
	quoted := func(head, tail string) func(string) {
		return func(s string) {
			imlc.CompileFormula("f", head+string(value.AppendJSON(nil, value.Text(s)))+tail, []string{"x"})
		}
	}
	add("JSONata", quoted(`{"$jsonata":`, "}"), [2]string{"(", ")"}, [2]string{"/", "/"}, [2]string{`$formatNumber(1,"`, `")`}, [2]string{`$fromMillis(0,"`, `")`})
	add("locator in a formula", quoted(`{"$var":`, "}"), [2]string{"$.", ""})
	add("locator", func(s string) {
		steps, _ := locator.Parse(s)
		locator.Append(nil, steps)
	})
	add("JSONPath", func(s string) { _, _ = jsonpath.Parse(s) }, [2]string{"$", ""}, [2]string{"$[?(", ")]"})
	add("plan", func(s string) { _, _ = plan.Decode([]byte(s), plan.DecodeOptions{}) }, [2]string{"IMLC\x00\x01", ""})
	add("connection", func(s string) { _ = json.Unmarshal([]byte(s), new(vm.Connection)) }, [2]string{`{"data":`, "}"})
	add("value", func(s string) { _, _, _ = codec.Read(s, new(codec.Rules)) })
	add("tagged value", func(s string) {
		if v, err := value.ParseJSON(s, nil); err == nil {
			_, _ = codec.Untag(v)
		}
	}, [2]string{`{"$date":`, "}"}, [2]string{"[", "0]"})
}

// specTargets read documents.
func specTargets(add adder) {
	options := document.Options{Code: "MAKE101"}
	add("JSONC", func(s string) { document.ParseJSONC(sourceFile("f", s), options) }, [2]string{"[", "]"})
	add("YAML", func(s string) { document.ParseYAML(sourceFile("f", s), options) }, [2]string{"a: &a [1]\nb:\n", ""}, [2]string{"a:\n  - ", ""})
	add("cases", func(s string) {
		name := filepath.Join(os.TempDir(), fmt.Sprintf("imlc-growth-%d.yaml", os.Getpid()))
		defer os.Remove(name)
		if os.WriteFile(name, []byte(s), 0o600) == nil {
			_, _ = conformance.Load([]string{name})
		}
	}, [2]string{"- id: a\n  about: a\n  dialect: make\n  ", ""})
	const request = `{"url":"https://a.test/",`
	for _, dialect := range []struct {
		file   string
		frames [][2]string
	}{
		{"communication.jsonc", [][2]string{{request, "}"}, {request + `"qs":{`, `"a":1}}`}, {`{"url":"https://a.test/{{`, `}}"}`}, {"[" + request + `"response":{"temp":{`, `"a":1}}}]`},
			{request + `"response":{"error":{`, `"a":1}}}`}, {`{"oauth":{`, `"consumer_key":"k"},"requestToken":{"url":"https://a.test/"}}`}, {"[", simple + "]"}, {request + `"log":{"sanitize":["`, `"]}}`}}},
		{"spec.yml", [][2]string{{"key: a\ntype: oauth1\ngetOAuthConfig:\n  type: mapping\n  mapping: {", "}\n"}, {"key: a\ntype: oauth1\nparametersSchema:\n  type: object\n  properties:\n    ", ": {}\n"},
			{"key: a\ntype: oauth1\ntest:\n  type: rest-api-mapping\n  mapping:\n    path: '", "'\n"}, {"key: a\ntype: oauth1\ntest:\n  type: javascript\n  code: |\n    ", "\n"}}},
		{"provider.json", [][2]string{{`{"version":"1.0.0","platformVersion":"16.0.0","authentication":{"type":"oauth1","connectionLabel":"`, `"}}`}, {`{"version":"1.0.0","platformVersion":"16.0.0","authentication":{"type":"oauth1","fields":[`, `{"key":"a"}]}}`},
			{`{"version":"1.0.0","platformVersion":"16.0.0","authentication":{"type":"oauth1","test":{"url":"https://a.test/","params":{`, `"a":"b"}}}}`}}},
		{"config.json", [][2]string{{`{"authentication":{"type":"oauth1","userInputs":[`, `{"id":"a","type":"text"}],"oauth1":{"consumerKey":"k"}}}`}, {`{"authentication":{"type":"oauth1","oauth1":{"requestTokenEndpoint":{"request":{"url":"https://a.test/{{`, `}}"}}}}}`},
			{`{"authentication":{"type":"oauth1","oauth1":{"consumerKey":"k"}},"dataSourceUser":{"userInfo":{"id":{"source":"jsonPath","value":"$`, `"}}}}`}}},
		{"legacy.yml", [][2]string{{"zapier: legacy\nauthentication:\n  type: oauth1\n  ", ""}, {"zapier: legacy\nauthentication:\n  type: oauth1\n  test: {url: 'https://a.test/", "'}\n"}, {"zapier: legacy\nscripting: |\n  ", "\n"}}},
		{"params.json", [][2]string{{"[", `{"name":"p","type":"text"}]`}, {`[{"name":"p","type":"text","validate":{"pattern":"`, `"}}]`}, {`[{"name":"p","type":"select","options":[`, `"a"]}]`}}},
	} {
		fsys := func(s string) fstest.MapFS {
			m := fstest.MapFS{dialect.file: &fstest.MapFile{Data: []byte(s)}}
			if dialect.file == "params.json" {
				m["communication.json"] = &fstest.MapFile{Data: []byte(simple)}
			}
			return m
		}
		add(dialect.file, func(s string) {
			_, l := imlc.Compile(fsys(s), ".", imlc.Options{})
			_ = diag.Render(io.Discard, l.Items, diag.Options{})
			_ = diag.RenderSARIF(io.Discard, l.Items[:min(len(l.Items), 100)], diag.Tool{})
			imlc.AddFixes(l)
			diag.Fixed(l.Items)
		}, dialect.frames...)
		add("conversion of "+dialect.file, func(s string) {
			for _, to := range []string{"make", "membrane", "zapier", "zapier:legacy", "supermetrics"} {
				imlc.Convert(fsys(s), ".", to, imlc.Options{})
			}
		}, dialect.frames...)
	}
}

// flowTargets are runs that a provider or a browser answers.
func flowTargets(add adder) {
	run := func(f *flow) { _ = f.run(func() {}) }
	logged := `{"url":"https://a.test/","log":{"sanitize":["response.headers.x"]}}`
	add("refusal", func(s string) { run(&flow{spec: logged, logged: true, answer: always(400, "text/plain", s)}) }, [2]string{"oauth_problem=", ""})
	add("refusal in JSON", func(s string) { run(&flow{spec: logged, logged: true, answer: always(400, "application/json", s)}) }, [2]string{`{"error":"`, `"}`}, [2]string{"{", `"a":1}`})
	add("refusal in HTML", func(s string) { run(&flow{spec: logged, logged: true, answer: always(500, "text/html", s)}) }, [2]string{"<!doctype html>", ""})
	for _, name := range []string{"Location", "Set-Cookie", "Content-Type", "WWW-Authenticate", "Retry-After", "Content-Encoding", "Link"} {
		add(name, func(s string) {
			run(&flow{spec: `{"url":"https://a.test/","gzip":true,"log":{"sanitize":["response.body.x"]}}`, logged: true, answer: func(i int) *http.Response {
				r := answer([]int{302, 401, 200}[min(i, 2)], "text/plain", "x")
				r.Header.Set("Location", "/x")
				r.Header.Set(name, s)
				return r
			}})
		}, [2]string{"https://a.test/", ""}, [2]string{"OAuth ", ""}, [2]string{"text/plain; charset=", ""}, [2]string{"a=", "; path=/"})
	}
	granted := func(int) *http.Response {
		return answer(200, "application/x-www-form-urlencoded", "oauth_token=rt&oauth_token_secret=s&oauth_callback_confirmed=true")
	}
	add("callback", func(s string) { run(&flow{spec: handshake, answer: granted, query: s}) }, [2]string{"oauth_token=rt&", ""}, [2]string{"oauth_token=rt&oauth_verifier=", ""}, [2]string{"oauth_problem=", ""})
	waiting, _ := (&flow{spec: handshake, answer: granted}).engine()
	add("state", func(s string) { _, _ = waiting.Callback(caller, s, "oauth_token=rt") })
	sent := `{"url":"https://a.test/{{temp.x}}","method":"POST","qs":{"a":"{{temp.x}}"},"headers":{"x-a":"{{temp.x}}"},"type":"urlencoded","body":{"a":"{{temp.x}}","{{temp.x}}":1},"log":{"sanitize":["request.headers.x"]}}`
	add("request", func(s string) {
		run(&flow{spec: "[" + keep + "," + sent + "]", logged: true, answer: always(200, "text/plain", s)})
	})
	add("signed request", func(s string) {
		run(&flow{spec: signed(sent[1 : len(sent)-1]), logged: true, answer: always(200, "text/plain", s)})
	})
}

func sourceFile(name, text string) *source.File { return source.NewFile(name, text) }
