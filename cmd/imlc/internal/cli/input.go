package cli

import (
	"errors"
	"math"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// maxInput is the largest file or stream that a command reads, in bytes.
const maxInput = 64 << 20

// inputLimits bound what a file of JSON may become in memory.
var inputLimits = builtin.Limits{Steps: math.MaxInt32, Memory: 128 << 20, ValueBytes: maxInput, Items: 1_000_000, Nesting: value.DefaultJSONDepth}

// readInput reads a file, or the standard input when the name is "-". It gives up when the user interrupts.
func (c *command) readInput(name string) ([]byte, error) {
	if name != "-" {
		return c.Files.Read(c.Context, name, maxInput)
	}
	var data []byte
	_, err := interruptible(c.Context, func() (_ string, err error) {
		data, err = files.ReadAll(c.In, maxInput)
		return "", err
	}, func() {})
	switch {
	case errors.Is(err, errInterrupted):
		return nil, err
	case err != nil:
		return nil, files.Unreadable("standard input", err)
	}
	return data, nil
}

// readJSON reads a file that holds one JSON value.
func (c *command) readJSON(name string) (value.Value, error) {
	data, err := c.readInput(name)
	if err != nil {
		return value.Undefined, err
	}
	var meter builtin.Meter
	meter.Start(c.Context, inputLimits)
	v, err := value.ParseJSON(string(data), &value.JSONOptions{MaxItems: inputLimits.Items, Budget: &meter})
	var limit *builtin.LimitError
	switch {
	case errors.As(err, &limit):
		return value.Undefined, usagef("%s: %v", name, err)
	case err != nil:
		return value.Undefined, usagef("%s: expected JSON: %v", name, err)
	}
	return v, nil
}

// readObject reads a file that holds one JSON object.
func (c *command) readObject(name string) (*value.Object, error) {
	v, err := c.readJSON(name)
	if err != nil {
		return nil, err
	}
	if v.Object() == nil {
		return nil, usagef("%s: expected a JSON object, found %s", name, v.Kind())
	}
	return v.Object(), nil
}
