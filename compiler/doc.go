// Package compiler turns an ast.Connection, or a single template, into a plan.Plan: it resolves names to slots and
// functions, checks phases, argument counts and literal types, folds what is constant, and writes bytecode.
//
// The stages are one file each: resolve.go builds a tree of resolved nodes and reports problems, fold.go computes what
// needs no input, generate.go writes code that returns a value, emit.go writes code that appends JSON, connection.go
// walks the sections. Compilation is deterministic: the same tree gives the same plan. The package knows nothing of
// sockets, clocks or secrets.
package compiler
