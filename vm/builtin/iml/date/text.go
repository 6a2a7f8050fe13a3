package date

import (
	"time"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendFormatDate(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	if err := c.Read(2 * len(a.Text(1))); err != nil { // it is taken apart into tokens
		return dst, err
	}
	return calendar.AppendFormat(dst, a.Text(1), a.V[0].Millis(), zoneOr(c, a, 2), func(n int) error {
		if err := c.Look(tokenBytes); err != nil {
			return err
		}
		return c.Fits(n)
	})
}

// tokenBytes is how many bytes of a text are read in the time that a token of a format is found and written.
const tokenBytes = 64

// zoneOr returns the zone of slot i, or that of the host when the slot is nil, empty or unknown.
func zoneOr(c *builtin.Context, a builtin.Args, i int) *time.Location {
	if name := a.Text(i); name != "" {
		if loc := calendar.LoadZone(name); loc != nil {
			return loc
		}
	}
	return c.Location()
}

func callParseDate(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.V[0]
	if v.Kind() == value.KindDate {
		return v, nil
	}
	s, err := c.ToText(v)
	if err != nil {
		return value.Undefined, err
	}
	loc := zoneOr(c, a, 2)
	if format := a.Text(1); format != "" {
		if err := c.Read(2 * len(format)); err != nil { // it is taken apart into tokens
			return value.Undefined, err
		}
		ms, ok, err := calendar.ParseFormatted(s, format, loc, c.Now, c.Look)
		if err != nil {
			return value.Undefined, err
		}
		if !ok {
			return value.Undefined, builtin.Errorf("IML402", 1, "the text is not a date of the given format")
		}
		return value.Date(ms), nil
	}
	ms, ok := calendar.ParseText(s, loc)
	if !ok {
		return value.Undefined, builtin.Errorf("IML402", 1, "the %s is not a date", v.Kind())
	}
	return value.Date(ms), nil
}
