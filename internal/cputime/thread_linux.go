package cputime

import (
	"syscall"
	"time"
)

// Thread returns the processor time that the calling thread has used so far: what a goroutine worked that
// runtime.LockOSThread keeps there, without what the collector and other goroutines did meanwhile (getrusage(2)).
func Thread() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_THREAD, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
