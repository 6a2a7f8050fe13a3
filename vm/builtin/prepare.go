package builtin

import (
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// Prepared is the usual case of a call, made ready when a plan is loaded: what can be known from the function and its constant
// arguments is known. Exactly one field is set. Whoever uses it covers only that case, with arguments of the right type and
// no limit in sight, and leaves every other one to Invoke, whose results the prepared forms share. It is safe for
// concurrent use.
type Prepared struct {
	// View is set for a function of one text whose result is a part of that text.
	View func(s string) string
	// Write is set for a function of one text that writes another.
	Write func(dst []byte, s string) []byte
	// Date is set for formatDate with a constant format.
	Date *PreparedDate
	// Map is set for map with constant keys and no wanted values.
	Map *PreparedMap
}

// PreparedDate is formatDate with a constant format and no zone or a constant one.
type PreparedDate struct {
	format *DateFormat
	fixed  *fixedDate     // the same format, if it has fields of fixed width only
	zone   *time.Location // nil: that of the host
}

// PreparedMap is map with constant names as keys; Filter is nil when there is none.
type PreparedMap struct{ Key, Filter *value.Step }

// Prepare returns the prepared form of a call of f with n slots, or nil. constant returns the value of a slot that holds a
// constant expression.
func Prepare(f *Function, n int, constant func(slot int) (v value.Value, ok bool)) *Prepared {
	if !f.Accepts(n) {
		return nil
	}
	switch f {
	case &fnTrim:
		return &Prepared{View: value.TrimSpace}
	case &fnUpper:
		return &Prepared{Write: upperText}
	case &fnLower:
		return &Prepared{Write: lowerText}
	case &fnFormatDate:
		return prepareDate(n, constant)
	case &fnMap:
		return prepareMap(n, constant)
	}
	return nil
}

// longestFormat is the number of bytes up to which a format is cut up ahead of time; what it writes is short then.
const longestFormat = 256

func prepareDate(n int, constant func(slot int) (value.Value, bool)) *Prepared {
	format, ok := constant(1)
	if !ok || format.Kind() != value.KindText || format.IsSecret() || format.Str() == "" || len(format.Str()) > longestFormat {
		return nil
	}
	d := &PreparedDate{format: PrepareDateFormat(format.Str())}
	d.fixed = newFixedDate(d.format)
	if n > 2 {
		zone, ok := constant(2)
		if !ok || zone.Kind() != value.KindText || zone.IsSecret() || zone.Str() == "" {
			return nil
		}
		if d.zone = loadZone(zone.Str()); d.zone == nil {
			return nil
		}
	}
	return &Prepared{Date: d}
}

// Append appends v, which must be a date or a text, as the format writes it. ok is false, and dst as it was, when v is no date.
func (d *PreparedDate) Append(dst []byte, c *Context, v value.Value) (out []byte, ok bool) {
	zone := d.zone
	if zone == nil {
		zone = c.zone()
	}
	var ms int64
	switch v.Kind() {
	case value.KindDate:
		ms = v.Millis()
	case value.KindText:
		if d.fixed != nil && zone == time.UTC {
			if _, ok := readRFC3339(v.Str()); ok {
				return d.fixed.copy(dst, v.Str()), true
			}
		}
		if ms, ok = parseDateText(v.Str(), c.zone()); !ok {
			return dst, false
		}
	default:
		return dst, false
	}
	if d.fixed != nil {
		if m := momentAt(ms, zone); m.day.year >= 0 && m.day.year <= 9999 {
			return d.fixed.append(dst, &m), true
		}
	}
	return d.format.Append(dst, ms, zone), true
}

// fixedDate is a date format whose fields all have a fixed width: a text with places for digits.
type fixedDate struct {
	text   string
	fields []fixedField
}

type fixedField struct {
	token token
	at    int
}

// newFixedDate returns nil when a part of f has no fixed width.
func newFixedDate(f *DateFormat) *fixedDate {
	out := &fixedDate{}
	for i := range f.parts {
		switch p := &f.parts[i]; p.token {
		case tokenText:
			out.text += p.text
			continue
		case tokenYYYY, tokenMM, tokenDD, tokenHH, tokenmm, tokenss:
			out.fields = append(out.fields, fixedField{p.token, len(out.text)})
			out.text += "0000"[:fixedWidth(p.token)]
		default:
			return nil
		}
	}
	return out
}

func fixedWidth(t token) int {
	if t == tokenYYYY {
		return 4
	}
	return 2
}

// append appends the moment, whose year has at most four digits.
func (d *fixedDate) append(dst []byte, m *moment) []byte {
	start := len(dst)
	dst = append(dst, d.text...)
	out := dst[start:]
	for _, f := range d.fields {
		n := 0
		switch f.token {
		case tokenYYYY:
			y := int(m.day.year)
			putTwo(out, f.at, y/100)
			putTwo(out, f.at+2, y%100)
			continue
		case tokenMM:
			n = m.day.month
		case tokenDD:
			n = m.day.day
		case tokenHH:
			n = m.hour()
		case tokenmm:
			n = m.minute()
		case tokenss:
			n = m.second()
		}
		putTwo(out, f.at, n)
	}
	return dst
}

// copy appends the moment that a text shows which readRFC3339 can read: the digits of each field stand in it.
func (d *fixedDate) copy(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, d.text...)
	out := dst[start:]
	for _, f := range d.fields {
		from := 0
		switch f.token {
		case tokenYYYY:
			copy(out[f.at:], s[:4])
			continue
		case tokenMM:
			from = 5
		case tokenDD:
			from = 8
		case tokenHH:
			from = 11
		case tokenmm:
			from = 14
		case tokenss:
			from = 17
		}
		out[f.at], out[f.at+1] = s[from], s[from+1]
	}
	return dst
}

func putTwo(b []byte, at, n int) {
	b[at], b[at+1] = byte('0'+n/10), byte('0'+n%10)
}

func prepareMap(n int, constant func(slot int) (value.Value, bool)) *Prepared {
	if n != 2 && n != 3 {
		return nil
	}
	m := &PreparedMap{}
	for slot, step := range map[int]**value.Step{1: &m.Key, 2: &m.Filter} {
		if slot >= n {
			continue
		}
		key, ok := constant(slot)
		if !ok || key.Kind() != value.KindText || key.IsSecret() || !isPlainName(key.Str()) {
			return nil
		}
		*step = new(value.Step)
		(*step).SetName(key.Str())
	}
	return &Prepared{Map: m}
}
