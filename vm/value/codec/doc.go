// Package codec has the two forms in which values leave the memory of a process: a binary one, for the constants of
// plans and for suspended state, and one in JSON, for stored connections. Both give every value back as it was: dates,
// buffers, exact integers, special numbers and the marks of secrets.
//
// The binary form has tags of its own: the order of value.Kind may change, the bytes may not. What reads it bounds
// everything by the bytes that are there, the nesting by its rules, and accepts only the one form that Append writes.
package codec
