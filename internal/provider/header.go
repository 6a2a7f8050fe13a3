package provider

import (
	"fmt"
	"strings"
)

// authorization is what an "Authorization: OAuth …" header says.
type authorization struct {
	params []Parameter // every parameter but realm, decoded, in the order sent
	realm  string
	hasOne bool // a realm was there, perhaps empty
}

// oauthScheme cuts the scheme off an Authorization header value; ok is false for any other scheme. The scheme name is
// case-insensitive (RFC 5849 §3.5.1).
func oauthScheme(value string) (rest string, ok bool) {
	value = strings.TrimLeft(value, " \t")
	const name = "oauth"
	if len(value) < len(name) || !strings.EqualFold(value[:len(name)], name) {
		return "", false
	}
	rest = value[len(name):]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", false
	}
	return rest, true
}

// parseAuthorization reads the part after the scheme: name="value" pairs with commas between them and optional blanks
// (RFC 5849 §3.5.1). Names and values are percent-decoded once; realm is a quoted string of RFC 2617 and is not. A
// name that appears twice is an error, whether it starts with oauth_ or not, because a header has no use for lists.
func parseAuthorization(text string) (authorization, error) {
	var a authorization
	seen := map[string]bool{}
	rest := skipSeparators(text)
	for rest != "" {
		rawName, tail, err := headerName(rest)
		if err != nil {
			return a, err
		}
		isRealm := strings.EqualFold(rawName, "realm")
		value, tail, err := headerValue(rawName, tail, isRealm)
		if err != nil {
			return a, err
		}
		name := unescape(rawName, false)
		if isRealm {
			name = "realm"
		}
		if seen[name] {
			return a, fmt.Errorf("repeated parameter %q in the Authorization header: each may appear once", brief(name))
		}
		seen[name] = true
		if isRealm {
			a.realm, a.hasOne = value, true
		} else {
			a.params = append(a.params, Parameter{name, unescape(value, false)})
		}
		after := strings.TrimLeft(tail, " \t")
		if after != "" && after[0] != ',' {
			return a, fmt.Errorf("found text after the closing quote of parameter %q in the Authorization header: expected a comma; a quote inside a value is sent as %%22", brief(name))
		}
		rest = skipSeparators(after)
	}
	return a, nil
}

func skipSeparators(s string) string { return strings.TrimLeft(s, " \t,") }

// headerName reads a parameter name and the "=" after it.
func headerName(s string) (name, rest string, err error) {
	end := strings.IndexAny(s, "=,\" \t")
	if end < 0 {
		end = len(s)
	}
	if end == 0 {
		return "", "", fmt.Errorf("found %q in the Authorization header: expected a parameter name", clip(s))
	}
	rest = strings.TrimLeft(s[end:], " \t")
	if rest == "" || rest[0] != '=' {
		return "", "", fmt.Errorf("parameter %q in the Authorization header has no value: expected name=\"value\"", clip(s[:end]))
	}
	return s[:end], strings.TrimLeft(rest[1:], " \t"), nil
}

// headerValue reads a quoted value. Only realm may hold backslash pairs: protocol values are percent-encoded and so
// never contain a quote.
func headerValue(name, s string, pairs bool) (value, rest string, err error) {
	if s == "" || s[0] != '"' {
		return "", "", fmt.Errorf("the value of %q in the Authorization header is not in double quotes: write name=\"value\"", brief(name))
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], nil
		case s[i] == '\\' && pairs && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", fmt.Errorf("the value of %q in the Authorization header has no closing quote", brief(name))
}

// clip shortens foreign text for a message. Quoted parts are cut off, because they may hold a PLAINTEXT signature.
func clip(s string) string {
	if i := strings.IndexByte(s, '"'); i > 0 {
		s = s[:i]
	}
	if len(s) > 24 {
		s = s[:24] + "…"
	}
	return s
}

// brief bounds a foreign value in a message to 80 bytes, because messages go into headers.
func brief(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	return s
}
