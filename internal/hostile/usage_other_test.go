//go:build !linux

package hostile

import (
	"runtime/metrics"
	"time"
)

// processorTime returns what this process has used, without what the collector idles.
func processorTime() time.Duration {
	sample := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	metrics.Read(sample)
	return time.Duration(sample[0].Value.Float64() * float64(time.Second))
}

// peakResident is not known here.
func peakResident() int64 { return 0 }

func forgetPeak() {}
