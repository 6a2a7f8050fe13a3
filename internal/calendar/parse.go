package calendar

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/value"
)

// unset marks a field that the text did not have.
const unset = math.MinInt

// dateFields are the fields that a text had (spec iml.md §10.5).
type dateFields struct {
	year, quarter, month, day, dayOfYear int
	isoYear, isoWeek, isoDay             int
	hour, minute, second, milli          int
	half                                 int // 0 for am, 1 for pm
	offset                               int64
	instant                              int64 // decides alone
	fixed                                bool  // instant is set
}

// ParseFormatted reads s by a format; now is the instant from which missing fields come. look, when it is not nil, is
// told how many bytes were gone through; its error ends the reading and is returned.
func ParseFormatted(s, format string, loc *time.Location, now int64, look func(bytes int) error) (ms int64, ok bool, err error) {
	f := dateFields{year: unset, quarter: unset, month: unset, day: unset, dayOfYear: unset, isoYear: unset, isoWeek: unset,
		isoDay: unset, hour: unset, minute: unset, second: unset, milli: unset, half: unset, offset: NoOffset}
	if ok, err := f.read(s, format, look); !ok {
		return 0, false, err
	}
	if f.fixed {
		return f.instant, math.Abs(float64(f.instant)) <= MaxMillis, nil
	}
	wallNow, _ := WallAt(now, loc)
	days, ok := f.resolveDay(FloorDiv(wallNow, Day))
	if !ok {
		return 0, false, nil
	}
	wall := days*Day + f.clock()
	if f.offset != NoOffset {
		ms = wall - f.offset
	} else {
		if math.Abs(float64(wall)) > MaxMillis+Day {
			return 0, false, nil
		}
		ms = InstantOf(wall, loc, NoOffset)
	}
	return ms, math.Abs(float64(ms)) <= MaxMillis, nil
}

// read matches the text with the format. When the text ends early the rest of the format is ignored.
func (f *dateFields) read(s, format string, look func(bytes int) error) (bool, error) {
	r := textReader{s: value.TrimSpace(s), pulse: pulse{look: look}}
	last := strings.LastIndexByte(format, ']')
	next := following{format: format, last: last}
	matched := false
	for i := 0; i < len(format); {
		if r.over() {
			break
		}
		t, text, size := nextToken(format[i:], i < last)
		if !isParseToken(t) {
			t = tokenText
			if text = format[i : i+size]; text[0] == '[' && size > 1 {
				text = text[1 : size-1]
			}
		}
		i += size
		if t == tokenText {
			if !r.literal(text, &next, i) {
				return false, r.err
			}
			continue
		}
		r.skipTo(t)
		if r.s == "" {
			break
		}
		if !f.token(&r, t) {
			return false, r.err
		}
		matched = true
	}
	return matched && r.err == nil, r.err
}

// isParseToken reports whether a token of formatDate is one of parseDate too.
func isParseToken(t token) bool {
	switch t {
	case tokenText, tokenWeekday, tokenWeekdayO, tokenSundayWeek, tokenSundayWeekO, tokenSundayWeek2, tokenSundayYear2,
		tokenSundayYear, tokenWo, tokenZoneName, tokenLocal:
		return false
	}
	return true
}

// literal matches text that is no token: a letter or digit must come next, anything else stands for a run of what is
// neither, also an empty one. The format goes on at offset end.
func (r *textReader) literal(text string, next *following, end int) bool {
	last := len(text) // behind the last letter or digit
	for last > 0 && !r.over() {
		char, size := utf8.DecodeLastRuneInString(text[:last])
		if isAlphanumeric(char) {
			break
		}
		last -= size
	}
	for i, want := range text {
		if r.over() {
			return false
		}
		if r.s == "" {
			return true
		}
		if !isAlphanumeric(want) {
			t := tokenText
			if i >= last {
				t = next.at(end, &r.pulse)
			}
			r.skipTo(t)
			continue
		}
		got, size := utf8.DecodeRuneInString(r.s)
		if got != want && !strings.EqualFold(string(got), string(want)) {
			return false
		}
		r.s = r.s[size:]
	}
	return true
}

// following finds the token that follows the separators at a place of a format. A run of separators is looked through
// once.
type following struct {
	format     string
	last       int // the offset of the last closing bracket
	start, end int // where the token is known to follow
	token      token
}

// at returns the token that follows the separators from offset i on, tokenText if none does directly.
func (f *following) at(i int, p *pulse) token {
	if f.start <= i && i < f.end {
		return f.token
	}
	f.start, f.token = i, tokenText
	for i < len(f.format) && !p.over() {
		t, part, size := nextToken(f.format[i:], i < f.last)
		if isParseToken(t) {
			f.token = t
			break
		}
		if t != tokenText || strings.IndexFunc(part, isAlphanumeric) >= 0 {
			break
		}
		i += size
	}
	f.end = max(i, f.start+1)
	return f.token
}

// skipTo skips what is neither letter nor digit, but not a sign that belongs to the token t.
func (r *textReader) skipTo(t token) {
	signed := t == tokenY || t == tokenZ || t == tokenZZ || t == tokenX || t == tokenx
	for r.s != "" && !r.over() {
		ch, size := utf8.DecodeRuneInString(r.s)
		if isAlphanumeric(ch) {
			return
		}
		if signed && (ch == '+' || ch == '-') && len(r.s) > 1 && isDigit(r.s[1]) {
			return
		}
		r.s = r.s[size:]
	}
}

func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// token reads one token. Numbers take as many digits as they may.
func (f *dateFields) token(r *textReader, t token) (ok bool) {
	switch t {
	case tokenYYYY, tokenGGGG:
		return r.year(f.yearField(t), 4)
	case tokenYY, tokenGG:
		return r.year(f.yearField(t), 2)
	case tokenY:
		return r.signedYear(&f.year)
	case tokenQ, tokenQo:
		return r.number(&f.quarter, 1, 1, 4, t == tokenQo)
	case tokenM, tokenMM, tokenMo:
		return r.number(&f.month, 2, 1, 12, t == tokenMo)
	case tokenMMM, tokenMMMM:
		return r.name(&f.month, monthNames[:], 3)
	case tokenD, tokenDD, tokenDo:
		return r.number(&f.day, 2, 1, 31, t == tokenDo)
	case tokenDDD, tokenDDDD, tokenDDDo:
		return r.number(&f.dayOfYear, 3, 1, 366, t == tokenDDDo)
	case tokenWeekday2, tokenWeekday3, tokenWeekdayName:
		ignored := 0
		return r.name(&ignored, weekdayNames[:], 2)
	case tokenW, tokenWW:
		return r.number(&f.isoWeek, 2, 1, 53, false)
	case tokenE:
		return r.number(&f.isoDay, 1, 1, 7, false)
	}
	return f.timeToken(r, t)
}

func (f *dateFields) timeToken(r *textReader, t token) (ok bool) {
	switch t {
	case tokenH, tokenHH:
		return r.number(&f.hour, 2, 0, 23, false)
	case tokenk, tokenkk:
		ok = r.number(&f.hour, 2, 1, 24, false)
		if f.hour == 24 {
			f.hour = 0
		}
		return ok
	case tokenh, tokenhh:
		return r.number(&f.hour, 2, 1, 12, false)
	case tokenA, tokena:
		return r.halfDay(&f.half)
	case tokenm, tokenmm:
		return r.number(&f.minute, 2, 0, 59, false)
	case tokens, tokenss:
		return r.number(&f.second, 2, 0, 59, false)
	case tokenFraction:
		f.milli, ok = r.fraction()
		return ok
	case tokenZ, tokenZZ:
		if r.letter('Z') {
			f.offset = 0
			return true
		}
		f.offset, ok = r.offset()
		return ok
	case tokenX, tokenx:
		f.instant, ok = r.epoch(t == tokenX)
		f.fixed = f.fixed || ok
		return ok
	}
	return false
}

func (f *dateFields) yearField(t token) *int {
	if t == tokenGGGG || t == tokenGG {
		return &f.isoYear
	}
	return &f.year
}

// year reads a year of up to high digits; one or two digits mean 1969 to 2068.
func (r *textReader) year(field *int, high int) bool {
	before := len(r.s)
	n, ok := r.digits(1, high)
	if !ok {
		return false
	}
	if before-len(r.s) <= 2 {
		if n <= 68 {
			n += 2000
		} else {
			n += 1900
		}
	}
	*field = n
	return true
}

func (r *textReader) signedYear(field *int) bool {
	negative := r.letter('-')
	if !negative {
		r.letter('+')
	}
	n, ok := r.digits(1, 6)
	if negative {
		n = -n
	}
	*field = n
	return ok
}

// number reads up to digits digits as a number from low to high, with an ordinal ending if that is asked for.
func (r *textReader) number(field *int, digits, low, high int, ordinal bool) bool {
	n, ok := r.digits(1, digits)
	if !ok || n < low || n > high {
		return false
	}
	if ordinal && !r.word("st") && !r.word("nd") && !r.word("rd") && !r.word("th") {
		return false
	}
	*field = n
	return true
}

// name reads an English name in full, by three letters, or by two if short is 2, and stores its position from 1.
func (r *textReader) name(field *int, names []string, short int) bool {
	for i, n := range names {
		for _, form := range [...]string{n, n[:3], n[:short]} {
			if r.word(form) {
				*field = i + 1
				return true
			}
		}
	}
	return false
}

func (r *textReader) halfDay(field *int) bool {
	switch {
	case r.word("am"), r.word("a"):
		*field = 0
	case r.word("pm"), r.word("p"):
		*field = 1
	default:
		return false
	}
	return true
}

// epoch reads a number of seconds with up to nine decimals, or of milliseconds.
func (r *textReader) epoch(seconds bool) (ms int64, ok bool) {
	negative := r.letter('-')
	if !negative {
		r.letter('+')
	}
	start := r.s
	for r.s != "" && isDigit(r.s[0]) {
		if ms < 1<<55 { // beyond any date; one more digit must not overflow
			ms = ms*10 + int64(r.s[0]-'0')
		}
		r.s = r.s[1:]
	}
	if len(r.s) == len(start) {
		return 0, false
	}
	if seconds {
		if ms > MaxMillis/Second {
			return 0, false
		}
		ms *= Second
		if len(r.s) > 1 && r.s[0] == '.' && isDigit(r.s[1]) {
			r.s = r.s[1:]
			milli, _ := r.fraction()
			ms += int64(milli)
		}
	}
	if negative {
		ms = -ms
	}
	return ms, true
}

// clock returns the milliseconds since midnight; missing fields are 0.
func (f *dateFields) clock() int64 {
	hour := max(0, f.hour)
	if f.half != unset && hour <= 12 {
		hour = hour%12 + 12*f.half
	}
	return int64(hour*Hour + max(0, f.minute)*Minute + max(0, f.second)*Second + max(0, f.milli))
}

// resolveDay returns the number of the day, with missing fields taken from today.
func (f *dateFields) resolveDay(today int64) (days int64, ok bool) {
	now := CivilOf(today)
	if f.month == unset && f.quarter != unset {
		f.month = f.quarter*3 - 2
	}
	if f.month == unset && f.day == unset && f.dayOfYear == unset && (f.isoYear != unset || f.isoWeek != unset || f.isoDay != unset) {
		return f.resolveWeek(today)
	}
	year := f.year
	if year == unset {
		year = int(now.Year)
	}
	switch {
	case f.dayOfYear != unset:
		return DayNumber(int64(year), 1, f.dayOfYear), f.dayOfYear <= DaysInYear(int64(year))
	case f.year == unset && f.month == unset && f.day == unset:
		return today, true
	case f.year == unset && f.month == unset:
		return validDay(year, now.Month, f.day)
	}
	return validDay(year, orOne(f.month), orOne(f.day))
}

func orOne(n int) int {
	if n == unset {
		return 1
	}
	return n
}

// resolveWeek returns the number of a day that is given by ISO year, week and weekday.
func (f *dateFields) resolveWeek(today int64) (days int64, ok bool) {
	year, _ := isoWeek(today)
	if f.isoYear != unset {
		year = int64(f.isoYear)
	}
	week := orOne(f.isoWeek)
	if week > isoWeeks(year) {
		return 0, false
	}
	fourth := DayNumber(year, 1, 4) // always in week 1
	monday := fourth - int64((WeekdayOf(fourth)+6)%7)
	return monday + int64((week-1)*7+orOne(f.isoDay)-1), true
}
