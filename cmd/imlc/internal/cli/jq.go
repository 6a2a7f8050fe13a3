package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/itchyny/gojq"
)

// filter prints what a jq expression makes of JSON: texts as they are, everything else as JSON, a result a line.
func (c *command) filter(expression string, r io.Reader) error {
	query, err := gojq.Parse(expression)
	if err != nil {
		return usagef("--jq: %v", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return usagef("--jq: %v", err)
	}
	decoder := json.NewDecoder(io.LimitReader(r, maxInput))
	decoder.UseNumber() // long ids stay what they are
	var input any
	if err := decoder.Decode(&input); err != nil {
		return fmt.Errorf("--jq needs JSON, and the answer is none: %w", err)
	}
	for results := code.RunWithContext(c.Context, input); ; {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		switch v := result.(type) {
		case error:
			var halt *gojq.HaltError
			if errors.As(v, &halt) && halt.Value() == nil {
				return nil
			}
			return fmt.Errorf("--jq: %w", v)
		case string:
			if _, err := io.WriteString(c.Out, v+"\n"); err != nil {
				return err
			}
		default:
			text, err := gojq.Marshal(v)
			if err != nil {
				return err
			}
			if _, err := c.Out.Write(append(text, '\n')); err != nil {
				return err
			}
		}
	}
}
