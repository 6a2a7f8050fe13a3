// Package runtime holds the runtime functions of IML: JSON, media types, JSON Web Tokens (spec iml.md §9.7): one row of
// a table and one Go function for each.
package runtime
