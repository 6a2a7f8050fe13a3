// Package sqlstore keeps the records of a broker in SQLite or PostgreSQL, by the same statements.
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/imlc-lang/imlc/broker/store"
)

//go:embed migrations
var migrations embed.FS

// Options say how to open a database.
type Options struct {
	// Postgres is the address of a PostgreSQL server, "postgres://user@host/database"; "" opens File.
	Postgres string
	// File is the path of an SQLite database, which is made when there is none.
	File string
	// Connections is how many to keep open at most; 0 means 16 for PostgreSQL and one for each processor, at least
	// four, for SQLite.
	Connections int
	// KeepSchema opens the database without bringing its tables up to date.
	KeepSchema bool
}

// Open opens a database and brings its tables up to date. It refuses one whose tables a newer version made.
func Open(ctx context.Context, o Options) (store.Store, error) {
	s, err := open(o)
	if err != nil {
		return nil, err
	}
	if !o.KeepSchema {
		if err := s.migrate(ctx); err != nil {
			s.db.Close()
			return nil, err
		}
	}
	return s, nil
}

func open(o Options) (*sqlStore, error) {
	if o.Postgres != "" {
		db, err := sql.Open("pgx", o.Postgres)
		if err != nil {
			return nil, fmt.Errorf("the address of the database: %w", err)
		}
		n := o.Connections
		if n == 0 {
			n = 16
		}
		db.SetMaxOpenConns(n)
		db.SetMaxIdleConns(n)
		db.SetConnMaxIdleTime(5 * time.Minute)
		return &sqlStore{db: db, postgres: true}, nil
	}
	path := filepath.ToSlash(o.File)
	// Writers queue for the lock from their first statement on, so that none fails when it comes to write.
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	n := o.Connections
	if n == 0 {
		n = max(runtime.GOMAXPROCS(0), 4)
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return &sqlStore{db: db}, nil
}

// provider returns what knows the migrations.
func (s *sqlStore) provider() (*goose.Provider, error) {
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	var options []goose.ProviderOption
	if s.postgres {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.db, files, append(options, goose.WithTableName("imlc_schema"))...)
}

func (s *sqlStore) migrate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("the tables are of version %d, and this program knows versions up to %d: use a newer program", have, newest)
	}
	return nil
}

// rebind writes the parameters of a statement, each a "?", as the database wants them.
func (s *sqlStore) rebind(query string) string {
	if !s.postgres {
		return query
	}
	var b strings.Builder
	n := 0
	for _, c := range query {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n++
		fmt.Fprintf(&b, "$%d", n)
	}
	return b.String()
}
