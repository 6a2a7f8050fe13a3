package ast

// Parameter defines one input that the user or the owner of the app is asked for (spec make.md §17).
type Parameter struct {
	At                      Origin
	Name, Type, Label, Help string
	Required, Advanced      bool
	Editable, Multiline     bool
	Multiple                bool
	HasDefault              bool
	Default                 Value // a literal tree
	Options                 []ParameterOption
	Nested                  []*Parameter // fields that always belong to this one
	Spec                    []*Parameter // item of an array, fields of a collection
	SpecIsItem              bool         // Spec holds exactly one definition: that of an array's item itself
	Validate                Validate
	// Static forbids templates in the value.
	Static bool
}

// ParameterOption is one choice of a select.
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
