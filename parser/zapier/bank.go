package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// step is a step of a connection: it decides what the names of its curlies stand for (spec dialects.md §3.3).
type step uint8

const (
	inRequestToken step = iota
	inAuthorize
	inAccessToken
	inTest
	inCall
)

// The keys of temp that keep the answers of the token requests.
const (
	requestAnswer = "requestToken"
	accessAnswer  = "accessToken"
)

// bank returns the value of a name in a step; it is missing where the bank does not have the name.
func (s step) bank(at ast.Origin, name string) ast.Value {
	if key, ok := strings.CutPrefix(name, "process.env."); ok {
		return lookup(at, ast.RootCommon, key, false)
	}
	if key, ok := strings.CutPrefix(name, "bundle.authData."); ok {
		return lookup(at, ast.RootData, key, false)
	}
	key, ok := strings.CutPrefix(name, "bundle.inputData.")
	if !ok {
		return missing(at)
	}
	return s.input(at, key)
}

// input returns the value of a name of bundle.inputData.
func (s step) input(at ast.Origin, key string) ast.Value {
	data, answer := lookup(at, ast.RootData, key, true), answered(at, requestAnswer, key)
	switch {
	case s == inTest:
		return missing(at)
	case s == inCall:
		return lookup(at, ast.RootInput, key, true)
	case key == "redirect_uri":
		return lookup(at, ast.RootRedirect, ast.DefaultRedirect, false)
	case s == inAuthorize:
		return first(at, answer, data)
	case s == inAccessToken && (key == "oauth_token" || key == "oauth_token_secret"):
		return answer // never what the browser brings
	case s == inAccessToken && key == "oauth_verifier":
		return lookup(at, ast.RootCallback, key, false)
	case s == inAccessToken:
		return first(at, data, lookup(at, ast.RootCallback, key, true))
	}
	return data
}

// legacyBank returns the value of a bare name: a field of the authentication, or of an answer that has come by then.
func (s step) legacyBank(at ast.Origin, name string) ast.Value {
	for _, prefix := range []string{"bundle.authData.", "bundle.inputData."} {
		name = strings.TrimPrefix(name, prefix)
	}
	data, answer := lookup(at, ast.RootData, name, true), answered(at, requestAnswer, name)
	if s == inTest || s == inCall {
		return first(at, answered(at, accessAnswer, name), data, answer)
	}
	return first(at, answer, data)
}

// answered finds a field of the answer to a token request.
func answered(at ast.Origin, request, key string) ast.Value {
	return invoke(at, "lookup", lookup(at, ast.RootTemp, request, true), textOf(at, key), boolean(at, true))
}
