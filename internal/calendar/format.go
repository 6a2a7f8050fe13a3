package calendar

import (
	"maps"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// AppendFormat appends an instant as the format shows it in a zone; the empty format gives the ISO text in UTC. grown
// is told how many bytes were appended so far; its error ends the work and is returned.
func AppendFormat(dst []byte, format string, ms int64, loc *time.Location, grown func(n int) error) ([]byte, error) {
	if format == "" {
		return value.AppendISO(dst, ms), nil
	}
	if f := cachedFormat(format); f != nil {
		return f.Append(dst, ms, loc), nil
	}
	base := len(dst)
	m := MomentAt(ms, loc)
	last := strings.LastIndexByte(format, ']')
	for i := 0; i < len(format); {
		t, text, size := nextToken(format[i:], i < last)
		dst = m.append(dst, t, text)
		i += size
		if err := grown(len(dst) - base); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// formats keeps prepared formats. The map is never changed: a new one takes its place, so that readers need no lock. It
// is bounded, since formats may come from foreign input; what does not fit is cut anew every time.
var formats atomic.Pointer[map[string]*Format]

const (
	maxFormats     = 64
	maxFormatBytes = 64
)

// cachedFormat returns the prepared form of a format, nil when it is too long or too many are kept already.
func cachedFormat(format string) *Format {
	known := formats.Load()
	if known != nil {
		if f := (*known)[format]; f != nil {
			return f
		}
		if len(*known) >= maxFormats {
			return nil
		}
	}
	if len(format) > maxFormatBytes {
		return nil
	}
	f := PrepareFormat(strings.Clone(format))
	grown := map[string]*Format{strings.Clone(format): f}
	if known != nil {
		maps.Copy(grown, *known)
	}
	formats.CompareAndSwap(known, &grown)
	return f
}

// Format is a date format that was cut into its tokens ahead of time. It is immutable and safe for concurrent use.
type Format struct {
	parts []formatPart
	fixed *fixed // the same, if all fields have a fixed width
}

type formatPart struct {
	token token
	text  string
}

// PrepareFormat cuts a format of formatDate into its tokens. The empty format gives the ISO text in UTC.
func PrepareFormat(format string) *Format {
	f := &Format{}
	last := strings.LastIndexByte(format, ']')
	for i := 0; i < len(format); {
		t, text, size := nextToken(format[i:], i < last)
		i += size
		if n := len(f.parts); t == tokenText && n > 0 && f.parts[n-1].token == tokenText {
			f.parts[n-1].text += text
			continue
		}
		f.parts = append(f.parts, formatPart{t, text})
	}
	if len(f.parts) > 0 {
		f.fixed = newFixed(f.parts)
	}
	return f
}

// AppendText appends the date that s shows, a text without format, as the clock of loc shows it; host is the zone of a
// text that names none. ok is false, and dst as it was, when s is no date.
func (f *Format) AppendText(dst []byte, s string, loc, host *time.Location) (out []byte, ok bool) {
	if f.fixed != nil && loc == time.UTC {
		if _, ok := ReadRFC3339(s); ok {
			return f.fixed.copy(dst, s), true
		}
	}
	ms, ok := ParseText(s, host)
	if !ok {
		return dst, false
	}
	return f.Append(dst, ms, loc), true
}

// Append appends the date that lies ms milliseconds after the epoch as the clock of loc shows it; a nil loc is UTC.
func (f *Format) Append(dst []byte, ms int64, loc *time.Location) []byte {
	if len(f.parts) == 0 {
		return value.AppendISO(dst, ms)
	}
	if loc == nil {
		loc = time.UTC
	}
	m := MomentAt(ms, loc)
	if f.fixed != nil && m.Day.Year >= 0 && m.Day.Year <= 9999 {
		return f.fixed.append(dst, &m)
	}
	for i := range f.parts {
		dst = m.append(dst, f.parts[i].token, f.parts[i].text)
	}
	return dst
}

// appendTwo appends a number below 100 with two digits.
func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// Moment is an instant with the fields that a clock shows.
type Moment struct {
	ms, offset int64
	loc        *time.Location
	Days       int64 // from 1970-01-01
	Day        Civil
	clock      int // milliseconds since midnight
}

// MomentAt returns what the clock of loc shows at the instant ms.
func MomentAt(ms int64, loc *time.Location) Moment {
	wall, offset := WallAt(ms, loc)
	days := FloorDiv(wall, Day)
	return Moment{ms: ms, offset: offset, loc: loc, Days: days, Day: CivilOf(days), clock: int(wall - days*Day)}
}

// Hour returns 0 to 23.
func (m *Moment) Hour() int { return m.clock / Hour }

// Minute returns 0 to 59.
func (m *Moment) Minute() int { return m.clock / Minute % 60 }

// Second returns 0 to 59; there are no leap seconds.
func (m *Moment) Second() int { return m.clock / Second % 60 }

// DayOfYear returns 1 for the first of January to 365 or 366.
func (m *Moment) DayOfYear() int { return int(m.Days-DayNumber(m.Day.Year, 1, 1)) + 1 }

// append appends one token. Year, month and clock are here, the rest is in the functions it calls.
func (m *Moment) append(dst []byte, t token, text string) []byte {
	switch t {
	case tokenText:
		return append(dst, text...)
	case tokenYYYY:
		return appendPadded(dst, m.Day.Year, 4)
	case tokenYY:
		return appendPadded(dst, m.Day.Year%100, 2)
	case tokenMM:
		return appendTwo(dst, m.Day.Month)
	case tokenDD:
		return appendTwo(dst, m.Day.Day)
	case tokenHH:
		return appendTwo(dst, m.Hour())
	case tokenmm:
		return appendTwo(dst, m.Minute())
	case tokenss:
		return appendTwo(dst, m.Second())
	}
	if t >= tokenWeekday && t <= tokenGGGG {
		return m.appendWeek(dst, t)
	}
	if t >= tokenH {
		return m.appendTime(dst, t, text)
	}
	return m.appendDay(dst, t)
}

func (m *Moment) appendDay(dst []byte, t token) []byte {
	quarter := (m.Day.Month + 2) / 3
	switch t {
	case tokenY:
		if m.Day.Year > 9999 {
			dst = append(dst, '+')
		}
		return appendPadded(dst, m.Day.Year, 4)
	case tokenQ:
		return appendInt(dst, quarter)
	case tokenQo:
		return appendOrdinal(dst, quarter)
	case tokenM:
		return appendInt(dst, m.Day.Month)
	case tokenMo:
		return appendOrdinal(dst, m.Day.Month)
	case tokenMMM:
		return append(dst, monthNames[m.Day.Month-1][:3]...)
	case tokenMMMM:
		return append(dst, monthNames[m.Day.Month-1]...)
	case tokenD:
		return appendInt(dst, m.Day.Day)
	case tokenDo:
		return appendOrdinal(dst, m.Day.Day)
	case tokenDDD:
		return appendInt(dst, m.DayOfYear())
	case tokenDDDo:
		return appendOrdinal(dst, m.DayOfYear())
	case tokenDDDD:
		return appendPadded(dst, int64(m.DayOfYear()), 3)
	}
	return dst
}

func (m *Moment) appendWeek(dst []byte, t token) []byte {
	weekday := WeekdayOf(m.Days)
	year, week := sundayWeek(m.Days)
	if t >= tokenW {
		year, week = isoWeek(m.Days)
	}
	switch t {
	case tokenWeekday:
		return appendInt(dst, weekday)
	case tokenWeekdayO:
		return appendOrdinal(dst, weekday)
	case tokenWeekday2:
		return append(dst, weekdayNames[weekday][:2]...)
	case tokenWeekday3:
		return append(dst, weekdayNames[weekday][:3]...)
	case tokenWeekdayName:
		return append(dst, weekdayNames[weekday]...)
	case tokenE:
		return appendInt(dst, (weekday+6)%7+1)
	case tokenSundayWeek, tokenW:
		return appendInt(dst, week)
	case tokenSundayWeekO, tokenWo:
		return appendOrdinal(dst, week)
	case tokenSundayWeek2, tokenWW:
		return appendPadded(dst, int64(week), 2)
	case tokenSundayYear2, tokenGG:
		return appendPadded(dst, year%100, 2)
	}
	return appendPadded(dst, year, 4)
}

func (m *Moment) appendTime(dst []byte, t token, text string) []byte {
	hour := m.Hour()
	switch t {
	case tokenH:
		return appendInt(dst, hour)
	case tokenh:
		return appendInt(dst, (hour+11)%12+1)
	case tokenhh:
		return appendPadded(dst, int64((hour+11)%12+1), 2)
	case tokenk:
		return appendInt(dst, (hour+23)%24+1)
	case tokenkk:
		return appendPadded(dst, int64((hour+23)%24+1), 2)
	case tokenA, tokena:
		return appendHalf(dst, hour, t == tokenA)
	case tokenm:
		return appendInt(dst, m.Minute())
	case tokens:
		return appendInt(dst, m.Second())
	case tokenFraction:
		return appendFraction(dst, m.clock%Second, len(text))
	case tokenZ:
		return appendOffset(dst, m.offset, ":")
	case tokenZZ:
		return appendOffset(dst, m.offset, "")
	case tokenX:
		return strconv.AppendInt(dst, FloorDiv(m.ms, Second), 10)
	case tokenx:
		return strconv.AppendInt(dst, m.ms, 10)
	case tokenZoneName:
		name, _ := time.UnixMilli(m.ms).In(m.loc).Zone()
		return append(dst, name...)
	case tokenLocal:
		for i := 0; i < len(text); {
			t, part, size := nextToken(text[i:], false)
			dst = m.append(dst, t, part)
			i += size
		}
	}
	return dst
}

func appendHalf(dst []byte, hour int, upper bool) []byte {
	half := "AM"
	if hour >= 12 {
		half = "PM"
	}
	if upper {
		return append(dst, half...)
	}
	return append(dst, half[0]|0x20, half[1]|0x20)
}

// appendFraction appends n digits of the fraction of the second; those beyond the milliseconds are 0.
func appendFraction(dst []byte, milli, n int) []byte {
	digits := [9]byte{byte('0' + milli/100), byte('0' + milli/10%10), byte('0' + milli%10), '0', '0', '0', '0', '0', '0'}
	return append(dst, digits[:n]...)
}

func appendOffset(dst []byte, offset int64, colon string) []byte {
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	minutes := offset / Minute
	dst = append(dst, sign)
	dst = appendPadded(dst, minutes/60, 2)
	dst = append(dst, colon...)
	return appendPadded(dst, minutes%60, 2)
}

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// appendPadded appends n with at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	if n >= 0 && n < 100 && width == 2 {
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	}
	if n >= 0 && n < 10000 && width == 4 {
		return append(dst, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	for limit := int64(10); width > 1; width, limit = width-1, limit*10 {
		if n < limit {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, n, 10)
}

// appendOrdinal appends n with its English ordinal ending.
func appendOrdinal(dst []byte, n int) []byte {
	dst = appendInt(dst, n)
	ending := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return append(dst, ending...)
}
