package vm_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Every operation and every field of Host that docs/embedding.md speaks of is held by a test.
func TestEngineContract(t *testing.T) {
	holdRows(t, "embedding.md", "What an engine does", map[string]func(*testing.T){
		"`Authorize`":                 TestWorkedExample,
		"`Callback`, `CallbackBound`": func(t *testing.T) { testCallbackResumesOnce(t); TestBoundState(t) },
		"`Resume`":                    TestResume,
		"`Test`":                      TestCommitIsAtomic,
		"`Validate`":                  TestValidateNoticesEveryChange,
		"`Reauthorize`":               func(t *testing.T) { TestScope(t); TestReauthorizeLosesNoUpdate(t) },
		"`Call`":                      testCallMergesBase,
		"`Do`":                        TestDoMergesBase,
		"`Client`":                    TestClientSigns,
		"`Renew`":                     TestRenewOnce,
		"`Signing`":                   TestSigningRules,
		"`BaseURL`":                   TestBaseURL,
	})
}

func TestHostContract(t *testing.T) {
	holdRows(t, "embedding.md", "The contract of the host", map[string]func(*testing.T){
		"`Clock`":         testClock,
		"`Entropy`":       testEntropyIsReadByOne,
		"`Nonce`":         testNonces,
		"`Transport`":     testTransport,
		"`WrapTransport`": TestOneTransport,
		"`Origins`":       TestDoIsPinned,
		"`Recover`":       TestDoRecovers,
		"`Egress`":        TestEgressByDefault,
		"`Seal`":          TestResumeElsewhere,
		"`Pending`":       testOneOfManyResumes,
		"`PendingTTL`":    testPendingTTL,
		"`Common`":        TestCommon,
		"`Environment`":   testEnvironment,
		"`Limits`":        testLimits,
		"`Tracer`, `Log`": func(t *testing.T) {
			TestTracerOrder(t)
			TestSecretsStayHidden(t)
		},
		"`Observe`":                            TestCorrelation,
		"`Allow`":                              TestAllow,
		"`AcceptPlan`":                         TestPlansAndConnectionsFit,
		"`States`":                             TestInspectAndStates,
		"`Connections`":                        TestDoRenews,
		"`RunID`":                              func(t *testing.T) { testRunID(t); testHooksThatFail(t) },
		"`State`, `Identity`, `ExecutionID`":   testRootsOfTheHost,
		"`UserAgent`":                          testUserAgent,
		"`Timezone`":                           testTimezone,
		"`Methods`":                            testMethods,
		"`Scripts`":                            TestScriptsNeedAHost,
		"`Functions`":                          testHostFunctions,
		"`TrustedKeys`":                        TestTrustedKeys,
		"`AllowInsecureTLS`, `AddSystemRoots`": testTLSOfTheSpec,
	})
}

// Every field of Host has a row in the document.
func TestEveryFieldOfHost(t *testing.T) {
	named := map[string]bool{}
	for _, cells := range rowsUnder(t, "embedding.md", "The contract of the host") {
		for name := range strings.SplitSeq(cells[0], ", ") {
			named[strings.Trim(name, "`")] = true
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[vm.Host]()) {
		if !named[f.Name] {
			t.Errorf("docs/embedding.md says nothing of Host.%s", f.Name)
		}
	}
}

// rootPlan compiles a proof that asks for a path made of a root.
func rootPlan(t *testing.T, root string) *plan.Plan {
	t.Helper()
	b := tree{t}
	p, l := compiler.Connection(&ast.Connection{Name: "root", Dialect: "none", Stages: []*ast.Stage{{Name: "prove", Proof: true, Requests: []*ast.Request{{
		URL: b.text("https://a.test/{{" + root + "}}"), Verdict: verdict()}}}}}, compiler.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	return p
}

// What the host gives by name reaches the expressions that ask for it, and nobody else's.
func testRootsOfTheHost(t *testing.T) {
	for root, set := range map[string]func(*vm.Host){
		"state":       func(h *vm.Host) { h.State = func() (string, error) { return "given", nil } },
		"identity":    func(h *vm.Host) { h.Identity = func() (string, error) { return "given", nil } },
		"executionId": func(h *vm.Host) { h.ExecutionID = value.Text("given") },
	} {
		w := newWorld(reply{}, reply{})
		h := w.host()
		p := rootPlan(t, root)
		if root == "executionId" {
			p = mustCompile(t, `{"url":"https://a.test/{{executionId}}"}`, imlc.Options{})
		}
		set(&h)
		if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(err)
		}
		if w.sent[0].URL != "https://a.test/given" {
			t.Errorf("%s: asked for %s", root, w.sent[0].URL)
		}
	}
}

func testRunID(t *testing.T) {
	w := newWorld(reply{})
	h := w.host()
	h.RunID = func() (string, error) { return "run 7", nil }
	if _, err := mustEngine(t, mustCompile(t, `{"url":"https://a.test/"}`, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{}); err != nil {
		t.Fatal(err)
	}
	if len(w.events) == 0 || w.events[0].RunID != "run 7" {
		t.Errorf("%+v", w.events)
	}
	h.RunID = func() (string, error) { return "", errors.New("no ids today at 10.2.3.4") }
	_, err := mustEngine(t, mustCompile(t, `{"url":"https://a.test/"}`, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{})
	if e := errorOf(t, err); e.Class != vm.ClassHost || strings.Contains(e.Message, "10.2.3.4") {
		t.Errorf("%+v", e)
	}
}

func testUserAgent(t *testing.T) {
	spec := func(headers string) string { return `{"url":"https://a.test/"` + headers + `}` }
	for name, c := range map[string]struct{ spec, host, want string }{
		"host":    {spec(""), "host/1", "host/1"},
		"spec":    {spec(`,"headers":{"user-agent":"spec/2"}`), "host/1", "spec/2"},
		"neither": {spec(""), "", ""},
	} {
		w := newWorld(reply{})
		h := w.host()
		h.UserAgent = c.host
		if _, err := mustEngine(t, mustCompile(t, c.spec, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(err)
		}
		if got := w.sent[0].Header.Get("User-Agent"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func testTimezone(t *testing.T) {
	zone := time.FixedZone("east", 3600)
	for want, host := range map[string]*time.Location{"22": nil, "23": zone} {
		w := newWorld(reply{})
		h := w.host() // 2023-11-14 22:13:20 UTC
		h.Timezone = host
		if _, err := mustEngine(t, mustCompile(t, `{"url":"https://a.test/{{formatDate(now; 'HH')}}"}`, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{}); err != nil {
			t.Fatal(err)
		}
		if w.sent[0].URL != "https://a.test/"+want {
			t.Errorf("%v: asked for %s, want the hour %s", host, w.sent[0].URL, want)
		}
	}
}

func testMethods(t *testing.T) {
	p := mustCompile(t, `{"oauth":{"consumer_key":"ck","consumer_secret":"cs","signature_method":"{{\"X-OWN\"}}"},"info":{"url":"https://a.test/"}}`, imlc.Options{})
	w := newWorld(reply{})
	h := w.host()
	if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err == nil {
		t.Error("an unknown method signs")
	}
	h.Methods = h.Methods.With(ownMethod{})
	if _, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{}); err != nil {
		t.Fatal(err)
	}
	if got := w.sent[0].Header.Get("Authorization"); !strings.Contains(got, `oauth_signature="own"`) {
		t.Error(got)
	}
}

// ownMethod is a signature method of the host's own.
type ownMethod struct{}

func (ownMethod) Name() string                                      { return "X-OWN" }
func (ownMethod) BodyHash() string                                  { return "sha256" }
func (ownMethod) Prepare(oauth1.Secrets) (oauth1.SigningKey, error) { return ownMethod{}, nil }
func (ownMethod) AppendSignature(dst, _ []byte) ([]byte, error)     { return append(dst, "own"...), nil }
func (ownMethod) Masked() string                                    { return "none" }

// What a hook of the host fails with is inside the error, and in no message.
func testHooksThatFail(t *testing.T) {
	failed := errors.New("vault at 10.2.3.4: permission denied")
	for name, set := range map[string]func(*vm.Host){
		"identity": func(h *vm.Host) { h.Identity = func() (string, error) { return "", failed } },
		"nonce":    func(h *vm.Host) { h.Nonce = func() (string, error) { return "", failed } },
	} {
		w := newWorld(reply{}, reply{})
		h := w.host()
		set(&h)
		p := rootPlan(t, "identity")
		if name == "nonce" {
			p = mustCompile(t, `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"info":{"url":"https://a.test/"}}`, imlc.Options{})
		}
		_, err := mustEngine(t, p, h).Authorize(context.Background(), vm.Grant{})
		if e := errorOf(t, err); e.Class != vm.ClassHost || !errors.Is(err, failed) || strings.Contains(e.Message+e.Help, "vault") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// A spec that repeats a request without a pause is slowed down to the pause of the host.
// What the host wants to go through a proxy does not go past it in silence.
func TestTransportBesideAProxy(t *testing.T) {
	proxy, err := wire.ParseProxy("http://proxy.test:3128", "")
	if err != nil {
		t.Fatal(err)
	}
	own := &http.Transport{Proxy: http.ProxyURL(nil)}
	for name, c := range map[string]struct {
		host vm.Host
		fits bool
	}{
		"none":                        {vm.Host{Egress: wire.Egress{Proxy: proxy}}, true},
		"one that knows no proxy":     {vm.Host{Egress: wire.Egress{Proxy: proxy}, Transport: &http.Transport{}}, false},
		"one with a proxy of its own": {vm.Host{Egress: wire.Egress{Proxy: proxy}, Transport: own}, true},
		"no proxy is wanted":          {vm.Host{Transport: &http.Transport{}}, true},
	} {
		h, err := c.host.WithDefaults()
		if err == nil {
			_, err = h.WithDefaults() // as each engine asks for
		}
		if fits := err == nil; fits != c.fits || err != nil && !strings.Contains(err.Error(), "Egress.Proxy") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRepeatDelay(t *testing.T) {
	w := newWorld(reply{}, reply{}, reply{})
	h := w.host()
	h.Limits = vm.Limits{RepeatDelay: 30 * time.Millisecond}
	e := mustEngine(t, mustCompile(t, `{"url":"https://a.test/","repeat":{"condition":"{{true}}","limit":3}}`, imlc.Options{}), h)
	began := time.Now()
	if _, err := e.Authorize(context.Background(), vm.Grant{}); err != nil || len(w.sent) != 3 {
		t.Fatalf("%d requests, %v", len(w.sent), err)
	}
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("three requests took %v, two pauses of 30 ms are 60", took)
	}
}

// What somebody stores while a user authorises again is not undone by the callback: it brings the revision that it began
// with, and the store refuses it.
func TestReauthorizeLosesNoUpdate(t *testing.T) {
	ctx := context.Background()
	w := newWorld()
	store := vm.NewMemoryConnections()
	h := w.host()
	h.Limits = vm.Limits{}
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	step := fullStep(t, w, e, "", fullToken, reply{}, fullMe)
	conn, err := e.Callback(ctx, step.State, fullBack)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := store.Swap(ctx, conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.script(fullFirst)
	again, err := e.Reauthorize(ctx, conn, vm.Grant{RedirectURI: "https://host.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	meanwhile, err := store.Load(ctx, conn.ID)
	if err != nil {
		t.Fatal(err)
	}
	meanwhile.Data.Set("note", value.Text("kept"))
	if ok, err := store.Swap(ctx, meanwhile); !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.script(fullToken, reply{}, fullMe)
	made, err := e.Callback(ctx, again.State, fullBack)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := store.Swap(ctx, made); ok || err != nil || made.Revision != conn.Revision {
		t.Errorf("stored %t, %v: revision %d over %d", ok, err, made.Revision, meanwhile.Revision)
	}
}

// Rotation in three steps breaks no flow of a rolling deployment: at every step a flow goes on in a replica of the step
// before, and one of that in a replica of the step.
func TestRotationOfStates(t *testing.T) {
	steps := [][]string{{"old"}, {"old", "new"}, {"new", "old"}, {"new"}}
	w := newWorld()
	pending := vm.NewMemoryPending(w.clock)
	engine := func(keys []string) *vm.Engine {
		h := w.host()
		h.Seal, h.Pending = sealer(t, keys...), pending
		return mustEngine(t, workedExample(t, imlc.Options{}), h)
	}
	for i := 1; i < len(steps); i++ {
		for _, pair := range [][2]int{{i - 1, i}, {i, i - 1}} {
			step := started(t, w, engine(steps[pair[0]]))
			w.script(exchanged, about)
			if _, err := engine(steps[pair[1]]).Callback(context.Background(), step.State, workedCallback); err != nil {
				t.Errorf("started with the keys %v, completed with %v: %v", steps[pair[0]], steps[pair[1]], err)
			}
		}
	}
}
