//go:build !linux

package cputime

import "time"

// Thread returns what Now does, where the system does not tell what one thread has used.
func Thread() time.Duration { return Now() }
