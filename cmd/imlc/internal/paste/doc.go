// Package paste reads requests as people paste them (curl commands, raw HTTP requests, Authorization headers) and
// writes requests so that they can be pasted elsewhere.
//
// It is pure: text in, a Request out. It opens no file, also when a curl command names one, expands no shell variable
// and runs nothing. Errors say what in the text is wrong and never repeat it, as it may hold a secret.
package paste
