package membrane

import (
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// callExtract gives the instant that a value stands for in a layout, in UTC; missing when it is no date (spec dialects.md §2.5).
func callExtract(layout string) func(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return func(c *builtin.Context, a builtin.Args) (value.Value, error) {
		v := a.At(0)
		if v.IsNil() {
			return value.Undefined, nil
		}
		s, err := text(c, v)
		if err != nil {
			return value.Undefined, err
		}
		t, ok := parseDate(s)
		if !ok {
			return value.Undefined, nil
		}
		return value.Text(t.Format(layout)), nil
	}
}

// parseDate reads the forms of dates that JavaScript's Date reads everywhere: ISO 8601 in all precisions, date and time with a
// blank between, RFC 2822, "Mon D, YYYY" and "M/D/YYYY". Without a zone it is UTC.
func parseDate(s string) (time.Time, bool) {
	bare := strings.TrimSpace(s)
	for _, form := range [...]func(*dateReader) bool{(*dateReader).iso, (*dateReader).rfc, (*dateReader).monthName, (*dateReader).slashes} {
		attempt := dateReader{s: bare, padded: bare != s, month: 1, day: 1}
		if form(&attempt) && attempt.s == "" && attempt.valid() {
			return attempt.time(), true
		}
	}
	return time.Time{}, false
}

// dateReader takes a date apart from left to right.
type dateReader struct {
	s                                   string
	padded                              bool // blanks stood around the text
	year, month, day, hour, minute, sec int
	offset                              int // minutes east of UTC
}

// valid checks the ranges; a day from 1 to 31 passes in every month and runs over into the next one.
func (r *dateReader) valid() bool {
	midnight := r.hour == 24 && r.minute == 0 && r.sec == 0
	return r.month >= 1 && r.month <= 12 && r.day >= 1 && r.day <= 31 && (r.hour <= 23 || midnight) && r.minute <= 59 && r.sec <= 59
}

func (r *dateReader) time() time.Time {
	return time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute-r.offset, r.sec, 0, time.UTC)
}

// number takes a number of least to most digits.
func (r *dateReader) number(least, most int, n *int) bool {
	i := 0
	for *n = 0; i < len(r.s) && i < most && r.s[i] >= '0' && r.s[i] <= '9'; i++ {
		*n = *n*10 + int(r.s[i]-'0')
	}
	r.s = r.s[i:]
	return i >= least
}

func (r *dateReader) take(prefix string) bool {
	rest, ok := strings.CutPrefix(r.s, prefix)
	r.s = rest
	return ok
}

func (r *dateReader) blanks() bool {
	n := len(r.s)
	r.s = strings.TrimLeft(r.s, " ")
	return len(r.s) < n
}

// iso reads YYYY[-MM[-DD[(T| )HH:MM[:SS[.fff]][zone]]]].
func (r *dateReader) iso() bool {
	sign := 1
	switch {
	case r.take("-"):
		sign = -1
		fallthrough
	case r.take("+"):
		if !r.number(6, 6, &r.year) || sign < 0 && r.year == 0 {
			return false
		}
		r.year *= sign
	default:
		if !r.number(4, 4, &r.year) {
			return false
		}
	}
	if r.take("-") && (!r.number(2, 2, &r.month) || r.take("-") && !r.number(2, 2, &r.day)) {
		return false
	}
	if r.s == "" {
		return true
	}
	switch r.s[0] {
	case 'T', 't':
		r.s = r.s[1:]
		return !r.padded && r.clock(2) && r.isoZone()
	case ' ':
		r.s = r.s[1:]
		return r.clock(2) && r.zone()
	}
	return false
}

// clock reads HH:MM[:SS[.fff]] with hours of at least so many digits.
func (r *dateReader) clock(least int) bool {
	if !r.number(least, 2, &r.hour) || !r.take(":") || !r.number(2, 2, &r.minute) {
		return false
	}
	if r.take(":") {
		if !r.number(2, 2, &r.sec) {
			return false
		}
		if r.take(".") {
			fraction := len(r.s)
			r.s = strings.TrimLeft(r.s, "0123456789")
			return len(r.s) < fraction
		}
	}
	return true
}

// isoZone reads nothing, Z, or an offset of hours and minutes: behind a T, JavaScript reads what its own format has, and no more.
func (r *dateReader) isoZone() bool {
	if r.take("Z") || r.take("z") || r.s == "" {
		return true
	}
	return (r.s[0] == '+' || r.s[0] == '-') && len(r.s) >= len("+0000") && r.zone()
}

// zone reads nothing, Z, UTC, GMT, or an offset with or without a colon, behind blanks.
func (r *dateReader) zone() bool {
	r.blanks()
	if r.s == "" {
		return true
	}
	for _, name := range [...]string{"Z", "z", "UTC", "GMT", "UT"} {
		if r.take(name) {
			if r.s == "" {
				return true
			}
			break
		}
	}
	for name, hours := range map[string]int{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7} {
		if r.take(name) {
			r.offset = hours * 60
			return true
		}
	}
	sign := 1
	switch {
	case r.take("-"):
		sign = -1
	case !r.take("+"):
		return false
	}
	var hours, minutes int
	if !r.number(2, 2, &hours) {
		return false
	}
	r.take(":")
	if r.s != "" && !r.number(2, 2, &minutes) || hours > 23 || minutes > 59 {
		return false
	}
	r.offset = sign * (hours*60 + minutes)
	return true
}

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// name reads the name of a month, whole or its first three letters.
func (r *dateReader) name() bool {
	i := 0
	for i < len(r.s) && r.s[i]|0x20 >= 'a' && r.s[i]|0x20 <= 'z' {
		i++
	}
	word := strings.ToLower(r.s[:i])
	for n, month := range monthNames {
		if len(word) >= 3 && (word == month || word == month[:3]) {
			r.month, r.s = n+1, r.s[i:]
			r.take(".")
			return true
		}
	}
	return false
}

// rfc reads [Day,] DD Mon YYYY [HH:MM[:SS] [zone]].
func (r *dateReader) rfc() bool {
	r.weekday()
	if !r.number(1, 2, &r.day) || !r.blanks() || !r.name() || !r.blanks() || !r.number(4, 4, &r.year) {
		return false
	}
	return r.timeBehind()
}

// weekday passes the name of a day of the week and the comma behind it.
func (r *dateReader) weekday() {
	for _, day := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if len(r.s) > 3 && strings.EqualFold(r.s[:3], day) {
			rest := strings.TrimLeft(r.s[3:], "abcdefghijklmnopqrstuvwxyz")
			if rest, ok := strings.CutPrefix(rest, ","); ok {
				r.s = strings.TrimLeft(rest, " ")
			} else if strings.HasPrefix(rest, " ") {
				r.s = strings.TrimLeft(rest, " ")
			}
			return
		}
	}
}

// timeBehind reads blanks and a time with a zone, or nothing.
func (r *dateReader) timeBehind() bool {
	r.take(",")
	if !r.blanks() {
		return r.s == ""
	}
	return r.clock(1) && r.zone()
}

// monthName reads [Day,] Mon D[,] YYYY [HH:MM[:SS] [zone]].
func (r *dateReader) monthName() bool {
	r.weekday()
	if !r.name() || !r.blanks() || !r.number(1, 2, &r.day) {
		return false
	}
	comma := r.take(",")
	if blanks := r.blanks(); !comma && !blanks || !r.number(4, 4, &r.year) {
		return false
	}
	return r.timeBehind()
}

// slashes reads M/D/YYYY [HH:MM[:SS] [zone]].
func (r *dateReader) slashes() bool {
	if !r.number(1, 2, &r.month) || !r.take("/") || !r.number(1, 2, &r.day) || !r.take("/") || !r.number(4, 4, &r.year) {
		return false
	}
	return r.timeBehind()
}
