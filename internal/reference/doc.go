// Package reference holds what imlc explains about its languages in a line each: the codes of diagnostics and errors,
// and the keys that a spec may have. There is a folder for each language (iml, the expressions; oauth1, the protocol;
// one for each dialect) with a file codes.txt, and for a dialect directives.txt; a new dialect adds a folder and
// nothing else.
//
// The texts stand here alone. Tests hold them to what they describe: the codes to those that the sources use, the
// directives to the schemas of the dialect, the examples to the compiler.
package reference
