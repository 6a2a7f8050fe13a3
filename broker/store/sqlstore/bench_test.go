package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
)

// BenchmarkConnections asks databases with ever more connections what a broker asks: a page of the list, the connections
// of a user and of a team, those in a state that few are in, searches for much and for little, what is due for renewal,
// what is under another key, and how many there are.
//
//	IMLC_TEST_POSTGRES=… go test ./broker/store/sqlstore -run - -bench Connections -benchtime 200x
func BenchmarkConnections(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		grow(b, open(b, sqlstore.Options{File: filepath.Join(b.TempDir(), "x.db")}), func() {})
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		address := os.Getenv("IMLC_TEST_POSTGRES")
		if address == "" {
			b.Skip("IMLC_TEST_POSTGRES is not set")
		}
		admin, err := sql.Open("pgx", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { admin.Close() })
		grow(b, open(b, sqlstore.Options{Postgres: server{address, admin}.schema(b)}), func() {
			if _, err := admin.Exec("VACUUM ANALYZE"); err != nil { // as the server does by itself a little later
				b.Fatal(err)
			}
		})
	})
}

func grow(b *testing.B, s store.Store, settle func()) {
	defer s.Close()
	ctx, have := context.Background(), 0
	for _, n := range []int{1000, 10000, 100000} {
		for ; have < n; have += 1000 {
			if err := s.Import(ctx, many(have, have+1000)); err != nil {
				b.Fatal(err)
			}
		}
		settle()
		for _, c := range []struct {
			name string
			q    store.Query
		}{
			{"page", store.Query{Descending: true}}, {"user", store.Query{Labels: []string{fmt.Sprintf("user=%d", n/2)}}},
			{"team", store.Query{Labels: []string{"tag:team=7", "status=ok"}, Descending: true}},
			{"degraded", store.Query{Labels: []string{"spec=demo", "status=degraded"}, Descending: true}},
			{"search", store.Query{Prefix: fmt.Sprintf("word:user%d", n/2), Descending: true}},
			{"search of many", store.Query{Prefix: "word:u", Descending: true}},
		} {
			c.q.Space, c.q.Kind, c.q.Limit = "a", "connection", 50
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				timed(b, func() error {
					found, err := s.List(ctx, c.q)
					if len(found) == 0 {
						err = errors.Join(err, errors.New("nothing is found"))
					}
					return err
				})
			})
		}
		for name, f := range map[string]func() error{
			"due, none": func() error {
				_, err := s.Claim(ctx, "connection", time.UnixMicro(1), time.UnixMicro(2), 10)
				return err
			},
			"due, ten": func() error {
				found, err := s.Claim(ctx, "connection", time.UnixMicro(9e15), time.UnixMicro(8e15), 10)
				if len(found) != 10 {
					err = fmt.Errorf("%d were due: %w", len(found), err)
				}
				return err
			},
			"expired": func() error { _, err := s.Sweep(ctx, time.UnixMicro(1), 500); return err },
			"foreign": func() error { _, err := s.Foreign(ctx, "k0", store.Record{}, 100); return err },
			"counted": func() error { _, err := s.Kinds(ctx); return err },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { timed(b, f) })
		}
	}
}

// timed reports the time that the fastest quarter of the rounds stays below: on a busy machine the others tell of it.
func timed(b *testing.B, f func() error) {
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/4].Microseconds())/1000, "ms")
	b.ReportMetric(0, "ns/op")
}
