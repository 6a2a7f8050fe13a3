package form

import (
	"encoding/pem"
	"math"
	"net/mail"
	"strings"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// wellFormed reports whether a value is well formed as the format of its definition asks.
func wellFormed(f plan.ParameterFormat, x value.Value) bool {
	n, s := x.Float(), x.Str()
	if len(s) > maxFormatted {
		return false
	}
	switch f {
	case plan.FormatInteger:
		return n == math.Trunc(n)
	case plan.FormatUnsigned:
		return n == math.Trunc(n) && n >= 0
	case plan.FormatPort:
		return n == math.Trunc(n) && n >= 0 && n <= 65535
	case plan.FormatEmail:
		if len(s) > maxEmail {
			return false
		}
		a, err := mail.ParseAddress(s)
		return err == nil && a.Address == s
	case plan.FormatURL:
		return isURL(s)
	case plan.FormatUUID:
		return isUUID(s)
	case plan.FormatCertificate, plan.FormatPrivateKey:
		block, _ := pem.Decode([]byte(strings.ReplaceAll(s, `\n`, "\n")))
		return block != nil && (f == plan.FormatCertificate) == (block.Type == "CERTIFICATE")
	}
	return true
}

// maxFormatted is the length of the longest text that is well formed: more than a chain of certificates has.
const maxFormatted = 1 << 20

// maxEmail is more than the longest address has (RFC 5321 §4.5.3.1).
const maxEmail = 1000

// isURL reports whether s is an absolute http or https URL, as far as its beginning tells.
func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if scheme = strings.ToLower(scheme); !ok || scheme != "http" && scheme != "https" {
		return false
	}
	return rest != "" && !strings.ContainsAny(rest[:1], "/?#") && !strings.ContainsAny(s, " \t\r\n")
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}
