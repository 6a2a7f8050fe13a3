package cputime

import (
	"syscall"
	"time"
	"unsafe"
)

// threadClock is CLOCK_THREAD_CPUTIME_ID (time.h).
const threadClock = 3

// Thread returns the processor time that the calling thread has used so far: what a goroutine worked that
// runtime.LockOSThread keeps there, without what the collector and other goroutines did meanwhile (clock_gettime(2)).
// Unlike getrusage(2), which counts by the ticks of the kernel, it is exact.
func Thread() time.Duration {
	var t syscall.Timespec
	if _, _, err := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); err != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}
