// Package perfbench measures this project's engine beside the engines that people would pick instead, and beside
// hand-written Go (the floor). Every target is a ratio inside one run: variants take turns in short rounds, and the
// tables show the median of the ratios of the rounds, because absolute times on shared machines drift by a factor of
// two within minutes. docs/performance.md tells the method and how to read the tables.
package perfbench
