// Package oauth1 signs requests as OAuth 1.0a asks: RFC 5849 with the body
// hash, session, xAuth and problem-reporting extensions.
//
// It is the pure half of the signing runtime. It takes the method, the exact URL bytes that will be sent, the effective
// host, the content type, the body, the credentials and, as plain arguments, the nonce and the timestamp; it returns
// what to send. It promises that
//
//   - the bytes that are signed are the bytes that were given: a query or form
//     is split here, by the rules of RFC 5849 §3.4.1.3, and never re-parsed,
//     re-ordered or cleaned by a URL library;
//   - keys are prepared once ([PrepareKey]) and reused by any number of
//     goroutines;
//   - no secret appears in an error, a [Trace] or a printed value;
//   - no input makes it panic.
//
// It also reads what providers answer: Authorization headers ([ParseAuthorization]), problem reports ([ParseProblem]),
// token answers ([ParseTokenAnswer]); and it explains a signature step by step and names the likely cause of a
// difference ([Explain], [Compare]).
//
// It does not know net/http, clocks, entropy, plans or values: package runtime/oauth1/client puts the HTTP side on top.
package oauth1
