package provider

import (
	"net/http"
	"slices"
	"strings"
)

// Endpoint documents one address of the provider.
type Endpoint struct {
	// Path is the path from the root.
	Path string
	// Methods are the HTTP methods that it answers; empty means every method.
	Methods []string
	// Doc says in a sentence or two what it does.
	Doc string
}

// endpoint is an Endpoint with its code.
type endpoint struct {
	Endpoint
	prefix bool // everything below Path belongs to it too
	admin  bool // for inspection: needs no signature and is not recorded
	serve  func(*exchange)
}

var (
	readOnly  = []string{http.MethodGet, http.MethodHead}
	pageForms = []string{http.MethodGet, http.MethodHead, http.MethodPost}
	commands  = []string{http.MethodGet, http.MethodPost}
)

// endpoints is filled in by init because the index page lists it.
var endpoints []endpoint

func init() {
	endpoints = []endpoint{
		{Endpoint{"/", readOnly, "This list."}, false, true, (*exchange).index},
		{Endpoint{"/request_token", nil, "Temporary credentials: signed by the consumer, with oauth_callback (a URI or oob). Answers oauth_token, oauth_token_secret and oauth_callback_confirmed=true." + formatDoc}, false, false, (*exchange).requestToken},
		{Endpoint{"/authorize", pageForms, "The resource owner's decision on ?oauth_token=: an approve page, or approval at once in auto-approve mode (page=1 shows the page all the same); deny=1 denies. Redirects to the callback with oauth_token and oauth_verifier, or with denied; for oob it shows the verifier."}, false, false, (*exchange).authorize},
		{Endpoint{"/access_token", nil, "Token credentials: signed with the temporary credentials, with oauth_verifier; or, instead, a renewal with oauth_session_handle, or xAuth as at /xauth. Answers oauth_token, oauth_token_secret, oauth_session_handle, oauth_expires_in and oauth_authorization_expires_in." + formatDoc}, false, false, (*exchange).accessToken},
		{Endpoint{"/renew", nil, "Session extension: signed with the old token, expired or not, with oauth_session_handle. The old token is revoked." + formatDoc}, false, false, (*exchange).renew},
		{Endpoint{"/xauth", nil, "A token without a browser: signed by the consumer, with x_auth_mode=client_auth, x_auth_username and x_auth_password." + formatDoc}, false, false, (*exchange).xAuth},
		{Endpoint{"/resource", nil, "Three-legged protected resource, here and below. Answers JSON with what was verified."}, true, false, (*exchange).resource},
		{Endpoint{"/two_legged", nil, "Protected resource that asks for the consumer's signature only; a token is checked if there is one."}, false, false, (*exchange).twoLegged},
		{Endpoint{"/need_body_hash", nil, "Like /resource, but a request whose body is no form must carry oauth_body_hash."}, false, false, (*exchange).needBodyHash},
		{Endpoint{"/redirect", nil, "Verifies, then answers 302 to /resource?redirected=1. to=URI redirects elsewhere, status=301, 303, 307 or 308 changes the kind."}, false, false, (*exchange).redirectOn},
		{Endpoint{"/flaky", nil, "Verifies, then answers 503 the first n times (n=1 unless ?n= says else), per token, then like /resource."}, false, false, (*exchange).flaky},
		{Endpoint{"/me", readOnly, "The owner as JSON, three-legged. The id is larger than 2^53."}, false, false, (*exchange).me},
		{Endpoint{"/me.xml", readOnly, "The owner as XML with attributes, three-legged."}, false, false, (*exchange).meXML},
		{Endpoint{"/statuses", []string{http.MethodPost}, "Three-legged; takes a form or JSON and answers what it understood."}, false, false, (*exchange).statuses},
		{Endpoint{"/_admin/state", readOnly, "Inspection without a signature: credentials and counters, secrets left out."}, false, true, (*exchange).adminState},
		{Endpoint{"/_admin/log", readOnly, "Inspection: the latest requests as they were received."}, false, true, (*exchange).adminLog},
		{Endpoint{"/_admin/reset", commands, "Inspection: forget everything."}, false, true, (*exchange).adminReset},
		{Endpoint{"/_admin/expire", commands, "Inspection: let the access token ?token= expire now."}, false, true, (*exchange).adminExpire},
		{Endpoint{"/_admin/revoke", commands, "Inspection: revoke the access token ?token=."}, false, true, (*exchange).adminRevoke},
	}
}

const formatDoc = " ?format=json, xml, text or html-labelled changes how the answer is encoded or labelled, ?status=201 its status, ?pad=1 puts white space around it."

// Endpoints lists what a provider answers, in the order a flow meets it. The slice is the caller's own.
func Endpoints() []Endpoint {
	list := make([]Endpoint, len(endpoints))
	for i, e := range endpoints {
		list[i] = e.Endpoint
		list[i].Methods = slices.Clone(e.Methods)
	}
	return list
}

// Endpoints lists what this provider answers: without the inspection endpoints if they are disabled.
func (p *Provider) Endpoints() []Endpoint {
	return slices.DeleteFunc(Endpoints(), func(e Endpoint) bool {
		return p.config.DisableAdmin && (e.Path == "/" || strings.HasPrefix(e.Path, "/_admin/"))
	})
}

// index answers the list of endpoints as text.
func (x *exchange) index() {
	var b strings.Builder
	b.WriteString("OAuth 1.0a provider on loopback. Signature methods: " + strings.Join(SignatureMethods(), ", ") + "\n\n")
	for _, e := range x.provider.Endpoints() {
		methods := "any method"
		if len(e.Methods) > 0 {
			methods = strings.Join(e.Methods, ", ")
		}
		b.WriteString(e.Path + "  (" + methods + ")\n    " + e.Doc + "\n")
	}
	x.send(http.StatusOK, "text/plain; charset=utf-8", []byte(b.String()), Event{})
}
