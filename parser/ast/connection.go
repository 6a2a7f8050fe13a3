package ast

import "github.com/imlc-lang/imlc/internal/source"

// Connection is a whole connection spec, neutral to the dialect it was written in. A front end says in it everything
// that its dialect means; what stands behind it never asks which dialect that was.
type Connection struct {
	At Origin
	// Dialect and Name are printed and nothing else.
	Dialect, Name string
	Files         []*source.File
	// Library names the function library of the expressions; "" is that of IML.
	Library string

	Parameters []*Parameter
	// Common is the connection's own common data as written in the spec; hosts may replace it.
	Common Value
	// CommonParameters describe the common data: defaults stand in for what is not there, and what does not pass is
	// EventCommon. Those of a variant are looked at beside those of the spec.
	CommonParameters []*Parameter
	// DefaultScope are the scopes that are asked for without being named; ScopeList explains scopes.
	DefaultScope []string
	ScopeList    []ScopeEntry
	// Redirects names further callback addresses that a host may give beside the default one, which stands in for those
	// that it does not give (RootRedirect).
	Redirects []string

	// OAuth is merged under the directive of every request and of Base. Calls leave its verifier and its callback out.
	OAuth *OAuth
	// Base is merged under the requests of calls and under the free requests of a host; into the stages only where a
	// request asks for it.
	Base *Request
	// Stages is the order in which a connection is made; what they store is committed when the last one has succeeded.
	Stages []*Stage
	Calls  []*Call
	// Renew are the requests that renew the token of a stored connection; what they store takes its place. A renewal
	// whose requests are all skipped by their conditions is none.
	Renew []*Request

	// Hooks are scripts of the spec, those of variants among them; Variants are the connections that it offers to choose
	// from, and then its own stages are empty.
	Hooks    []*Hook
	Variants []*Variant

	// TokenHelp says what to write so that requests behind the handshake are signed with the stored token; it is shown
	// where they are signed by the consumer alone.
	TokenHelp string

	// Words are the dialect's codes of the events that a run warns of, by event (see EventCallbackUnconfirmed and those
	// that follow it). An event without a word is shown under its own name.
	Words map[string]string
}

// The events that a run warns of.
const (
	EventCallbackUnconfirmed = "callback-unconfirmed"         // the service did not confirm the callback address
	EventUnknownErrorType    = "unknown-error-type"           // a computed error type is none that Verdict.Types lists
	EventUnknownLabelType    = "unknown-label-type"           // a label has another type than text, email or url
	EventLabelCut            = "label-cut"                    // a label has more than 512 characters
	EventBodyBecameText      = "body-became-text"             // an answer could not be parsed and was taken as text
	EventRealmLeftOut        = "realm-left-out"               // realm has no place in a query or a body
	EventTrailingSpace       = "form/trailing-space"          // line breaks or blanks behind a form were cut
	EventRepeatedKey         = "repeated-key"                 // a JSON key of an answer was written twice
	EventContentTypeMismatch = "oauth1/content-type-mismatch" // a token answer is not of the type that it claims
	EventRepeatedField       = "oauth1/repeated-field"        // a field of a token answer was written twice
	EventTrailingComma       = "oauth1/trailing-comma"        // a token answer in JSON has a trailing comma
	EventVariant             = "connection/variant"           // no variant, or several, can be used: an error
	EventCommon              = "connection/common"            // the common data is not as CommonParameters want it: an error
	EventNoRows              = "answer/no-rows"               // Response.Rows finds nothing in an answer
	EventFieldMissing        = "oauth1/field-missing"         // a field that Response.DataFields lists is not in the answer
)

// ScopeEntry explains one scope.
type ScopeEntry struct{ Name, Description string }

// Stage is one step of making a connection: requests in order, or the redirect that sends the user to the service and
// waits for the callback.
type Stage struct {
	At Origin
	// Name is shown in errors and traces.
	Name     string
	Requests []*Request
	// Redirect suspends the run behind the requests, unless its condition is falsy.
	Redirect *Redirect
	// Proof marks the requests that prove the credentials: testing and validating a connection runs them again.
	Proof bool
}

// Call is a named request sequence of the spec, made with a stored connection.
type Call struct {
	At       Origin
	Name     string
	Requests []*Request
}

// Hook is a script of the spec. Expressions run it by Invoke{Library: LibraryScript, Function: Name}. Where nothing runs
// scripts, needed hooks are errors, and others are left out with a warning.
type Hook struct {
	At Origin
	// Name is one of the connection, Title is what messages call the hook: `hook "test"`.
	Name, Title string
	// Entry is the global function of the modules that is called, with what Invoke passes. The modules are evaluated in
	// order before it. Several hooks may share modules.
	Entry   string
	Modules []*Module
	// Library is the function library that the script can call under a global of that name; "" is none.
	Library string
	// MaxSource bounds the characters of each module but those of the dialect itself; 0: the host of scripts does.
	MaxSource int
	Needed    bool
	// Callable makes the hook a function of the expressions that is called by its name.
	Callable bool
}

// LibraryScript is the library of the hooks of the connection.
const LibraryScript = "script"

// Module is a piece of the code of a hook.
type Module struct {
	At Origin
	// Name is the file as errors show it; Map finds the places of Text in the spec, nil where it is no part of it.
	Name, Text string
	Map        *source.Map
	Form       ModuleForm
	// Bind is the global name of what a module exports, or of the function that it is the body of, whose parameters are
	// Parameters.
	Bind       string
	Parameters []string
}

// ModuleForm says how the text of a module is read.
type ModuleForm uint8

// The forms.
const (
	ModuleScript ModuleForm = iota // evaluated as it is
	ModuleExport                   // has a default export
	ModuleBody                     // the body of a function
	ModuleOwn                      // of the dialect itself
)

// Variant is one way to authorise of a spec that offers several. Enabled is computed when an authorisation starts; nil
// is always. Exactly one must be enabled then.
type Variant struct {
	At         Origin
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

// Flag is a directive that is on, off, or not written; then Base or the default decides.
type Flag uint8

// The states of a Flag.
const (
	FlagUnset Flag = iota
	FlagOff
	FlagOn
)

// FlagOf returns the flag of a written directive.
func FlagOf(on bool) Flag {
	if on {
		return FlagOn
	}
	return FlagOff
}

// QueryMode says what a query directive does to the query of the URL.
type QueryMode uint8

// The modes.
const (
	QueryReplace QueryMode = iota // the URL's query is lost
	QueryAppend                   // parameters are appended
	// QueryMerge writes both anew: the parameters, each with what the URL has under its name instead if there is any,
	// then the other names of the URL. Null and an object are written as an empty value.
	QueryMerge
	QueryOverride // the URL's query stays, but a parameter takes the place of one of its name
)

// URLJoin says how a URL is put behind BaseURL.
type URLJoin uint8

// The ways to join. A slash stands between the two, instead of all at the end of the base.
const (
	JoinSlash    URLJoin = iota // when the URL begins with a slash, in the place of all that it begins with
	JoinRelative                // unless the URL is absolute, in the place of the first slash of the URL
)

// Encoding says how a body becomes bytes.
type Encoding struct {
	// ByValue lets the value decide: text goes out as it is, null and "" are no body, an object or a list is a form
	// when the request's Content-Type is exactly that of a form, and everything else is JSON. Without it BodyType
	// decides.
	ByValue bool
	// JSONType and TextType are the Content-Type of a JSON and of a text body when the request has none; "" is
	// application/json, and none at all for text.
	JSONType, TextType string
}

// CallbackPolicy says that a request asks for temporary credentials (RFC 5849 §2.1), and which callback address it
// sends when its oauth has no callback of its own. A callback of its own that is falsy sends none.
type CallbackPolicy uint8

// The policies. Requests with any but the first one give the request token that the callback must bring back.
const (
	CallbackNotAsked            CallbackPolicy = iota // no request for temporary credentials; a callback of oauth is not sent
	CallbackNone                                      // none is sent
	CallbackInject                                    // that of the run
	CallbackInjectUnlessCarried                       // that of the run, unless query or body carry an oauth_callback
)

// Request is one HTTP request with what happens before and after it.
type Request struct {
	At        Origin
	Temp      Value
	Condition *Condition

	// BaseURL goes in front of the URL as Join says. A call has that of Base when it has none.
	BaseURL   Value
	Join      URLJoin
	URL       Value // nil: nothing is sent, the response directives run at once
	EncodeURL Flag  // default on
	Method    Value // default GET
	Headers   Value
	Query     Value
	QueryMode QueryMode
	// FillQuery makes the query a default: its parameters come last, and only those that neither the URL nor the
	// request has. It is meant for Base.
	FillQuery bool
	Body      Value
	// BodyMethods are the methods that Body is for, in upper case; nil is every method. It is meant for Base.
	BodyMethods []string
	BodyType    Value // nil: absent, which differs from a written "json" for text bodies
	Encoding    Encoding
	OAuth       *OAuth
	Callback    CallbackPolicy

	CA                  Value
	Gzip                Flag // default off
	ShareCookies        Flag // default off
	RejectUnauthorized  Flag // default on
	FollowRedirects     Flag // default on; GET and HEAD
	FollowAllRedirects  Flag // default on; other methods
	TimeoutMilliseconds int  // 0: the engine's default
	Repeat              *Repeat
	// Log asks for a record of the request; Sanitize holds what is masked in it.
	Log      bool
	Sanitize []SanitizePath

	// Verdict says which answers fail without a word of the author; nil accepts every status.
	Verdict  *Verdict
	Response *Response
	// Rewrite computes the request that is sent in place of what the directives came to, which it reads as RootRequest:
	// an object with method, url, headers and body. What is missing stays. nil: nothing is changed.
	Rewrite Value
	// UnderBase puts a request of a stage over Base, as those of calls are. Apart keeps a request of a call apart
	// from it.
	UnderBase, Apart bool
}

// SanitizePath is a place in the record of a request that is masked.
type SanitizePath struct {
	At Origin
	// Answer says that the path is one into the answer, else it is one into the request.
	Answer bool
	// Steps are names: headers, body, or of a request also url and qs, then those below. Letter case does not count,
	// and a list is gone through item by item.
	Steps []string
	// Text computes a text of which only the occurrences are masked, in every text at the place; nil masks all that is
	// there.
	Text Value
}

// Redirect sends the user to the service and says what its callback must look like.
type Redirect struct {
	At        Origin
	Temp      Value
	Condition *Condition
	URL       Value
	EncodeURL Flag // default on
	Query     Value
	QueryMode QueryMode
	// OAuth holds the request token, which is added to the URL as oauth_token unless it has one; nil: nothing is added.
	OAuth *OAuth
	// TokenFirst puts the token before the parameters of Query.
	TokenFirst bool
	// CallbackToken says whether a callback must carry oauth_token.
	CallbackToken CallbackToken
	// Verdict has the words for a callback that Response.Valid refuses.
	Verdict *Verdict
	// Response holds Temp, Valid and Error only.
	Response *Response
}

// CallbackToken is the demand on the oauth_token of a callback.
type CallbackToken uint8

// The demands. A callback with another token than the one sent out is never accepted.
const (
	CallbackTokenRequired CallbackToken = iota
	CallbackTokenOptional
)

// OAuth holds what signs a request. A nil value is absent and lets that of Base or of the connection show through; null
// and "" remove one (the two secrets may be empty).
type OAuth struct {
	At Origin
	// Off switches signing off, whatever stands below.
	Off bool
	// Whole computes an object of the keys below under their names in snake case, instead of the keys: one template, or
	// a written object with spreads. Names that are no keys are ignored; null or false is Off.
	Whole Value

	ConsumerKey, ConsumerSecret, PrivateKey Value
	Token, TokenSecret, Verifier            Value
	SignatureMethod, Transport, BodyHash    Value
	Callback, Realm                         Value
	// NeedsKey makes a missing consumer key an error even when nothing else is there to sign with.
	NeedsKey bool
	// Version is nil, or comes to "", for "1.0"; null omits the parameter.
	Version Value
	// Extra are further signed protocol parameters, in order; null and "" remove one.
	Extra *Object
	// SignedOnly computes an object of parameters that the signature counts and that are not sent, for services that
	// expect it; a list repeats its name. Undefined is none.
	SignedOnly Value
	// BareForms counts the pairs of a form only when its type has no parameters such as a charset.
	BareForms bool
}

// Repeat runs a request again.
type Repeat struct {
	At        Origin
	Condition Value
	// DelayMilliseconds is the pause before each further run; Limit counts all runs, 0 is no bound by the author.
	DelayMilliseconds, Limit int
}

// Response says what is done with an answer.
type Response struct {
	At   Origin
	Type *ResponseType
	// Rewrite computes the answer that everything else sees in place of the one that came: an object with status and
	// body. What is missing stays. nil: nothing is changed.
	Rewrite Value
	Temp    Value

	Valid *Valid
	Error *Error

	Data Value
	// Rows is what the answer should hold: without it, missing, null or false, the run warns of EventNoRows.
	Rows Value
	// DataFields adds fields of the answer to Data; "*" adds all.
	DataFields []string
	UID        Value
	Metadata   *Metadata
	Expires    Value

	// Output, Iterate and Limit apply to calls only.
	Output  Value
	Iterate *Iterate
	Limit   Value
}

// ParseKind is a parser of answers.
type ParseKind uint8

// The parsers.
const (
	ParseAutomatic ParseKind = iota // as the Content-Type says; what does not parse becomes text
	ParseJSON
	ParseURLEncoded
	ParseText
	ParseXML
	ParseBinary
	ParseToken        // a token answer of any of the forms that services send
	ParseTokenLenient // the same, where JSON may have trailing commas
)

// ResponseType chooses the parser: one for every status, or by status.
type ResponseType struct {
	At    Origin
	Value Parser
	// Ranges are in written order; the narrowest that holds the status wins, then Value.
	Ranges []StatusParser
}

// Parser is a parser by kind, or by the word that Value computes.
type Parser struct {
	Kind ParseKind
	// Value computes the word for a kind: automatic, json, urlencoded, text, string, raw, xml or binary. nil: Kind
	// counts.
	Value Value
}

// StatusParser maps the statuses First..Last to a parser.
type StatusParser struct {
	At          Origin
	First, Last int
	Parser      Parser
}

// Verdict judges answers where the author says nothing.
type Verdict struct {
	// Accept lists the statuses that are no failure.
	Accept []StatusRange
	// OnStatus has the words for failing statuses; the first range that holds the status counts. A missing message is
	// the reason phrase of the status.
	OnStatus []StatusFailure
	// OnInvalid has the words for an answer that Valid refuses.
	OnInvalid Failure
	// Types lists the error types that the dialect knows; a computed one that is none of them is warned of. nil: all
	// are.
	Types []string
}

// StatusRange is the statuses First..Last.
type StatusRange struct{ First, Last int }

// StatusFailure is the failure of the statuses First..Last.
type StatusFailure struct {
	First, Last int
	Failure     Failure
}

// Failure describes a failure. Code may be empty.
type Failure struct{ Type, Code, Message string }

// Valid judges an answer whose status is no failure. Condition nil is true.
type Valid struct {
	At                       Origin
	Condition, Message, Type Value
	// Code is the code of the error, "" for that of the verdict.
	Code string
}

// Error holds the author's messages and types of failures.
type Error struct {
	At            Origin
	Message, Type Value
	Status        []StatusError
}

// StatusError is the entry of one status.
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
