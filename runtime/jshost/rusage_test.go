//go:build linux

package jshost_test

import "syscall"

// childMemory is the most memory that a process that ended had, in bytes.
func childMemory() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10
}
