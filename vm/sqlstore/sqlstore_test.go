package sqlstore_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/sqlstore"
	"github.com/imlc-lang/imlc/vm/storetest"
	"github.com/imlc-lang/imlc/vm/value"
)

func sealer(t testing.TB, ids ...string) vm.Sealer {
	t.Helper()
	var keys []vm.SealKey
	for _, id := range ids {
		keys = append(keys, vm.SealKey{ID: id, Secret: []byte("the secret of the key " + id)})
	}
	s, err := vm.NewSealer(rand.Reader, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open opens a database, with a pool of its own as another process has one.
func open(t testing.TB, kind sqlstore.Database, address string, seal vm.Sealer, clock func() time.Time) *sqlstore.Store {
	t.Helper()
	driver := "pgx"
	if kind == sqlstore.SQLite {
		driver, address = "sqlite", "file:"+(&url.URL{Path: address}).EscapedPath()+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(8)
	s, err := sqlstore.New(context.Background(), db, kind, seal, clock)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// databases are those that the tests run on: SQLite, and PostgreSQL where IMLC_TEST_POSTGRES says that there is one.
func databases(t *testing.T, test func(t *testing.T, kind sqlstore.Database, address string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, sqlstore.SQLite, filepath.Join(t.TempDir(), "a b?#%41.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, sqlstore.PostgreSQL, postgres(t)) })
}

// postgres returns the address of a schema of its own.
func postgres(t *testing.T) string {
	server := os.Getenv("IMLC_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("IMLC_TEST_POSTGRES does not say where PostgreSQL is")
		}
		t.Skip("IMLC_TEST_POSTGRES does not say where PostgreSQL is")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Both databases do what every store must do.
func TestStores(t *testing.T) {
	databases(t, func(t *testing.T, kind sqlstore.Database, address string) {
		seal := sealer(t, "k")
		storetest.Pending(t, func(t *testing.T, clock func() time.Time) vm.PendingStore { return open(t, kind, address, seal, clock) })
		storetest.Connections(t, func(t *testing.T) vm.ConnectionStore { return open(t, kind, address, seal, nil) })
		storetest.States(t, func(t *testing.T) vm.StateStore { return open(t, kind, address, seal, nil) })
	})
}

// A row shows nothing of its connection, and is of use in its own place only.
func TestRowsAreSealed(t *testing.T) {
	databases(t, func(t *testing.T, kind sqlstore.Database, address string) {
		s := open(t, kind, address, sealer(t, "k"), nil)
		data := value.NewObject(1)
		data.Set("token", value.Text("a secret of the user"))
		for _, id := range []string{"ann", "bob"} {
			if ok, err := s.Swap(t.Context(), &vm.Connection{ID: id, UID: "uid of " + id, Data: data}); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		driver, name := "pgx", address
		if kind == sqlstore.SQLite {
			driver, name = "sqlite", "file:"+(&url.URL{Path: address}).EscapedPath()
		}
		db, err := sql.Open(driver, name)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var sealed string
		if err := db.QueryRow("SELECT sealed FROM imlc_connections WHERE id = 'bob'").Scan(&sealed); err != nil || strings.Contains(sealed, "secret") || strings.Contains(sealed, "uid") {
			t.Errorf("%v %s", err, sealed)
		}
		if _, err := db.Exec("UPDATE imlc_connections SET sealed = (SELECT sealed FROM imlc_connections WHERE id = 'bob') WHERE id = 'ann'"); err != nil {
			t.Fatal(err)
		}
		if conn, err := s.Load(t.Context(), "ann"); !errors.Is(err, vm.ErrSeal) {
			t.Errorf("a row in the place of another: %v %v", conn, err)
		}
	})
	if _, err := sqlstore.New(t.Context(), nil, sqlstore.SQLite, nil, nil); err == nil {
		t.Error("a store without a sealer")
	}
}

// A key is rotated in three steps, in each of which replicas of the step before and of this one work together.
func TestKeyRotation(t *testing.T) {
	databases(t, func(t *testing.T, kind sqlstore.Database, address string) {
		steps := [][]string{{"old"}, {"old", "new"}, {"new", "old"}, {"new"}}
		for i, ids := range steps {
			here := open(t, kind, address, sealer(t, ids...), nil)
			if i > 0 {
				before := open(t, kind, address, sealer(t, steps[i-1]...), nil)
				for _, store := range []*sqlstore.Store{here, before} {
					conn, err := store.Load(t.Context(), "c")
					if err != nil {
						t.Fatalf("step %d: %v", i, err)
					}
					if ok, err := store.Swap(t.Context(), conn); !ok || err != nil {
						t.Fatalf("step %d: %v %v", i, ok, err)
					}
				}
				if _, err := here.Load(t.Context(), "c"); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
			} else if ok, err := here.Swap(t.Context(), &vm.Connection{ID: "c"}); !ok || err != nil {
				t.Fatal(ok, err)
			}
			if i == 2 { // before the old key is dropped
				if err := here.Rewrap(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// What nobody can complete any more is forgotten, the rest is kept.
func TestSweep(t *testing.T) {
	databases(t, func(t *testing.T, kind sqlstore.Database, address string) {
		now := time.Now()
		s := open(t, kind, address, sealer(t, "k"), func() time.Time { return now })
		for key, deadline := range map[string]time.Duration{"gone": -vm.DefaultPendingTTL - time.Minute, "late": -time.Minute, "waits": time.Minute} {
			if err := errors.Join(s.Put(t.Context(), key, now.Add(deadline)), s.Keep(t.Context(), key, "sealed", now.Add(deadline))); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]vm.PendingHold{"gone": vm.PendingUnknown, "late": vm.PendingClaimed, "waits": vm.PendingClaimed} {
			kept, err := s.Recall(t.Context(), key)
			if hold, failed := s.Claim(t.Context(), key, "c", now.Add(time.Minute)); hold != want || failed != nil || err != nil || (kept != "") != (want == vm.PendingClaimed) {
				t.Errorf("%s: %d, %q, %v %v", key, hold, kept, failed, err)
			}
		}
	})
}

const renewSpec = `{"communication":{"oauth":{"consumer_key":"ck","consumer_secret":"cs"},"renew":{"url":"{{connection.url}}","method":"POST",
	"oauth":{"token":"{{connection.token}}","session_handle":"h"},"response":{"type":"urlencoded","data":{"token":"{{body.oauth_token}}"}}}}}`

// renewals is how often each of the two processes wants a new token.
const renewals = 1000

// Two processes renew one connection again and again, against a service that revokes everything when an old token is
// renewed: nothing is revoked, and no token is lost.
func TestRenewalsOfTwoProcesses(t *testing.T) {
	const variable = "IMLC_TEST_RENEWALS"
	if given := os.Getenv(variable); given != "" {
		renewAgainAndAgain(t, strings.Fields(given))
		return
	}
	if testing.Short() {
		t.Skip("takes seconds")
	}
	databases(t, func(t *testing.T, kind sqlstore.Database, address string) {
		var mu sync.Mutex
		newest, revoked := 0, 0
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, after, _ := strings.Cut(r.Header.Get("Authorization"), `oauth_token="t`)
			var n int
			_, _ = fmt.Sscanf(after, "%d", &n)
			mu.Lock()
			defer mu.Unlock()
			if n != newest {
				revoked++
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, "oauth_problem=token_revoked")
				return
			}
			newest++
			fmt.Fprintf(w, "oauth_token=t%d", newest)
		}))
		defer service.Close()
		store := open(t, kind, address, sealer(t, "k"), nil)
		data := value.NewObject(2)
		data.Set("token", value.Text("t0"))
		data.Set("url", value.Text(service.URL))
		if ok, err := store.Swap(t.Context(), &vm.Connection{ID: "c", Data: data}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				cmd := exec.Command(os.Args[0], "-test.run=^TestRenewalsOfTwoProcesses$", "-test.count=1", "-test.timeout=5m")
				cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", variable, kind, strings.ReplaceAll(address, " ", "\x01")))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
		all.Wait()
		conn, err := store.Load(t.Context(), "c")
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		t.Logf("%d renewals at the service for %d that were wanted, %d revoked", newest, 2*renewals, revoked)
		if want := fmt.Sprintf("t%d", newest); revoked > 0 || conn.Data.Value("token").Str() != want || conn.Renewals != int64(newest) || newest < renewals || conn.RenewedBy != "" {
			t.Errorf("the service is at %s, the store at %s after %d renewals, %d revoked", want, conn.Data.Value("token"), conn.Renewals, revoked)
		}
	})
}

func renewAgainAndAgain(t *testing.T, given []string) {
	kind := sqlstore.SQLite
	if given[0] != fmt.Sprint(int(sqlstore.SQLite)) {
		kind = sqlstore.PostgreSQL
	}
	store := open(t, kind, strings.ReplaceAll(given[1], "\x01", " "), sealer(t, "k"), nil)
	p, list := imlc.CompileSource(make.Source("", map[string]*source.File{make.Communication: source.NewFile("renew.json", renewSpec)}, nil), imlc.Options{})
	if p == nil {
		t.Fatal(list.Items)
	}
	engine, err := vm.New(p, vm.Host{Egress: wire.Egress{AllowPrivate: true, AllowHTTP: true}, Connections: store})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := store.Load(t.Context(), "c")
	for range renewals {
		if err != nil {
			t.Fatal(err)
		}
		conn, err = engine.Renew(t.Context(), conn)
	}
	if err != nil {
		t.Fatal(err)
	}
}
