package oauth1

// unreserved marks the bytes that RFC 5849 §3.6 leaves as they are.
var unreserved = [256]bool{
	'-': true, '.': true, '_': true, '~': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true,
	'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true,
	'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true,
	'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true,
	'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
}

const upperHex = "0123456789ABCDEF"

// text is what the encoders read: both forms are taken as bytes.
type text interface{ ~string | ~[]byte }

// Encode percent-encodes s as RFC 5849 §3.6 asks: letters, digits, "-", ".",
// "_" and "~" stay, every other byte becomes %XX in capitals. The bytes of s
// are taken as they are, valid UTF-8 or not.
func Encode(s string) string {
	n := 0
	for i := 0; i < len(s); i++ {
		if !unreserved[s[i]] {
			n++
		}
	}
	if n == 0 {
		return s
	}
	return string(appendEncoded(make([]byte, 0, len(s)+2*n), s))
}

// AppendEncode appends Encode(s) to dst and returns the extended slice.
func AppendEncode(dst []byte, s string) []byte { return appendEncoded(dst, s) }

func appendEncoded[T text](dst []byte, s T) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if unreserved[c] {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
	}
	return dst
}

// appendEncodedTwice appends Encode(Encode(s)): a parameter inside the third
// part of a base string is encoded once for itself and once as part of the
// whole (RFC 5849 §3.4.1.1).
func appendEncodedTwice[T text](dst []byte, s T) []byte {
	for i := 0; i < len(s); i++ {
		dst = appendByteTwice(dst, s[i])
	}
	return dst
}

func appendByteTwice(dst []byte, c byte) []byte {
	if unreserved[c] {
		return append(dst, c)
	}
	return append(dst, '%', '2', '5', upperHex[c>>4], upperHex[c&15])
}

// unhex returns the value of a hexadecimal digit, or 255.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// escapeAt reports the byte that the escape at s[i] stands for, and whether
// there is a well-formed escape at all.
func escapeAt[T text](s T, i int) (byte, bool) {
	if i+2 >= len(s) {
		return 0, false
	}
	hi, lo := unhex(s[i+1]), unhex(s[i+2])
	if hi > 15 || lo > 15 {
		return 0, false
	}
	return hi<<4 | lo, true
}

// lowerASCII lower-cases the ASCII letters of s and leaves other bytes alone,
// so that a host that is not UTF-8 keeps its bytes.
func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return string(appendLower(make([]byte, 0, len(s)), s))
		}
	}
	return s
}

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

// upperASCII upper-cases the ASCII letters of s: the method of a base string
// (RFC 5849 §3.4.1.1).
func upperASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'a' <= s[i] && s[i] <= 'z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if 'a' <= b[j] && b[j] <= 'z' {
					b[j] -= 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
