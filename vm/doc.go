// Package vm runs the plans of connections: an engine takes one through its sections, signs and sends its requests,
// suspends it across the browser redirect and resumes it in any process. The expressions of a plan run in package
// machine.
//
// An Engine is immutable and safe for concurrent use; all state of a run lives in the run. Nothing here reads a clock,
// entropy, environment, files or the network except through Host and Env. The package links no parser, compiler, schema
// or expression library.
package vm
