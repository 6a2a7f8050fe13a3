// Package sqlstore keeps what a host of several processes shares in a database: connections, pending authorisations and
// suspended state. It speaks SQLite (from 3.24) and PostgreSQL (from 9.5) through database/sql and links no driver; the
// host chooses one. It needs no lock and no session of the database: each operation is one statement, so that pools and
// transaction poolers will do.
//
// It knows SQL and the interfaces of package vm, and nothing of how connections are made.
package sqlstore
