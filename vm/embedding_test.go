package vm_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/sqlstore"
	"github.com/imlc-lang/imlc/vm/value"
)

// The functions below, and the example host, are the code of docs/embedding.md; TestEmbeddingDocument holds them equal.

func embed(ctx context.Context, file []byte, parameters *value.Object, w http.ResponseWriter, r *http.Request) error {
	p, err := plan.Decode(file, plan.DecodeOptions{}) // verifies; the compiler is not linked
	if err != nil {
		return err
	}
	engine, err := vm.New(p, vm.Host{})
	if err != nil {
		return err
	}
	step, err := engine.Authorize(ctx, vm.Grant{Parameters: parameters, RedirectURI: "https://host.example/callback"})
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: "oauth", Value: step.State, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, step.RedirectURL, http.StatusFound)
	return nil
}

func callback(ctx context.Context, engine *vm.Engine, r *http.Request, store func(*vm.Connection) error) error {
	cookie, err := r.Cookie("oauth")
	if err != nil {
		return err
	}
	conn, err := engine.Callback(ctx, cookie.Value, r.URL.RawQuery)
	if err != nil {
		return err
	}
	return store(conn)
}

func anyPlan(ctx context.Context, pool *vm.Pool, state string, bind []byte, r *http.Request) (*vm.Connection, error) {
	suspended, err := vm.Inspect(ctx, pool.Host(), state)
	if err != nil {
		return nil, err
	}
	engine, err := pool.Engine(ctx, suspended.PlanHash)
	if err != nil {
		return nil, err
	}
	return engine.CallbackBound(ctx, bind, state, r.URL.RawQuery)
}

func demoParameters(key, secret string) (*value.Object, error) {
	given, err := value.From(map[string]string{"consumerKey": key, "consumerSecret": secret})
	if err != nil {
		return nil, err
	}
	return given.Object(), nil
}

func rotate(current, previous []byte) (vm.Sealer, error) {
	return vm.NewSealer(rand.Reader,
		vm.SealKey{ID: "2026-11", Secret: current},  // seals
		vm.SealKey{ID: "2026-10", Secret: previous}) // still opens
}

func privateRoots(egress wire.Egress, roots *x509.CertPool) (vm.Host, error) {
	transport := wire.NewTransport(egress).WithTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	return vm.Host{Egress: egress, Transport: transport}.WithDefaults()
}

func throughProxy(credentials string) (vm.Host, error) {
	proxy, err := wire.ParseProxy("http://proxy.example:3128", credentials) // "user:password", or ""
	if err != nil {
		return vm.Host{}, err
	}
	return vm.Host{Egress: wire.Egress{Proxy: proxy}}.WithDefaults()
}

func shared(ctx context.Context, db *sql.DB, seal vm.Sealer) (vm.Host, error) {
	store, err := sqlstore.New(ctx, db, sqlstore.PostgreSQL, seal, time.Now)
	if err != nil {
		return vm.Host{}, err
	}
	return vm.Host{Seal: seal, Pending: store, States: store, Connections: store}.WithDefaults()
}

func cameFrom(ctx context.Context, host vm.Host, state string) (string, error) {
	suspended, err := vm.Inspect(ctx, host, state)
	if err != nil {
		return "", err
	}
	return string(suspended.Note), nil
}

func sealRow(seal vm.Sealer, tenant, id string, secret []byte) (string, error) {
	return vm.SealFor(seal, "webhook secret", tenant, id).Seal(secret)
}

func upload(ctx context.Context, files fs.FS, w io.Writer) ([]byte, error) {
	p, problems, err := imlc.CompileContext(ctx, files, "spec", imlc.Options{})
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, imlc.WriteJSON(w, problems)
	}
	return plan.Encode(p, plan.EncodeOptions{})
}

func fullHost(seal vm.Sealer, pending vm.PendingStore, trusted ed25519.PublicKey) vm.Host {
	return vm.Host{
		Seal:        seal,
		Pending:     pending,
		TrustedKeys: []ed25519.PublicKey{trusted},
		Egress:      wire.Egress{Hosts: []string{"api.example.com", "*.example.org"}},
		Limits:      vm.Limits{Requests: 20, RunTimeout: 30 * time.Second},
		UserAgent:   "example-host/1",
		Log: func(ctx context.Context, r vm.LogRecord) {
			slog.InfoContext(ctx, "request", "run", r.RunID, "host", r.Host, "status", r.Status, "took", r.Duration)
		},
	}
}

func handle(err error) string {
	switch e := err.(type) {
	case *form.Error:
		return e.Fields[0].Path + ": " + e.Fields[0].Message
	case *vm.Error:
		return e.Type + ": " + e.Message + " " + e.Help
	}
	return err.Error()
}

func templates(p *plan.Plan, document string, now time.Time, rows []value.Value, use func(any) error) error {
	program, err := expr.NewProgram(p)
	if err != nil {
		return err
	}
	context, err := value.ParseJSON(document, &value.JSONOptions{Shapes: program.Shapes()})
	if err != nil {
		return err
	}
	session := program.Session(&expr.Env{Context: context.Object(), Now: now})
	defer session.Close()
	for _, row := range rows {
		session.Set("row", row)
		result, err := session.RunAny() // nil, bool, float64, string, time.Time, []any, map[string]any …
		if err != nil {
			return err
		}
		if err := use(result); err != nil {
			return err
		}
	}
	return nil
}

var codeBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// Every block of Go in the document stands, line by line, in this file or in the example host, which compile.
func TestEmbeddingDocument(t *testing.T) {
	doc, err := os.ReadFile("../docs/embedding.md")
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	code := ""
	for _, file := range []string{"embedding_test.go", "../examples/host/main.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code += squeeze(string(source)) + "\n"
	}
	blocks := codeBlock.FindAllStringSubmatch(string(doc), -1)
	if len(blocks) < 12 {
		t.Errorf("found %d blocks only", len(blocks))
	}
	for i, b := range blocks {
		if !strings.Contains(code, squeeze(b[1])) {
			t.Errorf("block %d is in neither file:\n%s", i+1, b[1])
		}
	}
}

// Every test that the document names exists.
func TestEmbeddingPromises(t *testing.T) {
	var tests strings.Builder
	for _, dir := range []string{".", "form", "message", "plan", "sqlstore", "value", "..", "../examples/host", "../otelimlc", "../runtime/content"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	rows := rowsUnder(t, "embedding.md", "What holds it")
	if len(rows) < 20 {
		t.Errorf("found %d promises only", len(rows))
	}
	for _, cells := range rows {
		names := testName.FindAllString(cells[1], -1)
		if len(names) == 0 {
			t.Errorf("nothing holds %q", cells[0])
		}
		for _, name := range names {
			if !strings.Contains(tests.String(), "func "+name+"(t *testing.T)") {
				t.Errorf("there is no %s", name)
			}
		}
	}
}

var testName = regexp.MustCompile(`Test\w+`)

// The table of limits in the documents is that of the code.
func TestDocumentedLimits(t *testing.T) {
	doc, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	d := vm.DefaultLimits()
	for name, n := range map[string]string{"Steps": group(d.Steps), "Memory": mib(d.Memory), "ValueBytes": mib(int64(d.ValueBytes)), "Items": group(int64(d.Items)), "Nesting": fmt.Sprint(d.Nesting),
		"Requests": fmt.Sprint(d.Requests), "Attempts": fmt.Sprint(d.Attempts), "Redirects": fmt.Sprint(d.Redirects), "RepeatDelay": fmt.Sprint(d.RepeatDelay.Milliseconds(), " ms"), "ResponseBytes": mib(d.ResponseBytes), "RequestTimeout": fmt.Sprint(d.RequestTimeout.Seconds(), " s"),
		"RunTimeout": fmt.Sprint(d.RunTimeout.Seconds(), " s"), "RegexTimeout": fmt.Sprint(d.RegexTimeout.Milliseconds(), " ms"), "PendingTTL": fmt.Sprint(vm.DefaultPendingTTL.Minutes(), " min")} {
		if row := "| `" + name + "` | " + n + " |"; !strings.Contains(string(doc), row) {
			t.Errorf("no row %s", row)
		}
	}
}

func mib(n int64) string { return fmt.Sprint(n>>20, " MiB") }

func group(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

func TestEmbeddingTemplates(t *testing.T) {
	p, l := imlc.CompileTemplate("greeting", "{{upper(row.name)}} of {{team}}", imlc.TemplateOptions{})
	if p == nil {
		t.Fatal(l.Items)
	}
	row := func(name string) value.Value {
		o := value.NewObject(1)
		o.Set("name", value.Text(name))
		return value.Collection(o)
	}
	var got []any
	err := templates(p, `{"team":"red"}`, time.Time{}, []value.Value{row("ada"), row("bo")}, func(x any) error { got = append(got, x); return nil })
	if want := []any{"ADA of red", "BO of red"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, expected %v", got, err, want)
	}
}

// signedPlan signs a plan and reads it back, as a host that trusts the key gets it.
func signedPlan(t *testing.T, p *plan.Plan, key ed25519.PrivateKey) *plan.Plan {
	t.Helper()
	file, err := plan.Encode(p, plan.EncodeOptions{Sign: key})
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Decode(file, plan.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEmbeddingCode(t *testing.T) {
	if err := embed(context.Background(), []byte("no plan"), nil, nil, nil); err == nil {
		t.Error("what is no plan runs")
	}
	seal, err := rotate(make([]byte, 32), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	pending := vm.NewMemoryPending(time.Now)
	if h, err := privateRoots(wire.Egress{}, nil); err != nil || h.Transport == nil {
		t.Errorf("private roots: %v", err)
	}
	if h, err := throughProxy("user:password"); err != nil || h.Egress.Proxy == nil {
		t.Errorf("through a proxy: %v", err)
	}
	if _, err := shared(context.Background(), nil, nil); err == nil {
		t.Error("connections are stored in the clear")
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := fullHost(seal, pending, public)
	h.Transport = transportFunc(provider)
	allowed := mustCompile(t, strings.ReplaceAll(exampleSpec, "api.example.test", "api.example.com"), imlc.Options{})
	if _, err := vm.New(allowed, h); !errors.Is(err, plan.ErrUntrusted) {
		t.Errorf("a plan that nobody signed: %v", err)
	}
	engine := mustEngine(t, signedPlan(t, allowed, private), h)
	if _, err := mustEngine(t, signedPlan(t, examplePlan(), private), h).Authorize(context.Background(), exampleGrant()); errorOf(t, err).Cause != "policy" {
		t.Errorf("a host that is not among those allowed: %v", err)
	}
	step, err := engine.Authorize(context.Background(), exampleGrant())
	if err != nil {
		t.Fatal(handle(err))
	}
	r, _ := http.NewRequest("GET", "https://host.example/callback?oauth_token=rt&oauth_verifier=v", nil)
	pool, err := vm.NewPool(h, 0, func(_ context.Context, hash string) ([]byte, error) {
		if hash != engine.PlanHash() {
			return nil, nil
		}
		return plan.Encode(allowed, plan.EncodeOptions{Sign: private})
	})
	if err != nil {
		t.Fatal(err)
	}
	bound := exampleGrant()
	bound.Bind = []byte("session")
	other, err := engine.Authorize(context.Background(), bound)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := anyPlan(context.Background(), pool, other.State, bound.Bind, r); err != nil || conn.UID != "42" {
		t.Errorf("a callback for any plan: %v, %v", conn, err)
	}
	if _, err := anyPlan(context.Background(), pool, "foreign", bound.Bind, r); !errors.Is(err, vm.ErrSeal) {
		t.Errorf("a foreign state: %v", err)
	}
	r.AddCookie(&http.Cookie{Name: "oauth", Value: step.State})
	var stored *vm.Connection
	if err := callback(context.Background(), engine, r, func(c *vm.Connection) error { stored = c; return nil }); err != nil || stored.UID != "42" {
		t.Errorf("%v, %v", stored, err)
	}
	if from, err := cameFrom(context.Background(), vm.Host{Seal: seal}, step.State); err != nil || from != "" {
		t.Errorf("came from %q, %v", from, err)
	}
	if row, err := sealRow(seal, "acme", "1", []byte("hidden")); err != nil || strings.Contains(row, "hidden") {
		t.Errorf("a row %q, %v", row, err)
	}
	if given, err := demoParameters("ck", "cs"); err != nil || given.Value("consumerSecret").Str() != "cs" {
		t.Errorf("parameters %v, %v", given, err)
	}
	var told strings.Builder
	for spec, compiles := range map[string]bool{exampleSpec: true, "{": false} {
		file, err := upload(context.Background(), fstest.MapFS{"spec/communication.json": {Data: []byte(spec)}}, &told)
		if err != nil || (file != nil) != compiles || !compiles && !strings.Contains(told.String(), `"errors": 1`) {
			t.Errorf("%t: %v, %s", compiles, err, told.String())
		}
	}
	if err := callback(context.Background(), engine, r, nil); !strings.Contains(handle(err), "already used") {
		t.Error(err)
	}
}
