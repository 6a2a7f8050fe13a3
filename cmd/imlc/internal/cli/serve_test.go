package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/cputime"
)

// serving is imlc serve in this process.
type serving struct {
	*test
	url, login string
	end        func() int
}

// serve starts imlc serve over a folder.
func serve(t *testing.T, args ...string) *serving { return serveIn(t, nil, args...) }

// serveIn is serve in an environment.
func serveIn(t *testing.T, env map[string]string, args ...string) *serving {
	t.Helper()
	s := &serving{test: newTest(t, "")}
	s.env = env
	reader, writer := io.Pipe()
	s.Out = show.NewStream(writer, show.Look{})
	ctx, cancel := context.WithCancel(context.Background())
	s.Context = ctx
	code := make(chan int, 1)
	go func() {
		code <- s.main(append([]string{"serve", "--addr", "127.0.0.1:0", "--demo", "127.0.0.1:0"}, args...))
		writer.Close()
	}()
	done := false
	s.end = func() int {
		cancel()
		if done {
			return 0
		}
		done = true
		return <-code
	}
	t.Cleanup(func() { s.end() })
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		if found := regexp.MustCompile(`^imlc broker at (\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			s.url = found[1]
		}
		if found := regexp.MustCompile(`^Open (\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			s.login = found[1]
			go io.Copy(io.Discard, reader) //nolint:errcheck // what follows is of no interest
			return s
		}
	}
	t.Fatalf("it did not start: %s", s.err.String())
	return nil
}

// person is a browser that follows links and sends forms.
type person struct {
	*testing.T
	client *http.Client
	at     *url.URL
	page   string
}

func newPerson(t *testing.T) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{T: t, client: &http.Client{Jar: jar}}
}

func (p *person) read(res *http.Response, err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.Fatal(err)
	}
	p.at, p.page = res.Request.URL, string(text)
	if res.StatusCode != 200 {
		p.Fatalf("%s: %d %s", p.at, res.StatusCode, p.page)
	}
}

func (p *person) open(address string) {
	p.Helper()
	p.read(p.client.Get(address))
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*>.*?</form>`)
	action   = regexp.MustCompile(`^<form[^>]* action="([^"]*)"`)
	inputTag = regexp.MustCompile(`<input[^>]* name="([^"]*)"(?:[^>]* value="([^"]*)")?`)
)

// press sends the form whose button shows a text, with the values that stand in it.
func (p *person) press(button string, values ...string) {
	p.Helper()
	for _, form := range formTag.FindAllString(p.page, -1) {
		if !strings.Contains(form, ">"+button+"</button>") {
			continue
		}
		fields := url.Values{}
		for _, input := range inputTag.FindAllStringSubmatch(form, -1) {
			if !strings.Contains(input[0], "checkbox") {
				fields.Set(input[1], strings.ReplaceAll(input[2], "&#43;", "+"))
			}
		}
		if button == "Approve" {
			fields.Set("decision", "approve")
		}
		for i := 0; i+1 < len(values); i += 2 {
			fields.Set(values[i], values[i+1])
		}
		target := p.at
		if found := action.FindStringSubmatch(form); found != nil {
			u, err := p.at.Parse(found[1])
			if err != nil {
				p.Fatal(err)
			}
			target = u
		}
		p.read(p.client.PostForm(target.String(), fields))
		return
	}
	p.Fatalf("no button %q on %s: %s", button, p.at, p.page)
}

// follow opens the link that shows a text.
func (p *person) follow(text string) {
	p.Helper()
	found := regexp.MustCompile(`<a [^>]*href="([^"]+)"[^>]*>` + regexp.QuoteMeta(text) + `</a>`).FindStringSubmatch(p.page)
	if found == nil {
		p.Fatalf("no link %q on %s: %s", text, p.at, p.page)
	}
	u, err := p.at.Parse(found[1])
	if err != nil {
		p.Fatal(err)
	}
	p.open(u.String())
}

func (p *person) sees(texts ...string) {
	p.Helper()
	for _, text := range texts {
		if !strings.Contains(p.page, text) {
			p.Errorf("%s does not show %q: %s", p.at, text, p.page)
		}
	}
}

// TestServeFromStartToRotation is a person's whole way: first start, the gallery, connect, a signed request, its
// timeline, another key; then the same after a restart, with a copy of everything in another database.
func TestServeFromStartToRotation(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, "--data", dir)
	p := newPerson(t)
	p.open(s.login)
	p.sees("Connections that are signed for you", "Trello", "/callback")
	p.press("Connect") // the demo stands first
	p.sees("Connect Demo")
	p.press("Connect")
	p.press("Approve")
	p.sees("is connected")
	p.follow("See the connection")
	p.sees(`class="status ok"`)
	connection := p.at.String()
	p.press("Test")
	p.sees("The connection was tested.")
	p.press("Send", "url", "/me")
	p.sees("Status 200", "Ada")
	p.follow("proxy")
	p.sees("what was signed", "GET&amp;http")
	p.follow("Keys")
	p.press("Rotate keys")
	p.sees("There is a new key")
	p.press("Make a key", "name", "backend", "scope", "read")
	secret := regexp.MustCompile(`id="secret">(imlc_[0-9a-f]+)<`).FindStringSubmatch(p.page)
	if secret == nil {
		t.Fatalf("no key on %s", p.page)
	}
	req, err := http.NewRequest("GET", s.url+"/v1/connections", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret[1])
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("the new key: %d", res.StatusCode)
	}
	if code := s.end(); code != 0 {
		t.Errorf("it ended with %d: %s", code, s.err.String())
	}

	x := newTest(t, "")
	if code := x.main([]string{"serve", "doctor", "--data", dir, "--addr", "127.0.0.1:0", "--url", "https://connect.example.com"}); code != 0 {
		t.Errorf("doctor: %d\n%s%s", code, x.out.String(), x.err.String())
	}
	copied := filepath.Join(t.TempDir(), "copy.jsonl")
	if code := x.main([]string{"serve", "export", "--data", dir, "-o", copied}); code != 0 {
		t.Fatalf("export: %s", x.err.String())
	}
	text, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "cs-hmac") {
		t.Error("the copy holds a secret")
	}
	other := t.TempDir()
	if code := x.main([]string{"serve", "import", "--data", other, "--keys", filepath.Join(dir, "keys.json"), copied}); code != 0 {
		t.Fatalf("import: %s", x.err.String())
	}
	s = serve(t, "--data", other, "--keys", filepath.Join(dir, "keys.json"))
	p.open(s.login)
	p.open(s.url + regexp.MustCompile(`/connections/.*`).FindString(connection))
	p.sees("Ada", "Made")
	s.end()
}

// TestServeStartsAtOnce starts the broker in a fresh folder, until its first page has come: within a second, of which the
// work is measured, so that other processes do not count.
func TestServeStartsAtOnce(t *testing.T) {
	best := time.Hour
	for range 3 {
		began := cputime.Now()
		s := serve(t, "--data", filepath.Join(t.TempDir(), "fresh"))
		p := newPerson(t)
		p.open(s.login)
		p.sees("Trello")
		best = min(best, cputime.Since(began))
		s.end()
	}
	t.Logf("%v of processor time", best)
	if best > time.Second {
		t.Errorf("the first page takes %v of processor time", best)
	}
}

func TestBrowserAddress(t *testing.T) {
	for listens, want := range map[string]string{"127.0.0.1:8700": "http://127.0.0.1:8700", "0.0.0.0:1": "http://localhost:1", "[::]:1": "http://localhost:1", "[::1]:1": "http://[::1]:1"} {
		if got := browserAddress(listens); got != want {
			t.Errorf("%s: %s, want %s", listens, got, want)
		}
	}
}

// TestServeRefuses starts where it cannot.
func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, "--data", dir)
	p := newPerson(t)
	p.open(s.login)
	p.press("Connect")
	s.end()
	lost := newTest(t, "")
	if err := os.Remove(filepath.Join(dir, "keys.json")); err != nil {
		t.Fatal(err)
	}
	if code := lost.main([]string{"serve", "--data", dir, "--addr", "127.0.0.1:0", "--demo", "off"}); code != exitUsage || !strings.Contains(lost.err.String(), "sealed under the key") {
		t.Errorf("without its keys: %d %s", code, lost.err.String())
	}
	for what, args := range map[string][]string{
		"a database without keys": {"serve", "--database", "postgres://localhost/x"},
		"a folder that is a file": {"serve", "--data", writeDemo(t)},
		"a login without a store": {"serve", "login", "--data", filepath.Join(dir, "nothing")},
		"an unknown scope":        {"serve", "key", "x", "--data", dir, "--scope", "everything"},
		"a copy that is none":     {"serve", "import", "--data", t.TempDir(), writeDemo(t)},
	} {
		x := newTest(t, "")
		if code := x.main(args); code != exitUsage || x.err.Len() == 0 {
			t.Errorf("%s: %d %s", what, code, x.err.String())
		}
	}
	x := newTest(t, "")
	if code := x.main([]string{"serve", "doctor", "--data", dir, "--url", "http://connect.example.com", "--addr", "127.0.0.1:0"}); code != exitFailed || !strings.Contains(x.out.String(), "https") {
		t.Errorf("doctor of an address without TLS: %d %s", code, x.out.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "keys.json")); errors.Is(err, os.ErrNotExist) {
		t.Error("no keys were made")
	}
}

// TestServeSendsSpans has a collector, which gets what is left when the broker ends.
func TestServeSendsSpans(t *testing.T) {
	got := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.URL.Path + " " + string(body)
	}))
	defer collector.Close()
	s := serve(t, "--data", t.TempDir(), "--otlp", collector.URL)
	res, err := http.Get(s.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if code := s.end(); code != exitGood {
		t.Errorf("exit %d: %s", code, s.err.String())
	}
	select {
	case text := <-got:
		if !strings.HasPrefix(text, "/v1/traces ") || !strings.Contains(text, "GET /healthz") || !strings.Contains(text, "imlc-broker") {
			t.Errorf("the collector got %q", text)
		}
	default:
		t.Error("the collector got nothing")
	}
	for _, bad := range []string{"collector:4318", "ftp://collector"} {
		x := newTest(t, "")
		if code := x.main([]string{"serve", "--addr", "127.0.0.1:0", "--demo", "off", "--data", t.TempDir(), "--otlp", bad}); code != exitUsage {
			t.Errorf("--otlp %s: exit %d", bad, code)
		}
	}
}

// TestServeKeysKeptByAService hands the keys of a broker over to a service, rotates them, and starts again.
func TestServeKeysKeptByAService(t *testing.T) {
	dir := t.TempDir()
	keys, guard := filepath.Join(dir, "keys.json"), filepath.Join(dir, "guard")
	if err := os.WriteFile(guard, []byte("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		x := newTest(t, "")
		if code := x.main(append([]string{"serve"}, args...)); code != want {
			t.Fatalf("%v: exit %d: %s%s", args, code, x.out.String(), x.err.String())
		}
		return x.out.String() + x.err.String()
	}
	s := serve(t, "--data", dir)
	s.end()
	plain, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`"secret": "([^"]+)"`).FindStringSubmatch(string(plain))[1]
	run(0, "doctor", "--data", dir, "--addr", "127.0.0.1:0", "--kms", "file:"+guard)
	guarded, err := os.ReadFile(keys)
	if err != nil || strings.Contains(string(guarded), secret) || !strings.Contains(string(guarded), "wrapped") {
		t.Errorf("after it was handed over the file is %s (%v)", guarded, err)
	}
	if text := run(exitUsage, "login", "--data", dir); !strings.Contains(text, "--kms") {
		t.Errorf("without the service: %s", text)
	}
	s = serve(t, "--data", dir, "--kms", "file:"+guard)
	p := newPerson(t)
	p.open(s.login)
	p.open(s.url + "/keys")
	p.press("Rotate keys")
	s.end()
	rotated, err := os.ReadFile(keys)
	if err != nil || strings.Count(string(rotated), "wrapped") != 2 || strings.Contains(string(rotated), "secret") {
		t.Errorf("after a rotation the file is %s (%v)", rotated, err)
	}
	run(0, "doctor", "--data", dir, "--addr", "127.0.0.1:0", "--kms", "file:"+guard)
}
