// Package run makes the runs of one plan: it takes a connection through the stages of its plan, signs and sends the
// requests, reads and judges the answers and stores what they leave; it suspends a run at the redirect and resumes it
// in any process; and it makes the calls of a plan with a connection that was stored.
//
// A Runner is what the runs of a plan share, immutable and safe for concurrent use. All that changes lives in a run,
// which belongs to one goroutine: a run holds what outlives a request, an exchange holds one request from its
// evaluation to what its answer leaves. Clock, entropy, HTTP, and what else comes from outside is reached through Host
// alone. Which dialect a plan was written in is printed and never asked.
package run
