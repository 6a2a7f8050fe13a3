package vm_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/message"
)

var reset = reply{err: &wire.ConnectionError{Cause: wire.CauseReset}}

// fullSpec has a request of each kind: for temporary credentials, the exchange, one that is safe, and one that is not.
const fullSpec = `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},
	"requestToken":{"url":"https://a.test/rt","method":"POST","response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}","s":"{{body.oauth_token_secret}}"}}},
	"authorize":{"url":"https://a.test/go","oauth":{"token":"{{temp.t}}"}},
	"accessToken":{"url":"https://a.test/at","method":"POST","oauth":{"token":"{{temp.t}}","token_secret":"{{temp.s}}","verifier":"{{query.oauth_verifier}}"},
		"response":{"type":"urlencoded","temp":{"granted":"{{body.oauth_token}}"},"data":{"token":"{{body.oauth_token}}","secret":"{{body.oauth_token_secret}}"}}},
	"info":[{"url":"https://a.test/register","method":"POST","headers":{"x-temp":"{{temp.granted}}"},"response":{"temp":{"registered":"{{query.oauth_verifier}}"}}},
		{"url":"https://a.test/me","qs":{"r":"{{temp.registered}}"},"oauth":{"token":"{{connection.token}}","token_secret":"{{connection.secret}}"},"response":{"uid":"{{body.id}}"}}]}`

var (
	fullFirst = reply{body: "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true"}
	fullToken = reply{body: "oauth_token=at&oauth_token_secret=as"}
	fullMe    = reply{contentType: "application/json", body: `{"id":"42"}`}
)

const fullBack = "oauth_token=t&oauth_verifier=v"

// fullNote is what the host has its states carry along.
const fullNote = "/return?to=\x00\xff"

// fullStep runs fullSpec up to the redirect, and scripts what comes behind it.
func fullStep(t *testing.T, w *world, e *vm.Engine, bind string, replies ...reply) *vm.Step {
	t.Helper()
	w.script(fullFirst)
	step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "https://host.test/cb", Bind: []byte(bind), ConnectionID: "c-1", Note: []byte(fullNote)})
	if err != nil {
		t.Fatal(err)
	}
	w.script(replies...)
	return step
}

func paths(w *world) string {
	var out []string
	for _, s := range w.sent {
		out = append(out, s.URL[strings.LastIndexByte(s.URL, '/')+1:])
	}
	return strings.Join(out, " ")
}

// Inside an authorisation what may be repeated is sent again, signed anew: safe requests and those of the token dance.
func TestRunsTryAgain(t *testing.T) {
	for name, c := range map[string]struct {
		replies []reply
		sent    string
		status  int
	}{
		"info":              {[]reply{fullToken, {}, {status: 503}, fullMe}, "at register me?r=v me?r=v", 0},
		"the exchange":      {[]reply{reset, {status: 503}, fullToken, {}, fullMe}, "at at at register me?r=v", 0},
		"what is not safe":  {[]reply{fullToken, {status: 503}}, "at register", 503},
		"not for ever":      {[]reply{fullToken, {}, {status: 502}, {status: 503}, {status: 504}}, "at register me?r=v me?r=v me?r=v", 504},
		"not what is final": {[]reply{fullToken, {}, {status: 500}}, "at register me?r=v", 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			h := w.host()
			h.Limits = vm.Limits{}
			e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
			step := fullStep(t, w, e, "", c.replies...)
			_, err := e.Callback(context.Background(), step.State, fullBack)
			status := 0
			if err != nil {
				status = errorOf(t, err).Status
			}
			if got := paths(w); got != c.sent || status != c.status {
				t.Errorf("sent %s, status %d, %v", got, status, err)
			}
			var signed []string
			for _, s := range w.sent {
				signed = append(signed, s.Header.Get("Authorization"))
			}
			if slices.Sort(signed); len(slices.Compact(signed)) != len(w.sent) {
				t.Errorf("a signature was used twice: %s", signed)
			}
		})
	}
}

// A failure behind the token leads to a state that goes on at the request that failed, once. Everything that was
// granted is in it.
func TestResume(t *testing.T) {
	w := newWorld()
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), w.host())
	step := fullStep(t, w, e, "session", fullToken, reply{}, reply{status: 404})
	_, err := e.CallbackBound(context.Background(), []byte("session"), step.State, fullBack)
	failed := errorOf(t, err)
	if failed.Resume == "" || failed.Status != 404 || strings.Contains(failed.Error(), failed.Resume) {
		t.Fatalf("%+v", failed)
	}
	if _, err := e.CallbackBound(context.Background(), []byte("session"), step.State, fullBack); code(err) != vm.CodeUnknownPending {
		t.Errorf("the first state works again: %v", err)
	}
	w.script(reply{err: errors.New("broken")})
	if _, err := e.Resume(context.Background(), []byte("another session"), failed.Resume); code(err) != vm.CodeTokenMismatch {
		t.Errorf("a stranger resumes: %v", err)
	}
	_, err = e.Resume(context.Background(), []byte("session"), failed.Resume)
	again := errorOf(t, err)
	if again.Resume != failed.Resume || again.Cause == "" {
		t.Errorf("a fault that passes keeps the state that there is: %+v", again)
	}
	w.script(reply{status: 403})
	_, err = e.Resume(context.Background(), []byte("session"), failed.Resume)
	if again := errorOf(t, err); again.Resume != failed.Resume || again.Status != 403 {
		t.Errorf("so does one that does not pass by itself: %+v", again)
	}
	w.script(fullMe)
	conn, err := e.Resume(context.Background(), []byte("session"), failed.Resume)
	if err != nil || conn.UID != "42" || conn.ID != "c-1" || jsonOf(conn.Data) != `{"token":"at","secret":"as"}` || paths(w) != "me?r=v" {
		t.Errorf("%v %v, sent %s", conn, err, paths(w))
	}
	if _, err := e.Resume(context.Background(), []byte("session"), failed.Resume); code(err) != vm.CodeUnknownPending {
		t.Errorf("a second time: %v", err)
	}
}

// Before anything was granted nothing is used up: not by a callback that does not belong here, by another plan, or by a
// service that is not there.
func TestNothingIsUsedUpInVain(t *testing.T) {
	w := newWorld()
	h := w.host()
	h.Seal, h.Pending = sealer(t, "k"), vm.NewMemoryPending(w.clock)
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	other := mustEngine(t, mustCompile(t, fullSpec+" ", imlc.Options{}), h)
	step := fullStep(t, w, e, "ann")
	for want, try := range map[string]func() error{
		"eve": func() error {
			_, err := e.CallbackBound(context.Background(), []byte("eve"), step.State, fullBack)
			return err
		},
		vm.CodeTokenMismatch: func() error {
			_, err := e.CallbackBound(context.Background(), []byte("ann"), step.State, "oauth_token=x")
			return err
		},
		vm.CodeNoCallbackToken: func() error {
			_, err := e.CallbackBound(context.Background(), []byte("ann"), step.State, "")
			return err
		},
		vm.CodeSpecChanged: func() error {
			_, err := other.CallbackBound(context.Background(), []byte("ann"), step.State, fullBack)
			return err
		},
		"": func() error {
			w.script(reply{status: 503})
			_, err := e.CallbackBound(context.Background(), []byte("ann"), step.State, fullBack)
			if errorOf(t, err).Status != 503 {
				t.Error(err)
			}
			return err
		},
	} {
		if want == "eve" {
			want = vm.CodeTokenMismatch
		}
		if err := try(); code(err) != want {
			t.Errorf("%q: %v", want, err)
		}
	}
	w.script(fullToken, reply{}, fullMe)
	if _, err := e.CallbackBound(context.Background(), []byte("ann"), step.State, fullBack); err != nil {
		t.Error(err)
	}
}

// What another process completes at this moment is neither done twice nor lost.
func TestCallbackWhileAnotherRuns(t *testing.T) {
	w := newWorld()
	h := w.host()
	h.Pending = vm.NewMemoryPending(w.clock)
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	step := fullStep(t, w, e, "", fullToken, reply{}, fullMe)
	died := w.clock().Add(time.Minute) // a process that never comes back
	if hold, err := h.Pending.Claim(context.Background(), step.Key, "other", died); hold != vm.PendingClaimed || err != nil {
		t.Fatal(hold, err)
	}
	if _, err := e.Callback(context.Background(), step.State, fullBack); code(err) != vm.CodeInProgress || !errorOf(t, err).Retryable() {
		t.Errorf("while it runs: %v", err)
	}
	w.advance(time.Minute)
	if _, err := e.Callback(context.Background(), step.State, fullBack); err != nil {
		t.Errorf("after it died: %v", err)
	}
}

// A state says what it belongs to without its plan; one that is kept elsewhere travels as a short handle.
func TestInspectAndStates(t *testing.T) {
	for name, kept := range map[string]bool{"sealed": false, "handle": true} {
		w := newWorld()
		h := w.host()
		h.Seal, h.Pending = sealer(t, "k"), vm.NewMemoryPending(w.clock)
		if kept {
			h.States = keptStates{}
		}
		e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
		step := fullStep(t, w, e, "", fullToken, reply{}, reply{status: 404})
		if kept != (len(step.State) < 50) {
			t.Errorf("%s: the state is %d bytes", name, len(step.State))
		}
		got, err := vm.Inspect(context.Background(), h, step.State)
		if err != nil || got.PlanHash != e.PlanHash() || got.ConnectionID != "c-1" || got.Key != step.Key || !got.Deadline.Equal(step.Expires) || got.Resumes || string(got.Note) != fullNote {
			t.Errorf("%s: %+v %v", name, got, err)
		}
		_, err = e.Callback(context.Background(), step.State, fullBack)
		if got, err := vm.Inspect(context.Background(), h, errorOf(t, err).Resume); err != nil || !got.Resumes || string(got.Note) != fullNote {
			t.Errorf("%s: %+v %v", name, got, err)
		}
		if _, err := vm.Inspect(context.Background(), h, "~nothing"); !errors.Is(err, vm.ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
		h.States = lostStates{}
		if _, err := vm.Inspect(context.Background(), h, "~nothing"); errorOf(t, err).Class != vm.ClassHost || errors.Is(err, vm.ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// lostStates is a store of states that is out of reach.
type lostStates struct{}

func (lostStates) Keep(context.Context, string, string, time.Time) error { return errors.New("down") }
func (lostStates) Recall(context.Context, string) (string, error)        { return "", errors.New("down") }

// A note is as long as a cookie allows; a longer one is refused before anything is sent.
func TestNoteIsBounded(t *testing.T) {
	w := newWorld(fullFirst)
	h := w.host()
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	grant := vm.Grant{RedirectURI: "https://host.test/cb", Note: make([]byte, vm.MaxNote+1)}
	_, err := e.Authorize(context.Background(), grant)
	if got := errorOf(t, err); got.Class != vm.ClassHost || len(w.sent) != 0 || !strings.Contains(got.Err.Error(), "1025 bytes") {
		t.Errorf("a note that is too long: %v, %d requests", err, len(w.sent))
	}
	grant.Note = grant.Note[1:]
	if _, err := e.Authorize(context.Background(), grant); err != nil {
		t.Errorf("the longest note: %v", err)
	}
}

type keptStates map[string]string

func (k keptStates) Keep(_ context.Context, handle, sealed string, _ time.Time) error {
	k[handle] = sealed
	return nil
}
func (k keptStates) Recall(_ context.Context, handle string) (string, error) { return k[handle], nil }

// A connection goes with the plan that made it, and with those that the host accepts; one without a plan was made by
// the host.
func TestPlansAndConnectionsFit(t *testing.T) {
	w := newWorld()
	h := w.host()
	var asked []string
	plan := mustCompile(t, `{"info":{"url":"https://a.test/"},"oauth":{"consumer_key":"k","consumer_secret":"s"}}`, imlc.Options{})
	test := func(made string) error {
		w.script(reply{})
		return mustEngine(t, plan, h).Test(context.Background(), &vm.Connection{PlanHash: made})
	}
	hash := mustEngine(t, plan, h).PlanHash()
	if err := test(hash); err != nil {
		t.Error(err)
	}
	if err := test(""); err != nil {
		t.Error(err)
	}
	if err := test("other"); code(err) != vm.CodeOtherPlan || len(w.sent) != 0 || errorOf(t, err).Class != vm.ClassHost {
		t.Errorf("another plan: %v, %d requests", err, len(w.sent))
	}
	h.AcceptPlan = func(made, now string) bool { asked = append(asked, made, now); return made == "older" }
	if err := test("older"); err != nil {
		t.Error(err)
	}
	if err := test("other"); code(err) != vm.CodeOtherPlan {
		t.Error(err)
	}
	if !slices.Equal(asked, []string{"older", hash, "other", hash}) {
		t.Errorf("asked %q", asked)
	}
	// Validate tells that the plan accepted the connection, so that a host stores the move and is not asked again.
	moved := &vm.Connection{PlanHash: "older"}
	for _, want := range []bool{true, false} {
		w.script(reply{})
		out, changed, err := mustEngine(t, plan, h).Validate(context.Background(), moved)
		if err != nil || changed != want || out.PlanHash != hash {
			t.Fatalf("changed %v, expected %v; plan %s, %v", changed, want, out.PlanHash, err)
		}
		moved = out
	}
}

// Who observes, logs or traces sees one id for everything that an operation does, under the context that it gave.
func TestCorrelation(t *testing.T) {
	type mark struct{}
	w := newWorld()
	h := w.host()
	h.Limits = vm.Limits{}
	var operations []vm.Operation
	var results []vm.Result
	var records []vm.LogRecord
	h.Observe = func(ctx context.Context, o vm.Operation) (context.Context, func(vm.Result)) {
		operations = append(operations, o)
		return context.WithValue(ctx, mark{}, o.RunID), func(r vm.Result) { results = append(results, r) }
	}
	h.Log = func(ctx context.Context, r vm.LogRecord) {
		if ctx.Value(mark{}) != r.RunID {
			t.Errorf("a record of run %s came under the context of %v", r.RunID, ctx.Value(mark{}))
		}
		records = append(records, r)
	}
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	step := fullStep(t, w, e, "", fullToken, reply{}, reply{status: 503}, fullMe)
	if _, err := e.Callback(context.Background(), step.State, fullBack); err != nil {
		t.Fatal(err)
	}
	if len(operations) != 2 || operations[0].Name != vm.OpAuthorize || operations[1].Name != vm.OpCallback || operations[0].RunID == operations[1].RunID {
		t.Fatalf("%+v", operations)
	}
	if o := operations[1]; o.ConnectionID != "c-1" || o.PlanHash != e.PlanHash() {
		t.Errorf("%+v", o)
	}
	if r := results[1]; r.Err != nil || r.Requests != 4 || r.Retries != 1 || r.Steps == 0 || r.Memory == 0 {
		t.Errorf("%+v", r)
	}
	for _, x := range w.events {
		if x.RunID != operations[1].RunID || x.ConnectionID != "c-1" || x.PlanHash != e.PlanHash() {
			t.Errorf("event %s of run %q, connection %q", x.Kind, x.RunID, x.ConnectionID)
		}
	}
	var attempts []int
	for _, r := range records[1:] {
		attempts = append(attempts, r.Attempt)
		if r.RunID != operations[1].RunID || r.ConnectionID != "c-1" || r.PlanHash == "" {
			t.Errorf("%+v", r)
		}
	}
	if !slices.Equal(attempts, []int{1, 1, 1, 2}) {
		t.Errorf("attempts %v", attempts)
	}
	w.script(reply{status: 404})
	if err := e.Test(context.Background(), &vm.Connection{}); results[2].Err == nil || results[2].Err.Error() != err.Error() {
		t.Errorf("%v was observed as %v", err, results[2].Err)
	}
	// A callback whose state cannot be opened comes to no run, and is seen all the same.
	_, err := e.Callback(context.Background(), "not a state", fullBack)
	if o := operations[3]; o.Name != vm.OpCallback || o.RunID != "" || o.ConnectionID != "" || o.PlanHash != e.PlanHash() {
		t.Errorf("%+v", o)
	}
	if got := errorOf(t, results[3].Err); code(err) != vm.CodeUnknownPending || got.Code != vm.CodeUnknownPending || got.Class != vm.ClassUser {
		t.Errorf("%v was observed as %v", err, results[3].Err)
	}
}

// The host says before each attempt whether it may be made.
func TestAllow(t *testing.T) {
	w := newWorld(reply{status: 503})
	h := w.host()
	h.Limits = vm.Limits{}
	quota := errors.New("tenant 7 has used 100 of 100")
	var asked []string
	h.Allow = func(_ context.Context, host string) error {
		if asked = append(asked, host); len(asked) > 1 {
			return quota
		}
		return nil
	}
	err := mustEngine(t, mustCompile(t, `{"url":"https://a.test/"}`, imlc.Options{}), h).Test(context.Background(), &vm.Connection{})
	got := errorOf(t, err)
	if got.Code != vm.CodeNotAllowed || got.Class != vm.ClassHost || !got.Retryable() || !errors.Is(err, quota) || strings.Contains(got.Error(), "tenant") {
		t.Errorf("%+v", got)
	}
	if len(w.sent) != 1 || !slices.Equal(asked, []string{"a.test", "a.test"}) {
		t.Errorf("%d requests, asked for %q", len(w.sent), asked)
	}
}

// Errors can be said in another language, and words of a spec stay as they are.
func TestErrorsInAnotherLanguage(t *testing.T) {
	german := message.In("de")
	w := newWorld()
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), w.host())
	_, err := e.Callback(context.Background(), "forged", "")
	if got := errorOf(t, err).In(german); got != "Diese Autorisierung ist nicht bekannt." {
		t.Error(got)
	}
	w.script(reply{status: 404})
	if got := errorOf(t, e.Test(context.Background(), &vm.Connection{})).In(german); got != "Der Dienst antwortete mit [404] Not Found." {
		t.Error(got)
	}
	own := mustEngine(t, mustCompile(t, `{"url":"https://a.test/","response":{"error":"No entry"}}`, imlc.Options{}), w.host())
	w.script(reply{status: 404})
	if got := errorOf(t, own.Test(context.Background(), &vm.Connection{})).In(german); got != "No entry" {
		t.Error(got)
	}
	asking := mustEngine(t, mustCompile(t, `{"communication":{"url":"https://a.test/"},"parameters":[{"name":"a","type":"text","required":true}]}`, imlc.Options{}), w.host())
	_, err = asking.Authorize(context.Background(), vm.Grant{})
	var fields *form.Error
	if !errors.As(err, &fields) || fields.Fields[0].In(german) != "Das Feld muss ausgefüllt sein." || fields.Fields[0].In(nil) != "Field is mandatory." {
		t.Errorf("%v", err)
	}
}

// A process that ends behind the token leaves what another one goes on with, by the same callback.
func TestAnotherProcessTakesOver(t *testing.T) {
	w := newWorld()
	h := w.host()
	h.Seal, h.Pending, h.States = sealer(t, "k"), elsewhere{vm.NewMemoryPending(w.clock)}, keptStates{}
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	step := fullStep(t, w, e, "")
	dies := h
	dies.Pending = neverSettles{h.Pending}
	w.script(fullToken, reply{}, reply{status: 404})
	if _, err := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), dies).Callback(context.Background(), step.State, fullBack); errorOf(t, err).Status != 404 {
		t.Fatal(err)
	}
	if _, err := e.Callback(context.Background(), step.State, fullBack); code(err) != vm.CodeInProgress {
		t.Errorf("while the claim of the dead process holds: %v", err)
	}
	w.advance(16 * time.Second)
	w.script(reply{}, fullMe)
	conn, err := e.Callback(context.Background(), step.State, fullBack)
	if err != nil || conn.UID != "42" || jsonOf(conn.Data) != `{"token":"at","secret":"as"}` || paths(w) != "register me?r=v" || w.sent[0].Header.Get("X-Temp") != "at" {
		t.Errorf("%v %v, sent %s %v", conn, err, paths(w), w.sent[0].Header)
	}
	if _, err := e.Callback(context.Background(), step.State, fullBack); code(err) != vm.CodeUnknownPending {
		t.Errorf("once more: %v", err)
	}
}

// elsewhere is a pending store that other processes see too.
type elsewhere struct{ vm.PendingStore }

// neverSettles is the pending store of a process that ends before its runs do.
type neverSettles struct{ vm.PendingStore }

func (neverSettles) Confirm(context.Context, string, string) (bool, error) { return true, nil }
func (neverSettles) Release(context.Context, string, string) error         { return nil }
