package perfbench

import (
	"os"
	"syscall"
)

// maxResident returns the peak resident memory of an ended process in MB.
func maxResident(s *os.ProcessState) float64 {
	if usage, ok := s.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) / 1024
	}
	return 0
}
