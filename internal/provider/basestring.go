package provider

import "strings"

// baseString is RFC 5849 §3.4.1.1: the method in upper case, the base string URI and the normalised parameters, each
// encoded once more.
func baseString(method, uri string, params []Parameter) string {
	return escape(strings.ToUpper(method)) + "&" + escape(uri) + "&" + escape(normalize(params))
}

// baseStringURI is RFC 5849 §3.4.1.2: lower-case scheme and host, the port unless it is the default of this scheme, and
// the path bytes of the request line as they are. An empty path is "/" (RFC 2616 §5.1.2).
func baseStringURI(scheme, authority, path string) string {
	scheme = strings.ToLower(scheme)
	host, port := splitAuthority(strings.ToLower(authority))
	if port != "" && port != defaultPort(scheme) {
		host += ":" + port
	}
	if path == "" {
		path = "/"
	}
	return scheme + "://" + host + path
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// splitAuthority separates host and port. The brackets of an IPv6 literal stay with the host.
func splitAuthority(authority string) (host, port string) {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon < strings.LastIndexByte(authority, ']') {
		return authority, ""
	}
	return authority[:colon], authority[colon+1:]
}

// splitTarget separates path and query of a request target. The absolute form of a proxy request (RFC 7230 §5.3.2)
// loses its scheme and authority; a fragment, which has no business on the wire, is cut off.
func splitTarget(target string) (path, query string) {
	if i := strings.IndexByte(target, '#'); i >= 0 {
		target = target[:i]
	}
	path, query, _ = strings.Cut(target, "?")
	if strings.HasPrefix(path, "/") {
		return path, query
	}
	if _, rest, absolute := strings.Cut(path, "://"); absolute {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			return rest[slash:], query
		}
		return "", query
	}
	return path, query
}
