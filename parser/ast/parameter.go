package ast

// Parameter defines one input that the user or the owner of the app is asked for.
type Parameter struct {
	At                      Origin
	Name, Type, Label, Help string // Type is the dialect's own word, which is shown
	// Kind and Format say what values pass.
	Kind   ParameterKind
	Format ParameterFormat
	// Secret values are masked everywhere. Visual parameters show something and take no value.
	Secret, Visual      bool
	Required, Advanced  bool
	Editable, Multiline bool
	Multiple            bool
	HasDefault          bool
	Default             Value // a literal tree
	DefaultAsText       bool  // Default becomes text, unless it is null
	// Choice says that only the values of Options pass, when there are any.
	Choice     bool
	Options    []ParameterOption
	Nested     []*Parameter // fields that always belong to this one
	Spec       []*Parameter // item of a list, fields of an object
	SpecIsItem bool         // Spec holds exactly one definition: that of a list's item itself
	Validate   Validate
	// Static forbids templates in the value.
	Static bool
}

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

// The formats.
const (
	FormatNone        ParameterFormat = iota
	FormatInteger                     // no fraction
	FormatUnsigned                    // an integer from 0
	FormatPort                        // an integer from 0 to 65535
	FormatEmail                       // one address
	FormatURL                         // absolute, http or https
	FormatUUID                        // 36 characters
	FormatCertificate                 // PEM
	FormatPrivateKey                  // PEM
)

// ParameterOption is one choice of a parameter. One with a nil Value is that of choosing nothing.
type ParameterOption struct {
	Label  string
	Value  Value // a literal
	Nested []*Parameter
}

// Validate bounds the values of a parameter; nil fields do not bound.
type Validate struct {
	Pattern              string
	MinLength, MaxLength *float64
	Min, Max             *float64
	MinItems, MaxItems   *float64
	Enum                 []string
}
