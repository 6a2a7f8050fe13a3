package conformance

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// Engine is one implementation under judgement. A nil part means that the implementation does not take part in cases
// of that sort; such cases fail, they are never skipped.
type Engine struct {
	// Name tells engines apart in reports.
	Name      string
	Evaluator evaluator
	Signer    signer
	Flow      flow
	Formula   formulaEvaluator
}

// evaluator evaluates templates. Implementations are safe for concurrent use.
type evaluator interface {
	// Evaluate compiles and runs the template of v. It must not look at v.Want. A returned error means that the engine
	// itself broke, not that the template failed: that is Outcome.Error.
	Evaluate(ctx context.Context, v *expressionVector) (outcome, error)
}

// outcome is what a template gave.
type outcome struct {
	// Value is the result when Error is "".
	Value value.Value
	// Error is the code of the first error, of compile or run time, such as "IML404".
	Error string
	// Detail is the whole text of the error, for reports only.
	Detail string
}

// formulaEvaluator evaluates formulas of the membrane dialect (spec dialects.md §2.4). Implementations are safe for
// concurrent use.
type formulaEvaluator interface {
	// EvaluateFormula compiles and runs the formula of v. It must not look at expectations. A returned error means that
	// the engine itself broke, not that the formula failed: that is Outcome.Error.
	EvaluateFormula(ctx context.Context, v *formulaVector) (outcome, error)
}

// signer does the work of the signing vectors. Implementations are safe for concurrent use.
type signer interface {
	// Sign works out the result of v; it must not look at the expected fields. An error means that the request was
	// refused or the engine broke, which no signing vector wants.
	Sign(ctx context.Context, v *signingVector) (signingOutcome, error)
}

// signingOutcome is the result of one signing vector.
type signingOutcome struct {
	// Text is the result of every kind but request.
	Text string
	// The rest is for the kind request: BaseString and Signature for the bytes of the URL as given; the wire ones for
	// the URL as it is escaped to be sent; Authorization is the header; SignedURL and SignedBody what is sent with the
	// query and the body transport.
	BaseString, Signature         string
	WireBaseString, WireSignature string
	Authorization                 string
	SignedURL, SignedBody         string
}

// flow runs connection flows. Implementations are safe for concurrent use.
type flow interface {
	// RunFlow compiles the spec of c and runs its steps with the scripted answers, the fixed clock and the nonces of
	// c, and reports what was seen. It must not look at expectations. An error means that the engine broke.
	RunFlow(ctx context.Context, c *flowCase) (*flowOutcome, error)
}

// flowOutcome is what a flow did.
type flowOutcome struct {
	// Diagnostics is the complete list of the compiler, "file:line:col CODE", in order.
	Diagnostics []string
	// Refused is true when the compiler gave errors, so that no step ran.
	Refused bool
	// Steps holds one outcome per step that ran; fewer than the case's when the engine could not go on.
	Steps []stepOutcome
}

// stepOutcome is what one step did.
type stepOutcome struct {
	// Exchanges are the requests in the order sent, those beyond the script included.
	Exchanges []observed
	// Redirect is the URL the browser is sent to; "" when there is none.
	Redirect string
	// Connection is the state after the step, committed or not; nil when there is none yet.
	Connection *connectionState
	// Stored is true when the step committed a connection.
	Stored bool
	// Output is the result of a call; Status and Output that of a client request; Valid that of validate.
	Output value.Value
	Status int
	Valid  bool
	// Trace holds the codes of the run's diagnostics in order.
	Trace []string
	// Error is nil when the step succeeded.
	Error *stepError
}

// connectionState is a stored connection.
type connectionState struct {
	Data     *value.Object
	UID      string
	Type     string // metadata.type
	Label    string // metadata.value
	HasLabel bool
	Expires  time.Time
	Scope    []string
}

// stepError is the error of a step.
type stepError struct {
	Type, Code, Message, Section, Cause string
	Status                              int
	// Place is where in the spec the failure lies, "file:line:column", and Template the text of the directive; both are ""
	// when no directive is to blame. Undefined are the names in it that had no value.
	Place, Template string
	Undefined       []string
	// Detail is what the transport said beside the message, for who reads a report; no case asks for it.
	Detail string
	// Placeless is set by an engine of the tests that knows no places: what a case says of them is not asked of it.
	Placeless bool
}

// observed is one request as it left the engine, with the answer it got.
type observed struct {
	Method  string
	URL     string
	Headers []headerField
	Body    []byte
	// Respond is the answer; the zero Respond for a request beyond the script.
	Respond respond
}
