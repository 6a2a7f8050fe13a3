package jsonata

import (
	"math"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// The ways to write an integer.
const (
	inDigits = iota
	inLetters
	inRoman
	inWords
	inSequence
)

// The cases of letters.
const (
	lowerCase = iota
	upperCase
	titleCase
)

// integerPicture says how an integer is written (XPath, fn:format-integer).
type integerPicture struct {
	style, letters      int
	ordinal             bool
	zero                rune
	mandatory, optional int
	separators          []separator
	every               int
}

// separator is what stands in front of so many digits.
type separator struct {
	position int
	text     string
}

// digitZeros are the zeros of the scripts that have digits.
var digitZeros = []rune{0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0,
	0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10}

func newIntegerPicture(text string) *integerPicture {
	p := &integerPicture{}
	if i := strings.LastIndexByte(text, ';'); i >= 0 {
		p.ordinal = strings.HasPrefix(text[i+1:], "o")
		text = text[:i]
	}
	switch text {
	case "A":
		p.style, p.letters = inLetters, upperCase
	case "a":
		p.style = inLetters
	case "I":
		p.style, p.letters = inRoman, upperCase
	case "i":
		p.style = inRoman
	case "W":
		p.style, p.letters = inWords, upperCase
	case "Ww":
		p.style, p.letters = inWords, titleCase
	case "w":
		p.style = inWords
	default:
		p.digits(text)
	}
	return p
}

// digits reads a picture of digits, optional digits and separators, from its end.
func (p *integerPicture) digits(text string) {
	r := []rune(text)
	for i := len(r) - 1; i >= 0; i-- {
		switch zero := zeroOf(r[i]); {
		case zero != 0 && p.zero != 0 && zero != p.zero:
			panic(failure("the digits of a picture are of several scripts"))
		case zero != 0:
			p.zero = zero
			p.mandatory++
		case r[i] == '#':
			p.optional++
		default:
			p.separators = append(p.separators, separator{p.mandatory + p.optional, string(r[i])})
		}
	}
	if p.mandatory == 0 {
		p.style = inSequence
		return
	}
	var positions []int
	for _, s := range p.separators {
		if s.text != p.separators[0].text {
			return
		}
		positions = append(positions, s.position)
	}
	if len(positions) > 0 {
		p.every = regular(positions)
	}
}

// zeroOf is the zero of the script of a digit, 0 when it is none.
func zeroOf(r rune) rune {
	for _, zero := range digitZeros {
		if r >= zero && r <= zero+9 {
			return zero
		}
	}
	return 0
}

// format writes an integer.
func (p *integerPicture) format(r *run, f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		panic(failure("a number is out of range"))
	}
	n, text := math.Abs(f), ""
	switch p.style {
	case inLetters:
		for ; n > 0; n = math.Floor((n - 1) / 26) {
			text = string(rune('a'+int(math.Mod(n-1, 26)))) + text
		}
	case inRoman:
		r.made(int(min(n/1000, math.MaxInt32)))
		text = roman(n)
	case inWords:
		text = words(n, p.ordinal)
	case inDigits:
		r.made(4 * p.mandatory)
		text = p.inDigits(n)
	default:
		panic(failure("a sequence is not known"))
	}
	switch {
	case p.style == inDigits:
	case p.letters == upperCase:
		text = strings.ToUpper(text)
	case p.letters == lowerCase:
		text = strings.ToLower(text)
	}
	if f < 0 {
		text = "-" + text
	}
	return text
}

func (p *integerPicture) inDigits(n float64) string {
	text := string(value.AppendNumber(nil, n))
	text = strings.Repeat("0", max(0, p.mandatory-len(text))) + text
	runes := []rune(text)
	for i := range runes {
		runes[i] += p.zero - '0'
	}
	var b strings.Builder
	left := p.separators
	for i, digit := range runes {
		behind := len(runes) - i
		if i > 0 && p.every > 0 && behind%p.every == 0 {
			b.WriteString(p.separators[0].text)
		}
		for len(left) > 0 && left[len(left)-1].position > behind { // they stand from the end on
			left = left[:len(left)-1]
		}
		here := len(left)
		for here > 0 && left[here-1].position == behind {
			here--
		}
		for _, s := range left[here:] {
			if i > 0 && p.every == 0 {
				b.WriteString(s.text)
			}
		}
		b.WriteRune(digit)
	}
	if !p.ordinal {
		return b.String()
	}
	suffix := map[rune]string{'1': "st", '2': "nd", '3': "rd"}[runes[len(runes)-1]]
	if suffix == "" || len(runes) > 1 && runes[len(runes)-2] == '1' {
		suffix = "th"
	}
	return b.String() + suffix
}

var romanDigits = []struct {
	value float64
	text  string
}{{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}}

func roman(n float64) string {
	var b strings.Builder
	for _, digit := range romanDigits {
		for ; n >= digit.value; n -= digit.value {
			b.WriteString(digit.text)
		}
	}
	return b.String()
}

var (
	few = []string{"Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen", "Fourteen",
		"Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"}
	ordinals = []string{"Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh", "Twelfth",
		"Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"}
	tens       = []string{"Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"}
	magnitudes = []string{"Thousand", "Million", "Billion", "Trillion"}
)

func words(n float64, ordinal bool) string { return wordsBehind(n, false, ordinal) }

// wordsBehind are the words of a number that may stand behind other words.
func wordsBehind(n float64, behind, ordinal bool) string {
	link := func(text string) string {
		if behind {
			return text
		}
		return ""
	}
	rest := func(text string, n float64, link bool) string {
		switch {
		case n > 0:
			return text + wordsBehind(n, link, ordinal)
		case ordinal:
			return text + "th"
		}
		return text
	}
	switch {
	case n <= 19 && ordinal:
		return link(" and ") + ordinals[int(n)]
	case n <= 19:
		return link(" and ") + few[int(n)]
	case n < 100:
		text := link(" and ") + tens[int(n)/10-2]
		switch one := math.Mod(n, 10); {
		case one > 0:
			return text + "-" + wordsBehind(one, false, ordinal)
		case ordinal:
			return strings.TrimSuffix(text, "y") + "ieth"
		}
		return text
	case n < 1000:
		return rest(link(", ")+few[int(n)/100]+" Hundred", math.Mod(n, 100), true)
	}
	size := min(int(math.Floor(math.Log10(n)/3)), len(magnitudes))
	factor := math.Pow10(size * 3)
	mantissa := math.Floor(n / factor)
	return rest(link(", ")+wordsBehind(mantissa, false, false)+" "+magnitudes[size-1], n-mantissa*factor, true)
}

// parse reads an integer.
func (p *integerPicture) parse(text string) any {
	switch p.style {
	case inLetters:
		first, n := 'a', 0.0
		if p.letters == upperCase {
			first = 'A'
		}
		for _, r := range text {
			n = n*26 + float64(r-first+1)
		}
		return n
	case inRoman:
		return parseRoman(strings.ToUpper(text))
	case inWords:
		return parseWords(strings.ToLower(text))
	case inSequence:
		panic(failure("a sequence is not known"))
	}
	if p.ordinal {
		text = text[:max(0, len(text)-2)]
	}
	if p.every > 0 {
		text = strings.ReplaceAll(text, ",", "")
	}
	separators := map[string]bool{}
	for _, s := range p.separators {
		separators[s.text] = true
	}
	text = strings.Map(func(r rune) rune {
		if separators[string(r)] {
			return -1
		}
		return r - p.zero + '0'
	}, text)
	return leadingInteger(text)
}

// leadingInteger is JavaScript's parseInt.
func leadingInteger(text string) float64 {
	text = strings.TrimLeft(text, " \t\n\r\v\f")
	digits := strings.TrimLeft(text, "+-")
	digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return math.NaN()
	}
	if strings.HasPrefix(text, "-") {
		return -n
	}
	return n
}

var romanValues = map[byte]float64{'M': 1000, 'D': 500, 'C': 100, 'L': 50, 'X': 10, 'V': 5, 'I': 1}

func parseRoman(text string) any {
	n, most := 0.0, 1.0
	for i := len(text) - 1; i >= 0; i-- {
		digit, ok := romanValues[text[i]]
		switch {
		case !ok:
			return math.NaN()
		case digit < most:
			n -= digit
		default:
			most = digit
			n += digit
		}
	}
	return n
}

// wordValues are the values of words.
var wordValues = func() map[string]float64 {
	values := map[string]float64{"hundredth": 100}
	for i := range few {
		values[strings.ToLower(few[i])], values[strings.ToLower(ordinals[i])] = float64(i), float64(i)
	}
	for i, word := range tens {
		word = strings.ToLower(word)
		values[word], values[word[:len(word)-1]+"ieth"] = float64(i+2)*10, float64(i+2)*10
	}
	for i, word := range magnitudes {
		word = strings.ToLower(word)
		values[word], values[word+"th"] = math.Pow10(3*i+3), math.Pow10(3*i+3)
	}
	return values
}()

func parseWords(text string) any {
	text = strings.NewReplacer(", ", " ", " and ", " ", "-", " ").Replace(text)
	parts := []float64{0}
	for _, word := range strings.Split(text, " ") {
		v, ok := wordValues[word]
		if !ok {
			return math.NaN()
		}
		last := len(parts) - 1
		switch {
		case v >= 100:
			parts[last] *= v
		case parts[last] >= 1000:
			parts = append(parts, v)
		default:
			parts[last] += v
		}
	}
	sum := 0.0
	for _, part := range parts {
		sum += part
	}
	return sum
}
