package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	"github.com/imlc-lang/imlc/internal/sqlwatch"
)

// Each end of a process costs a schema and a second until the server has noticed.
var every = flag.Int("every", 7, "at which steps TestMigrationKilled ends a process that works on PostgreSQL; 1 is at each")

// database is what a broker of an older version left: the tables of that version, 0 for none, with records.
type database struct {
	sqlstore.Options
	driver, address, migrations string
	version                     int64
}

// have are the records of an older version.
var have = []store.Record{
	{Space: "a/b", Kind: "connection", ID: "1", Body: []byte("{}"), Sealed: []byte("x"), KeyID: "k", Labels: []string{"user=ada", "word:ada"}},
	{Space: "a/b", Kind: "connection", ID: "2", Sealed: []byte("y"), KeyID: "k2", Labels: []string{"user=bob"}},
}

// fill makes the tables of the version, and puts records in.
func (d *database) fill(t *testing.T) {
	t.Helper()
	if d.version == 0 {
		return
	}
	db, err := sql.Open(d.driver, d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dialect := map[string]goose.Dialect{"sqlite": goose.DialectSQLite3, "pgx": goose.DialectPostgres}[d.driver]
	p, err := goose.NewProvider(dialect, db, os.DirFS(d.migrations), goose.WithTableName("imlc_schema"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), d.version); err != nil {
		t.Fatal(err)
	}
	old := d.Options
	old.KeepSchema = true
	s := open(t, old)
	defer s.Close()
	for _, r := range have {
		if _, err := s.Apply(t.Context(), store.Op{Record: r}); err != nil {
			t.Fatal(err)
		}
	}
}

// schema is every table and index of the database.
func (d *database) schema(t *testing.T) []string {
	t.Helper()
	db, err := sql.Open(d.driver, d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	query := `SELECT coalesce(sql, name) FROM sqlite_master`
	if d.driver == "pgx" {
		query = `SELECT regexp_replace(indexdef, ' ON [^ ]+\.', ' ON ') FROM pg_indexes WHERE schemaname = current_schema()
			UNION ALL SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// whole opens the database as the next start would, and holds that it is as though nothing had ended.
func (d *database) whole(t *testing.T, where string, schema []string) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), d.Options)
	if err != nil {
		t.Errorf("%s: it does not open: %v", where, err)
		return
	}
	defer s.Close()
	if diff := cmp.Diff(schema, d.schema(t)); diff != "" {
		t.Errorf("%s: another schema:\n%s", where, diff)
	}
	for i := range have[:min(int(d.version), 1)*len(have)] {
		found, err := s.List(t.Context(), store.Query{Space: "a/b", Kind: "connection", Labels: have[i].Labels})
		if err != nil || len(found) != 1 || !bytes.Equal(found[0].Sealed, have[i].Sealed) {
			t.Errorf("%s: record %d is %v, %v", where, i, found, err)
		}
	}
	if _, err := s.Apply(t.Context(), store.Op{Record: store.Record{Kind: "n"}, Sequence: true}); err != nil {
		t.Errorf("%s: it does not write: %v", where, err)
	}
}

// TestMigrationKilled ends the process behind every statement that brings the tables up to date, of a new database and of
// one of each older version, and opens the database again: nothing is lost, and the schema is whole.
func TestMigrationKilled(t *testing.T) {
	for version := range int64(2) {
		t.Run(fmt.Sprintf("SQLite from %d", version), func(t *testing.T) {
			at := func(dir string) *database {
				file := filepath.Join(dir, "x.db")
				return &database{sqlstore.Options{File: file}, "sqlite", file, "migrations/sqlite", version}
			}
			fresh := at(t.TempDir())
			open(t, fresh.Options).Close()
			want := fresh.schema(t)
			d := at(t.TempDir())
			d.fill(t)
			dirs := sqlwatch.Snapshots(t, filepath.Dir(d.File))
			w := sqlwatch.Watch{After: dirs.Take}
			o := d.Options
			o.Open = w.Open
			open(t, o).Close()
			for _, s := range dirs.Taken {
				at(s.Dir).whole(t, s.Behind, want)
			}
			if len(dirs.Taken) < 3 {
				t.Errorf("the process ended at %d points", len(dirs.Taken))
			}
		})
		t.Run(fmt.Sprintf("PostgreSQL from %d", version), func(t *testing.T) {
			server := postgres(t)
			at := func() *database {
				address := server.schema(t)
				return &database{sqlstore.Options{Postgres: address}, "pgx", address, "migrations/postgres", version}
			}
			fresh := at()
			open(t, fresh.Options).Close()
			want := fresh.schema(t)
			ends := 0
			for step, ended := *every, true; ended; step += *every {
				ended = false
				d := at()
				d.fill(t)
				n, last := 0, ""
				w := sqlwatch.Watch{After: func(s sqlwatch.Statement) error {
					if n++; n < step {
						return nil
					}
					last, ended = s.Text, true
					return errors.New("killed")
				}}
				o := d.Options
				o.Open = w.Open
				if s, err := sqlstore.Open(context.Background(), o); err == nil {
					s.Close()
				}
				d.whole(t, fmt.Sprintf("killed at step %d, behind %s", step, last), want)
				if ended {
					ends++
				}
			}
			if t.Logf("the process ended at %d steps, each %dth", ends, *every); ends == 0 {
				t.Error("the process ended nowhere")
			}
		})
	}
}

// TestStartsAtOnce opens a new file by several processes at once, as an operator does who makes a key while the broker
// starts.
func TestStartsAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := sqlstore.Open(t.Context(), sqlstore.Options{File: file})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	all.Wait()
}
