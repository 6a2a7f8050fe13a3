// Package text holds the text functions of IML: search, replace, case, escapes, digests (spec iml.md §9.3, §9.4): one
// row of a table and one Go function for each.
package text
