package hostile

import (
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// startProvider serves what a hostile provider answers, those of hostile.py among them, and returns its address.
func startProvider(t *testing.T) string {
	t.Helper()
	gz := func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed); return z }
	deflate := func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, flate.BestSpeed); return z }
	bomb := compressed(2, gz, make([]byte, 64<<20))
	write := func(w http.ResponseWriter, status int, contentType string, n int, head, unit, tail string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, head)
		block := strings.Repeat(unit, 1+(32<<10)/len(unit))
		for size := n * len(unit); size > 0; size -= len(block) {
			if _, err := io.WriteString(w, block[:min(size, len(block))]); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, tail)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what, number, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		n, _ := strconv.Atoi(number)
		switch what {
		case "words":
			write(w, 400, "text/plain", n, "", "oauth_token%3Dx&", "")
		case "location":
			w.Header().Set("Location", "x:"+strings.Repeat("//u@", n))
			w.WriteHeader(302)
		case "objects":
			write(w, 200, "application/json", n, "[", "{},", "{}]")
		case "lists":
			write(w, 200, "application/json", n, "", "[", "")
		case "xml":
			write(w, 200, "text/xml", n, "<r>", `<b c="&#65;"/>`, "</r>")
		case "form":
			write(w, 200, "application/x-www-form-urlencoded", n, "oauth_token=", "a[b]=&", "")
		case "user":
			write(w, 401, "text/html", n, "<!doctype html>", "//u:p@\x1b]0;x\a", "")
		case "layers":
			w.Header().Set("Content-Encoding", strings.TrimSuffix(strings.Repeat("deflate,", n), ","))
			_, _ = io.WriteString(w, compressed(n, deflate, []byte("x")))
		case "bomb":
			w.Header().Set("Content-Encoding", "gzip, gzip")
			_, _ = io.WriteString(w, bomb)
		case "headers":
			for i := range n {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("a", 100))
			}
		case "cookies":
			for i := range n {
				w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%s; Path=/", i, strings.Repeat("a", 100)))
			}
		case "loop":
			w.Header().Set("Location", fmt.Sprintf("/loop/%d", n+1))
			w.WriteHeader(307)
		case "expires":
			write(w, 200, "application/json", 0, `{"id":1,"expires":1700000000000}`, " ", "")
		case "escape":
			write(w, 200, "text/plain", 0, "a\x1b]0;pwned\x07\x1b[31m\u009b31m\u202e", " ", "")
		default:
			write(w, 200, "application/json", 0, "{}", " ", "")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// ownCommands are attacks of the kinds that ../shared/data/hostile has, and of others.
func ownCommands(provider string) []commandAttack {
	var list []commandAttack
	check := func(name, file, text, ends string) {
		list = append(list, commandAttack{name: "check/" + name, args: []string{"check", "@spec"}, files: map[string]string{"spec/" + file: text}, ends: ends, most: 5 * time.Second})
	}
	connect := func(name, spec, ends string) {
		list = append(list, commandAttack{name: "connect/" + name, args: []string{"connect", "@communication.jsonc", "--allow-private"}, files: map[string]string{"communication.jsonc": spec}, ends: ends})
	}
	eval := func(name, template, data, ends string) {
		list = append(list, commandAttack{name: "eval/" + name, args: []string{"eval", "-", "--data", "@data.json"}, files: map[string]string{"data.json": data}, stdin: template, ends: ends})
	}
	file := func(name, text, ends string, args ...string) {
		list = append(list, commandAttack{name: name, args: args, files: map[string]string{"file": text}, ends: ends})
	}
	size := func(unit string, bytes int) string { return strings.Repeat(unit, bytes/len(unit)) }
	const mebibyte = 1<<20 - 200

	for answer, ends := range map[string]string{
		"words/600000": "••••", "location/240000": "RuntimeError|header", "objects/3400000": limitNamed, "lists/10000000": limitNamed, "xml/700000": limitNamed, "form/1700000": "connected|" + limitNamed,
		"user/700000": `401`, "layers/300": "decompression layers", "bomb": limitNamed, "headers/20000": "header", "cookies/9000": "connected|header", "loop/0": "redirect", "escape": "connected",
	} {
		connect("answer-"+strings.ReplaceAll(answer, "/", "-"), `{"url":"`+provider+"/"+answer+`","gzip":true,"log":{"sanitize":["response.headers.x"]},"response":{"temp":{"x":"{{body}}"},"uid":"{{body}}"}}`, ends)
	}
	connect("traffic", `{"url":"`+provider+`/","repeat":{"condition":"{{true}}","limit":100000}}`, limitNamed)
	connect("doubled", `[{"temp":{"x":"x"}},{"temp":{"x":"{{temp.x}}{{temp.x}}"},"repeat":{"condition":"{{true}}","limit":200}}]`, limitNamed)
	connect("headers-sent", `[{"temp":{"x":"{{split('`+size("a,", 30_000)+`';',')}}"}},{"url":"`+provider+`/","headers":{"x-a":"{{temp.x}}"},"qs":{"a":"{{temp.x}}"}}]`, "connected|error|"+limitNamed)

	ladder := ""
	for i := range 84 {
		ladder += strings.Repeat("a", i+1) + "b|"
	}
	eval("nested", "{{"+size("(", 30_000)+"1"+size(")", 30_000)+"}}", "{}", "IML")
	eval("operators", "{{1"+size("+1", 60_000)+"}}", "{}", "^30001|IML|"+limitNamed)
	eval("ladder", `{{replace(x;"/`+ladder+`c/g";"")}}`, `{"x":"`+size("a", mebibyte)+`"}`, "^a+$|"+limitNamed)
	eval("backtracking", `{{replace(x;"/^(a|aa)+$/";"")}}`, `{"x":"`+size("a", 100_000)+`b"}`, "IML505")
	eval("deep", `{{parseJSON(x)}}`, `{"x":"`+size("[", mebibyte)+`"}`, "IML407|nesting")
	eval("deep-data", `{{x}}`, `{"x":`+size("[", mebibyte)+`}`, "nest")
	eval("digits", `{{x * x}}`, `{"x":`+size("9", mebibyte)+`}`, "Infinity|null|^\n|error")
	eval("format", `{{formatDate(now;x)}}`, `{"x":"`+size("YYYY[", mebibyte)+`"}`, ".")
	eval("marks", `{{lower(x)}}{{ascii(x;true)}}`, `{"x":"`+size("Σ\u0301", mebibyte)+`"}`, ".")

	check("ladder", "communication.json", `{"url":"https://a.test/{{replace(\"x\";\"/`+ladder+`c/\";\"\")}}"}`, "1 connection checked")
	check("one-line", "communication.json", "["+strings.TrimSuffix(size(`{"url":"https://a.test/"},`, mebibyte), ",")+"]", "checked|too")
	check("brackets", "communication.json", size("[", mebibyte), "MAKE101|DIA|nest")
	check("unknown-keys", "communication.json", `{"url":"https://a.test/"`+size(`,"é":1`, mebibyte)+"}", "MAKE")
	check("holes", "communication.json", `{"url":"https://a.test/`+size("{{a.b}}", mebibyte)+`"}`, "IML|checked")
	check("aliases", "spec.yml", "auth: {type: oauth1}\nx: &x [1]\ny:\n"+size("- *x\n", mebibyte), "checked|error")
	check("anchors", "spec.yml", "a: &a [1]\n"+func() (s string) {
		for i := range 40 {
			s += fmt.Sprintf("b%d: &b%[1]d [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n", i)
		}
		return s
	}(), "checked|error")
	check("curlies", "provider.json", `{"version":"1.0.0","platformVersion":"16.0.0","authentication":{"type":"oauth1","test":{"url":"`+size("{{bundle.authData.a}}", mebibyte)+`"}}}`, "checked|error")
	const legacy, app, request = "zapier: legacy\nauthentication:\n  type: oauth1\n", `{"version":"1.0.0","platformVersion":"16.0.0","authentication":{"type":"oauth1","test":{"url":"https://a.test/"}`, `{"url":"https://a.test/`
	count := func(format string) string {
		return numbered(mebibyte*9/10/(len(fmt.Sprintf(format, 10_000))+1), format)
	}
	check("unwritten-names", "communication.json", "["+count(`{"temp":{"a%[1]d":"{{temp.a%[1]d.b}}"}}`)+"]", "IMLC008")
	check("unknown-names", "communication.json", "["+strings.Repeat(request+"{{"+strings.Repeat("if(a;b;", 100)+"c"+strings.Repeat(")", 100)+`}}"},`, 1150)+simple+"]", "IMLC008")
	check("unknown-functions", "communication.json", "["+count(request+`{{fooo%d(1)}}"}`)+"]", "IMLC008|IMLC009")
	check("requests", "communication.json", "["+count(`{"url":"/%d"}`)+"]", "IMLC009")
	check("deep-requests", "communication.json", "["+strings.Repeat(request+`","qs":`+strings.Repeat(`{"a":`, 200)+"1"+strings.Repeat("}", 200)+"},", 800)+simple+"]", "checked")
	check("same-parameters", "spec.json", `{"communication":`+simple+`,"params":[`+count(`{"name":"p"}`)+"]}", "DIA|MAKE")
	check("unknown-keys-of-an-app", "provider.json", app+"},"+count(`"z%d":1`)+"}", "IMLC008")
	check("headers-of-an-app", "provider.json", app+`},"requestTemplate":{"headers":{`+count(`"h%d":"{{bundle.authData.a}}"`)+"}}}", "IMLC005|ZAP")
	check("fields-of-an-app", "provider.json", app+`,"fields":[`+count(`{"key":"k","label":"x"}`)+"]}}", "IMLC008|ZAP")
	check("names-outside-of-braces", "provider.json", app+`,"fields":[{"key":"a"}],"oauth1Config":{"getRequestToken":{"url":"https://a.test/","auth":{`+count(`"k%d":"bundle.inputData.a"`)+"}}}}}", "ZAP")
	check("fields-asked-for", "spec.yml", legacy+"  extra_requested_fields: ["+count("a%d")+"]\n", "IMLC008|ZAP")
	check("inputs", "config.json", `{"authentication":{"type":"oauth1","userInputs":[`+count(`{"id":"i%d","label":"x","type":"text"}`)+`],"oauth1":{"consumerKey":"k"}}}`, "SUP")
	check("curlies-of-an-app", "spec.yml", legacy+"  test: {url: 'https://a.test/"+size("{{a}}", mebibyte)+"'}\n", "ZAP206")
	check("properties", "spec.yml", "key: a\ntype: oauth1\ngetOAuthConfig: {type: mapping, mapping: {}}\ninputSchema:\n  type: object\n  properties:\n"+strings.ReplaceAll(count("    p%d: {type: string}"), ",", "\n")+"\n", "MEM")
	check("formulas", "spec.yml", "key: a\ntype: oauth1\ngetOAuthConfig:\n  type: mapping\n  mapping:\n    requestTokenUri:\n      $concat: ["+count(`{$jsonata: "a%d.b[c=1]"}`)+"]\n", "MEM|IMLC")
	check("too-large", "communication.json", `{"url":"https://a.test/"}`+size(" ", 3<<20), "MiB|larger|large")
	check("control", "communication.json", "{\"url\":\"https://a.test/\x1b]0;x\a\u202e\",\n\"\x1b[31m\": 1}", "MAKE")

	file("disasm/garbage", "IMLC\x00\x01"+size("\xff\x00", mebibyte), "plan", "disasm", "@file")
	file("disasm/lengths", "IMLC"+size("\x7f", 4000), "plan", "disasm", "@file")
	file("run/garbage", "IMLC\x00\x01"+size("\xff\x7f\xff\xff", mebibyte), "plan|error", "run", "@file")
	file("explain/header", "curl "+size("-H 'a: b' ", mebibyte)+"https://a.test/", ".", "explain", "--curl", "@file", "--consumer-key", "k", "--consumer-secret-file", "@file")
	file("explain/query", "GET https://a.test/?"+size("a=%26&", mebibyte)+" HTTP/1.1\n\n", ".", "explain", "--curl", "@file", "--consumer-key", "k", "--consumer-secret-file", "@file")
	file("resume/state", `{"state":"`+size("A", mebibyte)+`"}`, "error|state|holds", "connect", "--resume", "@file", "--callback", "oauth_token=a&oauth_verifier=b")
	file("call/connection", size("age-encryption.org/v1\n-> X25519 a\n", mebibyte), "error|connection|passphrase|age", "call", "@file", "/me")
	file("conformance/cases", size("- a: &a [*a]\n", mebibyte), "error|no case|cases|failed", "conformance", "run", "@file")
	for _, to := range []string{"make", "zapier", "supermetrics"} {
		spec := `{"communication":{"oauth":{"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://a.test/"},"authorize":{"url":"https://a.test/"},"accessToken":{"url":"https://a.test/"},"info":{"url":"https://a.test/","headers":{` + count(`"h%d":"x"`) + "}}}}"
		list = append(list, commandAttack{name: "convert/headers-to-" + to, args: []string{"convert", "@spec.jsonc", "--to", to, "-o", "@out"}, files: map[string]string{"spec.jsonc": spec}, ends: "wrote|error|make", most: 5 * time.Second})
	}
	for name, parts := range map[string][3]string{
		"headers": {"", `"headers":{` + count(`"h%d":"x"`) + "}", ""}, "parameters": {`"params":[` + count(`{"name":"p%d","type":"text","label":"x"}`) + "],", "", ""},
		"query": {"", `"qs":{` + count(`"q%d":"{{parameters.a}}{{parameters.b}}"`) + "}", ""}, "common-data": {`"common":{` + count(`"c%d":"x"`) + "},", "", ""},
		"sums":         {"", `"headers":{"a":"{{1` + size("+a", 60_000) + `}}","b":"{{1` + size("+a", 60_000) + `}}","c":"{{1` + size("-a", 60_000) + `}}"}`, ""},
		"alternatives": {"", `"headers":{` + strings.TrimSuffix(strings.Repeat(`"a":"{{a`+size("|b", 60_000)+`}}",`, 17), ",") + "}", ""},
	} {
		spec := "{" + parts[0] + `"communication":` + strings.TrimSuffix(handshake, "}") + `,"info":{"url":"https://a.test/"` + strings.TrimSuffix(","+parts[1], ",") + "}}}"
		for _, to := range []string{"make", "membrane", "zapier", "zapier:legacy", "supermetrics"} {
			list = append(list, commandAttack{name: "convert/" + name + "-to-" + to, args: []string{"convert", "@spec.jsonc", "--to", to, "-o", "@out"}, files: map[string]string{"spec.jsonc": spec}, ends: "wrote|IMLC008|CNV101|MAKE", most: 5 * time.Second})
		}
	}
	file("convert/brackets", size(`{"url":`, mebibyte), "MAKE|DIA|error|nest", "convert", "@file", "--to", "zapier")
	return list
}
