package vm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// reaction is what a host does about an error, which it must be able to tell without reading its message.
type reaction struct {
	Class, Code        string
	Retryable, Reauths bool
}

func reactionTo(e *vm.Error) reaction {
	return reaction{e.Class, e.Code, e.Retryable(), e.NeedsReauth()}
}

// The situations that ask for different reactions are told apart by data.
func TestErrorsToActOn(t *testing.T) {
	problem := func(name string) reply {
		return reply{status: 401, contentType: "application/x-www-form-urlencoded", body: "oauth_problem=" + name}
	}
	network := func(cause wire.Cause) reply { return reply{err: &wire.ConnectionError{Cause: cause, Host: "a.test"}} }
	const spec = `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"info":{"url":"https://a.test/","response":{"valid":"{{body != \"no\"}}","error":{"418":{"type":"InvalidAccessTokenError"}}}}}`
	for name, c := range map[string]struct {
		spec   string
		limits vm.Limits
		answer reply
		want   reaction
	}{
		"expired token":   {answer: problem("token_expired"), want: reaction{vm.ClassProvider, vm.CodeTokenExpired, false, true}},
		"revoked token":   {answer: problem("token_revoked"), want: reaction{vm.ClassProvider, vm.CodeTokenRevoked, false, true}},
		"rejected token":  {answer: problem("token_rejected"), want: reaction{vm.ClassProvider, vm.CodeTokenRejected, false, true}},
		"used nonce":      {answer: problem("nonce_used"), want: reaction{vm.ClassProvider, vm.CodeNonceUsed, true, false}},
		"wrong clock":     {answer: problem("timestamp_refused"), want: reaction{vm.ClassProvider, vm.CodeTimestampRefused, true, false}},
		"wrong secret":    {answer: problem("signature_invalid"), want: reaction{vm.ClassProvider, vm.CodeSignatureInvalid, false, false}},
		"unknown problem": {answer: problem("cats"), want: reaction{vm.ClassProvider, "", false, true}},
		"unauthorized":    {answer: reply{status: 401}, want: reaction{vm.ClassProvider, "", false, true}},
		"author says so":  {answer: reply{status: 418}, want: reaction{vm.ClassProvider, "", false, true}},
		"not found":       {answer: reply{status: 404}, want: reaction{vm.ClassProvider, "", false, false}},
		"too fast":        {answer: reply{status: 429}, want: reaction{vm.ClassProvider, "", true, false}},
		"broken":          {answer: reply{status: 503}, want: reaction{vm.ClassProvider, "", true, false}},
		"not valid":       {answer: reply{body: "no"}, want: reaction{vm.ClassProvider, "", false, false}},
		"no answer":       {answer: network(wire.CauseReset), want: reaction{vm.ClassNetwork, "", true, false}},
		"too late":        {answer: network(wire.CauseTimeout), want: reaction{vm.ClassNetwork, "", true, false}},
		"not allowed":     {spec: `{"url":"http://a.test/"}`, want: reaction{vm.ClassHost, "", false, false}},
		"limit":           {limits: vm.Limits{ResponseBytes: 1}, answer: reply{body: "long"}, want: reaction{vm.ClassLimit, "limit/response-body", false, false}},
		"expression":      {spec: `{"url":"{{map(temp.x; 2)}}"}`, want: reaction{vm.ClassSpec, "IML404", false, false}},
		"configuration":   {spec: `{"url":"{{missing}}"}`, want: reaction{vm.ClassSpec, "", false, false}},
		"signature":       {spec: `{"oauth":{"consumer_key":"ck","signature_method":"{{\"MD5\"}}"},"info":{"url":"https://a.test/"}}`, want: reaction{vm.ClassSpec, "", false, false}},
		"parser":          {spec: `{"url":"https://a.test/","response":{"type":"json"}}`, answer: reply{body: "{"}, want: reaction{vm.ClassProvider, "", false, false}},
	} {
		text := spec
		if c.spec != "" {
			text = c.spec
		}
		w := newWorld(c.answer)
		h := w.host()
		h.Limits = c.limits
		h.Limits.Attempts = 1
		e := mustEngine(t, mustCompile(t, text, imlc.Options{}), h)
		if diff := cmp.Diff(c.want, reactionTo(errorOf(t, e.Test(context.Background(), &vm.Connection{})))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What becomes of an authorisation is the user's part.
func TestCallbackErrorsAreOfTheUser(t *testing.T) {
	for name, query := range map[string]string{"denied": "denied=rq%2F7f3a", "problem": "oauth_problem=user_refused", "another": "oauth_token=x", "none": "x=1"} {
		w := newWorld()
		e := mustEngine(t, workedExample(t, imlc.Options{}), w.host())
		step := started(t, w, e)
		_, err := e.Callback(context.Background(), step.State, query)
		if got := errorOf(t, err); got.Class != vm.ClassUser || got.Code == "" || got.Retryable() || got.NeedsReauth() {
			t.Errorf("%s: %+v", name, reactionTo(got))
		}
	}
	_, err := mustEngine(t, workedExample(t, imlc.Options{}), newWorld().host()).Callback(context.Background(), "forged", "")
	if got := errorOf(t, err); got.Class != vm.ClassUser || got.Code != vm.CodeUnknownPending {
		t.Errorf("forged: %+v", reactionTo(got))
	}
}

// What a host says of its own failures is for its operators: the message for the user tells none of it. An error that
// is meant for the user comes through as it is.
func TestHostErrorsAreNoMessages(t *testing.T) {
	internal := errors.New("failed to connect to user=app database=internal 10.2.3.4:5432")
	own := &vm.Error{Class: vm.ClassUser, Type: "DataError", Message: "The account is locked."}
	for name, set := range map[string]func(*vm.Host, error){
		"common": func(h *vm.Host, err error) {
			h.Common = func(context.Context, string, string) (*value.Object, error) { return nil, err }
		},
		"environment": func(h *vm.Host, err error) {
			h.Environment = func(context.Context) (*value.Object, error) { return nil, err }
		},
		"nonce":   func(h *vm.Host, err error) { h.Nonce = func() (string, error) { return "", err } },
		"pending": func(h *vm.Host, err error) { h.Pending = failingStore{err} },
		"seal":    func(h *vm.Host, err error) { h.Seal = failingStore{err} },
	} {
		run := func(err error) *vm.Error {
			w := newWorld(initiated)
			h := w.host()
			set(&h, err)
			_, err = mustEngine(t, workedExample(t, imlc.Options{}), h).Authorize(context.Background(), workedGrant(t))
			return errorOf(t, err)
		}
		got := run(internal)
		if got.Class != vm.ClassHost || got.Type != vm.RuntimeError || !errors.Is(got, internal) || strings.Contains(got.Error()+got.Help, "10.2.3.4") {
			t.Errorf("%s: %s %v", name, got.Class, got)
		}
		if got := run(own); got != own {
			t.Errorf("%s: a message for the user became %v", name, got)
		}
		if got := run(fmt.Errorf("at 10.2.3.4: %w", own)); got.Class != vm.ClassHost || !errors.Is(got, own) || strings.Contains(got.Error()+got.Help, "10.2.3.4") {
			t.Errorf("%s: an error around a message is %s %v", name, got.Class, got)
		}
		if got := run(context.Canceled); got.Class != vm.ClassLimit {
			t.Errorf("%s: a cancelled hook is %s %v", name, got.Class, got)
		}
	}
}

// Who cancels finds the limit and the cause in the error, whether a request was under way or not.
func TestCancelledHasItsCause(t *testing.T) {
	mine := errors.New("the user closed the page")
	for name, cause := range map[string]error{"cancelled": context.Canceled, "late": context.DeadlineExceeded, "own": mine} {
		for _, under := range []bool{false, true} {
			ctx, cancel := context.WithCancelCause(context.Background())
			h := newWorld(initiated).host()
			h.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
				cancel(cause)
				return nil, r.Context().Err()
			})
			if !under {
				cancel(cause)
			}
			_, err := mustEngine(t, workedExample(t, imlc.Options{}), h).Authorize(ctx, workedGrant(t))
			var limit *vm.LimitError
			if got := errorOf(t, err); !errors.As(err, &limit) || got.Class != vm.ClassLimit || got.Code != "IML506" || got.Retryable() || !errors.Is(err, cause) || strings.Contains(got.Message, "page") {
				t.Errorf("%s, a request under way %v: %v, of which the cause is %v", name, under, got, got.Err)
			}
		}
	}
}

// failingStore is a pending store and a sealer that fail.
type failingStore struct{ err error }

func (f failingStore) Put(context.Context, string, time.Time) error { return f.err }
func (f failingStore) Claim(context.Context, string, string, time.Time) (vm.PendingHold, error) {
	return 0, f.err
}
func (f failingStore) Confirm(context.Context, string, string) (bool, error) { return false, f.err }
func (f failingStore) Release(context.Context, string, string) error         { return f.err }
func (f failingStore) Seal([]byte) (string, error)                           { return "", f.err }
func (f failingStore) Open(string) ([]byte, error)                           { return nil, f.err }

// Whoever gets no answer learns what to do about it, each cause its own.
func TestNoAnswerSaysWhatToDo(t *testing.T) {
	told := map[string]wire.Cause{}
	for _, cause := range []wire.Cause{wire.CauseDNS, wire.CauseConnect, wire.CauseReset, wire.CauseTLS, wire.CauseTimeout, wire.CausePolicy} {
		w := newWorld(reply{err: &wire.ConnectionError{Cause: cause, Host: "a.test"}})
		h := w.host()
		h.Limits.Attempts = 1
		e := mustEngine(t, mustCompile(t, `{"url":"https://a.test/"}`, imlc.Options{}), h)
		got := errorOf(t, e.Test(context.Background(), &vm.Connection{}))
		if other, ok := told[got.Help]; got.Help == "" || ok {
			t.Errorf("%s: help %q, that of %q", cause, got.Help, other)
		}
		told[got.Help] = cause
	}
}
