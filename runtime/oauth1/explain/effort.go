package explain

// What a part of a search may take: the mistakes of the base string are one and those of the key another, and with a short
// request pairs of them and guesses two more. It is counted in bytes of parameters, base strings and keys that are made and
// signed, and what is done for each mistake whatever it makes counts as some more, so that a part ends in a fraction of a
// second whatever a request is like.
const (
	maxEffort    = 24 << 20
	moreForShort = 64 << 20
	perTry       = 4 << 10
	// perParam is for reading, sorting and joining one parameter, perVerify for an operation with an RSA key.
	perParam, perVerify = 256, 16 << 10
)

// effort is what is left of a part of a search.
type effort struct {
	left int
	// ended is true when there was not enough in this part or one before.
	ended bool
}

// begin begins a part.
func (e *effort) begin(most int) { e.left = most }

// take reports whether n may still be spent, and spends it.
func (e *effort) take(n int) bool {
	if n > e.left {
		e.ended = true
		return false
	}
	e.left -= n
	return true
}

// spend spends what was made already.
func (e *effort) spend(n int) { e.left -= n }

// over reports whether there is not enough left for anything.
func (e *effort) over() bool { return e.left < perTry }
