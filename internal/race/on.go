//go:build race

package race

// Slowdown is the factor by which time bounds of tests grow.
const Slowdown = 10
