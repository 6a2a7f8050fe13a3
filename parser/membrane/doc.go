// Package membrane knows connections of Membrane, once Integration.app (spec dialects.md §2), by their markers: a
// folder of files, or all in one.
package membrane
