// Package interpret lets the tests of this module run plans by the interpreter alone, which closures are held equal
// to.
package interpret

import "sync/atomic"

var running atomic.Int32

// During calls f; what links plans meanwhile leaves their code to the interpreter.
func During(f func()) {
	running.Add(1)
	defer running.Add(-1)
	f()
}

// Only reports whether plans that are linked now must be left to the interpreter.
func Only() bool { return running.Load() > 0 }
