package sqlstore_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	"github.com/imlc-lang/imlc/broker/store/storetest"
)

func open(t *testing.T, o sqlstore.Options) store.Store {
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

// TestPostgres runs on the server that IMLC_TEST_POSTGRES names, in a schema of its own for each test.
func TestPostgres(t *testing.T) {
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
	defer admin.Close()
	storetest.Run(t, func(t *testing.T) store.Store {
		schema := "test_" + strings.ToLower(rand.Text())
		if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
				t.Error(err)
			}
		})
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		return open(t, sqlstore.Options{Postgres: u.String()})
	})
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

// BenchmarkConnections asks a database with many connections what a broker asks: a page, those of a user, a search, what
// is due.
func BenchmarkConnections(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		s, err := sqlstore.Open(context.Background(), sqlstore.Options{File: filepath.Join(b.TempDir(), "x.db")})
		if err != nil {
			b.Fatal(err)
		}
		var page []store.Record
		for i := range n {
			page = append(page, store.Record{Space: "a", Kind: "connection", ID: fmt.Sprintf("conn_%08d", i), Revision: 1, Body: make([]byte, 400), Sealed: make([]byte, 600), KeyID: "k",
				Labels: []string{"spec=demo", "status=ok", fmt.Sprintf("user=%d", i), fmt.Sprintf("tag:team=%d", i%50), fmt.Sprintf("word:user%d", i)}, Due: time.UnixMicro(int64(1e15) + int64(i))})
			if len(page) == 1000 {
				if err := s.Import(context.Background(), page); err != nil {
					b.Fatal(err)
				}
				page = page[:0]
			}
		}
		for name, q := range map[string]store.Query{
			"page": {Descending: true, Limit: 50}, "user": {Labels: []string{fmt.Sprintf("user=%d", n/2)}}, "team": {Labels: []string{"tag:team=7", "status=ok"}, Limit: 50},
			"search": {Prefix: fmt.Sprintf("word:user%d", n/2), Limit: 50},
		} {
			q.Space, q.Kind = "a", "connection"
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if found, err := s.List(context.Background(), q); err != nil || len(found) == 0 {
						b.Fatal(len(found), err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("due/%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Claim(context.Background(), "connection", time.UnixMicro(1), time.UnixMicro(2), 10); err != nil {
					b.Fatal(err)
				}
			}
		})
		s.Close()
	}
}
