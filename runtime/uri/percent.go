package uri

// byteSet is a set of bytes.
type byteSet [256]bool

func setOf(chars string) *byteSet {
	var s byteSet
	for i := 0; i < len(chars); i++ {
		s[chars[i]] = true
	}
	return &s
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// unreserved is a value and no pointer, so that a look-up needs no load of an address: signing asks for every byte.
var unreserved = *setOf(alphanumeric + "-._~")

var (
	// encodeURISet is what JavaScript's encodeURI leaves alone.
	encodeURISet = setOf(alphanumeric + ";,/?:@&=+$-_.!~*'()#")
	// visible stays in a path or fragment that goes out as it is written.
	visible = setOf(visibleASCII())
	// queryLegal stays in a query that goes out as it is written; % is judged by what follows.
	queryLegal = setOf(alphanumeric + "-._~!$&'()*+,;=:@/?#%")
)

func visibleASCII() string {
	var b []byte
	for c := byte('!'); c <= '~'; c++ {
		b = append(b, c)
	}
	return string(b)
}

// Text is what the encoders take: both forms are read as bytes.
type Text interface{ ~string | ~[]byte }

// Unreserved reports whether c is one of the bytes that percent-encoding leaves alone: A-Z a-z 0-9 - . _ ~ (RFC 3986
// §2.3, RFC 5849 §3.6).
func Unreserved(c byte) bool { return unreserved[c] }

const upperHex = "0123456789ABCDEF"

// AppendEscape appends c as %XX, in capitals.
func AppendEscape(dst []byte, c byte) []byte { return append(dst, '%', upperHex[c>>4], upperHex[c&15]) }

// AppendEscapeTwice appends c as %25XX: what percent-encoding its escape makes of it.
func AppendEscapeTwice(dst []byte, c byte) []byte {
	return append(dst, '%', '2', '5', upperHex[c>>4], upperHex[c&15])
}

// AppendEncode appends s with every byte that is not [Unreserved] percent-encoded: RFC 5849 §3.6, and a name or value
// of a query or form. A space becomes %20. The bytes are taken as they are, valid UTF-8 or not.
func AppendEncode[T Text](dst []byte, s T) []byte { return appendKeeping(dst, s, &unreserved) }

// Encode returns s as [AppendEncode] writes it; it does not allocate when nothing changes.
func Encode(s string) string { return keeping(s, &unreserved) }

// EncodeURI escapes as JavaScript's function of that name: letters, digits and ; , / ? : @ & = + $ - _ . ! ~ * ' ( ) #
// stay, and a % is escaped again.
func EncodeURI(s string) string { return keeping(s, encodeURISet) }

// EscapePath escapes what cannot stand on a request line, controls, spaces and bytes above 0x7E, and changes nothing
// else.
func EscapePath(path string) string { return keeping(path, visible) }

// EscapeQuery escapes, in a query without its "?", what cannot stand there: controls, spaces, bytes above 0x7E, any of
// "<>[]\^`{|} and a % that begins no escape.
func EscapeQuery(query string) string {
	for i := 0; i < len(query); i++ {
		if !legalAt(query, i) {
			dst := append(make([]byte, 0, len(query)+16), query[:i]...)
			for ; i < len(query); i++ {
				if legalAt(query, i) {
					dst = append(dst, query[i])
				} else {
					dst = AppendEscape(dst, query[i])
				}
			}
			return string(dst)
		}
	}
	return query
}

func legalAt(query string, i int) bool {
	if query[i] != '%' {
		return queryLegal[query[i]]
	}
	_, ok := EscapeAt(query, i)
	return ok
}

func appendKeeping[T Text](dst []byte, s T, keep *byteSet) []byte {
	for {
		i := 0
		for i < len(s) && keep[s[i]] {
			i++
		}
		if dst = append(dst, s[:i]...); i == len(s) {
			return dst
		}
		dst, s = AppendEscape(dst, s[i]), s[i+1:]
	}
}

func keeping(s string, keep *byteSet) string {
	escapes := 0
	for i := 0; i < len(s); i++ {
		if !keep[s[i]] {
			escapes++
		}
	}
	if escapes == 0 {
		return s
	}
	return string(appendKeeping(make([]byte, 0, len(s)+2*escapes), s, keep))
}

// EscapeAt returns the byte that the escape at s[i] stands for; ok is false when no well-formed %XX begins there.
func EscapeAt[T Text](s T, i int) (c byte, ok bool) {
	if i+2 >= len(s) || s[i] != '%' {
		return 0, false
	}
	high, low := unhex[s[i+1]], unhex[s[i+2]]
	return high<<4 | low, high < 16 && low < 16
}

// unhex has the values of the hexadecimal digits, and 255 for any other byte.
var unhex = func() (values [256]byte) {
	for i := range values {
		values[i] = 255
	}
	for i := range byte(16) {
		values[upperHex[i]], values[upperHex[i]|0x20] = i, i
	}
	return values
}()

// Decode undoes percent-encoding once; a malformed escape is literal, and so is "+".
func Decode(s string) string { return decode(s, false) }

// DecodeForm undoes form encoding once: percent-encoding, and "+" is a space; a malformed escape is literal.
func DecodeForm(s string) string { return decode(s, true) }

func decode(s string, plus bool) string {
	i := 0
	for i < len(s) && s[i] != '%' && (!plus || s[i] != '+') {
		i++
	}
	if i == len(s) {
		return s
	}
	dst := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		c := s[i]
		if plus && c == '+' {
			c = ' '
		} else if d, ok := EscapeAt(s, i); ok {
			c, i = d, i+2
		}
		dst = append(dst, c)
	}
	return string(dst)
}

// Lower lower-cases the ASCII letters of s and leaves every other byte alone; it does not allocate when nothing
// changes.
func Lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return string(appendLower(make([]byte, 0, len(s)), s))
		}
	}
	return s
}

// appendLower appends what Lower returns.
func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
