package plan

import "github.com/imlc-lang/imlc/vm/value"

// Connection describes what a connection does. Fields mean what those of ast.Connection mean; every Ref is a function
// that computes the directive, 0 when it is absent. Base and the connection's own oauth are merged into the requests
// already.
type Connection struct {
	Parameters   []Parameter
	Common       Ref
	DefaultScope []string
	ScopeList    []ScopeEntry
	// Redirects names the further callback addresses.
	Redirects []string
	// Verdicts are what requests refer to by number.
	Verdicts []Verdict
	// Words are the codes of events, by event, ascending.
	Words []Word

	Stages []Stage
	Calls  []Call
	// Renew are the requests that renew the token of a stored connection.
	Renew []Request
	// Free is what a free request of the host gets: Base over the connection's own oauth; nil when there is neither.
	Free *Request
	// Modules are the code of the scripts, which expressions call by name.
	Modules []Module
	Scripts []Script
	// FreeAs is the name of the stage whose oauth free requests have, "" for that of Base or of the connection.
	FreeAs string
	// Variants are the connections to choose from; a plan with variants has no stages, calls or free request of its
	// own.
	Variants []Variant
	// CommonParameters describe the common data.
	CommonParameters []Parameter
	// TokenHelp says what an author writes so that free requests and calls are signed with the stored token; "" when
	// they are, or when nobody is asked for one.
	TokenHelp string
}

// Renews reports whether the connection, or a variant of it, says how its token is renewed.
func (c *Connection) Renews() bool {
	if len(c.Renew) > 0 {
		return true
	}
	for i := range c.Variants {
		if c.Variants[i].Connection.Renews() {
			return true
		}
	}
	return false
}

// ScopeEntry explains one scope.
type ScopeEntry struct{ Name, Description string }

// Word is the dialect's code of an event.
type Word struct{ Event, Code string }

// Stage is one step of making a connection: requests in order, then the redirect, if any.
type Stage struct {
	Name     string
	Proof    bool // testing and validating a connection runs the requests again
	Requests []Request
	Redirect *Redirect
}

// Call is a named request sequence.
type Call struct {
	Name     string
	Requests []Request
}

// Variant is one of several connections. An absent Enabled is always.
type Variant struct {
	Name       string
	Enabled    Ref
	Connection Connection
}

// Module is a piece of the code of scripts.
type Module struct {
	// Name is the file as errors show it.
	Name, Text string
	Form       ModuleForm
	Bind       string
	Parameters []string
}

// ModuleForm says how the text of a module is read.
type ModuleForm uint8

// The forms; script.Form says what they mean.
const (
	ModuleScript ModuleForm = iota
	ModuleExport
	ModuleBody
	ModuleOwn
)

// Script is a script that expressions call by its name. Scripts are those of the whole plan: variants have none.
type Script struct {
	// Name is what call sites name it by behind "script.", Title what messages call it.
	Name, Title, Entry string
	// Modules are indexes into those of the connection, each with one added.
	Modules   []ScriptModule
	Library   string
	MaxSource int32
}

// ScriptModule is one module of a script: one more than its index.
type ScriptModule struct{ Number int32 }

// Layer is one of the objects that make a directive up, lowest first.
type Layer struct {
	Value Ref
	Mode  LayerMode
	// Methods are the methods of requests that a layer of the body is for, in upper case; none: all.
	Methods []string
}

// LayerMode says how a layer goes over those below it.
type LayerMode uint8

// The modes.
const (
	LayerMerge    LayerMode = iota // objects merge key by key, the higher one winning; anything else replaces what is below
	LayerReplaces                  // replaces what is below when it comes to a value
	LayerFills                     // adds, behind everything else, the keys that nothing else has
)

// QueryMode says what the query directive does to the query of the URL.
type QueryMode uint8

// The modes; ast.QueryMode says what they mean.
const (
	QueryReplace QueryMode = iota
	QueryAppend
	QueryMerge
	QueryOverride
)

// Join says how a URL is put behind a base URL.
type Join uint8

// The ways to join; ast.Join says what they mean.
const (
	JoinSlash Join = iota
	JoinRelative
)

// CallbackPolicy says that a request asks for temporary credentials, and which callback address it sends.
type CallbackPolicy uint8

// The policies; ast.CallbackPolicy says what they mean.
const (
	CallbackNotAsked CallbackPolicy = iota
	CallbackNone
	CallbackInject
	CallbackInjectUnlessCarried
)

// Request describes one HTTP request.
type Request struct {
	Pointer   string // JSON pointer of the request in its document
	Temp      []Ref  // blocks evaluated against the same state; the keys of later ones win
	Condition Ref

	BaseURL   Ref
	Join      Join
	URL       Ref  // 0: nothing is sent
	RawURL    bool // the URL is not encoded
	Method    []Ref
	Headers   []Layer
	Query     []Layer
	QueryMode QueryMode
	Body      []Layer
	// BodyJSON is a function of ModeEmit that writes the body, when it is JSON for certain.
	BodyJSON Ref
	BodyType []Ref // the last one that comes to a text counts, as for Method and CA
	// ByValue, JSONType and TextType are those of ast.Encoding.
	ByValue            bool
	JSONType, TextType string
	// OAuth are the levels of the directive, lowest first; a higher one overrides key by key.
	OAuth    []OAuth
	Callback CallbackPolicy

	CA                                             []Ref
	Gzip, ShareCookies                             bool
	InsecureTLS, KeepRedirects, KeepOtherRedirects bool  // the defaults are to verify, and to follow both kinds
	TimeoutMilliseconds                            int32 // 0: the engine's default
	Repeat                                         *Repeat
	Log                                            bool
	Sanitize                                       []SanitizePath
	// Verdict is one more than the index of the verdict, 0 for none.
	Verdict  int32
	Response *Response
	// Rewrite computes the request that is sent instead.
	Rewrite Ref
}

// SanitizePath is a place in the record of a request or of its answer that is masked; with Text only the occurrences of
// that text are.
type SanitizePath struct {
	Answer bool
	Steps  []string
	Text   Ref
}

// Redirect describes the redirect to the service and its callback.
type Redirect struct {
	Pointer    string
	Temp       Ref
	Condition  Ref
	URL        Ref
	RawURL     bool
	Query      Ref
	QueryMode  QueryMode
	OAuth      []OAuth // of which only the token counts
	TokenFirst bool
	// CallbackOptional accepts a callback without oauth_token.
	CallbackOptional bool
	Verdict          int32
	Response         *Response // temp, valid and error
}

// OAuth is one level of the oauth directive. Whole computes an object of the keys instead of them.
type OAuth struct {
	Off   bool
	Whole Ref
	// WithoutFlow ignores verifier and callback of Whole.
	WithoutFlow                             bool
	ConsumerKey, ConsumerSecret, PrivateKey Ref
	Token, TokenSecret, Verifier            Ref
	SignatureMethod, Transport, BodyHash    Ref
	Callback, Realm                         Ref
	// NeedsKey makes a missing consumer key an error even when nothing else is there to sign with.
	NeedsKey bool
	// Version computes oauth_version; absent is "1.0", null omits it. Extra computes further protocol parameters.
	Version, Extra Ref
	// SignedOnly computes parameters that are signed and not sent. BareForms leaves forms out whose type has parameters.
	SignedOnly Ref
	BareForms  bool
}

// Repeat runs a request again.
type Repeat struct {
	Condition         Ref
	DelayMilliseconds int32
	Limit             int32 // 0: no bound by the author
}

// ParseKind is a parser of answers.
type ParseKind uint8

// The parsers; ast.ParseKind says what they mean.
const (
	ParseAutomatic ParseKind = iota
	ParseJSON
	ParseURLEncoded
	ParseText
	ParseXML
	ParseBinary
	ParseToken
	ParseTokenLenient
)

// Parser is a parser by kind, or by the word that Value computes.
type Parser struct {
	Kind  ParseKind
	Value Ref
}

// Response describes what is done with an answer.
type Response struct {
	Parser Parser
	Ranges []StatusParser // the narrowest that holds the status wins over Parser, the earlier of two equally wide ones

	// Rewrite computes the answer that everything else sees.
	Rewrite Ref

	Temp  []Ref
	Valid *Valid
	Error *Error

	Data       Ref
	Rows       Ref
	DataFields []string
	UID        Ref
	Metadata   *Metadata
	Expires    Ref

	Output  Ref
	Iterate *Iterate
	Limit   Ref
}

// StatusParser maps the statuses First..Last to a parser.
type StatusParser struct {
	First, Last int32
	Parser      Parser
}

// Verdict judges answers where the author says nothing.
type Verdict struct {
	Accept    []StatusRange
	OnStatus  []StatusFailure
	OnInvalid Failure
	// Types lists the known error types; empty: all are.
	Types []string
}

// StatusRange is the statuses First..Last.
type StatusRange struct{ First, Last int32 }

// StatusFailure is the failure of the statuses First..Last.
type StatusFailure struct {
	First, Last int32
	Failure     Failure
}

// Failure describes a failure. Code and Message may be empty.
type Failure struct{ Type, Code, Message string }

// Valid judges an answer; an absent Condition is true.
type Valid struct {
	Condition, Message, Type Ref
	Code                     string
}

// Error holds the author's messages and types of failures.
type Error struct {
	Message, Type Ref
	Status        []StatusError
}

// StatusError is the entry of one status.
type StatusError struct {
	Status        int32
	Message, Type Ref
}

// Metadata is the label of a connection. Equal references are one function that gives an object of type and value.
type Metadata struct{ Type, Value Ref }

// Iterate selects the items of a call's answer.
type Iterate struct{ Container, Condition Ref }

// ParameterKind is the JSON type of the values of a parameter.
type ParameterKind uint8

// The kinds.
const (
	ParameterAny ParameterKind = iota
	ParameterText
	ParameterNumber
	ParameterBoolean
	ParameterList
	ParameterObject
)

// ParameterFormat is what a value must be well formed as.
type ParameterFormat uint8

// The formats; ast.ParameterFormat says what they mean.
const (
	FormatNone ParameterFormat = iota
	FormatInteger
	FormatUnsigned
	FormatPort
	FormatEmail
	FormatURL
	FormatUUID
	FormatCertificate
	FormatPrivateKey
)

// Parameter defines one input of the user; ast.Parameter says what its fields mean.
type Parameter struct {
	Name, Type, Label, Help                           string
	Kind                                              ParameterKind
	Format                                            ParameterFormat
	Secret, Visual                                    bool
	Required, Advanced, Editable, Multiline, Multiple bool
	HasDefault                                        bool
	Default                                           value.Value
	Choice                                            bool
	Options                                           []ParameterOption
	Nested                                            []Parameter
	Spec                                              []Parameter
	SpecIsItem                                        bool
	Static                                            bool
	Validate                                          Validate
}

// ParameterOption is one choice of a parameter.
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
