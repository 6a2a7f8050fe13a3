// Package show is how imlc looks: what values, diagnostics, failures, connections, signatures and the steps of a run
// are on a screen or as JSON.
//
// It promises two things about everything that it prints. Secrets are masked, by mark, by name, by type of parameter
// and by the texts that the caller knows to be secret. And no character of a spec, a provider or a callback steers a
// terminal: control characters and those that reorder text are shown as \u001b. It reads nothing and decides nothing.
package show
