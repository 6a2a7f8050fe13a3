//go:build !linux

package jshost

// confine does nothing: memory is sampled, and bounded by nothing else.
func confine(int64) {}
