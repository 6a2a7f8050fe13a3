// Package sqlstore keeps the records of a broker in SQLite or PostgreSQL, by the same statements.
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/internal/sqldb"
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
	// Open, if not nil, opens the database in the place of sql.Open, for who watches what reaches it.
	Open func(driver, address string) (*sql.DB, error)
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
	if o.Open == nil {
		o.Open = sql.Open
	}
	if o.Postgres != "" {
		db, err := o.Open("pgx", o.Postgres)
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
		return &sqlStore{sqldb.New(db, sqldb.PostgreSQL)}, nil
	}
	db, err := o.Open("sqlite", sqldb.SQLiteName(o.File))
	if err != nil {
		return nil, err
	}
	n := o.Connections
	if n == 0 {
		n = max(runtime.GOMAXPROCS(0), 4)
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return &sqlStore{sqldb.New(db, sqldb.SQLite)}, nil
}

// provider returns what knows the migrations.
func (s *sqlStore) provider() (*goose.Provider, error) {
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	var options []goose.ProviderOption
	if s.db.Kind() == sqldb.PostgreSQL {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // looked at each second, since who is killed gives it up a moment later
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.db.DB, files, append(options, goose.WithTableName("imlc_schema"))...)
}

// maxMigrations bounds how often a process tries to bring tables up to date that others do too.
const maxMigrations = 10

func (s *sqlStore) migrate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	for try := 1; ; try++ {
		// A migration is a transaction. Of processes that open a file of SQLite at once one makes it, and another that meant
		// to finds when it is its turn that it is there.
		if _, err = p.Up(ctx); err == nil {
			break
		}
		if s.db.Kind() == sqldb.PostgreSQL || try == maxMigrations {
			return fmt.Errorf("bring the tables up to date: %w", err)
		}
		time.Sleep(time.Duration(try) * 10 * time.Millisecond)
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
