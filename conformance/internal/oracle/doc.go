// Package oracle is what the virtual machine is measured against: a second implementation that walks the syntax tree
// and does what the specs say, with no compilation, no plan, no folding and no speed.
//
// Evaluate is the expression language (spec iml.md §6 to §8). Flow runs whole connections of the make dialect (spec
// make.md §6, §7, §10 to §17), directive by directive in the written order: temp, condition, the parts of a request,
// the oauth levels, the judgement of an answer, what is stored, repetition, redirect and callback, calls with Base, and
// parameters. Whether a spec is accepted, and with which diagnostics, is asked from the compiler, for that is no matter
// of running it.
//
// It is for tests only; nothing but _test files may import it. It shares with the machine what knows no plans: the
// values, the function library, runtime/wire for bytes on the wire and runtime/oauth1 for signatures. Of the limits of
// an operation it knows steps and requests; it neither waits nor measures time, memory and sizes of values, and keeps
// suspended state in memory.
package oracle
