package sqlstore_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	"github.com/imlc-lang/imlc/broker/store/storetest"
)

func open(t testing.TB, o sqlstore.Options) store.Store {
	t.Helper()
	s, err := sqlstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return open(t, sqlstore.Options{File: filepath.Join(t.TempDir(), "a b?#%41.db")})
	})
}

// server is the PostgreSQL server of the tests.
type server struct {
	address string
	admin   *sql.DB
}

// postgres returns the server that IMLC_TEST_POSTGRES names.
func postgres(t *testing.T) server {
	t.Helper()
	address := os.Getenv("IMLC_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("IMLC_TEST_POSTGRES does not say where PostgreSQL is")
		}
		t.Skip("IMLC_TEST_POSTGRES does not say where PostgreSQL is")
	}
	admin, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	return server{address, admin}
}

// schema makes a schema and returns the address of a database that is nothing but it.
func (s server) schema(t testing.TB) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := s.admin.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(s.address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// TestPostgres runs in a schema of its own for each test.
func TestPostgres(t *testing.T) {
	server := postgres(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, sqlstore.Options{Postgres: server.schema(t)}) })
}

// TestNewerTables holds that an older program keeps its hands off tables that a newer one made.
func TestNewerTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	open(t, sqlstore.Options{File: file}).Close()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO imlc_schema (version_id, is_applied) VALUES (99999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := sqlstore.Open(context.Background(), sqlstore.Options{File: file}); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("opened tables of version 99999: %v", err)
	}
}

// TestTwoProcesses opens one file twice, as two processes would.
func TestTwoProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	a, b := open(t, sqlstore.Options{File: file}), open(t, sqlstore.Options{File: file})
	defer a.Close()
	defer b.Close()
	done := make(chan error, 2)
	for _, s := range []store.Store{a, b} {
		go func() {
			for range 50 {
				if _, err := s.Apply(context.Background(), store.Op{Record: store.Record{Kind: "n"}, Sequence: true}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if kinds, err := a.Kinds(context.Background()); err != nil || kinds["n"] != 100 {
		t.Errorf("%v, %v", kinds, err)
	}
}
