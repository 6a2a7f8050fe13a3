// Package zapier is the function library that connections of Zapier are compiled to: it looks names of curlies up, and
// makes of their values what each place of a request wants (spec dialects.md §3.3 to §3.5). What a function gives is never
// searched for curlies again. Functions are pure and safe for concurrent use.
package zapier
