// Package template finds the holes of a template text, {{…}} and <<…>>, and turns them into expressions (spec iml.md
// §3). It reports every problem of every hole with its place in the file, through the map of the escapes that the text
// was written with. It does not know functions, roots or values, nor the documents that templates stand in: the front
// ends in its sub-folders read those and call Parse for each string and IsSpreadKey for each key.
package template
