// Package formula is what the compiled formulas of Membrane are measured against: it walks the parsed document and
// does what spec dialects.md §2.4 and §2.5 say, as JavaScript would, over values of its own, with no tree, no
// compilation and no limits.
//
// It is for tests only; nothing but _test files may import it. With the machine it shares the document and the engine
// of regular expressions. $jsonata it does not know.
package formula
