package sqlstore_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	"github.com/imlc-lang/imlc/internal/sqlwatch"
)

// many are connections as a broker keeps them, numbered from 0.
func many(from, to int) []store.Record {
	var out []store.Record
	for i := from; i < to; i++ {
		status := "ok"
		if i%1000 == 500 {
			status = "degraded"
		}
		out = append(out, store.Record{Space: "a", Kind: "connection", ID: fmt.Sprintf("conn_%08d", i), Revision: 1, Body: make([]byte, 400), Sealed: make([]byte, 600), KeyID: fmt.Sprintf("k%d", i%2),
			Labels: []string{"spec=demo", "status=" + status, fmt.Sprintf("user=%d", i), fmt.Sprintf("tag:team=%d", i%50), fmt.Sprintf("word:user%d", i)}, Due: time.UnixMicro(int64(1e15) + int64(i)),
			Expires: time.UnixMicro(int64(2e15) + int64(i))})
	}
	return out
}

// TestQueriesUseIndexes has the database explain every query behind the lists of the API, and of the jobs that run in the
// background: none goes through a table, and none sorts what an index has in order, so that their cost is that of what
// they return, however much there is.
func TestQueriesUseIndexes(t *testing.T) {
	// The kinds are counted along an index, a prefix that few records have gives the records that are then sorted, and
	// rows of labels that are counted need no order.
	sorts := func(query string) bool { return strings.Contains(query, " IN (SELECT p.id") }
	t.Run("SQLite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "x.db")
		explain(t, sqlstore.Options{File: file}, "sqlite", file, "EXPLAIN QUERY PLAN ", func(query, plan string) bool {
			for line := range strings.Lines(plan) {
				scans := strings.Contains(line, "SCAN") && !strings.Contains(line, "USING COVERING INDEX records_kind") && line != "SCAN found\n"
				if scans || strings.Contains(line, "TEMP B-TREE") && !sorts(query) ||
					strings.Contains(line, "AUTOMATIC") {
					return false
				}
			}
			return true
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		address := postgres(t).schema(t)
		// Of few rows the server would rather read them all, so what can be had in no other way shows. The plan is the one that
		// it keeps for a statement which is prepared, and made without the values: there a merge of two labels reads all that
		// both have.
		explain(t, sqlstore.Options{Postgres: address}, "pgx", address+"&enable_seqscan=off&enable_sort=off&enable_bitmapscan=off&plan_cache_mode=force_generic_plan",
			"", func(query, plan string) bool {
				return !strings.Contains(plan, "Seq Scan") && !strings.Contains(plan, "Merge") && (!strings.Contains(plan, "Sort") || sorts(query))
			})
	})
}

// explain does what a broker does, and explains its statements in another session.
func explain(t *testing.T, o sqlstore.Options, name, address, prefix string, good func(query, plan string) bool) {
	statements := map[string][]any{}
	w := sqlwatch.Watch{After: func(s sqlwatch.Statement) error {
		if strings.Contains(s.Text, " records") || strings.Contains(s.Text, " labels") {
			statements[s.Text] = values(s.Args)
		}
		return nil
	}}
	s := open(t, o)
	if err := s.Import(t.Context(), many(0, 500)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	o.Open, o.KeepSchema = w.Open, true
	s = open(t, o)
	defer s.Close()
	ctx, late := t.Context(), time.UnixMicro(4e15)
	var failed []error
	did := func(err error) { failed = append(failed, err) }
	for _, q := range []store.Query{
		{}, {Descending: true}, {After: "conn_00000250", Descending: true}, {Labels: []string{"user=7"}}, {Labels: []string{"spec=demo", "status=ok"}, Descending: true}, {Labels: []string{"status=ok", "tag:team=7"}, Descending: true, After: "conn_00000250"},
		{Prefix: "word:user7"}, {Prefix: "word:user7", Labels: []string{"status=ok", "spec=demo"}, Descending: true},
	} {
		q.Space, q.Kind = "a", "connection"
		_, err := s.List(ctx, q)
		did(err)
	}
	_, err := s.Get(ctx, "a", "connection", "conn_00000007")
	did(err)
	_, err = s.Claim(ctx, "connection", time.UnixMicro(1e15+5), late, 3)
	did(err)
	_, err = s.Claim(ctx, "connection", time.UnixMicro(1e15+5), late, 3, "b", "c")
	did(err)
	_, err = s.Foreign(ctx, "k0", store.Record{}, 10)
	did(err)
	_, _, err = s.Due(ctx, "connection", time.UnixMicro(1e15+5))
	did(err)
	_, err = s.Kinds(ctx)
	did(err)
	did(s.All(ctx, func(store.Record) error { return nil }))
	r, err := s.Apply(ctx, store.Op{Record: store.Record{Space: "a", Kind: "event", Labels: []string{"l"}}, Sequence: true})
	did(err)
	_, err = s.Apply(ctx, store.Op{Record: r[0]})
	did(err)
	_, err = s.Apply(ctx, store.Op{Record: store.Record{Space: "a", Kind: "event", ID: r[0].ID, Revision: store.Any}, Delete: true})
	did(err)
	_, err = s.Sweep(ctx, time.UnixMicro(2e15+5), 3)
	did(err)
	for _, err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open(name, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)                                                                                                     // has what is prepared
	if _, err := db.Exec(map[string]string{"pgx": "VACUUM ANALYZE records, labels", "sqlite": "ANALYZE"}[name]); err != nil { // as the server does by itself
		t.Fatal(err)
	}
	explained := 0
	for query, args := range statements {
		if strings.HasPrefix(query, "INSERT") {
			continue // finds the row that is in the way by its key
		}
		plan := planOf(t, db, prefix, query, args)
		if explained++; !good(query, plan) {
			t.Errorf("%s\n%s", query, plan)
		}
	}
	if explained < 18 {
		t.Errorf("only %d statements were explained", explained)
	}
}

func values(args []driver.NamedValue) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a.Value
	}
	return out
}

// prepared is a statement that tells the plan which PostgreSQL keeps for another one.
func prepared(t *testing.T, db *sql.DB, text string, args int) string {
	t.Helper()
	for _, statement := range []string{"DEALLOCATE ALL", "PREPARE it AS " + text} {
		if _, err := db.Exec(statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if args == 0 {
		return "EXPLAIN EXECUTE it"
	}
	return "EXPLAIN EXECUTE it(NULL" + strings.Repeat(", NULL", args-1) + ")"
}

// planOf returns how the database would run a statement, without a prefix one that is prepared: the last column of each
// row.
func planOf(t *testing.T, db *sql.DB, prefix, query string, args []any) string {
	t.Helper()
	if query = prefix + query; prefix == "" {
		query, args = prepared(t, db, query, len(args)), []any{pgx.QueryExecModeSimpleProtocol}
	}
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, *row[len(row)-1].(*any))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
