package broker_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/race"
)

//go:embed testdata/measure.js
var measure string

// window is a tab of a browser. What its console complains of fails the test.
type window struct {
	*testing.T
	ctx context.Context

	mu     sync.Mutex
	wrong  []string
	denied bool // answers that say no are expected
}

// openBrowser starts a browser with one tab, or skips the test.
func openBrowser(t *testing.T) *window {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped: a browser is slow")
	}
	t.Parallel() // a browser mostly waits
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
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.Flag("disable-popup-blocking", true))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, race.Slowdown*3*time.Minute)
	t.Cleanup(cancel)
	return newWindow(t, ctx)
}

func newWindow(t *testing.T, ctx context.Context) *window {
	t.Helper()
	x := &window{T: t, ctx: ctx}
	if err := chromedp.Listen(ctx, x.listen); err != nil {
		t.Fatal(err)
	}
	return x
}

// listen collects what the console shows.
func (x *window) listen(ev any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		x.wrong = append(x.wrong, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !(x.denied && e.Entry.Source == log.EntrySourceNetwork) {
			x.wrong = append(x.wrong, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (x *window) do(steps ...chromedp.Action[chromedp.Void]) {
	x.Helper()
	if err := chromedp.Do(x.ctx, steps...); err != nil {
		x.Fatalf("%v\n%s", err, x.text())
	}
}

// text is what the page says.
func (x *window) text() string {
	out, err := chromedp.Run(x.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return out
}

// says fails unless the page says something.
func (x *window) says(want ...string) {
	x.Helper()
	text := x.text()
	for _, w := range want {
		if !strings.Contains(text, w) {
			x.Errorf("the page lacks %q:\n%s", w, text)
		}
	}
}

// press clicks, and waits until something of the next page is there.
func (x *window) press(button, then string) {
	x.Helper()
	x.do(chromedp.Evaluate[chromedp.Void](`window.left = true`), chromedp.Click(chromedp.CSS(button)))
	x.await(button, fmt.Sprintf(`!window.left && document.readyState === "complete" && document.querySelector(%q) !== null`, then))
}

// await waits until an expression is true. While a page goes, there is nothing to ask.
func (x *window) await(what, expression string) {
	x.Helper()
	deadline := time.Now().Add(race.Slowdown * 30 * time.Second)
	for {
		done, err := chromedp.Run(x.ctx, chromedp.Evaluate[bool](expression))
		if err == nil && done {
			return
		}
		if time.Now().After(deadline) {
			x.Fatalf("%s: %s does not come true (%v):\n%s", what, expression, err, x.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// look measures the page that is shown: light and as wide as a phone, dark and as wide as a desk. It complains of each
// thing that a person could not use, and of what the console says. With IMLC_SCREENSHOTS=DIR it writes what it sees, in
// both schemes and widths.
func (x *window) look(name string) {
	x.Helper()
	pictures := os.Getenv("IMLC_SCREENSHOTS") != ""
	for _, width := range []int64{360, 1200} {
		for _, scheme := range []string{"light", "dark"} {
			if !pictures && (width == 360) != (scheme == "light") {
				continue // widths move nothing that schemes colour
			}
			x.do(chromedp.EmulateViewport(width, 800), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
				return err
			}))
			complaints, err := chromedp.Run(x.ctx, chromedp.Evaluate[[]string](measure))
			if err != nil {
				x.Fatal(err)
			}
			for _, c := range complaints {
				x.Errorf("%s, %d wide, %s: %s", name, width, scheme, c)
			}
			if pictures {
				x.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
			}
		}
	}
	x.keyboard(name)
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, w := range x.wrong {
		x.Errorf("%s: the console says: %s", name, w)
	}
	x.wrong = nil
}

func (x *window) picture(name string) {
	data, err := chromedp.Run(x.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Getenv("IMLC_SCREENSHOTS"), name+".png"), data, 0o600)
	}
	if err != nil {
		x.Fatal(err)
	}
}

// keyboard goes through the page by the tabulator: everything that can be used is reached, in the order of the page, and
// shows that it has the focus.
func (x *window) keyboard(name string) {
	x.Helper()
	// Some controls have several parts, each of which has the focus once without an event.
	keys, err := chromedp.Run(x.ctx, chromedp.Evaluate[int](`(() => {
		const before = document.createElement("span")
		before.tabIndex = -1
		document.body.prepend(before)
		before.focus()
		const order = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, pre[tabindex]")].filter((e) => e.checkVisibility())
		window.expected = order.map((e) => e.outerHTML.slice(0, 100) + " seen")
		window.visited = []
		document.removeEventListener("focusin", window.visit)
		document.addEventListener("focusin", window.visit = (event) => {
			const e = event.target, style = getComputedStyle(e)
			if (e !== before) window.visited.push(e.outerHTML.slice(0, 100) + (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 ? " seen" : " not seen"))
		})
		return order.length + 3 * document.querySelectorAll("input[type=date]").length
	})()`))
	if err != nil {
		x.Fatal(err)
	}
	steps := make([]chromedp.Action[chromedp.Void], keys)
	for i := range steps {
		steps[i] = chromedp.KeyEvent(kb.Tab)
	}
	x.do(steps...)
	got, err := chromedp.Run(x.ctx, chromedp.Evaluate[struct{ Expected, Visited []string }](`({ Expected: window.expected, Visited: window.visited })`))
	if err != nil {
		x.Fatal(err)
	}
	if diff := cmp.Diff(got.Expected, got.Visited); diff != "" {
		x.Errorf("%s: the order of the keyboard: %s", name, diff)
	}
}

// login opens the pages as an operator.
func (x *window) login(w *world) {
	x.Helper()
	path, err := w.broker.LoginPath(context.Background())
	if err != nil {
		x.Fatal(err)
	}
	x.do(chromedp.Navigate(w.url+path), chromedp.WaitReady(chromedp.CSS("nav")))
}
