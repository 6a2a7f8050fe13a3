// Package race tells tests whether the race detector is on, which slows code down by about ten times. Only tests import
// it.
package race
