// Package value holds the values that specs compute with: the types of spec iml.md §2, their conversions, equality and
// order, and their JSON form. A Value is 24 bytes and holds everything but objects, lists and big integers without an
// allocation of its own. Values are immutable once shared: code that changes an Object or a list changes its own copy.
//
// Secret values carry a mark that survives concatenation and copying; every printer of this package honours it. The
// package knows nothing of HTTP, plans, dialects, clocks or files.
package value
