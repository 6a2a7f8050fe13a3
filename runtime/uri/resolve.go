package uri

import "strings"

// Resolve returns the URL that a Location header names relative to u (RFC 3986 §5.2); only illegal characters are
// escaped in it. ok is false when it is no http or https URL.
func (u *URL) Resolve(location string) (next *URL, ok bool) {
	ref, fragment, _ := strings.Cut(location, "#")
	if scheme := schemeOf(ref); scheme != "" {
		if next, ok = absolute(ref); !ok {
			return nil, false
		}
		next.Path = RemoveDotSegments(EscapeQuery(next.Path))
	} else if next, ok = u.relative(ref); !ok {
		return nil, false
	}
	next.Fragment = fragment
	next.finish()
	return next, true
}

// relative resolves a reference without scheme.
func (u *URL) relative(ref string) (*URL, bool) {
	next := &URL{Scheme: u.Scheme, User: u.User, Host: u.Host, Port: u.Port, Path: u.Path, Query: u.Query}
	if strings.HasPrefix(ref, "//") {
		abs, ok := absolute(u.Scheme + ":" + ref)
		if ok {
			abs.Path = RemoveDotSegments(EscapeQuery(abs.Path))
		}
		return abs, ok
	}
	path, query, hasQuery := strings.Cut(ref, "?")
	if path != "" || hasQuery {
		next.Query = query
	}
	switch path = EscapeQuery(path); {
	case path == "":
	case path[0] == '/':
		next.Path = RemoveDotSegments(path)
	default:
		next.Path = RemoveDotSegments(u.Path[:strings.LastIndexByte(u.Path, '/')+1] + path)
	}
	return next, true
}

// RemoveDotSegments resolves "." and ".." segments of an absolute path (RFC 3986 §5.2.4).
func RemoveDotSegments(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var out []string
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		default:
			out = append(out, s)
			continue
		}
		if last {
			out = append(out, "")
		}
	}
	return "/" + strings.Join(out, "/")
}

// absolute splits the text of an absolute URL.
func absolute(text string) (*URL, bool) {
	u := new(URL)
	return u, u.parseAbsolute(text) == nil
}
