package zapier

import (
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/parser/document"
)

// coreVersion is the major number of the core package that a definition is written for; 0 when it does not say.
type coreVersion int

// sealed is the first version that neither resolves curlies in auth nor merges the auth of requestTemplate.
const sealed coreVersion = 17

// platformVersion reads the version of the definition.
func (r *reader) platformVersion(root entry) {
	m, ok := r.written(root, "platformVersion")
	if !ok {
		return
	}
	major, rest, dotted := strings.Cut(strings.TrimPrefix(m.node.Text, "v"), ".")
	n, err := strconv.ParseUint(major, 10, 16)
	if err != nil || n == 0 || dotted && rest == "" {
		r.errorf("ZAP206", m.at, "", "%q is no version, expected one such as 16.5.1", clip(m.node.Text))
		return
	}
	r.version = coreVersion(n)
}

// mergesAuth reports whether the auth of requestTemplate is put under that of requests.
func (r *reader) mergesAuth() bool { return r.version < sealed }

// resolvesAuth reports whether curlies in auth are resolved (spec dialects.md §3.3).
func (r *reader) resolvesAuth() bool {
	switch r.curlies {
	case "always":
		return true
	case "never":
		return false
	}
	return r.version < sealed
}

// authCurlies reports what there is to say about the first curly in an auth.
func (r *reader) authCurlies(auth entry) {
	if r.curlies != "" {
		return
	}
	for i := range auth.node.Members {
		m := entryOf(&auth.node.Members[i])
		if !m.is(document.KindText) || !hasCurly(m.node.Text) {
			continue
		}
		switch {
		case r.version >= sealed:
			r.errorf("ZAP301", m.at, "choose --zapier-auth-curlies=always to resolve them nevertheless, or never to send the text",
				"core %d does not resolve curlies in auth: the braces would be sent", r.version)
		case r.version == 0:
			r.warnf("ZAP302", r.firstKey, "write platformVersion, or choose --zapier-auth-curlies", "there is no platformVersion: curlies in auth are resolved, as up to core 16")
		}
		return
	}
}
