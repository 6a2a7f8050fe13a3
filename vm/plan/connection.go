package plan

import "github.com/imlc-lang/imlc/vm/value"

// Connection describes what a connection does, section by section. Fields mean what those of ast.Connection mean; every
// Ref is a function that computes the directive, 0 when it is absent.
type Connection struct {
	Kind       string // "oauth1" or "basic"
	Parameters []Parameter
	Common     Ref
	Scope      []string
	ScopeList  []ScopeEntry

	Base  *Request
	OAuth *OAuth

	RequestToken []Request
	Authorize    *Request
	AccessToken  []Request
	Info         []Request
	Calls        []Call
}

// ScopeEntry explains one scope.
type ScopeEntry struct{ Name, Description string }

// Call is a named signed request sequence.
type Call struct {
	Name     string
	Requests []Request
}

// Flag is an optional boolean directive.
type Flag uint8

// The states of a Flag; absent means the default of the directive.
const (
	FlagAbsent Flag = iota
	FlagFalse
	FlagTrue
)

// Or returns the value of the flag, def when it is absent.
func (f Flag) Or(def bool) bool {
	if f == FlagAbsent {
		return def
	}
	return f == FlagTrue
}

// Request describes one HTTP request (spec make.md §5.1).
type Request struct {
	Pointer string // JSON pointer of the request
	Temp    Ref
	// HasCondition is set when there is a condition; an absent Condition then means "execute".
	Condition Ref

	BaseURL   Ref
	URL       Ref
	EncodeURL Flag
	Method    Ref
	Headers   Ref
	Query     Ref
	QueryMode uint8 // as ast.QueryMode
	Body      Ref
	// BodyJSON is a function of ModeEmit that writes the body, when the type is json for certain.
	BodyJSON Ref
	BodyType Ref
	OAuth    *OAuth

	CA                                  Ref
	Gzip, ShareCookies                  Flag
	RejectUnauthorized                  Flag
	FollowRedirects, FollowAllRedirects Flag
	// TimeoutMilliseconds is 0 for the engine's default.
	TimeoutMilliseconds int32
	Repeat              *Repeat
	HasLog              bool
	Sanitize            []string
	// WholeHeaders, WholeQuery and WholeBody are set when the directive is one template instead of a written object: in
	// a call it then replaces that of Base instead of merging with it (spec make.md §16).
	WholeHeaders, WholeQuery, WholeBody bool
	// CallbackOptional accepts a callback without oauth_token (authorize only).
	CallbackOptional bool
	Response         *Response
}

// OAuth describes an oauth directive. Off switches signing off. Value computes the object of its keys.
type OAuth struct {
	Off   bool
	Value Ref
	// Version computes oauth_version; absent is "1.0", null omits it. Extra computes further protocol parameters.
	Version, Extra Ref
	// WritesConsumerKey is set when consumer_key is written in the directive (spec make.md §26.11).
	WritesConsumerKey bool
}

// Repeat runs a request again.
type Repeat struct {
	Condition         Ref
	DelayMilliseconds int32
	Limit             int32 // 0: no bound by the author
}

// Response describes what is done with an answer (spec make.md §5.2).
type Response struct {
	Type   Ref
	Ranges []StatusRange

	Temp  Ref
	Valid *Valid
	Error *Error

	Data       Ref
	DataFields []string
	UID        Ref
	Metadata   *Metadata
	Expires    Ref

	Output  Ref
	Iterate *Iterate
	Limit   Ref
}

// StatusRange maps the statuses First..Last to a parser.
type StatusRange struct {
	First, Last int32
	Type        Ref
}

// Valid judges an answer; an absent Condition is true.
type Valid struct{ Condition, Message, Type Ref }

// Error holds messages and types of failures.
type Error struct {
	Message, Type Ref
	Status        []StatusError
}

// StatusError is the entry of one status code.
type StatusError struct {
	Status        int32
	Message, Type Ref
}

// Metadata is the label of a connection. Equal references are one function that gives an object of type and value.
type Metadata struct{ Type, Value Ref }

// Iterate selects the items of a call's answer.
type Iterate struct{ Container, Condition Ref }

// Parameter defines one input of the user (spec make.md §17).
type Parameter struct {
	Name, Type, Label, Help                           string
	Required, Advanced, Editable, Multiline, Multiple bool
	HasDefault                                        bool
	Default                                           value.Value
	Options                                           []ParameterOption
	Nested                                            []Parameter
	Spec                                              []Parameter
	SpecIsItem                                        bool
	Static                                            bool
	Validate                                          Validate
}

// ParameterOption is one choice of a select.
type ParameterOption struct {
	Label  string
	Value  value.Value
	Nested []Parameter
}

// Validate bounds the values of a parameter; NaN does not bound.
type Validate struct {
	Pattern                                            string
	MinLength, MaxLength, Min, Max, MinItems, MaxItems float64
	Enum                                               []string
}
