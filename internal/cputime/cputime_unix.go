//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Now returns the processor time that this process has used so far, of all its threads, in user and in system mode; 0
// when the system does not tell.
func Now() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
