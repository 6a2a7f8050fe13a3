package outline

import "strings"

// FileName makes a name for files of the name of a connection: small letters, digits, - and _.
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, name)
	if name = strings.Trim(name, "-"); name == "" {
		return "connection"
	}
	return name
}
