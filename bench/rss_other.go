//go:build !linux

package perfbench

import "os"

// maxResident is not known here.
func maxResident(*os.ProcessState) float64 { return 0 }
