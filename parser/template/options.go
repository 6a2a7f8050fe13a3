package template

import "github.com/imlc-lang/imlc/grammar"

// defaultMaxBytes is the longest template string, in bytes of UTF-8 (spec iml.md §13).
const defaultMaxBytes = 64 << 10

// Options choose the notation of templates and their limits (spec iml.md §1). The zero Options are the defaults: both
// pairs of delimiters, warnings for openers without closer, and the limits of spec iml.md §13.
type Options struct {
	// DisableMustache makes {{ and }} plain text, DisableAngle << and >>.
	DisableMustache, DisableAngle bool
	// Strict makes an opener without closer (IML101) an error.
	Strict bool
	// MaxBytes is the longest template string in bytes (IML501); 0 means 64 KiB.
	MaxBytes int
	// MaxDepth is the deepest nesting of an expression (IML502); 0 means 250.
	MaxDepth int
	// MaxExactDigits is the longest integer literal that keeps all its digits; 0 means 1000.
	MaxExactDigits int
}

func (o Options) maxBytes() int {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return defaultMaxBytes
}

func (o Options) limits() grammar.Limits {
	return grammar.Limits{Depth: o.MaxDepth, ExactDigits: o.MaxExactDigits}
}
