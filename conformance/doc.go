// Package conformance loads and runs conformance cases: expression vectors, signing vectors and connection flows.
//
// Cases are data and are meant for any implementation (docs/conformance.md describes the formats and the JSON-lines
// protocol by which a foreign program takes part). The package promises that no case is skipped in silence: an unknown
// kind, an unknown key or a dialect that cannot be run is a failure that says so, and integers are read and compared to
// the last digit.
//
// An Engine is what is judged: up to three small interfaces, of expressions, signatures and flows. BuiltIn returns the
// engines of this build; NewClient speaks to a foreign program. Every case runs on every engine, and the engines must
// agree with the case and therefore with each other.
//
// The project's own tests run every case three ways (docs/architecture.md §9): on the compiled plan, linked and plain;
// on the plan after encode and decode; and on package oracle, which walks the syntax tree and for flows is compared
// with the machine in everything that can be seen of a run.
//
// The package does not know command lines, and nothing of the engine's inner life: it sees results, errors and the
// HTTP requests that were sent.
package conformance
