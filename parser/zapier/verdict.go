package zapier

import "github.com/imlc-lang/imlc/parser/ast"

// success are the statuses that are no failure (spec dialects.md §1.3, §3.5).
var success = []ast.StatusRange{{First: 1, Last: 399}}

// unavailable are failures that say nothing about the credentials.
var unavailable = []ast.StatusFailure{
	{First: 429, Last: 429, Failure: ast.Failure{Type: "RateLimitError"}},
	{First: 500, Last: 599, Failure: ast.Failure{Type: "ConnectionError"}},
}

func otherwise(f ast.Failure) []ast.StatusFailure {
	return append(unavailable[:len(unavailable):len(unavailable)], ast.StatusFailure{First: 1, Last: 999, Failure: f})
}

// The verdicts: of the token requests and calls, of a test, and of a request with skipThrowForStatus.
var (
	plainVerdict = &ast.Verdict{Accept: success, OnStatus: otherwise(ast.Failure{Type: "RuntimeError"}), OnInvalid: ast.Failure{Type: "RuntimeError"}}
	testVerdict  = &ast.Verdict{Accept: success, OnStatus: otherwise(ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed"}),
		OnInvalid: ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed"}}
	anyVerdict = &ast.Verdict{Accept: []ast.StatusRange{{First: 1, Last: 999}}, OnInvalid: ast.Failure{Type: "RuntimeError"}}
)

// eventCodes are the codes of the events that a run warns of (spec dialects.md §3.8).
var eventCodes = map[string]string{ast.EventTrailingComma: "ZAP501", ast.EventFieldMissing: "ZAP503"}
