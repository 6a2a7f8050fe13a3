package vm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

const renewSpec = `{"communication":{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"info":{"url":"https://a.test/me","oauth":{"token":"{{connection.token}}"}},
	"renew":{"url":"https://a.test/renew","method":"POST","oauth":{"token":"{{connection.token}}","session_handle":"h"},
		"response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}"}}}},
	"base":{"baseUrl":"https://a.test","oauth":{"token":"{{connection.token}}"}}}`

// rotating is a service that gives a new token for the newest one, and revokes everything when an older one is renewed.
type rotating struct {
	mu      sync.Mutex
	newest  int
	expired int // tokens up to this number have expired
	revoked bool
	renewed int
	gate    chan struct{} // requests are answered once it is closed; nil is open
	during  func()        // what happens elsewhere while a request is answered, when set
}

func (s *rotating) RoundTrip(req *http.Request) (*http.Response, error) {
	var n int
	_, after, _ := strings.Cut(req.Header.Get("Authorization"), `oauth_token="t`)
	_, _ = fmt.Sscanf(after, "%d", &n)
	if s.gate != nil {
		<-s.gate
	}
	if s.during != nil {
		s.during()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
	switch {
	case s.revoked:
		return answer(401, "oauth_problem=token_revoked")
	case req.URL.Path == "/renew" && n != s.newest:
		s.revoked = true
		return answer(401, "oauth_problem=token_revoked")
	case req.URL.Path == "/renew":
		s.newest++
		s.renewed++
		return answer(200, fmt.Sprintf("oauth_token=t%d", s.newest))
	case n <= s.expired:
		return answer(401, "oauth_problem=token_expired")
	}
	return answer(200, fmt.Sprintf("served=t%d", n))
}

func renewedConnection(t *testing.T, store vm.ConnectionStore) *vm.Connection {
	t.Helper()
	conn := &vm.Connection{ID: "c", Data: object(t, `{"token":"t0","note":"kept"}`)}
	if ok, err := store.Swap(context.Background(), conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return conn
}

// Of many who want to renew at once, in two processes, each round one does; nobody loses a token and nothing is
// revoked.
func TestRenewOnce(t *testing.T) {
	service := &rotating{}
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	p := mustCompile(t, renewSpec, imlc.Options{})
	var engines []*vm.Engine
	for range 2 {
		engines = append(engines, mustEngine(t, p, vm.Host{Transport: service, Connections: store}))
	}
	const rounds = 100
	for round := range rounds {
		var all sync.WaitGroup
		got := make([]*vm.Connection, 8)
		for i := range got {
			all.Go(func() {
				var err error
				if got[i], err = engines[i%2].Renew(context.Background(), conn); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, c := range got {
			if c == nil || c.Data.Value("token").Str() != fmt.Sprintf("t%d", round+1) || c.Renewals != int64(round+1) || c.RenewedBy != "" {
				t.Fatalf("round %d: %+v", round, c)
			}
		}
		conn = got[0]
	}
	if service.revoked || service.renewed != rounds {
		t.Errorf("%d renewals for %d rounds, revoked: %v", service.renewed, rounds, service.revoked)
	}
}

// A request whose token has expired is sent again with a new one, which is stored first. Those that come with the old
// connection later find the new one.
func TestDoRenews(t *testing.T) {
	service := &rotating{}
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: store})
	for _, want := range []string{"served=t1", "served=t1", "served=t2"} {
		if want == "served=t2" {
			service.expired = 1
		}
		res, err := e.Do(context.Background(), conn, request(t, "POST", "/notes", "text"))
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(res.Body); string(body) != want {
			t.Errorf("%d %s, want %s", res.StatusCode, body, want)
		}
		if want == "served=t1" {
			continue
		}
		stored, err := store.Load(context.Background(), "c")
		if err != nil || stored.Data.Value("token").Str() != "t2" || stored.Data.Value("note").Str() != "kept" || service.renewed != 2 {
			t.Errorf("stored %v after %d renewals", stored.Data.Value("token"), service.renewed)
		}
	}
	service.revoked = true
	if res, err := e.Do(context.Background(), conn, request(t, "GET", "/notes", "")); err != nil || res.StatusCode != 401 {
		t.Errorf("a revoked token is an answer: %v %v", res, err)
	}
}

// What somebody else changes while a renewal runs is kept, and a lease that a dead process holds ends.
func TestRenewKeepsOtherChanges(t *testing.T) {
	service := &rotating{}
	w := newWorld()
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: store, Clock: w.clock})
	service.during = func() {
		service.during = nil
		for done := false; !done; {
			other, err := store.Load(context.Background(), "c")
			if err != nil {
				t.Error(err)
				return
			}
			other.UID, other.Data = "7", object(t, `{"token":"t0","note":"changed"}`)
			if done, err = store.Swap(context.Background(), other); err != nil {
				t.Error(err)
				return
			}
		}
	}
	renewed, err := e.Renew(context.Background(), conn)
	if err != nil || renewed.UID != "7" || jsonOf(renewed.Data) != `{"token":"t1","note":"changed"}` {
		t.Fatalf("%v %v", renewed, err)
	}
	renewed.RenewedBy, renewed.RenewedUntil = "a process that died", w.clock().Add(30*time.Second)
	if ok, err := store.Swap(context.Background(), renewed); !ok || err != nil {
		t.Fatal(ok, err)
	}
	go func() {
		time.Sleep(30 * time.Millisecond)
		w.advance(31 * time.Second)
	}()
	if again, err := e.Renew(context.Background(), renewed); err != nil || again.Data.Value("token").Str() != "t2" {
		t.Errorf("%v %v", again, err)
	}
}

// A renewal that fails gives its lease back and stores nothing; one that nobody waits for any more goes on.
func TestRenewFails(t *testing.T) {
	service := &rotating{revoked: true}
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: store})
	_, err := e.Renew(context.Background(), conn)
	if got := errorOf(t, err); got.Code != vm.CodeTokenRevoked || !got.NeedsReauth() {
		t.Errorf("%+v", got)
	}
	if stored, _ := store.Load(context.Background(), "c"); stored.RenewedBy != "" || stored.Renewals != 0 || stored.Data.Value("token").Str() != "t0" {
		t.Errorf("after a failure: %s, %d renewals", stored.RenewedBy, stored.Renewals)
	}
	service.revoked, service.gate = false, make(chan struct{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := e.Renew(ctx, conn); errorOf(t, err).Class != vm.ClassLimit {
		t.Error(err)
	}
	close(service.gate)
	if renewed, err := e.Renew(context.Background(), conn); err != nil || renewed.Data.Value("token").Str() != "t1" || service.renewed != 1 {
		t.Errorf("%v %v after %d renewals", renewed, err, service.renewed)
	}
	broken := errors.New("database is down")
	down := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: brokenConnections{broken}})
	if _, err := down.Renew(context.Background(), conn); errorOf(t, err).Class != vm.ClassHost || !errors.Is(err, broken) {
		t.Error(err)
	}
	none := mustEngine(t, mustCompile(t, `{"oauth":{"consumer_key":"k"},"info":{"url":"https://a.test/"}}`, imlc.Options{}), vm.Host{Transport: service})
	if _, err := none.Renew(context.Background(), &vm.Connection{Data: value.NewObject(0)}); code(err) != vm.CodeNoRenewal {
		t.Error(err)
	}
}

type brokenConnections struct{ err error }

func (b brokenConnections) Load(context.Context, string) (*vm.Connection, error) { return nil, b.err }
func (b brokenConnections) Swap(context.Context, *vm.Connection) (bool, error)   { return false, b.err }

// Requests whose token somebody renews at this moment, so that the service takes it no more, are sent again with the new
// one, also before it is stored.
func TestDoFollowsRenewal(t *testing.T) {
	service := &rotating{}
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	replaced := transportFunc(func(req *http.Request) (*http.Response, error) {
		res, err := service.RoundTrip(req)
		service.mu.Lock()
		old := !strings.Contains(req.Header.Get("Authorization"), fmt.Sprintf(`oauth_token="t%d"`, service.newest))
		service.mu.Unlock()
		if req.URL.Path == "/renew" {
			time.Sleep(20 * time.Millisecond) // the token is renewed at the service, and not stored yet
		} else if old && err == nil {
			res.StatusCode, res.Body = 401, io.NopCloser(strings.NewReader("oauth_problem=token_revoked"))
		}
		return res, err
	})
	p := mustCompile(t, renewSpec, imlc.Options{})
	a, b := mustEngine(t, p, vm.Host{Transport: replaced, Connections: store}), mustEngine(t, p, vm.Host{Transport: replaced, Connections: store})
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := a.Renew(context.Background(), conn); err != nil {
			t.Error(err)
		}
	})
	for range 6 {
		all.Go(func() {
			res, err := b.Do(context.Background(), conn, request(t, "POST", "/notes", "text"))
			if err != nil || res.StatusCode != 200 {
				t.Error(res, err)
			}
		})
		time.Sleep(5 * time.Millisecond)
	}
	all.Wait()
	if service.renewed != 1 {
		t.Errorf("%d renewals", service.renewed)
	}
	service.revoked = true // for good
	if res, err := b.Do(context.Background(), conn, request(t, "POST", "/notes", "text")); err != nil || res.StatusCode != 401 {
		t.Error(res, err)
	}
}

// faulty is a store that does as it is told.
type faulty struct {
	vm.ConnectionStore
	swap  func(c *vm.Connection) (took bool, err error, decided bool)
	swaps int
}

func (s *faulty) Swap(ctx context.Context, c *vm.Connection) (bool, error) {
	s.swaps++
	if s.swap != nil {
		if took, err, decided := s.swap(c); decided {
			return took, err
		}
	}
	return s.ConnectionStore.Swap(ctx, c)
}

// A new token is not lost by a store that fails: it is stored when the store is there again, or else comes back beside
// the error, which is told to who observes.
func TestRenewedTokensOutliveTheirStore(t *testing.T) {
	down := errors.New("the database is down")
	for name, c := range map[string]struct {
		gone   time.Duration
		loses  bool // says that somebody else was faster, instead of failing
		stored bool
	}{
		"a moment":     {gone: time.Second, stored: true},
		"a faster one": {gone: time.Second, loses: true, stored: true},
		"for ever":     {gone: time.Hour},
		"never":        {gone: time.Hour, loses: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &rotating{}
				store := &faulty{ConnectionStore: vm.NewMemoryConnections()}
				conn := renewedConnection(t, store)
				began := time.Now()
				store.swap = func(conn *vm.Connection) (bool, error, bool) {
					if conn.RenewedBy != "" || time.Since(began) > c.gone {
						return false, nil, false
					}
					if c.loses {
						return false, nil, true
					}
					return false, down, true
				}
				var told []error
				e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: store,
					Observe: func(ctx context.Context, o vm.Operation) (context.Context, func(vm.Result)) {
						return ctx, func(r vm.Result) { told = append(told, r.Err) }
					}})
				renewed, err := e.Renew(context.Background(), conn)
				if renewed == nil || renewed.Data.Value("token").Str() != "t1" || service.renewed != 1 || store.swaps > 150 {
					t.Fatalf("%v, %v after %d renewals and %d tries to store one", renewed, err, service.renewed, store.swaps)
				}
				if c.stored {
					kept, _ := store.Load(context.Background(), "c")
					if err != nil || kept.Data.Value("token").Str() != "t1" || len(told) != 1 {
						t.Errorf("%v, stored %v, told %v", err, kept.Data.Value("token"), told)
					}
					return
				}
				if got := errorOf(t, err); got.Class != vm.ClassHost || errors.Is(got, down) == c.loses || len(told) != 2 || told[1] == nil {
					t.Errorf("%+v, told %v", got, told)
				}
			})
		})
	}
}

// Nobody waits longer for the lease of another process than a run may take, and nobody asks the store without a pause.
func TestRenewalsEndInTime(t *testing.T) {
	for name, swap := range map[string]func(*vm.Connection) (bool, error, bool){
		"a lease":       nil,
		"always faster": func(*vm.Connection) (bool, error, bool) { return false, nil, true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &rotating{}
				store := &faulty{ConnectionStore: vm.NewMemoryConnections()}
				conn := renewedConnection(t, store)
				if swap == nil {
					conn.RenewedBy, conn.RenewedUntil = "another", time.Now().Add(time.Hour)
					if ok, err := store.Swap(context.Background(), conn); !ok || err != nil {
						t.Fatal(ok, err)
					}
				}
				store.swap, store.swaps = swap, 0
				h := vm.Host{Transport: service, Connections: store}
				h.Limits.RunTimeout = 3 * time.Second
				e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), h)
				began := time.Now()
				_, err := e.Do(context.Background(), conn, request(t, "GET", "/notes", ""))
				if got := errorOf(t, err); got.Code != vm.CodeRenewing || !got.Retryable() || time.Since(began) > 4*time.Second || store.swaps > 20 {
					t.Errorf("%v after %s and %d tries", err, time.Since(began), store.swaps)
				}
			})
		})
	}
}

// Who gives up waiting for a renewal learns so with his own cause, and not that the token is revoked.
func TestWhoStopsWaitingForARenewalIsToldSo(t *testing.T) {
	mine := errors.New("the page was closed")
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	conn.RenewedBy, conn.RenewedUntil = "another", time.Now().Add(time.Hour)
	if ok, err := store.Swap(context.Background(), conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	for name, say := range map[string]string{"expired": "oauth_problem=token_expired", "revoked": "oauth_problem=token_revoked"} {
		refusing := transportFunc(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 401, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: io.NopCloser(strings.NewReader(say)), Request: req}, nil
		})
		e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: refusing, Connections: store})
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(30*time.Millisecond, func() { cancel(mine) })
		_, err := e.Do(ctx, conn, request(t, "GET", "/notes", ""))
		if got := errorOf(t, err); got.Class != vm.ClassLimit || got.Code != "IML506" || !errors.Is(err, mine) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a store panics with reaches those who wait, and the next one renews again.
func TestPanicsOfAStoreReachTheCaller(t *testing.T) {
	store := &faulty{ConnectionStore: vm.NewMemoryConnections()}
	conn := renewedConnection(t, store)
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: &rotating{}, Connections: store})
	store.swap = func(*vm.Connection) (bool, error, bool) { panic("a bug of the host") }
	func() {
		defer func() {
			if got := recover(); got != "a bug of the host" {
				t.Errorf("recovered %v", got)
			}
		}()
		_, _ = e.Renew(context.Background(), conn)
	}()
	store.swap = nil
	if renewed, err := e.Renew(context.Background(), conn); err != nil || renewed.Renewals != 1 {
		t.Error(renewed, err)
	}
}

// Callers who wait for one renewal get connections of their own; who has another token does not wait with them.
func TestRenewalsAreOfATokenAndTheirResultsOfACaller(t *testing.T) {
	service := &rotating{gate: make(chan struct{})}
	store := vm.NewMemoryConnections()
	conn := renewedConnection(t, store)
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: store})
	var got [2]*vm.Connection
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = e.Renew(context.Background(), conn); err != nil {
				t.Error(err)
			}
			got[i].Data.Set("mine", value.Int(int64(i)))
		})
	}
	time.Sleep(10 * time.Millisecond)
	close(service.gate)
	all.Wait()
	if got[0].Data.Value("mine").Float() != 0 || got[1].Data.Value("mine").Float() != 1 || service.renewed != 1 {
		t.Errorf("%v %v after %d renewals", jsonOf(got[0].Data), jsonOf(got[1].Data), service.renewed)
	}
	waiting, reached := make(chan struct{}), make(chan struct{})
	loads := &slowLoads{ConnectionStore: store, reached: reached, gate: waiting}
	slow := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: loads})
	all.Go(func() { _, _ = slow.Renew(context.Background(), conn) }) // whose token is the first one
	<-reached
	fresh, err := store.Load(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := slow.Renew(context.Background(), fresh)
	if err != nil || renewed.Renewals != 2 {
		t.Errorf("with the newest token: %+v, %v", renewed, err)
	}
	close(waiting)
	all.Wait()
}

// slowLoads keeps the first who loads waiting.
type slowLoads struct {
	vm.ConnectionStore
	slow          atomic.Bool
	reached, gate chan struct{}
}

func (s *slowLoads) Load(ctx context.Context, id string) (*vm.Connection, error) {
	if !s.slow.Swap(true) {
		close(s.reached)
		<-s.gate
	}
	return s.ConnectionStore.Load(ctx, id)
}

// What a renewal leaves behind is bounded as what an authorisation does.
func TestRenewedDataIsBounded(t *testing.T) {
	h := vm.Host{Transport: &rotating{}}
	h.Limits.ValueBytes = 1000
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), h)
	_, err := e.Renew(context.Background(), &vm.Connection{Data: object(t, `{"token":"t0","note":"`+strings.Repeat("n", 1000)+`"}`)})
	if got := errorOf(t, err); got.Class != vm.ClassLimit || got.Code != "IML503" {
		t.Errorf("%+v", got)
	}
}

// An expired token is renewed where the spec says how, without asking the user; others need him, but not before he was
// sent away.
func TestRemedies(t *testing.T) {
	refusing := func(path, problem string) vm.Host {
		answers := authorising()
		answers["/notes"], answers["/renew"] = always("a=b"), always("a=b")
		answers[path] = always("401 " + problem)
		return vm.Host{Transport: answering(t, answers)}
	}
	without := strings.Replace(changingSpec, `"renew":{`, `"test":{`, 1)
	conn := &vm.Connection{Data: object(t, `{"token":"t0"}`)}
	test := func(e *vm.Engine) error { return e.Test(context.Background(), conn) }
	renew := func(e *vm.Engine) error { _, err := e.Renew(context.Background(), conn); return err }
	begin := func(e *vm.Engine) error {
		_, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "https://host.test/cb"})
		return err
	}
	whole := func(e *vm.Engine) error {
		step, err := e.Authorize(context.Background(), vm.Grant{RedirectURI: "https://host.test/cb"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Callback(context.Background(), step.State, changingBack)
		return err
	}
	for name, c := range map[string]struct {
		spec, path, problem string
		do                  func(*vm.Engine) error
		want                string
	}{
		"expired":                       {changingSpec, "/me", "oauth_problem=token_expired", test, vm.RemedyRenew},
		"expired, no renewal":           {without, "/me", "oauth_problem=token_expired", test, vm.RemedyReauthorize},
		"expired handle":                {changingSpec, "/renew", "oauth_problem=token_expired", renew, vm.RemedyReauthorize},
		"revoked":                       {changingSpec, "/me", "oauth_problem=token_revoked", test, vm.RemedyReauthorize},
		"a wrong secret":                {changingSpec, "/me", "oauth_problem=signature_invalid", test, ""},
		"no word":                       {changingSpec, "/me", "", test, vm.RemedyReauthorize},
		"no word, before any token":     {changingSpec, "/rt", "", begin, ""},
		"no word, instead of the token": {changingSpec, "/at", "", whole, vm.RemedyReauthorize},
		"no word of a new token":        {changingSpec, "/me", "", whole, vm.RemedyReauthorize},
	} {
		err := c.do(mustEngine(t, mustCompile(t, c.spec, imlc.Options{}), refusing(c.path, c.problem)))
		if got := errorOf(t, err); got.Remedy != c.want || got.NeedsReauth() != (c.want == vm.RemedyReauthorize) {
			t.Errorf("%s: %q of %v", name, got.Remedy, err)
		}
	}
}

// What the store does not have cannot be renewed, and proving credentials takes no lease away from who renews them.
func TestRenewingKeepsToTheStore(t *testing.T) {
	ctx := context.Background()
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: &rotating{}, Connections: vm.NewMemoryConnections()})
	conn := &vm.Connection{ID: "unknown", Data: object(t, `{"token":"t1"}`)}
	if _, err := e.Renew(ctx, conn); errorOf(t, err).Class != vm.ClassHost {
		t.Error(err)
	}
	conn.RenewedBy, conn.RenewedUntil = "another", time.Unix(1900000000, 0)
	proved, _, err := e.Validate(ctx, conn)
	if err != nil || proved.RenewedBy != "another" || !proved.RenewedUntil.Equal(conn.RenewedUntil) {
		t.Errorf("%+v, %v", proved, err)
	}
}
