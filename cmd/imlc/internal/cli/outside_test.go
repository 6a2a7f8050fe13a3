package cli

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// outsideCase is a line of the inputs that were made from what others report about signing, flows and expressions.
type outsideCase struct {
	ID       string          `json:"id"`
	About    string          `json:"about"`
	Input    json.RawMessage `json:"input"`
	Expected json.RawMessage `json:"expected"`
	Why      string          `json:"why"`
}

// outside reads a file of them. They lie beside the checkout; without them the test is skipped, but never in CI.
func outside(t *testing.T, name string) []outsideCase {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "..", "shared", "data", "outside", name))
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Skip("skipped: the cases of others are not here (../shared/data/outside)")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []outsideCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c outsideCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil || len(cases) == 0 {
		t.Fatalf("%s: %d cases, %v", name, len(cases), err)
	}
	return cases
}

// commandLine is a command with the files that it reads.
type commandLine struct {
	Command []string          `json:"cmd"`
	Files   map[string]string `json:"files"`
}

// run writes the files into a folder of its own and runs the command there.
func (l commandLine) run(t *testing.T) (out, errors string, code int) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range l.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := make([]string, 0, len(l.Command))
	for _, word := range l.Command[1:] {
		if _, ok := l.Files[word]; ok {
			word = filepath.Join(dir, word)
		}
		args = append(args, word)
	}
	x := newTest(t, "")
	code = x.main(args)
	return x.out.String(), x.err.String(), code
}

var remark = regexp.MustCompile(` ?\([^)]*\)$`)

// names reports whether a list of causes names what is expected: each part of it, a remark at its end left out.
func names(causes, expected string) bool {
	for _, part := range strings.FieldsFunc(remark.ReplaceAllString(expected, ""), func(r rune) bool { return r == ':' || r == ',' }) {
		for _, piece := range strings.Split(part, " and ") {
			if !strings.Contains(causes, strings.TrimSpace(piece)) {
				return false
			}
		}
	}
	return true
}

func TestOutsideExplain(t *testing.T) {
	for _, c := range outside(t, "explain.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var line commandLine
			var want struct{ Cause string }
			if err := json.Unmarshal(c.Input, &line); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(c.Expected, &want); err != nil {
				t.Fatal(err)
			}
			out, errors, code := line.run(t)
			var causes []string
			sure := false
			for _, l := range strings.Split(out, "\n") {
				if l = strings.TrimSpace(l); strings.HasPrefix(l, "cause") || strings.HasPrefix(l, "perhaps") {
					causes, sure = append(causes, l), sure || strings.HasPrefix(l, "cause")
				}
			}
			if code != exitFailed || len(causes) == 0 {
				t.Fatalf("exit %d, no cause\n%s%s", code, out, errors)
			}
			if !sure || !names(strings.Join(causes, "\n"), want.Cause) {
				t.Errorf("%s: %s\nwant %q\ngot  %s", c.ID, c.About, want.Cause, strings.Join(causes, "\n     "))
			}
		})
	}
}

// TestOutsideCurl reads and writes curl commands.
func TestOutsideCurl(t *testing.T) {
	for _, c := range outside(t, "curl.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var line commandLine
			if err := json.Unmarshal(c.Input, &line); err != nil {
				t.Fatal(err)
			}
			out, errors, code := line.run(t)
			var want struct {
				Base string `json:"base_string"`
			}
			if json.Unmarshal(c.Expected, &want) == nil {
				// The pasted signature is a made-up one, so they differ.
				if !strings.Contains(out, "\n   "+want.Base+"\n") {
					t.Errorf("exit %d, lacks %s\n%s%s", code, want.Base, out, errors)
				}
				return
			}
			words := map[string]*regexp.Regexp{"AC-17": regexp.MustCompile(`--path-as-is`), "AC-19": regexp.MustCompile(`curl (-I|--head) `)}[c.ID]
			if words == nil {
				t.Fatalf("nothing is known of what %s expects: %s", c.ID, c.Expected)
			}
			if code != exitGood || !words.MatchString(out) {
				t.Errorf("exit %d, lacks %s\n%s%s", code, words, out, errors)
			}
		})
	}
}

var parseCall = regexp.MustCompile(`ParseAuthorization\((.*)\)$`)

// TestOutsideSign derives signatures: the base string, the signature and what is sent.
func TestOutsideSign(t *testing.T) {
	derived := ""
	for _, c := range outside(t, "sign.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var line commandLine
			var described struct{ Call string }
			var want struct{ Base, Sig string }
			var text string
			if err := json.Unmarshal(c.Input, &described); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(c.Input, &line); err != nil {
				t.Fatal(err)
			}
			_, _ = json.Unmarshal(c.Expected, &want), json.Unmarshal(c.Expected, &text)
			if found := parseCall.FindStringSubmatch(described.Call); found != nil {
				checkParsed(t, strings.TrimSuffix(strings.Trim(found[1], "'"), ", …"), c.Expected, text)
				return
			}
			if address, ok := strings.CutPrefix(described.Call, "imlc explain GET "); ok {
				want.Base = text
				line = commandLine{Command: []string{"imlc", "explain", "GET", strings.TrimSuffix(address, " …"), "--consumer-key", "ck", "--consumer-secret-file", "cs", "--token", "tk",
					"--token-secret-file", "ts", "--nonce", "n1", "--timestamp", "1700000000"}, Files: map[string]string{"cs": "cs", "ts": "ts"}}
			}
			out, errors, code := derived, "", exitGood
			if line.Command != nil {
				out, errors, code = line.run(t)
				derived = out
			}
			wants := map[string][]string{
				"A05-02": strings.Split(text, " and "), "A09-01": {text}, "A40-01": {"xn--bcher-kva.test%2Fx&"}, "A40-02": {"K3xCmMCrHoA2iICI4YTLl%2F3zcs0%3D"}, "A40-03": {text + "\n"},
				"A43-05": {signatureOf(t, "https://api.test/a", "cs")}, "A45-01": {"https%3A%2F%2Fapi.test%2Fa&"}}[c.ID]
			if want.Base != "" {
				wants = append(wants, "\n   "+want.Base+"\n")
			}
			if want.Sig != "" {
				wants = append(wants, "\n   "+want.Sig+"\n")
			}
			if len(wants) == 0 {
				t.Fatalf("nothing is known of what %s expects: %s", c.ID, c.Expected)
			}
			for _, w := range wants {
				if code != exitGood || !strings.Contains(out, w) {
					t.Errorf("exit %d, lacks %q\n%s%s", code, w, out, errors)
				}
			}
		})
	}
}

// signatureOf is the signature of a two-legged GET, made by the signer.
func signatureOf(t *testing.T, address, secret string) string {
	t.Helper()
	signer, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "ck", ConsumerSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(&oauth1.Request{Method: "GET", URL: address}, "n1", 1700000000)
	if err != nil {
		t.Fatal(err)
	}
	return "\n   " + signed.Signature + "\n"
}

// checkParsed reads a header that is written with escapes and compares its parameters, realm left aside.
func checkParsed(t *testing.T, header string, expected json.RawMessage, text string) {
	t.Helper()
	header = strings.NewReplacer(`\t`, "\t", `\r`, "\r", `\n`, "\n", `\\"`, `\"`).Replace(header)
	a, err := oauth1.ParseAuthorization(header)
	var want map[string]string
	if _ = json.Unmarshal(expected, &want); want == nil && text == "" {
		if err == nil {
			t.Errorf("%s was read: %v", header, a.Params)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", header, err)
	}
	got := map[string]string{}
	for _, p := range a.Params {
		got[p.Name] = p.Value
	}
	if text != "" {
		want = map[string]string{"oauth_token": strings.Fields(text)[0]}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", header, diff)
	}
}

// TestOutsideFlows runs flow cases, and commands with what they have to say.
func TestOutsideFlows(t *testing.T) {
	says := map[string]string{"AM-01": `\band\b`, "AM-02": `did you mean "deduplicate"`, "AM-04": `has no scheme`}
	for _, c := range outside(t, "flows.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var line commandLine
			var flow struct {
				Case json.RawMessage `json:"flow_case"`
			}
			if err := json.Unmarshal(c.Input, &flow); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(c.Input, &line); err != nil {
				t.Fatal(err)
			}
			if flow.Case != nil {
				line = commandLine{Command: []string{"imlc", "conformance", "run", "case.json"}, Files: map[string]string{"case.json": string(flow.Case)}}
				if out, errors, code := line.run(t); code != exitGood || !strings.Contains(out, "passed, 0 failed, 0 skipped") {
					t.Errorf("exit %d\n%s%s", code, out, errors)
				}
				return
			}
			out, errors, code := line.run(t)
			if c.ID == "AM-07" {
				for _, l := range strings.Split(out, "\n") {
					if l = strings.TrimSpace(l); strings.HasPrefix(l, "cause") && strings.Count(out, l) > 1 {
						t.Errorf("stands there twice: %s", l)
					}
				}
				return
			}
			if says[c.ID] == "" {
				t.Fatalf("nothing is known of what %s expects: %s", c.ID, c.Expected)
			}
			if code == exitGood || !regexp.MustCompile(says[c.ID]).MatchString(out+errors) {
				t.Errorf("exit %d, lacks %s\n%s%s", code, says[c.ID], out, errors)
			}
		})
	}
}

// decided are the documented coercions that the specification decides otherwise (spec iml.md §9.1): an array is never made
// of a single value, and a boolean is a number. What it demands is checked instead.
var decided = map[string]string{"C-227": "IML404", "C-230": "1\n"}

// TestOutsideExpressions evaluates documented examples.
func TestOutsideExpressions(t *testing.T) {
	for _, c := range outside(t, "iml-documented.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			var in struct {
				Template, Timezone, Now string
				Context                 json.RawMessage
			}
			if err := json.Unmarshal(c.Input, &in); err != nil {
				t.Fatal(err)
			}
			args := []string{"eval", in.Template, "--format", "json"}
			if in.Timezone != "" {
				args = append(args, "--timezone", in.Timezone)
			}
			if in.Now != "" {
				args = append(args, "--now", in.Now)
			}
			if in.Context != nil {
				args = append(args, "--data", "-")
			}
			x := newTest(t, string(in.Context))
			code := x.main(args)
			if text := decided[c.ID]; text != "" {
				if !strings.Contains(x.out.String()+x.err.String(), text) {
					t.Errorf("%s: exit %d\n%s%s", in.Template, code, x.out.String(), x.err.String())
				}
				return
			}
			var got, want any
			_ = json.Unmarshal(x.out.Bytes(), &got)
			if err := json.Unmarshal(c.Expected, &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); code != exitGood || diff != "" {
				t.Errorf("%s: exit %d\n%s%s%s", in.Template, code, x.out.String(), x.err.String(), diff)
			}
		})
	}
}

// TestOutsideProvider sends requests as they are described, byte for byte, to the provider.
func TestOutsideProvider(t *testing.T) {
	address := strings.TrimPrefix(startProvider(t), "http://")
	for i, c := range outside(t, "provider.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			r := providerRequest{Method: "GET", Target: "/two_legged", Key: "ck-hmac", Secret: "cs-hmac", Values: "percent-encoded", about: c.About,
				nonce: fmt.Sprint("n", i), Protocol: map[string]string{"oauth_consumer_key": "ck-hmac", "oauth_signature_method": "HMAC-SHA1", "oauth_version": "1.0"}}
			var expected string
			if err := json.Unmarshal(c.Input, &r); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(c.Expected, &expected); err != nil {
				t.Fatal(err)
			}
			r.Host = orElse(r.Host, address)
			status, body := r.send(t, address)
			switch word, problem, _ := strings.Cut(expected, " with "); {
			case word == "200":
				if status != 200 {
					t.Errorf("%s: %d %s", c.About, status, body)
				}
			case status < 400 || !strings.Contains(body, problem):
				t.Errorf("%s: %d %s, want %s", c.About, status, body, expected)
			}
		})
	}
}

// providerRequest is a request as the cases describe it.
type providerRequest struct {
	Method, Target, Host, Form, Body string
	ContentType                      string            `json:"content_type"`
	Key                              string            `json:"consumer_key"`
	Secret                           string            `json:"consumer_secret"`
	Protocol                         map[string]string `json:"protocol_parameters"`
	Values                           string            `json:"header_values"`
	Signed                           string
	about, nonce                     string
}

// send signs the request by hand, so that the provider is not measured against the signer, and sends it.
func (r *providerRequest) send(t *testing.T, address string) (int, string) {
	t.Helper()
	now := fmt.Sprint(time.Now().Unix())
	if strings.Contains(r.about, "timestamp in ms") {
		now += "000"
	}
	r.Protocol["oauth_nonce"], r.Protocol["oauth_timestamp"] = r.nonce, now
	path, query, _ := strings.Cut(r.Target, "?")
	pairs := [][2]string{}
	for _, text := range []string{query, r.Form} {
		if text == "" {
			continue
		}
		for _, pair := range strings.Split(text, "&") {
			name, value, _ := strings.Cut(pair, "=")
			p := [2]string{unescapeForm(name), unescapeForm(value)}
			if r.Signed == "as described" && strings.Contains(r.about, "realm of the query left out") && name == "realm" {
				continue
			}
			pairs = append(pairs, p)
			if r.Signed == "as described" && strings.Contains(r.about, "doubled") {
				pairs = append(pairs, p)
			}
		}
	}
	for name, value := range r.Protocol {
		pairs = append(pairs, [2]string{name, value})
	}
	encoded := make([]string, 0, len(pairs))
	for _, p := range pairs {
		encoded = append(encoded, escape(p[0])+"="+escape(p[1]))
	}
	slices.Sort(encoded)
	mac := hmac.New(sha1.New, []byte(escape(r.Secret)+"&"))
	fmt.Fprintf(mac, "%s&%s&%s", r.Method, escape("http://"+r.Host+path), escape(strings.Join(encoded, "&")))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))

	write := escape
	if r.Values == "raw" {
		write = func(s string) string { return s }
	}
	var header []string
	for name, value := range r.Protocol {
		header = append(header, fmt.Sprintf(`%s="%s"`, write(name), write(value)))
	}
	slices.Sort(header)
	header = append(header, `oauth_signature="`+write(signature)+`"`)
	line := "Authorization: OAuth " + strings.Join(header, ", ") + "\r\n"
	target := r.Target
	switch {
	case strings.Contains(r.about, "comma first"):
		line = "Authorization: OAuth , " + strings.Join(header, ", ") + "\r\n"
	case strings.Contains(r.about, "no blank after the comma"):
		line = "Authorization: OAuth " + strings.Join(header, ",") + "\r\n"
	case strings.Contains(r.about, "lower-case scheme"):
		line = strings.Replace(line, "OAuth", "oauth", 1)
	case strings.Contains(r.about, "raw + in the query"):
		if !strings.Contains(signature, "+") { // until the signature has one
			r.nonce += "x"
			return r.send(t, address)
		}
		var raw []string
		for name, value := range r.Protocol {
			raw = append(raw, name+"="+escape(value))
		}
		line, target = "", target+"?"+strings.Join(raw, "&")+"&oauth_signature="+signature
	}
	text := r.Method + " " + target + " HTTP/1.1\r\nHost: " + r.Host + "\r\nConnection: close\r\n" + line
	if body := r.Form + r.Body; body != "" {
		text += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s", r.ContentType, len(body), body)
	} else {
		text += "\r\n"
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func escape(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}

func unescapeForm(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
