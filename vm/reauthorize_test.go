package vm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// changingSpec asks for parameters, authorises, and renews.
const changingSpec = `{"parameters":[{"name":"region","type":"text"},{"name":"plan","type":"text"}],
	"communication":{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},
	"requestToken":{"url":"https://a.test/rt","method":"POST","response":{"type":"urlencoded","temp":{"t":"{{body.oauth_token}}"},"data":{"shop":"{{body.shop}}"}}},
	"authorize":{"url":"https://a.test/go","oauth":{"token":"{{temp.t}}"}},
	"accessToken":{"url":"https://a.test/at","method":"POST","oauth":{"token":"{{temp.t}}","token_secret":"","verifier":"{{query.oauth_verifier}}"},
		"response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}"}}},
	"info":{"url":"https://a.test/me","oauth":{"token":"{{connection.token}}","token_secret":""},"response":{"type":"urlencoded","uid":"{{body.id}}","metadata":{"type":"text","value":"{{body.name}}"}}},
	"renew":{"url":"https://a.test/renew","method":"POST","oauth":{"token":"{{connection.token}}","token_secret":"","session_handle":"h"},
		"response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}"}}}},
	"base":{"baseUrl":"https://a.test","oauth":{"token":"{{connection.token}}","token_secret":""}}}`

// answering is a service that answers by path.
func answering(t *testing.T, answers map[string]func(*http.Request) string) transportFunc {
	return func(req *http.Request) (*http.Response, error) {
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		answer := answers[req.URL.Path]
		if answer == nil {
			t.Errorf("%s is asked for", req.URL.Path)
			return nil, errors.New("nothing is there")
		}
		status, body := 200, answer(req)
		if problem, ok := strings.CutPrefix(body, "401 "); ok {
			status, body = 401, problem
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

func always(text string) func(*http.Request) string {
	return func(*http.Request) string { return text }
}

// authorising are the answers of a service that lets bob in.
func authorising() map[string]func(*http.Request) string {
	return map[string]func(*http.Request) string{
		"/rt": always("oauth_token=rt&oauth_token_secret=s&oauth_callback_confirmed=true&shop=new"),
		"/at": always("oauth_token=of-bob"),
		"/me": always("id=bob&name=Bob"),
	}
}

const changingBack = "oauth_token=rt&oauth_verifier=v"

// What an authorisation wrote goes over what was stored meanwhile, and nothing else does: neither a lease that somebody
// took and gave back, nor another change, costs the user what he has just approved.
func TestReauthorisationGoesOverWhatWasStored(t *testing.T) {
	const before = `{"region":"eu","plan":"a","token":"t0","shop":"old","note":"n"}`
	for name, c := range map[string]struct {
		change func(*vm.Connection)
		grant  vm.Grant
		want   string
		label  string
	}{
		"a lease": {func(*vm.Connection) {}, vm.Grant{}, `{"region":"eu","plan":"a","token":"of-bob","shop":"new","note":"n"}`, "Bob"},
		"other data": {func(c *vm.Connection) {
			c.Data = object(t, `{"region":"us","plan":"b","token":"t1","shop":"x","more":1}`)
		}, vm.Grant{},
			`{"region":"us","plan":"b","token":"of-bob","shop":"new","more":1}`, "Bob"},
		"parameters of both": {func(c *vm.Connection) { c.Data = object(t, `{"region":"us","plan":"b","token":"t1","shop":"x"}`) },
			vm.Grant{Parameters: object(t, `{"plan":"c"}`)}, `{"region":"us","plan":"c","token":"of-bob","shop":"new"}`, "Bob"},
		"a new token": {func(c *vm.Connection) { c.Renewals++ }, vm.Grant{}, `{"region":"eu","plan":"a","token":"of-bob","shop":"new","note":"n"}`, "Bob"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			store := vm.NewMemoryConnections()
			e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), vm.Host{Transport: answering(t, authorising()), Connections: store})
			conn := &vm.Connection{ID: "c", Data: object(t, before), UID: "ann", Renewals: 4}
			if ok, err := store.Swap(ctx, conn); !ok || err != nil {
				t.Fatal(ok, err)
			}
			c.grant.RedirectURI = "https://host.test/cb"
			step, err := e.Reauthorize(ctx, conn, c.grant)
			if err != nil {
				t.Fatal(err)
			}
			c.change(conn)
			conn.Expires = time.Unix(1900000000, 0)
			renewals := conn.Renewals
			if ok, err := store.Swap(ctx, conn); !ok || err != nil {
				t.Fatal(ok, err)
			}
			made, err := e.Callback(ctx, step.State, changingBack)
			if err != nil {
				t.Fatal(err)
			}
			kept, err := store.Load(ctx, "c")
			if err != nil || jsonOf(kept.Data) != c.want || kept.UID != "bob" || kept.Metadata.Value != c.label || !kept.Expires.Equal(conn.Expires) ||
				kept.Revision != 3 || kept.Renewals != renewals+1 {
				t.Errorf("stored %s %s, %+v, revision %d, %d renewals, %v", kept.UID, jsonOf(kept.Data), kept.Metadata, kept.Revision, kept.Renewals, err)
			}
			if jsonOf(made.Data) != c.want || made.Revision != kept.Revision || made.Renewals != kept.Renewals {
				t.Errorf("returned %s, revision %d", jsonOf(made.Data), made.Revision)
			}
		})
	}
}

// What a run wrote that failed behind the token is written still when the run that goes on ends.
func TestResumedReauthorisationGoesOverWhatWasStored(t *testing.T) {
	ctx := context.Background()
	store := vm.NewMemoryConnections()
	answers := authorising()
	answers["/me"] = always("401 oauth_problem=additional_authorization_required")
	e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), vm.Host{Transport: answering(t, answers), Connections: store})
	conn := &vm.Connection{ID: "c", Data: object(t, `{"region":"eu","token":"t0","note":"n"}`)}
	if ok, err := store.Swap(ctx, conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	step, err := e.Reauthorize(ctx, conn, vm.Grant{RedirectURI: "https://host.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Callback(ctx, step.State, changingBack)
	failed := errorOf(t, err)
	conn.Data = object(t, `{"region":"us","token":"t1"}`)
	if ok, err := store.Swap(ctx, conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	answers["/me"] = authorising()["/me"]
	if _, err := e.Resume(ctx, nil, failed.Resume); err != nil {
		t.Fatal(err)
	}
	if kept, err := store.Load(ctx, "c"); err != nil || jsonOf(kept.Data) != `{"region":"us","token":"of-bob","shop":"new"}` || kept.UID != "bob" {
		t.Errorf("stored %s, %v", jsonOf(kept.Data), err)
	}
}

// Of two authorisations of one new connection, in two tabs, the one that ends last is stored: its token works.
func TestTheLastAuthorisationIsStored(t *testing.T) {
	ctx := context.Background()
	store := vm.NewMemoryConnections()
	answers := authorising()
	e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), vm.Host{Transport: answering(t, answers), Connections: store})
	var states []string
	for range 2 {
		step, err := e.Authorize(ctx, vm.Grant{ConnectionID: "c", RedirectURI: "https://host.test/cb"})
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, step.State)
	}
	for i, state := range states {
		answers["/at"] = always(fmt.Sprint("oauth_token=t", i))
		made, err := e.Callback(ctx, state, changingBack)
		if err != nil || made.Revision != int64(i+1) || made.Renewals != int64(i) {
			t.Fatalf("tab %d: %+v, %v", i, made, err)
		}
	}
	if kept, _ := store.Load(ctx, "c"); kept.Data.Value("token").Str() != "t1" {
		t.Errorf("stored %s", jsonOf(kept.Data))
	}
}

// A connection that was deleted while its user authorised it again is not there again, and the user is told.
func TestDeletedConnectionsStayDeleted(t *testing.T) {
	ctx := context.Background()
	store := &forgetting{ConnectionStore: vm.NewMemoryConnections()}
	e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), vm.Host{Transport: answering(t, authorising()), Connections: store})
	conn := &vm.Connection{ID: "c", Data: object(t, `{"token":"t0"}`)}
	if ok, err := store.Swap(ctx, conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	step, err := e.Reauthorize(ctx, conn, vm.Grant{RedirectURI: "https://host.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	store.forgotten = true
	_, err = e.Callback(ctx, step.State, changingBack)
	if got := errorOf(t, err); got.Code != vm.CodeGone || got.Class != vm.ClassUser || got.MessageID == "" {
		t.Errorf("%+v", got)
	}
}

type forgetting struct {
	vm.ConnectionStore
	forgotten bool
}

func (f *forgetting) Load(ctx context.Context, id string) (*vm.Connection, error) {
	if f.forgotten {
		return nil, nil
	}
	return f.ConnectionStore.Load(ctx, id)
}

func (f *forgetting) Swap(ctx context.Context, c *vm.Connection) (bool, error) {
	if f.forgotten {
		return false, nil
	}
	return f.ConnectionStore.Swap(ctx, c)
}

// A renewal that ends behind a new authorisation puts nothing over it: it renewed the token of somebody else perhaps.
func TestRenewalDoesNotGoOverANewAuthorisation(t *testing.T) {
	for name, answer := range map[string]string{"renewed": "oauth_token=of-ann-2", "refused": "401 oauth_problem=token_revoked"} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			store := vm.NewMemoryConnections()
			asked, gate := make(chan bool), make(chan bool)
			answers := authorising()
			answers["/renew"] = func(*http.Request) string { close(asked); <-gate; return answer }
			e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), vm.Host{Transport: answering(t, answers), Connections: store})
			conn := &vm.Connection{ID: "c", UID: "ann", Data: object(t, `{"token":"of-ann"}`)}
			if ok, err := store.Swap(ctx, conn); !ok || err != nil {
				t.Fatal(ok, err)
			}
			var renewed *vm.Connection
			ended := make(chan error)
			go func() {
				var err error
				renewed, err = e.Renew(ctx, conn)
				ended <- err
			}()
			<-asked
			leased, err := store.Load(ctx, "c")
			if err != nil || leased.RenewedBy == "" {
				t.Fatal(leased, err)
			}
			step, err := e.Reauthorize(ctx, leased, vm.Grant{RedirectURI: "https://host.test/cb"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Callback(ctx, step.State, changingBack); err != nil {
				t.Fatal(err)
			}
			close(gate)
			if err := <-ended; err != nil || renewed.UID != "bob" {
				t.Errorf("the renewal: %v, %v", renewed, err)
			}
			kept, err := store.Load(ctx, "c")
			if err != nil || kept.UID != "bob" || kept.Data.Value("token").Str() != "of-bob" || kept.RenewedBy != "" {
				t.Errorf("stored %s %s, lease of %q, %v", kept.UID, jsonOf(kept.Data), kept.RenewedBy, err)
			}
		})
	}
}

// A browser that goes away costs its user nothing: what was begun is done, whatever was granted is stored, and only a
// callback that had not begun uses nothing up.
func TestCallbacksOutliveTheirBrowser(t *testing.T) {
	for _, at := range []string{"", "/at", "/me"} {
		t.Run("gone at "+at, func(t *testing.T) {
			ctx, leave := context.WithCancel(context.Background())
			defer leave()
			store := vm.NewMemoryConnections()
			answers := authorising()
			if answer := answers[at]; answer != nil {
				answers[at] = func(req *http.Request) string { leave(); return answer(req) }
			}
			e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), vm.Host{Transport: answering(t, answers), Connections: store})
			step, err := e.Authorize(ctx, vm.Grant{ConnectionID: "c", RedirectURI: "https://host.test/cb"})
			if err != nil {
				t.Fatal(err)
			}
			if at == "" {
				leave()
				if _, err := e.Callback(ctx, step.State, changingBack); code(err) != "IML506" {
					t.Errorf("not begun: %v", err)
				}
				ctx = context.Background()
			}
			if _, err := e.Callback(ctx, step.State, changingBack); err != nil {
				t.Fatal(err)
			}
			if kept, err := store.Load(context.Background(), "c"); err != nil || kept.UID != "bob" || kept.Data.Value("token").Str() != "of-bob" {
				t.Errorf("stored %v, %v", kept, err)
			}
		})
	}
}

// A run that had all its time before anything was granted uses nothing up.
func TestLongExchangesCanBeTriedAgain(t *testing.T) {
	answers := authorising()
	slow := answering(t, answers)
	waiting := true
	transport := transportFunc(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/at" && waiting {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		return slow(req)
	})
	h := vm.Host{Transport: transport}
	h.Limits.RunTimeout = 50 * time.Millisecond
	e := mustEngine(t, mustCompile(t, changingSpec, imlc.Options{}), h)
	step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "https://host.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Callback(context.Background(), step.State, changingBack); errorOf(t, err).Class != vm.ClassLimit {
		t.Fatal(err)
	}
	waiting = false
	if conn, err := e.Callback(context.Background(), step.State, changingBack); err != nil || conn.UID != "bob" {
		t.Error(conn, err)
	}
}

// What a state belongs to can only be asked of a host that has a sealer.
func TestInspectWithoutASealer(t *testing.T) {
	if _, err := vm.Inspect(context.Background(), vm.Host{}, "k.text"); !errors.Is(err, vm.ErrSeal) {
		t.Error(err)
	}
}

// A store that neither has a new connection nor takes it, or that nobody hears of again, fails in time, and what the
// service granted can be stored later.
func TestCallbacksEndWhenTheirStoreDoesNot(t *testing.T) {
	for name, store := range map[string]vm.ConnectionStore{
		"takes nothing": &faulty{ConnectionStore: vm.NewMemoryConnections(), swap: func(*vm.Connection) (bool, error, bool) { return false, nil, true }},
		"hangs":         hanging{vm.NewMemoryConnections()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, p := context.Background(), mustCompile(t, changingSpec, imlc.Options{})
				h, err := vm.Host{Transport: answering(t, authorising()), Connections: store}.WithDefaults()
				if err != nil {
					t.Fatal(err)
				}
				step, err := mustEngine(t, p, h).Authorize(ctx, vm.Grant{ConnectionID: "c", RedirectURI: "https://host.test/cb"})
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, err = mustEngine(t, p, h).Callback(ctx, step.State, changingBack)
				failed := errorOf(t, err)
				if failed.Resume == "" || time.Since(began) > 2*h.Limits.RunTimeout {
					t.Fatalf("%+v after %s", failed, time.Since(began))
				}
				h.Connections = vm.NewMemoryConnections()
				if conn, err := mustEngine(t, p, h).Resume(ctx, nil, failed.Resume); err != nil || conn.Revision != 1 {
					t.Error(conn, err)
				}
			})
		})
	}
}

// hanging is a store that waits for ever.
type hanging struct{ vm.ConnectionStore }

func (hanging) Swap(ctx context.Context, _ *vm.Connection) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}
