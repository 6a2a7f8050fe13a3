package oauth1

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// HeaderError says why an Authorization header cannot be read. It names parameters and positions, never values.
type HeaderError struct {
	// Offset is the byte in the header value at which reading stopped.
	Offset int
	// Problem says what was found and what was expected.
	Problem string
	// Duplicate is the name of a repeated parameter, or "".
	Duplicate string
}

// Error returns the position and the problem.
func (e *HeaderError) Error() string {
	return fmt.Sprintf("authorization header, byte %d: %s", e.Offset, e.Problem)
}

// Authorization is a parsed Authorization header of the OAuth scheme.
type Authorization struct {
	// Params are the decoded parameters in the order written, without the realm; oauth_signature is among them.
	Params []uri.Pair
	// Realm is the realm, and HasRealm whether there was one.
	Realm    string
	HasRealm bool
}

// Get returns the value of the first parameter of that name.
func (a *Authorization) Get(name string) (string, bool) {
	return uri.Lookup(a.Params, name)
}

// Format prints the names without values, since PLAINTEXT puts secrets there.
func (a *Authorization) Format(f fmt.State, _ rune) {
	if a == nil {
		fmt.Fprint(f, "<nil>")
		return
	}
	names := make([]string, len(a.Params))
	for i, p := range a.Params {
		names[i] = p.Name
	}
	fmt.Fprintf(f, "OAuth header with %s", strings.Join(names, ", "))
}

// LogValue implements slog.LogValuer, because a JSON handler would marshal the header. json.Marshal writes it in clear.
func (a *Authorization) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(a)) }

// ParseAuthorization reads the value of an Authorization header: the scheme OAuth in any case, then name="value" items
// in any order with blanks around commas and "=" (RFC 5849 §3.5.1). Values may lack quotes; names and values are
// percent-decoded once, a malformed escape is literal and "+" is itself; the realm is a quoted string and not
// percent-encoded. A repeated parameter is a *[HeaderError] with Duplicate set, returned together with the complete
// result; for other errors the result holds what was read so far.
func ParseAuthorization(header string) (*Authorization, error) {
	a := &Authorization{}
	r := headerReader{text: header}
	r.blanks()
	if !r.scheme() {
		return a, r.fail(`expected the scheme "OAuth" followed by a blank`)
	}
	var duplicate error
	seen := map[string]bool{}
	for {
		for r.blanks(); r.take(','); r.blanks() {
		}
		if r.pos == len(r.text) {
			return a, duplicate
		}
		at := r.pos
		name, value, err := r.item()
		if err != nil {
			return a, err
		}
		name = uri.Decode(name)
		if seen[name] && duplicate == nil {
			duplicate = &HeaderError{Offset: at, Duplicate: name, Problem: fmt.Sprintf("parameter %q is repeated, expected each once (RFC 5849 §3.1)", name)}
		}
		seen[name] = true
		if strings.EqualFold(name, "realm") {
			if !a.HasRealm {
				a.Realm, a.HasRealm = value, true
			}
			continue
		}
		a.Params = append(a.Params, uri.Pair{Name: name, Value: uri.Decode(value)})
	}
}

// headerReader walks over a header value.
type headerReader struct {
	text string
	pos  int
}

func (r *headerReader) fail(problem string) error {
	return &HeaderError{Offset: r.pos, Problem: problem}
}

// blanks skips optional white space, the line folds of old agents included.
func (r *headerReader) blanks() {
	for r.pos < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *headerReader) take(c byte) bool {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *headerReader) scheme() bool {
	const name = "OAuth"
	rest := r.text[r.pos:]
	if len(rest) < len(name) || !strings.EqualFold(rest[:len(name)], name) {
		return false
	}
	if len(rest) > len(name) && strings.IndexByte(" \t\r\n", rest[len(name)]) < 0 {
		return false
	}
	r.pos += len(name)
	return true
}

func (r *headerReader) item() (name, value string, err error) {
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte("=,\" \t\r\n", r.text[r.pos]) < 0 {
		r.pos++
	}
	name = r.text[start:r.pos]
	if name == "" {
		return "", "", r.fail(`expected a parameter name before "="`)
	}
	r.blanks()
	if !r.take('=') {
		return "", "", r.fail(fmt.Sprintf(`expected "=" after parameter %q`, name))
	}
	r.blanks()
	if r.take('"') {
		value, err = r.quoted(name)
		return name, value, err
	}
	start = r.pos
	for r.pos < len(r.text) && strings.IndexByte(", \t\r\n", r.text[r.pos]) < 0 {
		r.pos++
	}
	return name, r.text[start:r.pos], nil
}

// quoted reads an RFC 2617 quoted string after its opening quote.
func (r *headerReader) quoted(name string) (string, error) {
	var b []byte
	for start := r.pos; r.pos < len(r.text); r.pos++ {
		switch r.text[r.pos] {
		case '"':
			value := r.text[start:r.pos]
			if b != nil {
				value = string(b)
			}
			r.pos++
			r.blanks()
			if r.pos < len(r.text) && r.text[r.pos] != ',' {
				return "", r.fail(fmt.Sprintf("expected a comma after the value of %q", name))
			}
			return value, nil
		case '\\':
			if b == nil {
				b = append(b, r.text[start:r.pos]...)
			}
			if r.pos+1 < len(r.text) {
				r.pos++
				b = append(b, r.text[r.pos])
			}
		default:
			if b != nil {
				b = append(b, r.text[r.pos])
			}
		}
	}
	return "", r.fail(fmt.Sprintf("the value of %q has no closing quote", name))
}
