// Package form is the form of a connection: what a plan asks its user for. It applies the defaults, says which values
// do not pass and why, and knows which of them are secret.
//
// It knows the definitions of a plan and values, and nothing of runs, HTTP or how a form is shown. Everything in it is
// safe for concurrent use.
package form
