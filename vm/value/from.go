package value

import (
	"encoding/json"
	"fmt"
)

// From converts a Go value of any type: what FromAny takes as it is, and everything else, such as structs, maps and
// slices of types and json.RawMessage, by the JSON that encoding/json writes of it. The order of a struct's fields is
// kept.
func From[T any](x T) (Value, error) {
	if raw, ok := any(x).(json.RawMessage); ok {
		return ParseJSON(string(raw), nil)
	}
	if v, err := FromAny(x); err == nil {
		return v, nil
	}
	text, err := json.Marshal(x)
	if err != nil {
		return Undefined, fmt.Errorf("cannot use a %T as a value: %w", x, err)
	}
	return ParseJSON(string(text), nil)
}

// ObjectFrom is From for what must be an object, such as the parameters of a form.
func ObjectFrom[T any](x T) (*Object, error) {
	v, err := From(x)
	if err != nil {
		return nil, err
	}
	if v.Object() == nil {
		return nil, fmt.Errorf("expected an object, got %s", v.Kind())
	}
	return v.Object(), nil
}
