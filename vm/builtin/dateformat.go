package builtin

import (
	"maps"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

func appendFormatDate(c *Context, dst []byte, a Args) ([]byte, error) {
	format := a.text(1)
	ms := a.V[0].Millis()
	if format == "" {
		return value.AppendISO(dst, ms), nil
	}
	loc := c.zoneOr(a, 2)
	if f := cachedFormat(format); f != nil {
		return f.Append(dst, ms, loc), nil
	}
	base := len(dst)
	m := momentAt(ms, loc)
	for i := 0; i < len(format); {
		t, text, size := nextToken(format[i:])
		dst = m.append(dst, t, text)
		i += size
		if err := c.fits(len(dst) - base); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// formats keeps prepared formats. The map is never changed: a new one takes its place, so that readers need no lock. It is
// bounded, since formats may come from foreign input; what does not fit is cut anew every time.
var formats atomic.Pointer[map[string]*DateFormat]

const (
	maxFormats     = 64
	maxFormatBytes = 64
)

// cachedFormat returns the prepared form of a format, nil when it is too long or too many are kept already.
func cachedFormat(format string) *DateFormat {
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
	f := PrepareDateFormat(strings.Clone(format))
	grown := map[string]*DateFormat{strings.Clone(format): f}
	if known != nil {
		maps.Copy(grown, *known)
	}
	formats.CompareAndSwap(known, &grown)
	return f
}

// DateFormat is a date format that was cut into its tokens ahead of time. It is immutable and safe for concurrent use.
type DateFormat struct {
	parts []formatPart
}

type formatPart struct {
	token token
	text  string
}

// PrepareDateFormat cuts a format of formatDate into its tokens. The empty format gives the ISO text in UTC.
func PrepareDateFormat(format string) *DateFormat {
	f := &DateFormat{}
	for i := 0; i < len(format); {
		t, text, size := nextToken(format[i:])
		i += size
		if n := len(f.parts); t == tokenText && n > 0 && f.parts[n-1].token == tokenText {
			f.parts[n-1].text += text
			continue
		}
		f.parts = append(f.parts, formatPart{t, text})
	}
	return f
}

// Append appends the date that lies ms milliseconds after the epoch as the clock of loc shows it; a nil loc is UTC.
func (f *DateFormat) Append(dst []byte, ms int64, loc *time.Location) []byte {
	if len(f.parts) == 0 {
		return value.AppendISO(dst, ms)
	}
	if loc == nil {
		loc = time.UTC
	}
	m := momentAt(ms, loc)
	for i := range f.parts {
		switch p := &f.parts[i]; p.token {
		case tokenText:
			if len(p.text) == 1 {
				dst = append(dst, p.text[0])
			} else {
				dst = append(dst, p.text...)
			}
		case tokenMM:
			dst = appendTwo(dst, m.day.month)
		case tokenDD:
			dst = appendTwo(dst, m.day.day)
		case tokenHH:
			dst = appendTwo(dst, m.hour())
		case tokenmm:
			dst = appendTwo(dst, m.minute())
		case tokenss:
			dst = appendTwo(dst, m.second())
		default:
			dst = m.append(dst, p.token, p.text)
		}
	}
	return dst
}

// appendTwo appends a number below 100 with two digits.
func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// moment is an instant with the fields that a clock shows.
type moment struct {
	ms, offset int64
	loc        *time.Location
	days       int64
	day        civil
	clock      int // milliseconds since midnight
}

func momentAt(ms int64, loc *time.Location) moment {
	wall, offset := wallAt(ms, loc)
	days := floorDiv(wall, msPerDay)
	return moment{ms: ms, offset: offset, loc: loc, days: days, day: civilOf(days), clock: int(wall - days*msPerDay)}
}

func (m *moment) hour() int      { return m.clock / msPerHour }
func (m *moment) minute() int    { return m.clock / msPerMinute % 60 }
func (m *moment) second() int    { return m.clock / msPerSecond % 60 }
func (m *moment) dayOfYear() int { return int(m.days-dayNumber(m.day.year, 1, 1)) + 1 }

// append appends one token. Year, month and clock are here, the rest is in the functions it calls.
func (m *moment) append(dst []byte, t token, text string) []byte {
	switch t {
	case tokenText:
		return append(dst, text...)
	case tokenYYYY:
		return appendPadded(dst, m.day.year, 4)
	case tokenYY:
		return appendPadded(dst, m.day.year%100, 2)
	case tokenMM:
		return appendTwo(dst, m.day.month)
	case tokenDD:
		return appendTwo(dst, m.day.day)
	case tokenHH:
		return appendTwo(dst, m.hour())
	case tokenmm:
		return appendTwo(dst, m.minute())
	case tokenss:
		return appendTwo(dst, m.second())
	}
	if t >= tokenWeekday && t <= tokenGGGG {
		return m.appendWeek(dst, t)
	}
	if t >= tokenH {
		return m.appendTime(dst, t, text)
	}
	return m.appendDay(dst, t)
}

func (m *moment) appendDay(dst []byte, t token) []byte {
	quarter := (m.day.month + 2) / 3
	switch t {
	case tokenY:
		if m.day.year > 9999 {
			dst = append(dst, '+')
		}
		return appendPadded(dst, m.day.year, 4)
	case tokenQ:
		return appendInt(dst, quarter)
	case tokenQo:
		return appendOrdinal(dst, quarter)
	case tokenM:
		return appendInt(dst, m.day.month)
	case tokenMo:
		return appendOrdinal(dst, m.day.month)
	case tokenMMM:
		return append(dst, monthNames[m.day.month-1][:3]...)
	case tokenMMMM:
		return append(dst, monthNames[m.day.month-1]...)
	case tokenD:
		return appendInt(dst, m.day.day)
	case tokenDo:
		return appendOrdinal(dst, m.day.day)
	case tokenDDD:
		return appendInt(dst, m.dayOfYear())
	case tokenDDDo:
		return appendOrdinal(dst, m.dayOfYear())
	case tokenDDDD:
		return appendPadded(dst, int64(m.dayOfYear()), 3)
	}
	return dst
}

func (m *moment) appendWeek(dst []byte, t token) []byte {
	weekday := weekdayOf(m.days)
	year, week := sundayWeek(m.days)
	if t >= tokenW {
		year, week = isoWeek(m.days)
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

func (m *moment) appendTime(dst []byte, t token, text string) []byte {
	hour := m.hour()
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
		return appendInt(dst, m.minute())
	case tokens:
		return appendInt(dst, m.second())
	case tokenFraction:
		return appendFraction(dst, m.clock%msPerSecond, len(text))
	case tokenZ:
		return appendOffset(dst, m.offset, ":")
	case tokenZZ:
		return appendOffset(dst, m.offset, "")
	case tokenX:
		return strconv.AppendInt(dst, floorDiv(m.ms, msPerSecond), 10)
	case tokenx:
		return strconv.AppendInt(dst, m.ms, 10)
	case tokenZoneName:
		name, _ := time.UnixMilli(m.ms).In(m.loc).Zone()
		return append(dst, name...)
	case tokenLocal:
		for i := 0; i < len(text); {
			t, part, size := nextToken(text[i:])
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
	minutes := offset / msPerMinute
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
