// Package jsonpath reads paths of the JSONPath dialect that Supermetrics documents (spec dialects.md §4.5). It knows the syntax only;
// package vm/builtin/supermetrics finds what a path names.
//
// Differences from RFC 9535: a filter needs its parentheses; names behind a dot may begin with a digit or hold a minus, and a number
// there indexes a list; unions hold one kind only, and not filters; [0] on an object is its key "0"; of a path in a comparison only the
// first hit counts; < and > compare numeric texts as numbers; there is =~ and there are no functions.
package jsonpath
