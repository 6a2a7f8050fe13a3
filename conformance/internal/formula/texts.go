package formula

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/regex"
)

// replaceAll replaces every match by a text with the replacement patterns of JavaScript.
func replaceAll(re *regex.Regexp, s, with string) string {
	out, err := re.Replace(nil, s, with, time.Second, func(int) error { return nil })
	if err != nil {
		return s
	}
	return string(out)
}

const months = `(?i:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?`

const (
	pad   = `^` + blank + `*`
	end   = blank + `*$`
	day   = `(\d{4}|[+-]\d{6})(?:-(\d{2})(?:-(\d{2}))?)?`
	clock = `(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?`
	zone  = ` *(Z|z|UTC|GMT|UT|EST|EDT|CST|CDT|MST|MDT|PST|PDT|[+-]\d{2}:?(?:\d{2})?)?`
)

// dateForms are the forms of dates, the one with a T without anything around it, with the order of their groups: y, m, d, or n for the name of a month.
var dateForms = []struct {
	re    *regexp.Regexp
	order string
}{
	{regexp.MustCompile(`^` + day + `[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|z|[+-]\d{2}:?\d{2})?$`), "ymd"},
	{regexp.MustCompile(pad + day + `(?: (\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?` + zone + `)?` + end), "ymd"},
	{regexp.MustCompile(pad + `(?:[A-Za-z]{3,},? +)?(\d{1,2}) +` + months + ` +(\d{4})(?:,? +` + clock + zone + `)?` + end), "dny"},
	{regexp.MustCompile(pad + `(?:[A-Za-z]{3,},? +)?` + months + ` +(\d{1,2})(?:,| |, )\s*(\d{4})(?:,? +` + clock + zone + `)?` + end), "ndy"},
	{regexp.MustCompile(pad + `(\d{1,2})/(\d{1,2})/(\d{4})(?:,? +` + clock + zone + `)?` + end), "mdy"},
}

// instant is the time that a text stands for.
func instant(s string) (time.Time, bool) {
	for _, form := range dateForms {
		found := form.re.FindStringSubmatch(s)
		if found == nil {
			continue
		}
		date := map[rune]int{'y': 0, 'm': 1, 'd': 1}
		for i, what := range form.order {
			switch word := found[i+1]; {
			case what == 'n':
				date['m'] = strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(word))/3 + 1
			case word != "":
				date[what], _ = strconv.Atoi(word)
			}
		}
		var at [3]int
		for i := range at {
			at[i], _ = strconv.Atoi(found[4+i])
		}
		if found[1] == "-000000" || date['m'] < 1 || date['m'] > 12 || date['d'] < 1 || date['d'] > 31 || at[1] > 59 || at[2] > 59 ||
			at[0] > 24 || at[0] == 24 && at[1]+at[2] > 0 {
			return time.Time{}, false
		}
		return time.Date(date['y'], time.Month(date['m']), date['d'], at[0], at[1]-offset(found[7]), at[2], 0, time.UTC), true
	}
	return time.Time{}, false
}

// offset is a zone in minutes east of UTC.
func offset(zone string) int {
	if i := strings.Index("EDT CDT MDT PDT ", zone+" "); i >= 0 && len(zone) == 3 {
		return -60 * (4 + i/4)
	}
	if i := strings.Index("EST CST MST PST ", zone+" "); i >= 0 && len(zone) == 3 {
		return -60 * (5 + i/4)
	}
	if zone == "" || zone[0] != '+' && zone[0] != '-' {
		return 0
	}
	digits := strings.ReplaceAll(zone[1:], ":", "") + "00"
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:4])
	if n := hours*60 + minutes; zone[0] == '+' {
		return n
	} else {
		return -n
	}
}

func extractDate(s string) any { return formatted(s, time.DateOnly) }
func extractTime(s string) any { return formatted(s, time.TimeOnly) }

func formatted(s, layout string) any {
	if t, ok := instant(s); ok {
		return t.Format(layout)
	}
	return missing{}
}

func firstName(s string) any {
	if first, last := names(s); last != "" && first != nil {
		return strings.Trim(*first, blanks)
	}
	return missing{}
}

func lastName(s string) any {
	first, last := names(s)
	if last == "" && first != nil {
		last = strings.Trim(*first, blanks)
	}
	if last == "" {
		return missing{}
	}
	return last
}

const blank = `[` + blanks + `]`

var (
	looseComma   = regexp.MustCompile(`\b` + blank + `+(,` + blank + `+)\b`)
	tightComma   = regexp.MustCompile(`\b,\b`)
	quoted       = regexp.MustCompile(`[^"` + blanks + `]+|"[^"]+"`)
	suffix       = regexp.MustCompile(`^(?i:i|ii|iii|iv|v|senior|junior|jr|sr|phd|apr|rph|pe|md|ma|dmd|cme|qc|kc)$`)
	salutation   = regexp.MustCompile(`^(?i:mr|master|mister|mrs|miss|ms|dr|prof|rev|fr|judge|honorable|hon|tuan|sr|srta|br|pr|mx|sra)$`)
	lastNameWord = regexp.MustCompile(`^(?i:vere|von|van|de|del|della|der|den|di|da|pietro|vanden|du|st|la|lo|ter|bin|ibn|te|ten|op|ben|al)$`)
)

// once replaces the first match.
func once(re *regexp.Regexp, s, with string) string {
	found := re.FindStringSubmatchIndex(s)
	if found == nil {
		return s
	}
	return s[:found[0]] + string(re.ExpandString(nil, with, s, found)) + s[found[1]:]
}

func is(re *regexp.Regexp, part string) bool {
	return re.MatchString(strings.ReplaceAll(part, ".", ""))
}

// names takes a name apart; first is nil when there is none.
func names(s string) (first *string, last string) {
	s = once(tightComma, once(looseComma, strings.Trim(s, blanks), "$1"), ", ")
	parts := quoted.FindAllString(s, -1)
	for i, part := range parts {
		parts[i] = strings.Trim(part, `"`)
	}
	if len(parts) == 0 && s != `""` {
		parts = []string{s}
	}
	if len(parts) == 1 {
		first = &parts[0]
	}
	if n := len(parts) - 1; n > 0 && is(suffix, parts[n]) {
		parts = parts[:n]
		parts[n-1] = strings.Replace(parts[n-1], ",", "", 1)
	}
	if i := slices.IndexFunc(parts, func(p string) bool { return strings.Contains(p, ",") }); i >= 0 {
		before := slices.Clone(parts[:i+1])
		if before[i] = strings.Replace(before[i], ",", "", 1); is(suffix, before[i]) {
			before = before[:i]
		}
		if i+1 < len(parts) {
			first = &parts[i+1]
		}
		return first, strings.Trim(strings.Join(before, " "), blanks)
	}
	if len(parts) > 1 && is(salutation, parts[0]) {
		if parts = parts[1:]; len(parts) == 1 {
			return nil, strings.Trim(parts[0], blanks)
		}
	}
	if len(parts) > 0 {
		first, parts = &parts[0], parts[1:]
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if i == 0 || !is(lastNameWord, parts[i-1]) {
			last = strings.Join(parts[i:], " ")
			break
		}
	}
	return first, strings.Trim(last, blanks)
}
