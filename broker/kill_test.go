package broker_test

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	"github.com/imlc-lang/imlc/internal/sqlwatch"
	"github.com/imlc-lang/imlc/vm"
)

// Each end of a process costs a database and a second until the server has noticed.
var killEvery = flag.Int("kill-every", 23, "at which steps TestRotationKilled ends a process that works on PostgreSQL; 1 is at each")

// site is a database with the file of its keys.
type site struct {
	sqlstore.Options
	keys string
	key  string // of the API
}

// grown is what a broker in use has in its database, and the file of its keys.
type grown struct {
	records []store.Record
	keys    []byte
	key     string
	ids     []string // of connections
}

func grow(t *testing.T) grown {
	t.Helper()
	w := start(t)
	w.things()
	w.connect("bob")
	w.stop()
	g := grown{keys: w.ring.Encode(), key: w.key}
	if err := w.store.All(t.Context(), func(r store.Record) error {
		if g.records = append(g.records, r); r.Kind == "connection" {
			g.ids = append(g.ids, r.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return g
}

// put fills a database.
func (g grown) put(t *testing.T, s site) site {
	t.Helper()
	s.key = g.key
	if err := os.WriteFile(s.keys, g.keys, 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := sqlstore.Open(t.Context(), s.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if err := to.Import(t.Context(), g.records); err != nil {
		t.Fatal(err)
	}
	return s
}

// atSite is a process of a broker at a site, without jobs.
type atSite struct {
	*testing.T
	store   store.Store
	ring    *envelope.Ring
	broker  *broker.Broker
	handler http.Handler
	key     string
}

// open starts a process, some time later. written is told when the file of the keys has been.
func (s site) open(t *testing.T, later time.Duration, written func() error) (*atSite, error) {
	t.Helper()
	read := func() (*envelope.Ring, error) {
		data, err := os.ReadFile(s.keys)
		if err != nil {
			return nil, err
		}
		return envelope.ParseRing(data, rand.Reader)
	}
	ring, err := read()
	if err != nil {
		return nil, err
	}
	ring.Follow(read)
	out := &atSite{T: t, ring: ring, key: s.key}
	if out.store, err = sqlstore.Open(t.Context(), s.Options); err != nil {
		return nil, err
	}
	t.Cleanup(func() { out.store.Close() })
	out.broker, err = broker.New(broker.Config{Store: out.store, Keys: ring, URL: "http://127.0.0.1", Host: vm.Host{Clock: func() time.Time { return time.Now().Add(later) }},
		RotateKeys: func() error {
			return ring.AddKept(time.Now(), func(next *envelope.Ring) error {
				if err := os.WriteFile(s.keys+".new", next.Encode(), 0o600); err != nil {
					return err
				}
				return errors.Join(os.Rename(s.keys+".new", s.keys), written())
			})
		}})
	if err != nil {
		return nil, err
	}
	out.handler = out.broker.Handler()
	return out, nil
}

func (a *atSite) api(method, path string) (int, string) {
	req := httptest.NewRequest(method, path, nil)
	req.Header.Set("Authorization", "Bearer "+a.key)
	res := httptest.NewRecorder()
	a.handler.ServeHTTP(res, req)
	return res.Code, res.Body.String()
}

// whole holds that a process which starts where another one was killed has everything, goes on, and says that it is done
// when it is.
func (g grown) whole(t *testing.T, s site, where string) {
	t.Helper()
	a, err := s.open(t, 3*time.Minute, func() error { return nil })
	if err != nil {
		t.Errorf("%s: it does not start: %v", where, err)
		return
	}
	if err := a.broker.CheckKeys(t.Context()); err != nil {
		t.Errorf("%s: %v", where, err)
	}
	opens := func(when string) {
		t.Helper()
		for _, id := range g.ids {
			if status, text := a.api("POST", "/v1/connections/"+id+"/reveal"); status != 200 || !strings.Contains(text, consumerSecret) {
				t.Errorf("%s, %s: a connection does not open: %d %s", where, when, status, text)
			}
		}
	}
	opens("at the start")
	if status, text := a.api("GET", "/v1/connections?user=bob"); status != 200 || strings.Count(text, `"user":"bob"`) != 1 {
		t.Errorf("%s: a connection is not found: %d %s", where, status, text)
	}
	if status, text := a.api("POST", "/v1/admin/rotate"); status != 204 {
		t.Errorf("%s: it does not rotate: %d %s", where, status, text)
	}
	if status, text := a.api("POST", "/v1/admin/rewrap"); status != 200 {
		t.Errorf("%s: it does not wrap anew: %d %s", where, status, text)
	}
	for _, id := range a.ring.IDs()[1:] {
		a.ring.Drop(id)
	}
	opens("under the last key alone")
	var ids []string
	box := envelope.Box{Keys: a.ring, Entropy: rand.Reader}
	if err := a.store.All(t.Context(), func(r store.Record) error {
		ids = append(ids, r.Kind+" "+r.ID)
		if r.Sealed == nil {
			return nil
		}
		_, err := box.Open(context.Background(), r.KeyID, r.Sealed, r.Space+"\x00"+r.Kind+"\x00"+r.ID)
		return err
	}); err != nil {
		t.Errorf("%s: when it says that it is done: %v", where, err)
	}
	for _, r := range g.records {
		if !slices.Contains(ids, r.Kind+" "+r.ID) {
			t.Errorf("%s: %s %s is lost", where, r.Kind, r.ID)
		}
	}
}

// rotate makes a new key and wraps everything under it.
func (a *atSite) rotate() error {
	if status, text := a.api("POST", "/v1/admin/rotate"); status != 204 {
		return fmt.Errorf("rotate: %d %s", status, text)
	}
	n, err := a.broker.Rewrap(a.Context())
	if err == nil && n < 4 {
		err = fmt.Errorf("only %d records were wrapped anew", n)
	}
	return err
}

// TestRotationKilled ends the process behind every statement of a rotation of the keys, and behind the file of the keys,
// and starts another one there.
func TestRotationKilled(t *testing.T) {
	g := grow(t)
	t.Run("SQLite", func(t *testing.T) {
		at := func(dir string) site {
			return site{Options: sqlstore.Options{File: filepath.Join(dir, "broker.db")}, keys: filepath.Join(dir, "keys.json"), key: g.key}
		}
		s := g.put(t, at(t.TempDir()))
		dirs := sqlwatch.Snapshots(t, filepath.Dir(s.keys))
		w := sqlwatch.Watch{After: dirs.Take}
		s.Options.Open = w.Open
		a, err := s.open(t, 0, func() error { return dirs.Take(sqlwatch.Statement{Text: "the file of the keys"}) })
		if err != nil {
			t.Fatal(err)
		}
		if err := a.rotate(); err != nil {
			t.Fatal(err)
		}
		for i, taken := range dirs.Taken {
			g.whole(t, at(taken.Dir), fmt.Sprintf("killed at point %d, behind %s", i+1, taken.Behind))
		}
		if len(dirs.Taken) < 8 {
			t.Errorf("the process ended at %d points", len(dirs.Taken))
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := os.Getenv("IMLC_TEST_POSTGRES")
		if server == "" {
			if os.Getenv("CI") == "true" {
				t.Fatal("IMLC_TEST_POSTGRES does not say where PostgreSQL is")
			}
			t.Skip("IMLC_TEST_POSTGRES is not set")
		}
		ends := 0
		for step, ended := *killEvery, true; ended; step += *killEvery {
			s := g.put(t, site{Options: sqlstore.Options{Postgres: freshDatabase(t, server)}, keys: filepath.Join(t.TempDir(), "keys.json")})
			n, last := 0, ""
			ended = false
			after := func(done sqlwatch.Statement) error {
				if n++; n < step {
					return nil
				}
				last, ended = done.Text, true
				return errors.New("killed")
			}
			w := sqlwatch.Watch{After: after}
			o := s
			o.Options.Open = w.Open
			if a, err := o.open(t, 0, func() error { return nil }); err == nil {
				_ = a.rotate()
			}
			g.whole(t, s, fmt.Sprintf("killed at step %d, behind %s", step, last))
			if ended {
				ends++
			}
		}
		if t.Logf("the process ended at %d steps, each %dth", ends, *killEvery); ends == 0 {
			t.Error("the process ended nowhere")
		}
	})
}

// TestOneRotatesAtATime has two processes rotate at once, where one takes its time: the other is told to wait, and one
// that was killed on the way keeps nobody from it for ever.
func TestOneRotatesAtATime(t *testing.T) {
	w := start(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	w.config.RotateKeys = func() error { close(inside); <-leave; return nil }
	slow := w.another()
	req, err := http.NewRequest("POST", slow.url+"/v1/admin/rotate", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.key)
	done := make(chan error)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		done <- err
	}()
	<-inside
	if status, out := w.api("POST", "/v1/admin/rotate", nil); status != 409 || out["retryable"] != true {
		t.Errorf("beside another process: %d %v", status, out)
	}
	w.ahead.Store(int64(3 * time.Minute))
	w.must("POST", "/v1/admin/rotate", nil)
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.must("POST", "/v1/admin/rotate", nil)
}

// TestStuckRecords has more records than a page whose key nobody has: what stands behind them is wrapped anew all the
// same, each of them is told once, and a start says that their key is missing.
func TestStuckRecords(t *testing.T) {
	w := start(t)
	w.stop()
	w.spec()
	for i := range 120 {
		r := store.Record{Space: "a/a", Kind: "stuck", ID: fmt.Sprint(i), Sealed: []byte("x"), KeyID: "0-gone"}
		if _, err := w.store.Apply(t.Context(), store.Op{Record: r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.ring.Add(time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := w.broker.Rewrap(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	left, err := w.store.Foreign(t.Context(), w.ring.Current(), store.Record{}, 1000)
	if err != nil || len(left) != 120 {
		t.Errorf("%d records are left, want the 120 that cannot be wrapped: %v", len(left), err)
	}
	if n := strings.Count(w.logs.String(), "cannot be wrapped anew"); n != 120 {
		t.Errorf("told %d times, want once for each", n)
	}
	if err := w.broker.CheckKeys(t.Context()); err == nil || !strings.Contains(err.Error(), "0-gone") {
		t.Errorf("the start says %v", err)
	}
	// The key that is missing need not be the first of those that are left.
	if _, err := w.store.Apply(t.Context(), store.Op{Record: store.Record{Kind: "stuck", ID: "z", Sealed: []byte("x"), KeyID: "zz-gone"}}); err != nil {
		t.Fatal(err)
	}
	for _, r := range left {
		if _, err := w.store.Apply(t.Context(), store.Op{Record: r, Delete: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.ring.Add(time.Now()); err != nil { // so that all that opens is under another key too
		t.Fatal(err)
	}
	if err := w.broker.CheckKeys(t.Context()); err == nil || !strings.Contains(err.Error(), "zz-gone") {
		t.Errorf("the start says %v", err)
	}
}
