package cputime

import "time"

// Since returns the processor time that was used since start, which Now returned.
func Since(start time.Duration) time.Duration { return Now() - start }
