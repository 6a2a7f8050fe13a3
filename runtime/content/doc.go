// Package content turns values into the bytes of a request, and the bytes of an answer into values: queries, forms,
// JSON, XML, multipart bodies, token answers; and the records of both that a log may hold, with their secrets masked.
//
// What a body is called, which keys an XML answer has, which Content-Type a kind of body gets: all of that the caller
// says, for it differs from one way of writing connections to the next. The package knows no directives, no dialects
// and no HTTP client. No input makes it panic, no work over foreign bytes is worse than n log n, and what it makes of
// them is taken from the caller's [Meter] before it is made. Everything exported is safe for concurrent use unless its
// comment says otherwise.
package content
