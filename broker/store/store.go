// Package store says what a broker keeps and what it asks of a database: records with a revision, found by labels,
// claimed when they are due. Package sqlstore keeps them in SQLite or PostgreSQL, NewMemory in the process; package
// storetest holds the contract as tests that any other store can run.
package store

import (
	"context"
	"errors"
	"time"
)

// Record is one thing that a broker keeps: a connection, a version of a spec, a delivery. What Body means is up to the
// broker; a store never looks inside.
type Record struct {
	// Space is the tenant's environment that the record belongs to, "" for the installation; Kind what it is; ID its
	// name, unique in both. They are valid UTF-8 without NUL, and together at most 600 bytes.
	Space, Kind, ID string
	// Revision counts the changes of the record, from 1; the store sets it.
	Revision int64
	// Body is the part that may be read by whoever reads the database, Sealed the encrypted part, under the key KeyID.
	// Either may be nil.
	Body, Sealed []byte
	KeyID        string
	// Labels are what the record is found by, such as "spec=demo"; their order is kept.
	Labels []string
	// Due is when a job has to look at the record, Expires when it may be forgotten; the zero time is never. Both keep
	// microseconds.
	Due, Expires time.Time
}

// Any stands for every revision in an operation, and for no record at all.
const Any int64 = -1

// Op is one change. The zero revision of a put asks that there be no such record yet; another one that the record have
// it.
type Op struct {
	Record
	// Delete removes the record; it is no error when there is none and the revision is Any.
	Delete bool
	// Sequence gives the record the next number of its space and kind as its ID, 16 decimal digits, instead of the one
	// it has. Numbers become visible in their order, whoever commits first.
	Sequence bool
}

// ErrConflict says that a record does not have the revision that an operation asks for; nothing was changed.
var ErrConflict = errors.New("the record has changed")

// ErrNotFound says that there is no such record.
var ErrNotFound = errors.New("no such record")

// Query asks for records of one kind in a space.
type Query struct {
	Space, Kind string
	// Labels must all be there. Prefix, when set, must begin one label.
	Labels []string
	Prefix string
	// After is the ID behind which to go on, "" to begin; Descending goes from the greatest ID to the least.
	After      string
	Descending bool
	// Limit is how many records to return at most; 0 means 100.
	Limit int
}

// Store keeps records. Implementations are safe for concurrent use by several processes; records that they return are
// the caller's own.
type Store interface {
	// Apply makes all changes or none, and returns the records as they are now, in the order of ops, those deleted as
	// they were given. It fails with ErrConflict when a revision is not the one asked for.
	Apply(ctx context.Context, ops ...Op) ([]Record, error)
	// Get returns one record, or ErrNotFound.
	Get(ctx context.Context, space, kind, id string) (Record, error)
	// List returns records in the order of their IDs, byte by byte.
	List(ctx context.Context, q Query) ([]Record, error)
	// Claim returns records of all spaces but those of except that are due at now, the longest due first, and moves Due of
	// each to until, so that nobody else gets them before. Their revisions change with that.
	Claim(ctx context.Context, kind string, now, until time.Time, limit int, except ...string) ([]Record, error)
	// Sweep deletes at most limit records that expired before now, and returns how many.
	Sweep(ctx context.Context, now time.Time, limit int) (int, error)
	// Foreign returns sealed records of all spaces and kinds whose key is another than keyID, in the order of key, space,
	// kind and ID, behind the record after: the zero one to begin.
	Foreign(ctx context.Context, keyID string, after Record, limit int) ([]Record, error)
	// Kinds returns how many records of each kind there are.
	Kinds(ctx context.Context) (map[string]int64, error)
	// Due returns how many records of a kind are due at now, and since when the longest of them is.
	Due(ctx context.Context, kind string, now time.Time) (n int64, first time.Time, err error)
	// All calls f with every record, in the order of space, kind and ID, until it fails: for copies.
	All(ctx context.Context, f func(Record) error) error
	// Import writes records as they are, with their revisions, and sets the counters behind their numbers.
	Import(ctx context.Context, records []Record) error
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
	Close() error
}
