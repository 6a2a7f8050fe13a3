// Package uri reads and writes what stands on a request line: percent encoding, the pairs of queries and forms, and
// URLs.
//
// It is the one reading of these in the house. A signature holds only if the bytes that are signed are the bytes that
// are sent, so whoever signs, sends, logs or explains a URL takes it apart here. Texts are bytes: nothing is cleaned,
// decoded or put in order but where a name says so. No input makes the package panic.
//
// It knows nothing of OAuth, HTTP clients, plans or values. Its functions are safe for concurrent use.
package uri
