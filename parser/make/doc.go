// Package make reads Make custom-app connections (spec make.md) into the dialect-neutral syntax tree. It promises every
// static check of the spec (MAKE101 to MAKE401) in one pass over all parts, each at the key of the entry it is about,
// and a tree that is whole wherever the source was. It does not resolve names, check types of expressions or know which
// functions exist; that is the compiler's work on the tree.
//
// Codes of its own beyond the spec: MAKE100 (a file or project that cannot be loaded), MAKE105 (an OAuth 2.0
// connection, which is recognised but not supported), and the opt-in lints MAKE310 and MAKE313 of Options.Lint.
package make
