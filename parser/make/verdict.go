package make

import "github.com/imlc-lang/imlc/parser/ast"

// platformTypes are the error types of the platform (spec make.md §11.4); the first nine are those an author may name.
var platformTypes = []string{
	"RuntimeError", "DataError", "RateLimitError", "OutOfSpaceError", "ConnectionError",
	"InvalidConfigurationError", "InvalidAccessTokenError", "IncompleteDataError", "DuplicateDataError",
	"UnknownError", "UnexpectedError", "InconsistencyError", "MaxResultsExceededError", "MaxFileSizeExceededError",
	"ModuleTimeoutError", "ScenarioTimeoutError", "OperationsLimitExceededError", "DataSizeLimitExceededError",
	"ExecutionInterruptedError", "AccountValidationError", "BundleValidationError",
}

// authorTypes is how many of platformTypes an author may name.
const authorTypes = 9

// verdict says how answers are judged (spec make.md §11.1, §11.2): 200..399 pass, and the type of a failure goes by its
// status, unless it is always the oldest one.
func verdict(legacyErrorTypes bool) *ast.Verdict {
	v := &ast.Verdict{
		Accept:    []ast.StatusRange{{First: 200, Last: 399}},
		OnInvalid: ast.Failure{Type: "RuntimeError", Message: "Response marked as invalid."},
		Types:     platformTypes,
	}
	if !legacyErrorTypes {
		v.OnStatus = []ast.StatusFailure{
			{First: 429, Last: 429, Failure: ast.Failure{Type: "RateLimitError"}},
			{First: 500, Last: 599, Failure: ast.Failure{Type: "ConnectionError"}},
		}
	}
	v.OnStatus = append(v.OnStatus, ast.StatusFailure{First: 1, Last: 999, Failure: ast.Failure{Type: "RuntimeError"}})
	return v
}

// callbackVerdict has the words for a callback that authorize.response.valid refuses (spec make.md §13.5).
func callbackVerdict() *ast.Verdict {
	return &ast.Verdict{
		OnInvalid: ast.Failure{Type: "RuntimeError", Code: "oauth1/callback-invalid", Message: "Response marked as invalid."},
		Types:     platformTypes,
	}
}

// eventCodes are the trace codes of run-time warnings (spec make.md §19).
var eventCodes = map[string]string{
	ast.EventCallbackUnconfirmed: "MAKE501",
	ast.EventUnknownErrorType:    "MAKE502",
	ast.EventUnknownLabelType:    "MAKE503",
	ast.EventLabelCut:            "MAKE503",
	ast.EventBodyBecameText:      "MAKE504",
	ast.EventRealmLeftOut:        "MAKE505",
	ast.EventRepeatedKey:         "IMLC501",
}
