// Package date holds the date functions of IML (spec iml.md §9.8, §10): one row of a table and one Go function for
// each.
package date
