package ast

import "github.com/imlc-lang/imlc/internal/source"

// Kind is the kind of a connection, which decides which sections exist and how they run.
type Kind string

// The kinds of connections.
const (
	KindOAuth1 Kind = "oauth1"
	KindBasic  Kind = "basic"
	KindOAuth2 Kind = "oauth2" // recognised, not compiled
)

// Connection is a whole connection spec, neutral to the dialect it was written in (docs/architecture.md §3).
type Connection struct {
	At      Origin
	Dialect string // "make", "membrane", "zapier", "supermetrics"
	Name    string
	Kind    Kind
	Files   []*source.File
	// Library names the functions that the expressions of the connection can call; "" is "iml".
	Library string

	Parameters []*Parameter
	// Common is the connection's own common data as written in the spec; hosts may replace it.
	Common Value
	// Scope is the default scope; ScopeList explains scopes.
	Scope     []string
	ScopeList []ScopeEntry

	// Base is merged under calls, never into the connection itself.
	Base *Request
	// OAuth is the root directive, merged under that of every section.
	OAuth *OAuth

	RequestToken []*Request
	Authorize    *Request
	AccessToken  []*Request
	// Info proves the credentials; for a basic connection it is the whole communication.
	Info  []*Request
	Calls []*Call

	// Hooks are scripts of the spec (X7); Variants are alternative connections (X8).
	Hooks    []*Hook
	Variants []*Variant
}

// ScopeEntry explains one scope.
type ScopeEntry struct{ Name, Description string }

// Call is a named signed request of the spec.
type Call struct {
	At       Origin
	Name     string
	Requests []*Request
}

// Hook is a script that the spec wants to run (X7). Needed hooks are errors without a script host.
type Hook struct {
	At           Origin
	Name, Source string
	Arguments    []Value
	Needed       bool
}

// Variant is one auth option of a spec that offers several (X8).
type Variant struct {
	Name       string
	Enabled    Value
	Connection *Connection
}

// Condition decides whether a request runs. A nil Expr means "execute".
type Condition struct {
	At      Origin
	Expr    Value
	Default Value
}

// QueryMode says what a query directive does to the query of the URL (X2).
type QueryMode uint8

// The modes.
const (
	QueryReplace QueryMode = iota // the URL's query is lost (make)
	QueryAppend                   // parameters are appended (membrane, supermetrics)
	QueryMerge                    // a parameter of the URL wins over one of the same name (zapier)
)

// Request is one HTTP request of a section with what happens before and after it (spec make.md §5.1).
type Request struct {
	At        Origin
	Temp      Value
	Condition *Condition

	// BaseURL is set in Base only.
	BaseURL   Value
	URL       Value
	EncodeURL bool // default true
	Method    Value
	Headers   Value
	Query     Value
	QueryMode QueryMode
	Body      Value
	BodyType  Value // nil: absent, which differs from a written "json" for text bodies (spec make.md §7.4)
	OAuth     *OAuth

	CA                  Value
	Gzip                bool
	ShareCookies        bool
	RejectUnauthorized  bool // default true
	FollowRedirects     bool // default true; GET and HEAD
	FollowAllRedirects  bool // default true; other methods
	TimeoutMilliseconds int  // 0: the engine's default
	Repeat              *Repeat
	// Sanitize holds the paths of log.sanitize; nil when there is no log directive.
	Sanitize []string
	HasLog   bool

	// CallbackToken says whether a callback must carry oauth_token (X3); Authorize only.
	CallbackToken CallbackToken
	Response      *Response

	// Set records which of the literal directives were written, by name, so that Base can be merged key by key.
	Set map[string]bool
}

// CallbackToken is the demand on the oauth_token of a callback (X3).
type CallbackToken uint8

// The demands.
const (
	CallbackTokenRequired CallbackToken = iota
	CallbackTokenOptional
)

// OAuth is an oauth directive (spec make.md §12). Off is a literal false or null. Value is an object, or a template of
// one.
type OAuth struct {
	At    Origin
	Off   bool
	Value Value
	// Version is nil for "1.0"; a Literal null omits the parameter (X4).
	Version Value
	// Extra are further signed protocol parameters, in order (X5).
	Extra *Object
}

// Repeat runs a request again (spec make.md §15).
type Repeat struct {
	At        Origin
	Condition Value
	// DelayMilliseconds is the pause before each further run; Limit counts all runs, 0 is no bound by the author.
	DelayMilliseconds, Limit int
}

// Response says what is done with an answer (spec make.md §5.2).
type Response struct {
	At   Origin
	Type *ResponseType
	Temp Value

	Valid *Valid
	Error *Error

	Data Value
	// DataFields selects fields of a token answer (X9); nil: Data alone. "*" selects all.
	DataFields []string
	UID        Value
	Metadata   *Metadata
	Expires    Value

	// Output, Iterate and Limit apply to calls only.
	Output  Value
	Iterate *Iterate
	Limit   Value
}

// ResponseType chooses the parser: one value for every status, or a map of status ranges.
type ResponseType struct {
	At    Origin
	Value Value // nil when Ranges is used; a literal text or a template
	// Ranges are in written order.
	Ranges []StatusRange
}

// StatusRange maps the statuses First..Last to a parser. "*" is 1..999.
type StatusRange struct {
	At          Origin
	First, Last int
	Type        Value
}

// Valid judges an answer of status 200..399 (spec make.md §11.2). Condition nil is true.
type Valid struct {
	At                       Origin
	Condition, Message, Type Value
}

// Error holds the messages and types of failures (spec make.md §11.1).
type Error struct {
	At            Origin
	Message, Type Value
	Status        []StatusError
}

// StatusError is the entry of one status code.
type StatusError struct {
	At            Origin
	Status        int
	Message, Type Value
}

// Metadata is the label shown with a connection. Type and Value are the same node when one template gives the object of
// both.
type Metadata struct {
	At          Origin
	Type, Value Value
}

// Iterate selects the items of a call's answer.
type Iterate struct {
	At                   Origin
	Container, Condition Value
}
