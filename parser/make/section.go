package make

// section is the place a request stands in; it decides which directives have an effect (spec make.md §5.3).
type section string

const (
	inBasic        section = "communication"
	inRequestToken section = "requestToken"
	inAuthorize    section = "authorize"
	inAccessToken  section = "accessToken"
	inInfo         section = "info"
	inRenew        section = "renew"
	inBase         section = "base"
	inCall         section = "call"
)

// module reports whether the section belongs to module requests rather than to the making of a connection.
func (s section) module() bool { return s == inBase || s == inCall }

func (s section) where() string {
	switch s {
	case inBasic:
		return "in a basic connection"
	case inBase, inCall:
		return "in a module request"
	}
	return "in " + string(s)
}

var (
	requestKeys = keySet("temp", "condition", "url", "encodeUrl", "method", "headers", "qs", "body", "type", "oauth", "ca", "gzip",
		"followRedirects", "followRedirect", "followAllRedirects", "followAllRedirect", "rejectUnauthorized", "shareCookies",
		"timeout", "log", "repeat", "response", "aws", "pagination",
		"endpoint", "input", "respond", "verification", "output", "iterate")
	baseKeys     = union(requestKeys, keySet("baseUrl"))
	responseKeys = keySet("type", "temp", "valid", "error", "data", "uid", "metadata", "expires",
		"output", "iterate", "limit", "wrapper", "trigger", "oauth")
	oauthKeys = keySet("consumer_key", "consumer_secret", "private_key", "token", "token_secret", "verifier",
		"signature_method", "transport_method", "body_hash", "callback", "realm")

	// authorizeKeys are what a redirect can use: nothing is sent and nothing is signed there (§13.3).
	authorizeKeys = keySet("temp", "condition", "url", "encodeUrl", "qs", "oauth", "response")
)

// ignoresRequest reports the request directives that do nothing in the section.
func (s section) ignoresRequest(key string) bool {
	switch key {
	case "aws", "pagination": // of modules only
		return true
	case "endpoint", "input", "respond", "verification", "output", "iterate": // of modules of other kinds and of webhooks
		return true
	}
	return s == inAuthorize && !authorizeKeys[key]
}

// ignoresResponse reports the response directives that do nothing in the section.
func (s section) ignoresResponse(key string) bool {
	switch key {
	case "wrapper", "trigger", "oauth":
		return true
	case "output", "iterate", "limit":
		return !s.module()
	case "data":
		return s == inAuthorize || s.module()
	case "uid", "metadata":
		return s == inRequestToken || s == inAuthorize || s == inAccessToken || s == inRenew || s.module()
	case "expires":
		return s == inRequestToken || s == inAuthorize || s.module()
	}
	return false
}

// ignoresOAuth reports the oauth keys that do nothing in the section; "" is the root directive.
func (s section) ignoresOAuth(key string) bool {
	switch s {
	case "", inRequestToken:
		return false
	case inAuthorize:
		return key != "token"
	}
	return key == "callback"
}
