package jsonata

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// reader is how a marker is read: the form of its text, and what that means.
type reader struct {
	form  string
	parse func(text string) any
}

func (m *marker) reader() reader {
	switch {
	case m.component == 0:
		return reader{form: regexp.QuoteMeta(m.literal)}
	case m.component == 'Z' || m.component == 'z':
		return m.zoneReader()
	case m.component == 'f':
		return reader{"[0-9]+", func(text string) any {
			f, _ := strconv.ParseFloat("0."+text[:min(3, len(text))], 64)
			return f * 1000
		}}
	case m.integer != nil:
		return reader{m.integer.form(m.digits), m.integer.parse}
	}
	values := map[string]any{}
	name := func(text string, n int) {
		if m.most > 0 {
			text = text[:min(m.most, len(text))]
		}
		values[text] = float64(n)
	}
	switch m.component {
	case 'M', 'x':
		for month := time.January; month <= time.December; month++ {
			name(month.String(), int(month))
		}
	case 'F':
		for day := 1; day <= 7; day++ {
			name(time.Weekday(day%7).String(), day)
		}
	case 'P':
		values = map[string]any{"am": 0.0, "AM": 0.0, "pm": 1.0, "PM": 1.0}
	default:
		panic(failure("a component cannot be read"))
	}
	return reader{"[a-zA-Z]+", func(text string) any { return values[text] }}
}

func (m *marker) zoneReader() reader {
	form, prefix := "[-+][0-9]+", 0
	separator := ""
	if m.integer.every > 0 {
		separator = m.integer.separators[0].text
		form += regexp.QuoteMeta(separator) + "[0-9]+"
	}
	if m.component == 'z' {
		form, prefix = "GMT"+form, 3
	}
	return reader{form, func(text string) any {
		text = text[prefix:]
		hours, minutes := text, "0"
		switch {
		case separator != "":
			hours, minutes, _ = strings.Cut(text, separator)
		case len(text) > 3:
			hours, minutes = text[:3], text[3:]
		}
		return leadingInteger(hours)*60 + leadingInteger(minutes)
	}}
}

// form is the regular expression of an integer with so many digits, any number when negative.
func (p *integerPicture) form(digits int) string {
	switch {
	case p.style == inLetters && p.letters == upperCase:
		return "[A-Z]+"
	case p.style == inLetters:
		return "[a-z]+"
	case p.style == inRoman:
		return "[mdclxviMDCLXVI]+"
	case p.style == inWords:
		return "[-a-zA-Z, ]+"
	case p.style == inSequence:
		panic(failure("a sequence is not known"))
	}
	form := "[0-9]+"
	if digits > 0 {
		form = "[0-9]{" + strconv.Itoa(max(0, digits-p.optional)) + "," + strconv.Itoa(digits) + "}"
	}
	if p.ordinal {
		form += "(?:th|st|nd|rd)"
	}
	return form
}

// parseTime reads an instant by a picture; a text of another form is nothing.
func (r *run) parseTime(text, picture string) any {
	markers := datePicture(picture)
	form := "(?i)^"
	readers := make([]reader, len(markers))
	for i := range markers {
		readers[i] = markers[i].reader()
		form += "(" + readers[i].form + ")"
	}
	if len(form) > maxPattern {
		panic(failure("a picture is too long"))
	}
	re, err := regexp.Compile(form + "$")
	if err != nil {
		panic(failure("a picture cannot be read"))
	}
	r.step(1 + len(form)/8 + len(text)/64*(1+len(form)/16))
	found := re.FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	parts := map[byte]float64{}
	for i, m := range markers {
		if readers[i].parse == nil {
			continue
		}
		f, ok := readers[i].parse(found[i+1]).(float64)
		if !ok {
			f = math.NaN()
		}
		parts[m.component] = f
	}
	if len(parts) == 0 {
		return nil
	}
	return r.instant(parts)
}

// instant puts components together. What is larger than the largest that is given is that of now, what is smaller is the least.
func (r *run) instant(parts map[byte]float64) any {
	some := func(names string) bool {
		for i := range len(names) {
			if f := parts[names[i]]; f != 0 && !math.IsNaN(f) {
				return true
			}
		}
		return false
	}
	only := func(all, other string) bool { return some(all) && !some(other) }
	dates, times := "YMD", "Hmsf"
	switch {
	case only("YMD", "XxWwd"):
	case only("Yd", "XMxWwD"):
		dates = "YD"
	case only("Xxw", "YMWdD"), only("XW", "YMxwdD"):
		panic(failure("dates by weeks cannot be read"))
	}
	if some("Ph") && !some("H") {
		times = "Phmsf"
	}
	begun, ended := false, false
	now := time.UnixMilli(r.c.Now).UTC()
	for _, name := range []byte(dates + times) {
		if _, ok := parts[name]; ok {
			if begun = true; ended {
				panic(failure("a component between others is missing"))
			}
			continue
		}
		switch {
		case !begun && name == 'P':
			parts[name] = 0
		case !begun:
			parts[name] = float64(component(now, name))
		case strings.IndexByte("MDd", name) >= 0:
			parts[name], ended = 1, true
		default:
			parts[name], ended = 0, true
		}
	}
	if dates == "YD" {
		parts['M'], parts['D'] = 1, parts['d']
	}
	if times == "Phmsf" {
		if parts['H'] = parts['h']; parts['h'] == 12 {
			parts['H'] = 0
		}
		if parts['P'] == 1 {
			parts['H'] += 12
		}
	}
	for _, f := range parts {
		if math.IsNaN(f) || math.Abs(f) > 1e9 {
			return math.NaN()
		}
	}
	millis := float64(time.Date(int(parts['Y']), time.Month(max(parts['M'], 1)), int(parts['D']), int(parts['H']), int(parts['m']), int(parts['s']), 0, time.UTC).UnixMilli())
	return millis + math.Floor(parts['f']) - (parts['Z']+parts['z'])*60_000
}
