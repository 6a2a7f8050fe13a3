// Package jsonpath is the function library that finds values in documents by the paths that package internal/jsonpath reads. A program
// that imports it can compile, load and run code that calls these functions. Filters with regular expressions need package
// vm/builtin/full.
package jsonpath
