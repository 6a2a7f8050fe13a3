// Package array holds the functions of IML on arrays (spec iml.md §9.6): one row of a table and one Go function for
// each.
package array
