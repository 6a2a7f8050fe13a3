// Package path reads and follows the paths that functions of IML take as texts, such as a.b[2] (spec iml.md §9.2).
package path
