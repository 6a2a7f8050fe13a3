// Package general holds the general functions of IML (spec iml.md §9.2): one row of a table and one Go function for
// each.
package general
