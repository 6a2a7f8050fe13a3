// Package outline says what a connection does in words that every dialect could use: which requests are made, with what
// values, signed with what, and what is kept of their answers. Of makes one of a syntax tree; a Printer writes
// one in a dialect, and tells what it could not write.
package outline
