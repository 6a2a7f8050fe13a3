// Package plan is what a compiled connection spec is: functions of verified bytecode, the tables they use, and the
// description of the requests of each stage. It is pure data with four operations on it: Encode, Decode, Verify and
// Disassemble. It knows nothing of sockets, clocks, dialect syntax or how functions are implemented.
//
// Expressions are code; effects are data. The order in which a request is evaluated, signed, sent and judged is always
// the same, so a plan does not say it and cannot say it wrong: a Request names the functions that compute its parts,
// and the engine runs them in the one order there is.
//
// The package promises that a plan has one file form, the same on every platform; that Decode reads nothing else and
// never reads a file of another version wrongly; and that a plan which Decode or Verify accepts cannot make an engine
// read beyond a table, a stack or the code. It also promises to start at once: ed25519, which does not, is linked by
// importing package sign, and without it signed plans are refused. The file form is described in docs/plan-format.md.
package plan
