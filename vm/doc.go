// Package vm runs plans: the loop that evaluates expressions, and the engine that takes a connection through its sections,
// signs and sends its requests, suspends it across the browser redirect and resumes it in any process.
//
// A Program or an Engine is immutable and safe for concurrent use; all state of a run lives in the run. Nothing here reads
// a clock, entropy, environment, files or the network except through Host and Env. The package links no parser, compiler,
// schema or expression library.
package vm
