// Package reference is the plain evaluator that the virtual machine is measured against: it walks the syntax tree and
// does what spec iml.md §6 to §8 says, with no compilation, no folding and no speed.
//
// It is for tests only; nothing but _test files may import it. It shares the values and the function library with the
// machine, and nothing else: paths, operators, laziness, joining and object templates are written a second time here.
package reference
