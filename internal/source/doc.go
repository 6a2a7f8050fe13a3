// Package source holds the texts that diagnostics point into: files, positions, spans, and maps from decoded text back
// to the bytes it was written as. It knows nothing of any language; everything above it speaks of places through it.
package source
