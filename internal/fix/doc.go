// Package fix adds to diagnostics the edits that make them go away, where the code and the place of a diagnostic and the
// document around it are enough to know them. Fixes that need more are given where the diagnostic is made.
package fix
