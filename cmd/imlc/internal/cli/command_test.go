package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// test is a command with its streams in memory.
type test struct {
	*command
	out, err bytes.Buffer
	env      map[string]string
}

func newTest(t *testing.T, in string) *test {
	t.Helper()
	x := &test{env: map[string]string{}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	x.command = &command{In: strings.NewReader(in), Out: show.NewStream(&x.out, show.Look{}), Err: show.NewStream(&x.err, show.Look{}),
		Env: func(k string) string { return x.env[k] }, Browse: func(string) error { return errors.New("no browser") }, Now: time.Now,
		Entropy: rand.Reader, Files: files.Disk{}, Network: network{Transport: wire.NewTransport, Listen: net.Listen}, Context: ctx}
	return x
}

// newTerminalTest is newTest on a terminal without colour, whose password prompts are answered in order.
func newTerminalTest(t *testing.T, in string, passwords ...string) *test {
	t.Helper()
	x := newTest(t, in)
	look := show.Look{Terminal: true}
	x.Out, x.Err = show.NewStream(&x.out, look), show.NewStream(&x.err, look)
	x.ReadPassword = func(context.Context) (string, error) {
		if len(passwords) == 0 {
			return "", errors.New("no more answers")
		}
		p := passwords[0]
		passwords = passwords[1:]
		return p, nil
	}
	return x
}

func startProvider(t *testing.T) string {
	t.Helper()
	p, err := provider.New(provider.Config{AutoApprove: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.URL()
}

func writeDemo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "demo.jsonc")
	if err := os.WriteFile(name, []byte(demoSpec), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestInteractiveConnect(t *testing.T) {
	url, spec := startProvider(t), writeDemo(t)
	x := newTerminalTest(t, "not a url\n"+url+"\nck-hmac\n", "cs-hmac")
	x.Browse = func(url string) error {
		go func() {
			res, err := http.Get(url) // follows the redirect to the callback, as a browser does
			if err == nil {
				res.Body.Close()
			}
		}()
		return nil
	}
	if code := x.main([]string{"connect", spec, "--allow-private"}); code != exitGood {
		t.Fatalf("exit %d: %s", code, x.err.String())
	}
	for _, want := range []string{"Address of the service", "Value is not a valid url.", "Consumer secret", "Waiting for the callback"} {
		if !strings.Contains(x.err.String(), want) {
			t.Errorf("prompts lack %q:\n%s", want, x.err.String())
		}
	}
	if !strings.Contains(x.out.String(), "connected") || strings.Contains(x.out.String()+x.err.String(), "cs-hmac") {
		t.Errorf("output:\n%s\n%s", x.out.String(), x.err.String())
	}
}

// Any page can send a browser to the port of a connection under way; what it brings of another authorisation, or that is
// none, takes nothing away.
func TestForeignCallback(t *testing.T) {
	provider, spec := startProvider(t), writeDemo(t)
	x := newTest(t, "")
	told := make(chan int, 3)
	x.Browse = func(authorize string) error {
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		visit := func(address string) string {
			res, err := client.Get(address)
			if err != nil {
				t.Error(err)
				return ""
			}
			defer res.Body.Close()
			told <- res.StatusCode
			return res.Header.Get("Location")
		}
		go func() {
			res, err := client.Get(authorize)
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
			callback := res.Header.Get("Location")
			address, _, _ := strings.Cut(callback, "?")
			visit(address + "?oauth_token=evil&oauth_verifier=v")
			visit(address + "?denied=evil")
			visit(callback)
		}()
		return nil
	}
	code := x.main([]string{"connect", spec, "--param", "baseUrl=" + provider, "--param", "consumerKey=ck-hmac", "--param", "consumerSecret=cs-hmac", "--allow-private"})
	if code != exitGood || !strings.Contains(x.out.String(), "connected") {
		t.Fatalf("exit %d: %s%s", code, x.out.String(), x.err.String())
	}
	for i, want := range []int{http.StatusForbidden, http.StatusForbidden, http.StatusOK} {
		if got := <-told; got != want {
			t.Errorf("callback %d: status %d, expected %d", i, got, want)
		}
	}
}

func TestPastedCallback(t *testing.T) {
	url, spec := startProvider(t), writeDemo(t)
	x := newTest(t, "")
	r, w := io.Pipe()
	x.In = r
	x.Browse = func(authorize string) error {
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		go func() {
			res, err := client.Get(authorize)
			if err == nil {
				res.Body.Close()
				io.WriteString(w, res.Header.Get("Location")+"#top\n")
			}
			w.Close()
		}()
		return nil
	}
	code := x.main([]string{"connect", spec, "--param", "baseUrl=" + url, "--param", "consumerKey=ck-hmac", "--param", "consumerSecret=cs-hmac",
		"--allow-private", "--redirect-uri", "https://app.example.com/cb"})
	if code != exitGood || !strings.Contains(x.out.String(), "Ada") {
		t.Fatalf("exit %d: %s%s", code, x.out.String(), x.err.String())
	}
}

func TestExpiredCallback(t *testing.T) {
	url, spec := startProvider(t), writeDemo(t)
	state := filepath.Join(t.TempDir(), "state.json")
	x := newTest(t, "")
	if code := x.main([]string{"connect", spec, "--param", "baseUrl=" + url, "--param", "consumerKey=ck-hmac", "--param", "consumerSecret=cs-hmac",
		"--allow-private", "--step", "start", "--state-file", state}); code != exitGood {
		t.Fatalf("exit %d: %s", code, x.err.String())
	}
	y := newTest(t, "")
	y.Now = func() time.Time { return time.Now().Add(time.Hour) }
	if code := y.main([]string{"connect", "--resume", state, "--callback", "oauth_token=x"}); code != exitFailed {
		t.Fatalf("exit %d", code)
	}
	if !strings.Contains(y.err.String(), "oauth1/expired") {
		t.Errorf("stderr: %s", y.err.String())
	}
}

func TestBugReport(t *testing.T) {
	x := newTest(t, "")
	x.Browse = func(string) error { panic("a bug") }
	url, spec := startProvider(t), writeDemo(t)
	code := x.main([]string{"connect", spec, "--param", "baseUrl=" + url, "--param", "consumerKey=ck-hmac", "--param", "consumerSecret=cs-hmac", "--allow-private"})
	if code != exitInternal {
		t.Fatalf("exit %d, want %d", code, exitInternal)
	}
	text := x.err.String()
	if !strings.Contains(text, "internal error") || !strings.Contains(text, "report") || strings.Contains(text, "cs-hmac") {
		t.Errorf("bug report:\n%s", text)
	}
}

func TestProviderCommand(t *testing.T) {
	x := newTest(t, "")
	ctx, stop := context.WithCancel(context.Background())
	x.Context = ctx
	r, w := io.Pipe()
	x.Out = show.NewStream(w, show.Look{})
	dir := t.TempDir()
	done := make(chan int)
	go func() {
		code := x.main([]string{"provider", "--addr", "127.0.0.1:0", "--tls", "--ca", filepath.Join(dir, "ca.pem"), "--write-rsa-key", filepath.Join(dir, "rsa.pem")})
		w.Close()
		done <- code
	}()
	head := make([]byte, 4<<10)
	n, _ := io.ReadAtLeast(r, head, 40)
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if !strings.HasPrefix(string(head[:n]), "OAuth 1.0a provider at https://127.0.0.1:") {
		t.Errorf("output begins %q", head[:n])
	}
	stop()
	if code := <-done; code != exitGood {
		t.Errorf("exit %d: %s", code, x.err.String())
	}
	for _, name := range []string{"ca.pem", "rsa.pem"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.HasPrefix(data, []byte("-----BEGIN")) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "rsa.pem")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the private key: %v, %v", info.Mode(), err)
	}
}

func TestProviderRefusesOpenAddresses(t *testing.T) {
	x := newTest(t, "")
	if code := x.main([]string{"provider", "--addr", "0.0.0.0:0"}); code != exitUsage {
		t.Errorf("exit %d: %s", code, x.err.String())
	}
}
