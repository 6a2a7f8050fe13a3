package vm_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func sealer(t testing.TB, keys ...string) vm.Sealer {
	t.Helper()
	var list []vm.SealKey
	for _, k := range keys {
		list = append(list, vm.SealKey{ID: k, Secret: []byte(strings.Repeat(k, 32))})
	}
	s, err := vm.NewSealer(rand.Reader, list...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Any replica that has a key and shares the store resumes, also after the key was rotated; one without the key does
// not, and does not use the state up.
func TestResumeElsewhere(t *testing.T) {
	w := newWorld()
	pending := vm.NewMemoryPending(w.clock)
	p := workedExample(t, imlc.Options{})
	engine := func(keys ...string) *vm.Engine {
		h := w.host()
		h.Seal, h.Pending = sealer(t, keys...), pending
		encoded, err := plan.Encode(p, plan.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		own, err := plan.Decode(encoded, plan.DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return mustEngine(t, own, h)
	}
	step := started(t, w, engine("old"))
	if !strings.HasPrefix(step.State, "old.") || strings.ContainsAny(step.State, "+/= ;,\"") {
		t.Errorf("the state does not fit into a cookie: %s", step.State)
	}
	other := "x"
	if step.State[20] == 'x' {
		other = "y"
	}
	for name, state := range map[string]string{"truncated": step.State[:len(step.State)-1], "changed": step.State[:20] + other + step.State[21:], "other id": "new" + step.State[3:], "empty": "", "no key": "x.y", "dot": "."} {
		want := vm.CodeUnknownPending
		if name == "no key" {
			want = vm.CodeUnknownKey
		}
		if _, err := engine("new", "old").Callback(context.Background(), state, workedCallback); code(err) != want || !errors.Is(err, vm.ErrSeal) {
			t.Errorf("%s state: %v", name, err)
		}
	}
	if _, err := engine("new").Callback(context.Background(), step.State, workedCallback); code(err) != vm.CodeUnknownKey || !errors.Is(err, vm.ErrUnknownKey) {
		t.Errorf("without the key: %v", err)
	}
	if _, err := engine("new").Callback(context.Background(), step.State, "denied=rq%2F7f3a"); code(err) != "oauth1/refused" {
		t.Errorf("a refusal without the key: %v", err)
	}
	conn, err := engine("new", "old").Callback(context.Background(), step.State, workedCallback)
	if err != nil || conn.UID != "9007199254740993" {
		t.Errorf("with the rotated key: %v, %v", conn, err)
	}
	if _, err := engine("old").Callback(context.Background(), step.State, workedCallback); code(err) != "oauth1/unknown-pending" {
		t.Errorf("replayed: %v", err)
	}
}

func TestExpiryAndChange(t *testing.T) {
	w := newWorld()
	h := w.host()
	h.Seal, h.Pending, h.PendingTTL = sealer(t, "k"), vm.NewMemoryPending(w.clock), time.Minute
	p := workedExample(t, imlc.Options{})
	e := mustEngine(t, p, h)
	step := started(t, w, e)
	w.advance(time.Minute)
	if _, err := e.Callback(context.Background(), step.State, workedCallback); err != nil {
		t.Errorf("at the deadline: %v", err)
	}
	step = started(t, w, e)
	w.advance(time.Minute + time.Millisecond)
	if _, err := e.Callback(context.Background(), step.State, workedCallback); code(err) != "oauth1/expired" {
		t.Errorf("past the deadline: %v", err)
	}
	step = started(t, w, e)
	changed := mustEngine(t, workedExample(t, imlc.Options{LegacyErrorTypes: true}), h)
	if _, err := changed.Callback(context.Background(), step.State, workedCallback); code(err) != "oauth1/spec-changed" {
		t.Errorf("with another plan: %v", err)
	}
}

func TestSealer(t *testing.T) {
	s := sealer(t, "a", "b")
	seen := map[string]bool{}
	for _, plain := range []string{"", "x", strings.Repeat("long ", 1000)} {
		sealed, err := s.Seal([]byte(plain))
		if err != nil || seen[sealed] || plain != "" && strings.Contains(sealed, plain) && len(plain) > 1 {
			t.Fatal(sealed, err)
		}
		seen[sealed] = true
		if got, err := s.Open(sealed); err != nil || string(got) != plain {
			t.Errorf("%q, %v", got, err)
		}
	}
	sealed, err := sealer(t, "a").Seal([]byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := vm.NewSealer(rand.Reader, vm.SealKey{ID: "a", Secret: []byte(strings.Repeat("b", 32))}, vm.SealKey{ID: "b", Secret: []byte(strings.Repeat("a", 32))})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sealer vm.Sealer
		text   string
	}{
		"another key": {sealer(t, "b"), sealed}, "another key of the same id": {other, sealed}, "the same secret under another id": {other, "b" + sealed[1:]},
		"an id that is a part": {sealer(t, "aa"), "a" + sealed}, "no id": {s, sealed[1:]}, "no text": {s, "a."}, "no base64": {s, "a.*"}, "too short": {s, sealed[:8]},
	} {
		if plain, err := c.sealer.Open(c.text); !errors.Is(err, vm.ErrSeal) || plain != nil {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	for _, keys := range [][]string{{"a"}, {"b", "a"}, {"c", "b", "a"}} {
		if plain, err := sealer(t, keys...).Open(sealed); err != nil || string(plain) != "plain" {
			t.Errorf("with the keys %v: %q, %v", keys, plain, err)
		}
	}
	long := vm.SealKey{ID: strings.Repeat("x", 65), Secret: make([]byte, 32)}
	for name, keys := range map[string][]vm.SealKey{"no key": nil, "short": {{ID: "a", Secret: make([]byte, 15)}}, "no id": {{Secret: make([]byte, 32)}}, "odd id": {{ID: "a.b", Secret: make([]byte, 32)}},
		"long id": {long}, "twice": {{ID: "a", Secret: make([]byte, 32)}, {ID: "a", Secret: make([]byte, 32)}}} {
		if _, err := vm.NewSealer(rand.Reader, keys...); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	broken, err := vm.NewSealer(strings.NewReader(""), vm.SealKey{ID: "a", Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Seal(nil); err == nil {
		t.Error("sealed without entropy")
	}
}

// What is sealed for a row opens for that row only, by any sealer that has the key, and is no suspended state.
func TestSealFor(t *testing.T) {
	s := sealer(t, "a")
	row := vm.SealFor(s, "connection", "acme", "1")
	sealed, err := row.Seal([]byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := vm.SealFor(sealer(t, "b", "a"), "connection", "acme", "1").Open(sealed); err != nil || string(got) != "plain" {
		t.Errorf("%q, %v", got, err)
	}
	for _, other := range [][]string{{"connection", "acme", "2"}, {"connection", "acme1"}, {"connection", "acme1", ""}, {"connectionacme", "1"}, {"connection", "acme"}, nil} {
		if got, err := vm.SealFor(s, other...).Open(sealed); !errors.Is(err, vm.ErrSeal) || got != nil {
			t.Errorf("it opens for %q: %q, %v", other, got, err)
		}
	}
	if _, err := vm.Inspect(context.Background(), vm.Host{Seal: s}, sealed); err == nil {
		t.Error("it is taken for suspended state")
	}
	state, err := s.Seal([]byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := row.Open(state); !errors.Is(err, vm.ErrSeal) {
		t.Errorf("what was sealed for nothing opens: %v", err)
	}
	if _, err := vm.SealFor(sealer(t, "b"), "connection", "acme", "1").Open(sealed); !errors.Is(err, vm.ErrUnknownKey) {
		t.Errorf("without the key: %v", err)
	}
}

// Everything in temp and data comes back behind the redirect as it was.
func TestStateKeepsValues(t *testing.T) {
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	spec := `{"oauth":{"consumer_key":"k","consumer_secret":"s"},
	 "requestToken":{"url":"https://a.test/t","response":{"type":"json",
	   "temp":{"body":"{{body}}","nan":"{{0/0}}","inf":"{{-1/0}}","date":"{{parseDate('2024-01-02T03:04:05.678Z')}}","bytes":"{{toBinary('ff00'; 'hex')}}","null":"{{null}}","tag":{"$":"{{'date'}}","v":1},"list":[1,"{{undefined}}","{{now}}"]},
	   "data":{"kept":"{{body.big}}","when":"{{now}}"}}},
	 "authorize":{"url":"https://a.test/go","oauth":{"token":"{{temp.body.oauth_token}}"}},
	 "accessToken":{"response":{"data":{"out":"{{temp}}","nan":"{{temp.nan + 1}}","inf":"{{temp.inf}}","year":"{{formatDate(temp.date; 'YYYY')}}","hex":"{{toString(temp.bytes; 'hex')}}"}}}}`
	w := newWorld(reply{contentType: "application/json", body: `{"oauth_token":"t","big":12345678901234567890,"oauth_callback_confirmed":"true","$":"x","deep":` + deep + `,"neg":-9007199254740993}`})
	e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), w.host())
	step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "https://b.test/"})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := e.Callback(context.Background(), step.State, "oauth_token=t")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kept":12345678901234567890,"when":"2023-11-14T22:13:20.000Z","out":{"body":{"oauth_token":"t","big":12345678901234567890,"oauth_callback_confirmed":"true","$":"x","deep":` + deep + `,"neg":-9007199254740993},` +
		`"nan":null,"inf":null,"date":"2024-01-02T03:04:05.678Z","bytes":"/wA=","null":null,"tag":{"$":"date","v":1},"list":[1,null,"2023-11-14T22:13:20.000Z"]},"nan":null,"inf":null,"year":"2024","hex":"ff00"}`
	if diff := cmp.Diff(want, jsonOf(conn.Data)); diff != "" {
		t.Error(diff)
	}
	if k := conn.Data.Value("when").Kind(); k != value.KindDate {
		t.Errorf("the date came back as %v", k)
	}
	roundTrip(t, conn)
}

// roundTrip holds a connection equal to what is read back from its JSON.
func roundTrip(t *testing.T, conn *vm.Connection) {
	t.Helper()
	b, err := json.Marshal(conn)
	if err != nil {
		t.Fatal(err)
	}
	var back vm.Connection
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("%s became %s (%v)", b, again, err)
	}
	for i := range conn.Data.Len() {
		k, v := conn.Data.At(i)
		if got := back.Data.Value(k); got.Kind() != v.Kind() || got.IsSecret() != v.IsSecret() {
			t.Errorf("%s came back as %v (secret %v)", k, got.Kind(), got.IsSecret())
		}
	}
}

func TestConnectionJSON(t *testing.T) {
	o := object(t, `{"plain":"x","n":1.5,"big":9007199254740993,"null":null,"nested":{"$":"secret","v":[{"$":"date"}]}}`)
	o.Set("secret", value.Text("hunter2").AsSecret())
	o.Set("secret date", value.Date(5).AsSecret())
	o.Set("secret object", value.Collection(object(t, `{"$":1}`)).AsSecret())
	o.Set("nan", value.Number(0).Taint())
	o.Set("-0", value.Negate(value.Number(0)))
	roundTrip(t, &vm.Connection{ID: "c1", Data: o, UID: "u", Metadata: &vm.Metadata{Type: "text", Value: "v"}, Expires: time.Unix(1700000000, 5).UTC(), Scope: []string{"a", "b"}, PlanHash: "h"})
	roundTrip(t, &vm.Connection{})
	if got := (&vm.Connection{ID: "c1", UID: "hunter2 of a spec", Data: o}).String(); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
	for _, bad := range []string{`[]`, `1`, `{"data":{"$":"nonsense","v":1}}`, `{"data":{"a":{"$":"buffer","v":"%"}}}`, `{"expires":"soon"}`, `{"data":{"n":{"$":"number","v":"x"}}}`} {
		var c vm.Connection
		if err := json.Unmarshal([]byte(bad), &c); err == nil {
			t.Errorf("%s is taken for a connection", bad)
		}
	}
}

func FuzzConnectionJSON(f *testing.F) {
	f.Add([]byte(`{"id":"c","data":{"a":{"$":"secret","v":{"$":"date","v":1}}},"scope":["a"],"expires":"2024-01-02T03:04:05Z"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c vm.Connection
		if json.Unmarshal(b, &c) == nil {
			roundTrip(t, &c)
		}
	})
}

// The second half of an authorisation runs in another process: this test starts itself again.
func TestResumeInAnotherProcess(t *testing.T) {
	const variable = "IMLC_TEST_STATE_FILE"
	w := newWorld()
	h := w.host()
	h.Seal = sealer(t, "shared")
	h.Pending = filePending(filepath.Dir(os.Getenv(variable)))
	if file := os.Getenv(variable); file != "" {
		state, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w.script(exchanged, about)
		conn, err := mustEngine(t, workedExample(t, imlc.Options{}), h).Callback(context.Background(), string(state), workedCallback)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, conn)
		return
	}
	file := filepath.Join(t.TempDir(), "state")
	h.Pending = filePending(filepath.Dir(file))
	step := started(t, w, mustEngine(t, workedExample(t, imlc.Options{}), h))
	if err := os.WriteFile(file, []byte(step.State), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} { // the second time the state is used up
		cmd := exec.Command(os.Args[0], "-test.run=^TestResumeInAnotherProcess$", "-test.count=1")
		cmd.Env = append(os.Environ(), variable+"="+file)
		out, err := cmd.CombinedOutput()
		if (err == nil) != want || !want && !bytes.Contains(out, []byte("oauth1/unknown-pending")) {
			t.Errorf("process %d: %v\n%s", i+1, err, out)
		}
	}
}

// filePending is a pending store in a folder; removing a file is its atomic claim.
type filePending string

func (f filePending) name(key string) string {
	return filepath.Join(string(f), "pending-"+strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, key))
}

func (f filePending) Put(_ context.Context, key string, _ time.Time) error {
	return os.WriteFile(f.name(key), nil, 0o600)
}

func (f filePending) Claim(_ context.Context, key, _ string, _ time.Time) (vm.PendingHold, error) {
	err := os.Remove(f.name(key))
	if errors.Is(err, os.ErrNotExist) {
		return vm.PendingUnknown, nil
	}
	return vm.PendingClaimed, err
}

func (f filePending) Confirm(context.Context, string, string) (bool, error) { return true, nil }

func (f filePending) Release(ctx context.Context, key, _ string) error {
	return f.Put(ctx, key, time.Time{})
}

// A callback may lack its token exactly when the run's oauth_callback was "oob".
func TestOutOfBand(t *testing.T) {
	for _, c := range []struct {
		name, callback, redirect string
		accepted                 bool
	}{
		{"no callback address", "", "", true}, {"a callback address", "", "https://b.test/cb", false}, {"written oob", `"callback":"oob",`, "https://b.test/cb", true},
		{"a written address", `"callback":"https://c.test/",`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := `{"oauth":{` + c.callback + `"consumer_key":"k","consumer_secret":"s"},"requestToken":{"url":"https://a.test/t","response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}"}}},
				"authorize":{"url":"https://a.test/go","oauth":{"token":"{{temp.t}}"}}}`
			w := newWorld(reply{body: "oauth_token=t&oauth_callback_confirmed=true"})
			e := mustEngine(t, mustCompile(t, spec, imlc.Options{}), w.host())
			step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: c.redirect})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = e.Callback(context.Background(), step.State, "oauth_verifier=1"); (err == nil) != c.accepted || err != nil && code(err) != "oauth1/no-callback-token" {
				t.Error(err)
			}
		})
	}
}
