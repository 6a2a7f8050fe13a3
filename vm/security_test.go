package vm_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// rowsUnder returns the cells of the table under a heading of a document, without its head.
func rowsUnder(t *testing.T, document, heading string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("../docs/" + document)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 2 {
		t.Fatalf("%s: no table under %q", document, heading)
	}
	return rows[1:]
}

// holdRows runs the test of each row of a table, by the first cell; a row without a test and a test without a row fail.
func holdRows(t *testing.T, document, heading string, tests map[string]func(*testing.T)) {
	t.Helper()
	left := map[string]bool{}
	for name := range tests {
		left[name] = true
	}
	for _, cells := range rowsUnder(t, document, heading) {
		test, ok := tests[cells[0]]
		if !ok {
			t.Errorf("%s promises %q, which no test holds", document, cells[0])
			continue
		}
		delete(left, cells[0])
		t.Run(cells[0], test)
	}
	for name := range left {
		t.Errorf("%s no longer promises %q", document, name)
	}
}

// Every row of what is guaranteed is held by a test.
func TestSecurityGuarantees(t *testing.T) {
	holdRows(t, "security.md", "What is guaranteed, and where", map[string]func(*testing.T){
		"a plan that loads cannot read beyond a table, a stack or its code; jumps only go forward, so code always ends":                 testPlansStayInBounds,
		"expressions reach nothing but their context: no files, no network, no clock but the frozen instant, no entropy but the host's": testExpressionsReachTheirContext,
		"every operation ends within its limits":                                                          testLimitRows,
		"nothing is committed unless everything succeeded; a stored connection is never changed in place": TestCommitIsAtomic,
		"private, loopback, link-local, metadata and reserved addresses are refused when dialling, after DNS, and through a proxy too (`Egress.Proxy`), which is asked for the address that was checked; plain http is refused":                  testEgressAfterDNS,
		"no credential follows a redirect to another origin, in header, query, body or cookie; only the upgrade from http to https of one host is exempt":                                                                                        testCredentialsStay,
		"nothing else that holds a secret follows one either: no header, no parameter that a Location repeats, and no body, which ends the request instead":                                                                                      TestNothingSecretCrosses,
		"a request of the host's own that carries anything of a connection goes to the origins of that connection only, unless the host allows more; others are refused before they are signed":                                                  TestDoIsPinned,
		"a request of the host's own with the `Host` of another origin is refused too: a reverse proxy leaves `Host` empty; that of the spec stays":                                                                                              TestDoIsPinnedByHost,
		"no signed request is sent twice: the transport never does, that of a host on net/http is kept from it, and what is sent again is signed anew":                                                                                           TestDroppedConnections,
		"what a service says before anybody asks is nobody's answer: a connection that is used again had its whole answer read, and nothing came since (`TestConnectionsAreKept`, `TestKeptConnectionsAreLookedAt`, `TestAnswersAreNotMixedUp`)": TestAnswersThatNobodyAskedFor,
		"a callback resumes once, in time, under the same plan, and only with the token of its own authorisation (compared in constant time)":                                                                                                    testCallbackResumesOnce,
		"a state waits by itself, resumes only for what the host bound it to, and is not used up by a callback that does not belong to it or reaches another plan or a replica without its key":                                                  testStatesAreBound,
		"what is stored can be read again: an expiry beyond the year 9999 is refused":                                                                                                                                                            TestExpiresThatCannotBeStored,
		"scripts of a spec run only where the host gives `Scripts`, see nothing but what a call gives them, and end within limits ([scripts.md](scripts.md)); memory that one built-in function takes at a blow is not bounded inside of the program: run the scripts of strangers in processes of their own (`jshost.Subprocess`), as `imlc serve --enable-js` does": func(t *testing.T) {
			TestScriptsNeedAHost(t)
			TestScriptsAreCalled(t)
		},
		"suspended state can be neither read nor changed":                                                                   testStateIsSealed,
		"a forgotten consumer key is an error, never an unsigned request; a missing secret never becomes an unkeyed digest": testForgottenSecrets,
		"`PLAINTEXT` is refused over http unless http is allowed":                                                           testPlaintextOverHTTP,
	})
}

func testStatesAreBound(t *testing.T) {
	TestBoundState(t)
	TestFreeChecksBeforeTheClaim(t)
	TestStatesWithOneToken(t)
	TestUnknownKeyIsToldApart(t)
}

func testPlansStayInBounds(t *testing.T) {
	mutate := func(what string, change func(code []plan.Instr, pc int) bool) {
		changed := 0
		for i := range workedExample(t, imlc.Options{}).Functions {
			for pc := range workedExample(t, imlc.Options{}).Functions[i].Code {
				p := workedExample(t, imlc.Options{})
				if !change(p.Functions[i].Code, pc) {
					continue
				}
				changed++
				if err := plan.Verify(p); err == nil {
					t.Errorf("function %d, instruction %d: %s is accepted", i, pc, what)
				}
				if _, err := plan.Encode(p, plan.EncodeOptions{}); err == nil {
					t.Errorf("function %d, instruction %d: %s is written", i, pc, what)
				}
			}
		}
		if changed == 0 {
			t.Errorf("nothing was changed: %s", what)
		}
	}
	operand := map[plan.Op]bool{plan.OpConst: true, plan.OpRoot: true, plan.OpPath: true, plan.OpName: true, plan.OpCall: true, plan.OpRecord: true, plan.OpSet: true, plan.OpEmitKey: true, plan.OpEmitRaw: true, plan.OpEmitMember: true, plan.OpEmitCall: true}
	for _, beyond := range []int32{1 << 20, -1} {
		mutate("an operand beyond its table", func(code []plan.Instr, pc int) bool {
			if operand[code[pc].Op] {
				code[pc].A = beyond
			}
			return operand[code[pc].Op]
		})
	}
	jump := map[plan.Op]bool{plan.OpJump: true, plan.OpJumpFalse: true, plan.OpAnd: true, plan.OpOr: true, plan.OpIfEmpty: true, plan.OpCase: true}
	p, l := imlc.CompileTemplate("t", `{{if(a && b; c || d; ifempty(e; switch(f; 1; g; h)))}}`, imlc.TemplateOptions{})
	if p == nil {
		t.Fatal(l.Items)
	}
	jumps := 0
	for pc, in := range p.Functions[0].Code {
		if !jump[in.Op] {
			continue
		}
		jumps++
		for _, target := range []int32{0, int32(pc), int32(len(p.Functions[0].Code)), -1} {
			p.Functions[0].Code[pc].A = target
			if err := plan.Verify(p); err == nil {
				t.Errorf("instruction %d: a jump to %d is accepted", pc, target)
			}
		}
		p.Functions[0].Code[pc] = in
	}
	if jumps < 6 {
		t.Errorf("%d jumps were changed only", jumps)
	}
	if p.Functions[0].MaxStack--; plan.Verify(p) == nil {
		t.Error("a stack that is too small is accepted")
	}
}

func testExpressionsReachTheirContext(t *testing.T) {
	run := func(template string, env *expr.Env) (string, error) {
		p, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{})
		if p == nil {
			t.Fatal(l.Items)
		}
		program, err := expr.NewProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		v, err := program.Run(env)
		return value.ToText(v), err
	}
	then := time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC)
	if got, err := run(`{{now}} {{timestamp}}`, &expr.Env{Now: then}); got != "2024-02-29T01:02:03.000Z 1709168523" || err != nil {
		t.Errorf("the frozen instant: %s, %v", got, err)
	}
	for _, template := range []string{`{{random}}`, `{{uuid}}`} {
		if got, err := run(template, &expr.Env{}); err == nil {
			t.Errorf("%s finds entropy where there is none: %s", template, got)
		}
		entropy := func() *expr.Env { return &expr.Env{Entropy: strings.NewReader(strings.Repeat("entropy!", 8))} }
		one, err := run(template, entropy())
		two, again := run(template, entropy())
		if one == "" || one != two || err != nil || again != nil {
			t.Errorf("%s takes something else than the host's entropy: %s, %s, %v, %v", template, one, two, err, again)
		}
	}
}

// TestEgressByDefault reaches addresses as they are written; here names stand for them.
func testEgressAfterDNS(t *testing.T) {
	TestEgressByDefault(t)
	p := mustCompile(t, `{"oauth":{"consumer_key":"k","consumer_secret":"s"},"info":{"url":"https://name.example.test/"}}`, imlc.Options{})
	var asked []string
	tunnels := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer tunnels.Close()
	proxy, err := wire.ParseProxy(tunnels.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0"} {
		lookup := func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(address)}, nil
		}
		for _, through := range []*wire.Proxy{nil, proxy} {
			e := mustEngine(t, p, vm.Host{Egress: wire.Egress{Lookup: lookup, Proxy: through}})
			_, err := e.Authorize(context.Background(), vm.Grant{})
			var policy *wire.PolicyError
			if got := errorOf(t, err); got.Type != "ConnectionError" || got.Cause != "policy" || !errors.As(err, &policy) {
				t.Errorf("a name that means %s, through a proxy %v: %v", address, through != nil, err)
			}
			if _, err := e.Client(&vm.Connection{}).Get("https://name.example.test/"); !errors.As(err, &policy) {
				t.Errorf("the client, a name that means %s, through a proxy %v: %v", address, through != nil, err)
			}
		}
	}
	if len(asked) > 0 {
		t.Errorf("the proxy was asked for %q", asked)
	}
	public := func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
	}
	_, _ = mustEngine(t, p, vm.Host{Egress: wire.Egress{Lookup: public, Proxy: proxy}}).Authorize(context.Background(), vm.Grant{})
	if len(asked) == 0 || asked[0] != "CONNECT 93.184.216.34:443" {
		t.Errorf("the proxy was asked for %q, expected the address that was checked", asked)
	}
}

func testCredentialsStay(t *testing.T) {
	moved := func(where string) reply {
		return reply{status: 307, header: map[string]string{"Location": where, "Set-Cookie": "session=s3cr3t; Path=/"}}
	}
	credentials := func(s sent) bool {
		return s.Header.Get("Authorization") != "" || s.Header.Get("Cookie") != "" || strings.Contains(s.URL+s.Body, "oauth_")
	}
	for _, transport := range []string{"header", "query", "body"} {
		spec := `{"oauth":{"consumer_key":"ck","consumer_secret":"cs","token":"tk","token_secret":"ts","transport_method":"` + transport + `"},
			"info":{"url":"http://a.test/i","method":"POST","type":"urlencoded","body":{"x":"1"}}}`
		for target, stays := range map[string]bool{"http://b.test/": true, "http://a.test:8080/": true, "https://b.test/": true, "https://a.test:444/": true, "//sub.a.test/": true, "https://a.test/": false, "/other": false} {
			w := newWorld(moved(target), reply{})
			h := w.host()
			h.Egress.AllowHTTP = true
			e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), h)
			step, err := e.Authorize(context.Background(), vm.Grant{})
			if err != nil || len(w.sent) != 2 {
				t.Fatalf("%s: %v after %d requests", target, err, len(w.sent))
			}
			if !credentials(w.sent[0]) {
				t.Errorf("%s: the first request is not signed", transport)
			}
			if credentials(w.sent[1]) == stays {
				t.Errorf("%s, redirected to %s: %+v", transport, target, w.sent[1])
			}
			if transport == "body" {
				continue // the client signs the requests of the host in the header or the query
			}
			w.script(moved(target), reply{})
			res, err := e.Client(step.Connection).Get("http://a.test/c")
			if err != nil {
				t.Fatalf("the client, redirected to %s: %v", target, err)
			}
			_ = res.Body.Close()
			if !credentials(w.sent[0]) || credentials(w.sent[1]) == stays {
				t.Errorf("the client, %s, redirected to %s: %+v", transport, target, w.sent)
			}
		}
	}
}

func testCallbackResumesOnce(t *testing.T) {
	w := newWorld()
	e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
	step := started(t, w, e)
	if _, err := e.Callback(context.Background(), step.State, workedCallback); err != nil {
		t.Fatal(err)
	}
	w.script(exchanged, about)
	if _, err := e.Callback(context.Background(), step.State, workedCallback); code(err) != "oauth1/unknown-pending" || len(w.sent) > 0 {
		t.Errorf("a second time: %v after %d requests", err, len(w.sent))
	}
	TestExpiryAndChange(t)
	for query, want := range map[string]string{"oauth_token=other&oauth_verifier=88-41": "oauth1/token-mismatch", "oauth_verifier=88-41": "oauth1/no-callback-token", "denied=other": "oauth1/token-mismatch"} {
		step := started(t, w, e)
		if _, err := e.Callback(context.Background(), step.State, query); code(err) != want || len(w.sent) > 0 {
			t.Errorf("%s: %v after %d requests", query, err, len(w.sent))
		}
	}
}

// decodedState returns the bytes behind the key id of a sealed state; nil when they are no base64.
func decodedState(t *testing.T, state string) []byte {
	t.Helper()
	_, text, _ := strings.Cut(state, ".")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return append([]byte(state[:len(state)-len(text)]), b...)
}

func testStateIsSealed(t *testing.T) {
	w := newWorld()
	h := w.host()
	h.Seal = sealer(t, "k")
	e := mustEngine(t, workedExample(t, imlc.Options{}), h)
	step := started(t, w, e)
	for _, secret := range []string{"ck-demo", "cs demo&1", "rs+q=9", "rq/7f3a"} {
		if strings.Contains(step.State, secret) || bytes.Contains(decodedState(t, step.State), []byte(secret)) {
			t.Errorf("the state shows %q", secret)
		}
	}
	for i := range step.State {
		changed := []byte(step.State)
		if changed[i] = 'A'; step.State[i] == 'A' {
			changed[i] = 'B'
		}
		if bytes.Equal(decodedState(t, string(changed)), decodedState(t, step.State)) {
			continue // the last digit of base64 has bits that mean nothing
		}
		want := vm.CodeUnknownPending
		if i == 0 { // the id of the key
			want = vm.CodeUnknownKey
		}
		if _, err := e.Callback(context.Background(), string(changed), workedCallback); code(err) != want || !errors.Is(err, vm.ErrSeal) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if _, err := e.Callback(context.Background(), step.State, workedCallback); err != nil {
		t.Errorf("the state itself: %v", err)
	}
}

func testForgottenSecrets(t *testing.T) {
	TestClientWithoutKey(t)
	for _, oauth := range []string{`{"consumer_key":"{{parameters.missing}}","consumer_secret":"s"}`, `{"consumer_key":"","consumer_secret":"s"}`, `{"consumer_key":"{{null}}"}`} {
		w := newWorld(reply{})
		_, err := mustEngine(t, mustCompile(t, `{"oauth":`+oauth+`,"info":{"url":"https://a.test/"}}`, imlc.Options{}), w.host()).Authorize(context.Background(), vm.Grant{})
		if err == nil || !strings.Contains(err.Error(), "consumer_key is required") || len(w.sent) > 0 {
			t.Errorf("%s: %v after %d requests", oauth, err, len(w.sent))
		}
	}
	for _, call := range []string{`sha1("x"; "hex"; a.missing)`, `sha256("x"; "hex"; a.null)`, `sha512("x"; "hex"; a.empty)`, `jwt(a; a.missing)`} {
		p, l := imlc.CompileTemplate("t", "{{"+call+"}}", imlc.TemplateOptions{})
		if p == nil {
			t.Fatal(l.Items)
		}
		program, err := expr.NewProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := program.Run(&expr.Env{Context: object(t, `{"a":{"null":null,"empty":""}}`)}); err == nil {
			t.Errorf("%s gives %s without its key", call, v)
		}
	}
}

func testPlaintextOverHTTP(t *testing.T) {
	spec := `{"oauth":{"consumer_key":"ck","consumer_secret":"cs","token":"tk","token_secret":"ts","signature_method":"PLAINTEXT"},"info":{"url":"http://127.0.0.1:9/"}}`
	for name, c := range map[string]struct {
		egress  wire.Egress
		refused bool
	}{
		"loopback only": {wire.Egress{AllowPrivate: true}, true}, // http to loopback is reachable, but not for secrets in clear
		"http allowed":  {wire.Egress{AllowPrivate: true, AllowHTTP: true}, false},
	} {
		w := newWorld(reply{}, reply{})
		h := w.host()
		h.Egress = c.egress
		e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), h)
		_, err := e.Authorize(context.Background(), vm.Grant{})
		if refused := err != nil && strings.Contains(err.Error(), "PLAINTEXT over http"); refused != c.refused || refused != (len(w.sent) == 0) {
			t.Errorf("%s: %v after %d requests", name, err, len(w.sent))
		}
		w.script(reply{})
		res, err := e.Client(&vm.Connection{}).Get("http://127.0.0.1:9/")
		if err == nil {
			_ = res.Body.Close()
		}
		if refused := err != nil; refused != c.refused || refused != (len(w.sent) == 0) {
			t.Errorf("%s, the client: %v after %d requests", name, err, len(w.sent))
		}
	}
	w := newWorld(reply{})
	if _, err := mustEngine(t, mustCompile(t, strings.Replace(spec, "http://127.0.0.1:9/", "https://a.test/", 1), imlc.Options{}), w.host()).Authorize(context.Background(), vm.Grant{}); err != nil || !strings.Contains(w.sent[0].Header.Get("Authorization"), `oauth_signature="cs%26ts"`) {
		t.Errorf("PLAINTEXT over https: %v", err)
	}
}

// With trusted keys no plan runs but those that one of them signed (docs/security.md, Plans and signatures).
func TestTrustedKeys(t *testing.T) {
	key := func(n byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	}
	public := func(keys ...ed25519.PrivateKey) (out []ed25519.PublicKey) {
		for _, k := range keys {
			out = append(out, k.Public().(ed25519.PublicKey))
		}
		return out
	}
	loaded := func(key ed25519.PrivateKey) *plan.Plan { return signedPlan(t, workedExample(t, imlc.Options{}), key) }
	for _, c := range []struct {
		name    string
		plan    *plan.Plan
		trusted []ed25519.PublicKey
		runs    bool
	}{
		{"unsigned, no keys", loaded(nil), nil, true},
		{"signed, no keys", loaded(key(1)), nil, true},
		{"unsigned", loaded(nil), public(key(1)), false},
		{"never encoded", workedExample(t, imlc.Options{}), public(key(1)), false},
		{"signed by the key", loaded(key(1)), public(key(1)), true},
		{"signed by one of the keys", loaded(key(1)), public(key(2), key(1)), true},
		{"signed by a stranger", loaded(key(3)), public(key(1)), false},
		{"signed by a stranger to all", loaded(key(3)), public(key(1), key(2)), false},
	} {
		e, err := vm.New(c.plan, vm.Host{TrustedKeys: c.trusted})
		if (err == nil) != c.runs || err != nil && (!errors.Is(err, plan.ErrUntrusted) || e != nil) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
