package vm_test

import (
	"context"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// keyRecorder is a pending store that remembers the keys it was given.
type keyRecorder struct {
	vm.PendingStore
	put, taken []string
}

func (k *keyRecorder) Put(ctx context.Context, key string, deadline time.Time) error {
	k.put = append(k.put, key)
	return k.PendingStore.Put(ctx, key, deadline)
}

func (k *keyRecorder) Claim(ctx context.Context, key, claim string, until time.Time) (vm.PendingHold, error) {
	k.taken = append(k.taken, key)
	return k.PendingStore.Claim(ctx, key, claim, until)
}

// A pending key fits into any store: 64 lower-case hexadecimal digits whatever bytes a token has, other for each plan
// and token, the same when the callback comes.
func TestPendingKey(t *testing.T) {
	hex := regexp.MustCompile("^[0-9a-f]{64}$")
	seen := map[string]string{}
	for name, o := range map[string]imlc.Options{"plan": {}, "other plan": {LegacyErrorTypes: true}} {
		for _, token := range []string{"t", "T", "t\x00", "t\xff\xfe", "t t", string(make([]byte, 5000))} {
			w := newWorld(reply{body: "oauth_token=" + url.QueryEscape(token) + "&oauth_token_secret=s&oauth_callback_confirmed=true"})
			h := w.host()
			store := &keyRecorder{PendingStore: vm.NewMemoryPending(w.clock)}
			h.Pending = store
			e := mustEngine(t, workedExample(t, o), h)
			step, err := e.Authorize(context.Background(), workedGrant(t))
			if err != nil {
				t.Fatalf("%q: %v", token, err)
			}
			target, err := url.Parse(step.RedirectURL)
			if err != nil {
				t.Fatal(err)
			}
			key, what := store.put[0], name+" "+target.Query().Get("oauth_token")
			if !hex.MatchString(key) {
				t.Errorf("%q: key %q, expected 64 lower-case hexadecimal digits", token, key)
			}
			if twin, taken := seen[key]; taken {
				t.Errorf("%q and %q have one key", twin, what)
			}
			seen[key] = what
			w.script(exchanged, about)
			callback := url.Values{"oauth_token": {target.Query().Get("oauth_token")}, "oauth_verifier": {"v"}}
			if _, err := e.Callback(context.Background(), step.State, callback.Encode()); err != nil {
				t.Errorf("%q: %v", token, err)
			}
			if len(store.put) != 1 || len(store.taken) != 1 || store.taken[0] != key {
				t.Errorf("%q: put %q, taken %q", token, store.put, store.taken)
			}
		}
	}
}
