package wire

// byteSet is a set of bytes.
type byteSet [4]uint64

func setOf(chars string) *byteSet {
	var s byteSet
	for i := 0; i < len(chars); i++ {
		s[chars[i]>>6] |= 1 << (chars[i] & 63)
	}
	return &s
}

func (s *byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var (
	// unreserved stays in names and values (spec make.md §7.2; RFC 3986 §2.3).
	unreserved = setOf(alphanumeric + "-._~")
	// encodeURISet is what JavaScript's encodeURI leaves alone (spec make.md §7.1).
	encodeURISet = setOf(alphanumeric + ";,/?:@&=+$-_.!~*'()#")
	// visible stays in a path that goes out as written (spec make.md §7.1).
	visible = setOf(visibleASCII())
	// queryLegal stays in a query that is part of a URL (spec make.md §7.1); % is judged by what follows.
	queryLegal = setOf(alphanumeric + "-._~!$&'()*+,;=:@/?#%")
	// tokenSet is the alphabet of header names and methods (RFC 9110 §5.6.2).
	tokenSet = setOf(alphanumeric + "!#$%&'*+-.^_`|~")
)

func visibleASCII() string {
	var b []byte
	for c := byte('!'); c <= '~'; c++ {
		b = append(b, c)
	}
	return string(b)
}

const upperHex = "0123456789ABCDEF"

func appendEscapedByte(dst []byte, c byte) []byte {
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}

// appendKeeping appends s with every byte outside keep percent-encoded in capitals.
func appendKeeping[T string | []byte](dst []byte, s T, keep *byteSet) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		if keep.has(s[i]) {
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscapedByte(dst, s[i])
		start = i + 1
	}
	return append(dst, s[start:]...)
}

// AppendEscaped appends s encoded as a name or value of a query or form: everything but A-Z a-z 0-9 - . _ ~ becomes %XX
// (spec make.md §7.2).
func AppendEscaped(dst []byte, s string) []byte { return appendKeeping(dst, s, unreserved) }

// escapeKeeping is appendKeeping for a whole text; it does not allocate when nothing changes.
func escapeKeeping(s string, keep *byteSet) string {
	for i := 0; i < len(s); i++ {
		if !keep.has(s[i]) {
			return string(appendKeeping(make([]byte, 0, len(s)+16), s, keep))
		}
	}
	return s
}

// escapeIllegal escapes what cannot stand in a query, and every % that starts no escape (spec make.md §7.1).
func escapeIllegal(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = queryLegal.has(s[i]) && (s[i] != '%' || isEscape(s, i))
	}
	if clean {
		return s
	}
	dst := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		if c := s[i]; !queryLegal.has(c) || c == '%' && !isEscape(s, i) {
			dst = appendEscapedByte(dst, c)
		} else {
			dst = append(dst, c)
		}
	}
	return string(dst)
}

// isEscape reports whether s has %XX at i.
func isEscape(s string, i int) bool {
	return i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unescape decodes percent-encoding once; invalid escapes stay as they are. With plus, + is a space.
func unescape(s string, plus bool) string {
	i := 0
	for i < len(s) && s[i] != '%' && (!plus || s[i] != '+') {
		i++
	}
	if i == len(s) {
		return s
	}
	dst := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && isEscape(s, i):
			dst = append(dst, byte(hexDigit(s[i+1])<<4|hexDigit(s[i+2])))
			i += 2
		case c == '+' && plus:
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return string(dst)
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tokenSet.has(s[i]) {
			return false
		}
	}
	return s != ""
}
