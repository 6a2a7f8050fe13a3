//go:build !unix

package cputime

import "time"

var began = time.Now()

// Now returns the real time since the process began, where the system tells no processor time.
func Now() time.Duration { return time.Since(began) }
