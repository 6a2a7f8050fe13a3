// Package parser says what a dialect of connection specs is and finds the dialect of a spec. It promises that a spec is
// read by exactly one dialect or refused with a diagnostic that says why, that a folder gives every connection in and
// below it, and that nothing here depends on which dialects there are: the caller passes them, in the order in which
// they are asked.
//
// It gives the diagnostics DIA001 (no dialect, or nothing to read), DIA002 (markers of two dialects) and DIA003 (the
// dialect that was asked for contradicts the content), spec dialects.md §1.4. What is inside the files is the business
// of the dialect.
package parser
