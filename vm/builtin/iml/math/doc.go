// Package math holds the math functions of IML (spec iml.md §9.5): one row of a table and one Go function for each.
package math
