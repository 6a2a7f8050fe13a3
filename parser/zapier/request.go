package zapier

import (
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/parser/document"
)

const (
	requestKeys  = "url method body params headers auth removeMissingValuesFrom serializeValueForCurlies skipThrowForStatus skipEncodingChars"
	redirectKeys = "url params method"
	idleKeys     = "serializeValueForCurlies skipEncodingChars"
	methods      = "GET PUT POST PATCH DELETE HEAD"
)

// checkRequest reports what is wrong with a request as it is written, but for its URL.
func (r *reader) checkRequest(e entry) {
	r.closed(e, "a request", requestKeys)
	for i := range e.node.Members {
		m := entryOf(&e.node.Members[i])
		switch m.name {
		case "url":
			r.written(e, "url")
		case "method":
			r.checkMethod(m)
		case "body":
			if !isBlank(m.node) && !m.is(document.KindText) && !m.is(document.KindObject) && !m.is(document.KindArray) {
				r.wrong(m, "a text, an object, a list or null")
				continue
			}
		case "params", "headers":
			r.flat(m)
		case "auth":
			r.checkAuth(m)
			continue // its names are those of auth
		case "removeMissingValuesFrom":
			r.checkRemoval(m)
			continue
		case "skipThrowForStatus":
			r.boolean(e, m.name)
		}
		if isWord(m.name, idleKeys) {
			r.warnf("ZAP205", m.at, "remove it", "%q has no effect here", m.name)
			continue
		}
		if isWord(m.name, requestKeys) && !r.legacy {
			r.names(m)
		}
	}
}

func (r *reader) checkMethod(m entry) {
	if !m.is(document.KindText) || !isWord(m.node.Text, methods) {
		found := article(m.node.Kind)
		if m.is(document.KindText) {
			found = "\"" + clip(m.node.Text) + "\""
		}
		r.errorf("ZAP206", m.at, "", "the method is %s, expected one of %s", found, strings.ReplaceAll(methods, " ", ", "))
	}
}

func (r *reader) checkRemoval(m entry) {
	if !r.object(m) {
		return
	}
	r.closed(m, "removeMissingValuesFrom", "params body")
	r.boolean(m, "params")
	r.boolean(m, "body")
}

// checkURL reports a URL that is absent or not absolute, and one that sends tokens in the clear. What a curly begins with is
// known to the run only.
func (r *reader) checkURL(e entry, key string, token bool) {
	m, ok := e.get(key)
	if !ok {
		r.errorf("ZAP207", e.at, "write the whole address, https://…", "%q has no %s", e.name, key)
		return
	}
	if !m.is(document.KindText) {
		return
	}
	text := m.node.Text
	r.bare(m, true)
	if p := pieces(text); len(p) > 0 && p[0].curly {
		return
	}
	scheme, rest, _ := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if scheme != "https" && scheme != "http" || !hasHost(rest) {
		r.errorf("ZAP207", m.at, "write the whole address, https://…", "%s is no absolute http or https URL", key)
		return
	}
	if token && scheme == "http" {
		r.warnf("ZAP208", m.at, "use https", "tokens are sent over http, which everyone on the way can read")
	}
}

// hasHost reports whether what follows the scheme of a URL begins with a host.
func hasHost(rest string) bool {
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	if hasCurly(host) {
		return true
	}
	u, err := url.Parse("https://" + host)
	return err == nil && u.Hostname() != ""
}

// checkRedirect reports what is wrong with the request that sends the user to the service.
func (r *reader) checkRedirect(e entry) {
	r.closed(e, "the authorisation request", redirectKeys)
	r.written(e, "url")
	if m, ok := e.get("params"); ok && r.flat(m) {
		r.names(m)
	}
	if m, ok := e.get("url"); ok {
		r.names(m)
	}
	if m, ok := e.get("method"); ok && (!m.is(document.KindText) || m.node.Text != "GET") {
		r.errorf("ZAP210", m.at, "remove it", "the user's browser sends GET only")
	}
}
