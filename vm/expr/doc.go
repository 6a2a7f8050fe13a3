// Package expr evaluates the expressions of a plan: it links verified bytecode into closures, runs it within limits,
// and keeps an interpreter, which runs one instruction after another, that closures are held equal to.
//
// A Program is one compiled template. An Image is a whole plan, whose functions an engine evaluates through the Frame
// of an operation. Images and programs are immutable and safe for concurrent use. Nothing here knows HTTP, signing or
// connections, so that a program which only evaluates expressions starts at once.
package expr
