package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/race"
)

// TestReportPage looks at the page of a run in a browser, as wide as a phone and as a desk.
func TestReportPage(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no browser found: apt-get install -y chromium")
		}
		t.Skip("skipped: no browser found (chromium)")
	}
	page := writtenReport(t)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox)...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, race.Slowdown*60*time.Second)
	defer cancel()
	for _, width := range []int64{360, 1200} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate("file://"+page)); err != nil {
			t.Fatal(err)
		}
		seen, err := chromedp.Run(ctx, chromedp.Evaluate[struct {
			Headings                          []string
			Open, Overflow, Entries, Requests int
			Text                              string
		}](`(() => {
			document.querySelectorAll("details").forEach(d => d.open = true)
			return {
				Headings: [...document.querySelectorAll("h2")].map(e => e.textContent),
				Open: document.querySelectorAll("details[open] dl").length,
				Overflow: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
				Entries: document.querySelectorAll("li.request, li.signature, li.answer, li.data, li.browser, li.done").length,
				Requests: performance.getEntriesByType("resource").length,
				Text: document.body.innerText,
			}
		})()`))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"requestToken", "authorize", "accessToken", "info"}, seen.Headings); diff != "" {
			t.Errorf("%d wide: %s", width, diff)
		}
		if seen.Overflow > 0 || seen.Requests > 0 || seen.Entries < 12 || seen.Open < 8 {
			t.Errorf("%d wide: %d pixels stand out, %d files are loaded, %d entries, %d details", width, seen.Overflow, seen.Requests, seen.Entries, seen.Open)
		}
		for _, want := range []string{"connected", "{{parameters.baseUrl}}/request_token\n= http://127.0.0.1:", "{{temp.token}}\n= ••••", "{{body.name}}\n= Ada", "base string", "oauth_callback_confirmed", "stored in the connection", "the connection is stored"} {
			if !strings.Contains(seen.Text, want) {
				t.Errorf("%d wide: the page lacks %q:\n%s", width, want, seen.Text)
			}
		}
	}
}

// writtenReport makes a connection and returns the path of its page, which holds no secret and no script.
func writtenReport(t *testing.T) string {
	t.Helper()
	page := filepath.Join(t.TempDir(), "run.html")
	x := newTest(t, "")
	code := x.main([]string{"connect", "../../../../examples/make/first", "--headless", "--allow-private", "--param", "baseUrl=" + startProvider(t), "--param", "consumerKey=ck-hmac",
		"--param", "consumerSecret=cs-hmac", "--show-secrets", "--output", "json", "--report", page})
	if code != exitGood {
		t.Fatalf("exit %d: %s", code, x.err.String())
	}
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append(secretsOf(t, x.out.Bytes()), "cs-hmac", "<script") {
		if strings.Contains(string(data), secret) {
			t.Errorf("the page holds %q", secret)
		}
	}
	if info, err := os.Stat(page); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	return page
}
