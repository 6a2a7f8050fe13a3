// Package state holds what lets a run wait for a browser: the continuation, which is everything that a suspended run
// needs to go on; its seal, authenticated encryption under keys of the host; and the pending keys, of which each
// resumes one run once.
//
// It knows values and bytes. It promises that what was suspended is read back as it was, by any process that has the
// keys and by every later version, and that no foreign bytes make it panic or grow. What the parts of a continuation
// are for is the business of package run.
package state
