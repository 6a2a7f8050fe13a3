package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// promptParameters asks for the parameters that were not given, as their definitions say. Advanced ones are asked only
// when they are required.
func (c *command) promptParameters(defs []plan.Parameter, o *value.Object) error {
	for i := range defs {
		d := &defs[i]
		if d.Visual {
			if d.Label != "" || d.Help != "" {
				c.Err.Printf("\n%s\n", strings.TrimSpace(d.Label+"\n"+d.Help))
			}
			continue
		}
		if _, given := o.Get(d.Name); !given && (!d.Advanced || d.Required && !d.HasDefault) && d.Type != "hidden" {
			if err := c.promptParameter(d, o); err != nil {
				return err
			}
		}
		if err := c.promptParameters(d.Nested, o); err != nil {
			return err
		}
		for j := range d.Options {
			if value.StrictEqual(d.Options[j].Value, o.Value(d.Name)) {
				if err := c.promptParameters(d.Options[j].Nested, o); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// promptParameter asks until the answer passes the checks of the definition.
func (c *command) promptParameter(d *plan.Parameter, o *value.Object) error {
	c.introduce(d)
	for {
		text, err := c.answer(d)
		if errors.Is(err, errInterrupted) {
			return err
		}
		if err != nil {
			return usagef("no answer for parameter %s", d.Name)
		}
		if text == "" {
			if d.HasDefault || !d.Required {
				return nil
			}
			c.Err.Printf("  a value is needed\n")
			continue
		}
		v, err := readAs(d, c.optionText(d, text))
		if err != nil {
			c.Err.Printf("  %v\n", err)
			continue
		}
		single := *d
		single.Nested, single.Options = nil, withoutNested(d.Options)
		probe := value.NewObject(1)
		probe.Set(d.Name, v)
		var bad *form.Error
		if _, err := form.Validate(nil, []plan.Parameter{single}, probe); errors.As(err, &bad) {
			c.Err.Printf("  %s\n", bad.Fields[0].Message)
			continue
		}
		o.Set(d.Name, v)
		return nil
	}
}

func withoutNested(options []plan.ParameterOption) []plan.ParameterOption {
	out := slices.Clone(options)
	for i := range out {
		out[i].Nested = nil
	}
	return out
}

// introduce shows label, help text and choices of a parameter.
func (c *command) introduce(d *plan.Parameter) {
	label := d.Label
	if label == "" {
		label = d.Name
	}
	if !d.Required {
		label += " (optional)"
	}
	c.Err.Printf("\n%s\n", c.Err.Paint(show.Bold, label))
	if d.Help != "" {
		for _, line := range show.Wrap(d.Help, show.TextWidth) {
			c.Err.Printf("  %s\n", c.Err.Paint(show.Dim, line))
		}
	}
	for i, o := range d.Options {
		if o.Value.IsUndefined() {
			continue // that of choosing nothing
		}
		name := o.Label
		if name == "" {
			name = value.ToText(o.Value)
		}
		c.Err.Printf("  %d) %s\n", i+1, name)
	}
}

// answer reads one answer; passwords and keys without echo.
func (c *command) answer(d *plan.Parameter) (string, error) {
	question := "> "
	if d.HasDefault && !d.Secret && !show.SecretName(d.Name) {
		question = fmt.Sprintf("[%s] > ", value.ToText(d.Default))
	}
	if d.Secret || show.SecretName(d.Name) && len(d.Options) == 0 {
		return c.askSecret(question)
	}
	return c.ask(question)
}

// optionText turns the numbers of a menu into the values of its options.
func (c *command) optionText(d *plan.Parameter, text string) string {
	if len(d.Options) == 0 {
		return text
	}
	words := []string{text}
	if d.Multiple {
		words = strings.Split(text, ",")
	}
	for i, w := range words {
		if n, err := strconv.Atoi(strings.TrimSpace(w)); err == nil && n >= 1 && n <= len(d.Options) {
			words[i] = value.ToText(d.Options[n-1].Value)
		}
	}
	return strings.Join(words, ",")
}
