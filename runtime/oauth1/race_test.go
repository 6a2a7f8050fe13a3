//go:build race

package oauth1_test

// raceEnabled is true under the race detector, where pools drop items on purpose.
const raceEnabled = true
