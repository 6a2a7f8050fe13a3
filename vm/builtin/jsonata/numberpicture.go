package jsonata

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// symbols are the characters of pictures of numbers (XPath, decimal formats).
type symbols map[string]string

// defaultSymbols are the characters when no option says otherwise.
func defaultSymbols() symbols {
	return symbols{"decimal-separator": ".", "grouping-separator": ",", "exponent-separator": "e", "minus-sign": "-", "percent": "%",
		"per-mille": "‰", "zero-digit": "0", "digit": "#", "pattern-separator": ";"}
}

func (s symbols) zero() rune { return []rune(s["zero-digit"])[0] }

func (s symbols) isDigit(r rune) bool { return r >= s.zero() && r < s.zero()+10 }

// isPlace reports whether a digit may stand in the place of a character.
func (s symbols) isPlace(r rune) bool { return s.isDigit(r) || string(r) == s["digit"] }

func (s symbols) isActive(r rune) bool {
	c := string(r)
	return s.isPlace(r) || c == s["decimal-separator"] || c == s["exponent-separator"] || c == s["grouping-separator"] || c == s["pattern-separator"]
}

// longestPicture bounds a picture of a number or a date, in bytes: what is read of one is worked with several times over.
const longestPicture = 4096

// pictured takes the work with a picture from the budget, and refuses one that nobody means.
func (r *run) pictured(text string) string {
	if len(text) > longestPicture {
		panic(failure("a picture is too long"))
	}
	r.step(1 + len(text)/8)
	return text
}

func count(s string, is func(rune) bool) (n int) {
	for _, r := range s {
		if is(r) {
			n++
		}
	}
	return n
}

// numberPicture is one half of a picture, for numbers of one sign.
type numberPicture struct {
	symbols
	text, prefix, suffix, active       string
	mantissa, integer, fraction        string
	exponent                           string
	hasExponent                        bool
	leastInteger, scale                int
	leastFraction, mostFraction, power int
	groups, fractionGroups             []int
	every                              int
}

func newNumberPicture(text string, s symbols) *numberPicture {
	p := &numberPicture{symbols: s, text: text}
	isEdge := func(r rune) bool { return s.isActive(r) && string(r) != s["exponent-separator"] }
	from, to := strings.IndexFunc(text, isEdge), strings.LastIndexFunc(text, isEdge)
	if from < 0 {
		panic(failure("a picture has no digit"))
	}
	to += len(string([]rune(text[to:])[0]))
	p.prefix, p.active, p.suffix = text[:from], text[from:to], text[to:]
	p.mantissa = p.active
	if i := strings.Index(text[from:], s["exponent-separator"]); i >= 0 && from+i <= to {
		at := min(from+i, len(p.active)) // as the reference implementation counts, from the start of the picture
		p.mantissa, p.exponent, p.hasExponent = p.active[:at], p.active[min(at+1, len(p.active)):], true
	}
	var decimal bool
	if p.integer, p.fraction, decimal = strings.Cut(p.mantissa, s["decimal-separator"]); !decimal {
		p.fraction = p.suffix
	}
	p.validate()
	p.analyse()
	return p
}

// validate refuses what is no picture.
func (p *numberPicture) validate() {
	s, point, group := p.symbols, p.symbols["decimal-separator"], p.symbols["grouping-separator"]
	integerDigits := strings.Index(p.integer, s["digit"])
	fractionDigits := strings.LastIndex(p.fraction, s["digit"])
	percent, mille := strings.Count(p.text, s["percent"]), strings.Count(p.text, s["per-mille"])
	switch {
	case strings.Count(p.text, point) > 1, percent > 1, mille > 1, percent+mille > 1, strings.IndexFunc(p.mantissa, s.isPlace) < 0,
		strings.ContainsFunc(p.active, func(r rune) bool { return !s.isActive(r) }),
		strings.Contains(p.text, group+point), strings.Contains(p.text, point+group), strings.Contains(p.text, group+group),
		!strings.Contains(p.text, point) && strings.HasSuffix(p.integer, group),
		integerDigits >= 0 && count(p.integer[:integerDigits], s.isDigit) > 0,
		fractionDigits >= 0 && count(p.fraction[fractionDigits:], s.isDigit) > 0,
		p.hasExponent && (p.exponent == "" || percent+mille > 0 || count(p.exponent, s.isDigit) < len([]rune(p.exponent))):
		panic(failure("a picture of a number is not valid"))
	}
}

// positions are how many places lie behind each grouping separator of the integer part, or before each of the fraction.
func (p *numberPicture) positions(part string, before bool) (out []int) {
	group := p.symbols["grouping-separator"]
	passed, all := 0, count(part, p.isPlace)
	for rest := part; ; {
		ahead, behind, found := strings.Cut(rest, group)
		if !found {
			return out
		}
		if passed += count(ahead, p.isPlace); before {
			out = append(out, passed)
		} else {
			out = append(out, all-passed)
		}
		passed, rest = passed+count(group, p.isPlace), behind
	}
}

// regular is the distance of separators that stand at equal distances, else 0.
func regular(positions []int) int {
	factor := 0
	for _, n := range positions {
		for a, b := n, factor; ; a, b = b, a%b {
			if b == 0 {
				factor = a
				break
			}
		}
	}
	there := setOf(positions)
	for i := range positions {
		if !there[(i+1)*factor] {
			return 0
		}
	}
	return factor
}

func (p *numberPicture) analyse() {
	p.groups, p.fractionGroups = p.positions(p.integer, false), p.positions(p.fraction, true)
	p.every = regular(p.groups)
	p.leastInteger = count(p.integer, p.isDigit)
	p.scale = p.leastInteger
	p.leastFraction, p.mostFraction = count(p.fraction, p.isDigit), count(p.fraction, p.isPlace)
	if p.leastInteger == 0 && p.mostFraction == 0 {
		if p.hasExponent {
			p.leastFraction, p.mostFraction = 1, 1
		} else {
			p.leastInteger = 1
		}
	}
	if p.hasExponent && p.leastInteger == 0 && strings.Contains(p.integer, p.symbols["digit"]) {
		p.leastInteger = 1
	}
	if p.leastInteger == 0 && p.leastFraction == 0 {
		p.leastFraction = 1
	}
	p.power = count(p.exponent, p.isDigit)
}

// digits writes a number with a number of decimals, in the digits of the picture.
func (p *numberPicture) digits(f float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(f), 'f', decimals, 64)
	if math.Abs(f) >= 1e21 {
		text = number(math.Abs(f))
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + p.zero()
		}
		return r
	}, text)
}

func (p *numberPicture) format(f float64) string {
	switch {
	case strings.Contains(p.text, p.symbols["percent"]):
		f *= 100
	case strings.Contains(p.text, p.symbols["per-mille"]):
		f *= 1000
	}
	exponent := 0
	if p.power > 0 && f != 0 {
		for least := math.Pow10(p.scale - 1); f < least && exponent > -400; exponent-- {
			f *= 10
		}
		for most := math.Pow10(p.scale); f > most; exponent++ {
			f /= 10
		}
	}
	zero, point, group := string(p.zero()), p.symbols["decimal-separator"], p.symbols["grouping-separator"]
	integer, fraction, _ := strings.Cut(p.digits(round(f, float64(p.mostFraction)), p.mostFraction), ".")
	integer, fraction = strings.TrimLeft(integer, zero), strings.TrimRight(fraction, zero)
	integer = strings.Repeat(zero, max(0, p.leastInteger-len([]rune(integer)))) + integer
	fraction += strings.Repeat(zero, max(0, p.leastFraction-len([]rune(fraction))))
	integer = withSeparators(integer, group, p.groups, p.every)
	r := []rune(fraction)
	for _, at := range p.fractionGroups {
		if at < len(r) {
			r = slices.Insert(r, at, []rune(group)...)
		}
	}
	fraction = string(r)
	text := integer
	if fraction != "" && strings.Contains(p.text, point) {
		text += point + fraction
	}
	if p.power > 0 {
		sign := ""
		if exponent < 0 {
			sign = p.symbols["minus-sign"]
		}
		e := p.digits(float64(exponent), 0)
		text += p.symbols["exponent-separator"] + sign + strings.Repeat(zero, max(0, p.power-len([]rune(e)))) + e
	}
	return p.prefix + text + p.suffix
}

// withSeparators puts separators into the digits of an integer: at equal distances, or where they stood.
func withSeparators(digits, separator string, positions []int, every int) string {
	r := []rune(digits)
	if every > 0 {
		positions = nil
		for at := every; at < len(r); at += every {
			positions = append(positions, at)
		}
	}
	there := setOf(positions)
	var b strings.Builder
	for i, digit := range r {
		if i > 0 && there[len(r)-i] {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	return b.String()
}

func setOf(positions []int) map[int]bool {
	there := make(map[int]bool, len(positions))
	for _, at := range positions {
		there[at] = true
	}
	return there
}

func formatNumber(c *call) any {
	s, text, f := defaultSymbols(), c.picture(1), c.number(0)
	if c.at(2) != nil {
		for i, key := range c.object(2).keys {
			symbol := c.object(2).values[i].(string)
			if symbol == "" {
				panic(failure("a symbol of a picture is empty"))
			}
			s[key] = symbol
		}
	}
	c.made(16 * (len(text) + 400))
	halves := strings.Split(text, s["pattern-separator"])
	if len(halves) > 2 {
		panic(failure("a picture has more than two parts"))
	}
	var pictures []*numberPicture
	for _, half := range halves {
		pictures = append(pictures, newNumberPicture(half, s))
	}
	if len(pictures) == 1 {
		negative := *pictures[0]
		negative.prefix = s["minus-sign"] + negative.prefix
		pictures = append(pictures, &negative)
	}
	if f >= 0 {
		return pictures[0].format(f)
	}
	return pictures[1].format(f)
}
