package date

import (
	"time"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// longestFormat is the number of bytes up to which a format is cut up ahead of time; what it writes is short then.
const longestFormat = 256

// prepareFormat makes formatDate with a constant format, and no zone or a constant one, ready.
func prepareFormat(n int, constant builtin.Constant) *builtin.Prepared {
	text, ok := constant(1)
	if !ok || text.Kind() != value.KindText || text.IsSecret() || text.Str() == "" || len(text.Str()) > longestFormat {
		return nil
	}
	var zone *time.Location // nil: that of the host
	if n > 2 {
		name, ok := constant(2)
		if !ok || name.Kind() != value.KindText || name.IsSecret() || name.Str() == "" {
			return nil
		}
		if zone = calendar.LoadZone(name.Str()); zone == nil {
			return nil
		}
	}
	format := calendar.PrepareFormat(text.Str())
	return &builtin.Prepared{Append: func(dst []byte, c *builtin.Context, v value.Value) ([]byte, bool) {
		loc := zone
		if loc == nil {
			loc = c.Location()
		}
		switch v.Kind() {
		case value.KindDate:
			return format.Append(dst, v.Millis(), loc), true
		case value.KindText:
			return format.AppendText(dst, v.Str(), loc, c.Location())
		}
		return dst, false
	}}
}
