package jsonata

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// marker is a part of a picture of a date: text that stands as it is, or a component.
type marker struct {
	literal   string
	component byte // 0 for text
	// names says that names are written, in which case of letters.
	names        bool
	letters      int
	presentation byte
	least, most  int // widths, -1 when there is none
	integer      *integerPicture
	digits       int // how many digits of a year, month or day there are, -1 when all
}

// defaultPresentation is how components are written when a marker does not say.
var defaultPresentation = map[byte]string{'Y': "1", 'M': "1", 'D': "1", 'd': "1", 'F': "n", 'W': "1", 'w': "1", 'X': "1", 'x': "1", 'H': "1", 'h': "1",
	'P': "n", 'm': "01", 's': "01", 'f': "1", 'Z': "01:01", 'z': "01:01", 'C': "n", 'E': "n"}

// iso8601 is the picture of a date that has none.
const iso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

// datePicture reads a picture of a date (XPath, fn:format-dateTime).
func datePicture(text string) (markers []marker) {
	literal := func(s string) {
		if s != "" {
			markers = append(markers, marker{literal: strings.ReplaceAll(s, "]]", "]")})
		}
	}
	for {
		i := strings.IndexByte(text, '[')
		if i < 0 {
			literal(text)
			return markers
		}
		literal(text[:i])
		if strings.HasPrefix(text[i:], "[[") {
			markers, text = append(markers, marker{literal: "["}), text[i+2:]
			continue
		}
		inside, rest, ok := strings.Cut(text[i+1:], "]")
		if !ok {
			panic(failure("a marker of a picture has no end"))
		}
		markers, text = append(markers, newMarker(strings.Join(strings.Fields(inside), ""))), rest
	}
}

// widest bounds the widths of markers.
const widest = 1000

func newMarker(text string) marker {
	if text == "" {
		panic(failure("a marker of a picture is empty"))
	}
	m := marker{component: text[0], least: -1, most: -1, digits: -1}
	text = text[1:]
	if i := strings.LastIndexByte(text, ','); i >= 0 {
		least, most, _ := strings.Cut(text[i+1:], "-")
		m.least, m.most = width(least), width(most)
		text = text[:i]
	}
	if n := len(text); n > 1 && strings.IndexByte("atco", text[n-1]) >= 0 {
		m.presentation, text = text[n-1], text[:n-1]
	}
	if text == "" {
		if text = defaultPresentation[m.component]; text == "" {
			panic(failure("a component of a picture is not known"))
		}
	}
	switch {
	case text[0] == 'n':
		m.names, m.letters = true, lowerCase
	case text[0] == 'N':
		m.names, m.letters = true, upperCase
		if strings.HasPrefix(text, "Nn") {
			m.letters = titleCase
		}
	case strings.IndexByte("YMDdFWwXxHhmsf", m.component) >= 0:
		m.number(text)
	}
	if m.component == 'Z' || m.component == 'z' {
		m.integer = newIntegerPicture(text)
	}
	return m
}

// number reads how a component is written in digits.
func (m *marker) number(text string) {
	if m.presentation != 0 {
		text += ";" + string(m.presentation)
	}
	m.integer = newIntegerPicture(text)
	m.integer.mandatory = max(m.integer.mandatory, m.least)
	if strings.IndexByte("YMD", m.component) < 0 {
		return
	}
	if m.most >= 0 {
		m.digits, m.integer.mandatory = m.most, m.most
	} else if n := m.integer.mandatory + m.integer.optional; n >= 2 {
		m.digits = n
	}
}

func width(text string) int {
	n := leadingInteger(text)
	if math.IsNaN(n) || n < 0 {
		return -1
	}
	return int(min(n, widest))
}

// formatTime writes an instant in milliseconds.
func (r *run) formatTime(millis float64, picture, zone any) any {
	text := iso8601
	if picture != nil {
		text = r.pictured(picture.(string))
	}
	hours, minutes := 0.0, 0.0
	if zone != nil {
		offset := leadingInteger(zone.(string))
		hours, minutes = math.Floor(offset/100), math.Mod(offset, 100)
	}
	if at := millis + (60*hours+minutes)*60_000; !(math.Abs(at) <= 8.64e15) {
		panic(failure("an instant is out of range"))
	} else {
		millis = at
	}
	var out strings.Builder
	for _, m := range datePicture(text) {
		r.step(10)
		if m.component == 0 {
			out.WriteString(m.literal)
		} else {
			out.WriteString(m.format(r, time.UnixMilli(int64(millis)).UTC(), hours, minutes))
		}
		r.must(r.c.Fits(out.Len()))
	}
	r.made(out.Len())
	return out.String()
}

func (m *marker) format(r *run, t time.Time, hours, minutes float64) string {
	switch m.component {
	case 'P':
		if t.Hour() >= 12 {
			return "pm"
		}
		return "am"
	case 'C', 'E':
		return "ISO"
	case 'Z', 'z':
		return m.zone(r, hours, minutes)
	}
	n := component(t, m.component)
	if m.component == 'Y' && m.digits >= 0 {
		n = int(math.Mod(float64(n), math.Pow10(m.digits)))
	}
	if !m.names || m.component == 'f' {
		if m.integer == nil {
			panic(failure("a component is written in digits"))
		}
		return m.integer.format(r, float64(n))
	}
	var name string
	switch m.component {
	case 'M', 'x':
		name = time.Month(n).String()
	case 'F':
		name = time.Weekday(n % 7).String()
	default:
		panic(failure("a component has no names"))
	}
	switch m.letters {
	case upperCase:
		name = strings.ToUpper(name)
	case lowerCase:
		name = strings.ToLower(name)
	}
	if m.most >= 0 && len(name) > m.most {
		name = name[:m.most]
	}
	return name
}

func (m *marker) zone(r *run, hours, minutes float64) string {
	offset, text := hours*100+minutes, ""
	switch n := m.integer.mandatory; {
	case m.integer.every > 0, n == 3, n == 4:
		text = m.integer.format(r, offset)
	case n == 1, n == 2:
		text = m.integer.format(r, hours)
		if minutes != 0 {
			text += ":" + newIntegerPicture("00").format(r, minutes)
		}
	default:
		panic(failure("a zone has one to four digits"))
	}
	if offset >= 0 {
		text = "+" + text
	}
	if m.component == 'z' {
		text = "GMT" + text
	}
	if offset == 0 && m.presentation == 't' {
		return "Z"
	}
	return text
}

// component is a component of a date as a number.
func component(t time.Time, name byte) int {
	switch name {
	case 'Y':
		return t.Year()
	case 'M':
		return int(t.Month())
	case 'D':
		return t.Day()
	case 'd':
		return t.YearDay()
	case 'F':
		return (int(t.Weekday())+6)%7 + 1
	case 'W':
		_, week := t.ISOWeek()
		return week
	case 'X':
		year, _ := t.ISOWeek()
		return year
	case 'w':
		return weekOfMonth(t)
	case 'x': // the month that the Thursday of the week lies in
		return int(t.AddDate(0, 0, 4-component(t, 'F')).Month())
	case 'H':
		return t.Hour()
	case 'h':
		return (t.Hour()+11)%12 + 1
	case 'm':
		return t.Minute()
	case 's':
		return t.Second()
	case 'f':
		return t.Nanosecond() / 1e6
	}
	panic(failure("a component of a picture is not known"))
}

// weekOfMonth counts from the week that has the first Thursday of the month in which the Thursday of the week lies.
func weekOfMonth(t time.Time) int { return (t.AddDate(0, 0, 4-component(t, 'F')).Day()-1)/7 + 1 }

var isoForm = regexp.MustCompile(`^(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(?:\.(\d+))?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?$`)

// toMillis reads an instant.
func toMillis(c *call) any {
	c.read(len(c.text(0)))
	if c.at(1) != nil {
		return c.parseTime(c.text(0), c.picture(1))
	}
	found := isoForm.FindStringSubmatch(c.text(0))
	if found == nil {
		panic(failure("a text is no date"))
	}
	at := func(i, missing int) int {
		if found[i] == "" {
			return missing
		}
		n, _ := strconv.Atoi(found[i])
		return n
	}
	if at(2, 1) < 1 || at(2, 1) > 12 || at(3, 1) < 1 || at(3, 1) > 31 || at(4, 0) > 24 || at(4, 0) == 24 && at(5, 0)+at(6, 0) > 0 {
		return math.NaN()
	}
	offset := at(9, 0)*60 + at(10, 0)
	if found[8] == "-" {
		offset = -offset
	}
	millis, _ := strconv.Atoi((found[7] + "000")[:3])
	return float64(time.Date(at(1, 0), time.Month(at(2, 1)), at(3, 1), at(4, 0), at(5, 0)-offset, at(6, 0), millis*1e6, time.UTC).UnixMilli())
}
