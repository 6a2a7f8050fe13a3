// Package membrane is the function library of Membrane's formulas: what they compute as JavaScript would. The formulas themselves
// are expressions that the front end builds; here is what it calls. A program that imports the package can compile, load and run
// code that calls these functions. Patterns of $tpl need regular expressions, which package vm/builtin/full links.
package membrane
