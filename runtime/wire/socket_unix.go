//go:build unix

package wire

import (
	"io"
	"syscall"
)

const canGlance = true

// readNow reads what is there, without waiting: sockets of package net never wait in the system.
func readNow(fd uintptr, p []byte) (int, error) {
	n, err := syscall.Read(int(fd), p)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return 0, errNothing
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
