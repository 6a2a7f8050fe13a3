package calendar

import (
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// ParseText reads a date text without format (spec iml.md §10.3); loc is the zone of texts that name none.
func ParseText(s string, loc *time.Location) (ms int64, ok bool) {
	wall, offset, ok := ReadText(s)
	if !ok {
		return 0, false
	}
	if offset == NoOffset {
		return InstantOf(wall, loc, NoOffset), true
	}
	return wall - offset, true
}

// ReadText returns the wall clock of a date text, and its offset from UTC in milliseconds, NoOffset when it names none.
func ReadText(s string) (wall, offset int64, ok bool) {
	if wall, ok = ReadRFC3339(s); ok {
		return wall, 0, true
	}
	r := textReader{s: value.TrimSpace(s)}
	days, ok := r.date()
	if !ok {
		return 0, 0, false
	}
	wall = days * Day
	if r.s == "" {
		return wall, NoOffset, true
	}
	if blanks := r.blanks(); blanks == 0 && !r.letter('T') {
		return 0, 0, false
	}
	clock, ok := r.clock()
	if !ok {
		return 0, 0, false
	}
	r.blanks()
	offset, ok = r.zone()
	return wall + clock, offset, ok && r.s == ""
}

// ReadRFC3339 reads the form that machines write, 2006-01-02T15:04:05Z with or without three decimals.
func ReadRFC3339(s string) (wall int64, ok bool) {
	if (len(s) != 20 && len(s) != 24) || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return 0, false
	}
	year, month, day := twoDigits(s, 0)*100+twoDigits(s, 2), twoDigits(s, 5), twoDigits(s, 8)
	hour, minute, second := twoDigits(s, 11), twoDigits(s, 14), twoDigits(s, 17)
	if twoDigits(s, 0)|twoDigits(s, 2)|month|day|hour|minute|second < 0 {
		return 0, false
	}
	if month < 1 || month > 12 || day < 1 || day > 28 && day > DaysInMonth(int64(year), month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	milli := 0
	if len(s) == 24 {
		tens := twoDigits(s, 21)
		if s[19] != '.' || tens < 0 || !isDigit(s[20]) {
			return 0, false
		}
		milli = int(s[20]-'0')*100 + tens
	}
	clock := hour*Hour + minute*Minute + second*Second + milli
	return DayNumber(int64(year), month, day)*Day + int64(clock), true
}

// twoDigits returns the number that two digits at i make, or a negative number.
func twoDigits(s string, i int) int {
	if !isDigit(s[i]) || !isDigit(s[i+1]) {
		return -1
	}
	return int(s[i]-'0')*10 + int(s[i+1]-'0')
}

// textReader takes parts off the front of a text.
type textReader struct {
	s string
	pulse
}

// pulse asks now and then whether to go on reading; the zero pulse never does.
type pulse struct {
	look  func(bytes int) error
	steps int
	err   error // of look
}

// over counts a character or a token, and reports whether the reading has ended.
func (p *pulse) over() bool {
	if p.look != nil && p.err == nil {
		if p.steps++; p.steps%stepsAtOnce == 0 {
			p.err = p.look(stepsAtOnce * stepBytes)
		}
	}
	return p.err != nil
}

// stepsAtOnce is how many steps of reading are taken between two looks, and stepBytes how many bytes of a text are read in
// the time of one.
const stepsAtOnce, stepBytes = 256, 8

// digits reads at least low and at most high digits.
func (r *textReader) digits(low, high int) (n int, ok bool) {
	i := 0
	for i < len(r.s) && i < high && isDigit(r.s[i]) {
		n = n*10 + int(r.s[i]-'0')
		i++
	}
	if i < low {
		return 0, false
	}
	r.s = r.s[i:]
	return n, true
}

// letter takes an ASCII character, letters in any case.
func (r *textReader) letter(ch byte) bool {
	if r.s == "" || r.s[0] != ch && !(isLetter(ch) && r.s[0]|0x20 == ch|0x20) {
		return false
	}
	r.s = r.s[1:]
	return true
}

// word takes an ASCII word in any case.
func (r *textReader) word(w string) bool {
	if len(r.s) < len(w) || !strings.EqualFold(r.s[:len(w)], w) {
		return false
	}
	r.s = r.s[len(w):]
	return true
}

func (r *textReader) blanks() int {
	trimmed := strings.TrimLeftFunc(r.s, value.IsSpace)
	n := len(r.s) - len(trimmed)
	r.s = trimmed
	return n
}

// date reads Y4-M-D, Y4/M/D, M/D/Y4 or D.M.Y4 and returns the number of the day.
func (r *textReader) date() (days int64, ok bool) {
	count := 0
	for count < len(r.s) && isDigit(r.s[count]) {
		count++
	}
	if count >= len(r.s) || count != 4 && count != 1 && count != 2 {
		return 0, false
	}
	separator := r.s[count]
	var fields [3]int
	for i := range fields {
		low, high := 1, 2
		if i == 0 && count == 4 || i == 2 && count != 4 {
			low, high = 4, 4
		}
		if fields[i], ok = r.digits(low, high); !ok || i < 2 && !r.letter(separator) {
			return 0, false
		}
	}
	year, month, day := 0, 0, 0
	switch {
	case count == 4 && (separator == '-' || separator == '/'):
		year, month, day = fields[0], fields[1], fields[2]
	case count != 4 && separator == '/':
		month, day, year = fields[0], fields[1], fields[2]
	case count != 4 && separator == '.':
		day, month, year = fields[0], fields[1], fields[2]
	default:
		return 0, false
	}
	return validDay(year, month, day)
}

// validDay returns the number of a day that exists.
func validDay(year, month, day int) (days int64, ok bool) {
	if month < 1 || month > 12 || day < 1 || day > DaysInMonth(int64(year), month) {
		return 0, false
	}
	return DayNumber(int64(year), month, day), true
}

// clock reads H:mm[:ss[.fraction]] [AM|PM] and returns milliseconds since midnight.
func (r *textReader) clock() (ms int64, ok bool) {
	hour, ok := r.digits(1, 2)
	if !ok || !r.letter(':') {
		return 0, false
	}
	minute, ok := r.digits(2, 2)
	if !ok {
		return 0, false
	}
	second, milli := 0, 0
	if r.letter(':') {
		if second, ok = r.digits(2, 2); !ok {
			return 0, false
		}
		if r.letter('.') || r.letter(',') {
			if milli, ok = r.fraction(); !ok {
				return 0, false
			}
		}
	}
	if hour, ok = r.half(hour); !ok || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return int64(hour*Hour + minute*Minute + second*Second + milli), true
}

// half reads an optional AM or PM and returns the hour of the day.
func (r *textReader) half(hour int) (int, bool) {
	rest := *r
	rest.blanks()
	pm := rest.word("PM")
	if !pm && !rest.word("AM") {
		return hour, true
	}
	*r = rest
	if hour < 1 || hour > 12 {
		return 0, false
	}
	if hour %= 12; pm {
		hour += 12
	}
	return hour, true
}

// fraction reads one to nine digits and cuts them to milliseconds.
func (r *textReader) fraction() (milli int, ok bool) {
	n := 0
	for n < len(r.s) && n < 9 && isDigit(r.s[n]) {
		n++
	}
	for i := range 3 {
		milli *= 10
		if i < n {
			milli += int(r.s[i] - '0')
		}
	}
	r.s = r.s[n:]
	return milli, n > 0
}

// zone reads an optional zone and returns its offset in milliseconds, NoOffset when there is none.
func (r *textReader) zone() (offset int64, ok bool) {
	if r.s == "" {
		return NoOffset, true
	}
	if r.letter('Z') {
		return 0, true
	}
	named := r.word("GMT") || r.word("UTC")
	if named && r.s == "" {
		return 0, true
	}
	return r.offset()
}

// offset reads ±hh, ±hhmm or ±hh:mm.
func (r *textReader) offset() (ms int64, ok bool) {
	negative := r.letter('-')
	if !negative && !r.letter('+') {
		return 0, false
	}
	hours, ok := r.digits(2, 2)
	if !ok || hours > 23 {
		return 0, false
	}
	rest := *r
	rest.letter(':')
	minutes, ok := rest.digits(2, 2)
	if ok {
		*r = rest
	} else {
		minutes = 0
	}
	if minutes > 59 {
		return 0, false
	}
	ms = int64(hours)*Hour + int64(minutes)*Minute
	if negative {
		ms = -ms
	}
	return ms, true
}
