package cli

import (
	"errors"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/vm/value"
)

// maxInput is the largest file or stream that a command reads, in bytes.
const maxInput = 64 << 20

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
	v, err := value.ParseJSON(string(data), nil)
	if err != nil {
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
