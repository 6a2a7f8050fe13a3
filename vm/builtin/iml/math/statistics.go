package math

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func callAbs(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Number(math.Abs(a.Number(0))), nil
}

func callCeil(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Number(math.Ceil(a.Number(0))), nil
}

func callFloor(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Number(math.Floor(a.Number(0))), nil
}

// callRound rounds halves up. Adding one half before cutting would be wrong just below one half.
func callRound(c *builtin.Context, a builtin.Args) (value.Value, error) {
	f := a.Number(0)
	low := math.Floor(f)
	if f-low >= 0.5 {
		low++
	}
	return value.Number(low), nil
}

func callTrunc(c *builtin.Context, a builtin.Args) (value.Value, error) {
	digits := a.IntOr(1, 0)
	if digits < -20 || digits > 20 {
		return value.Undefined, builtin.Errorf("IML405", 2, "digits from -20 to 20 expected")
	}
	f := a.Number(0)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return value.Number(f), nil
	}
	d := decimalOf(f)
	d.cut(digits)
	return value.Number(d.float()), nil
}

// numbers collects the numbers among the arguments: arrays contribute their items, numeric texts count, anything else
// is skipped (spec iml.md §9.5).
func numbers(c *builtin.Context, a builtin.Args) ([]float64, error) {
	n := 0
	for _, v := range a.V {
		n += max(1, len(v.Items()))
	}
	if err := c.Tick(n); err != nil {
		return nil, err
	}
	if err := c.Memory(8 * int64(n)); err != nil {
		return nil, err
	}
	out := make([]float64, 0, n)
	var err error
	for _, v := range a.V {
		if v.Kind() != value.KindArray {
			if out, err = appendNumeric(c, out, v); err != nil {
				return nil, err
			}
			continue
		}
		for _, item := range v.Items() {
			if out, err = appendNumeric(c, out, item); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func appendNumeric(c *builtin.Context, out []float64, v value.Value) ([]float64, error) {
	err := c.Look(len(v.Str()))
	switch v.Kind() {
	case value.KindNumber, value.KindInteger, value.KindText:
		if f, ok := builtin.ToNumber(v); ok {
			return append(out, f), err
		}
	}
	return out, err
}

// statistic calls compute with the numbers among the arguments, or returns null when there are fewer than least.
func statistic(c *builtin.Context, a builtin.Args, least int, compute func(x []float64) float64) (value.Value, error) {
	x, err := numbers(c, a)
	if err != nil {
		return value.Undefined, err
	}
	if len(x) < least {
		return value.Null(), nil
	}
	return value.Number(compute(x)), nil
}

func callMin(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return statistic(c, a, 1, slices.Min[[]float64])
}

func callMax(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return statistic(c, a, 1, slices.Max[[]float64])
}

func callSum(c *builtin.Context, a builtin.Args) (value.Value, error) { return statistic(c, a, 0, sum) }

func sum(x []float64) float64 {
	total := 0.0
	for _, f := range x {
		total += f
	}
	return total
}

func mean(x []float64) float64 { return sum(x) / float64(len(x)) }

func callAverage(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return statistic(c, a, 1, mean)
}

func callMedian(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return statistic(c, a, 1, func(x []float64) float64 {
		if slices.ContainsFunc(x, math.IsNaN) {
			return math.NaN()
		}
		slices.Sort(x)
		middle := len(x) / 2
		if len(x)%2 == 1 {
			return x[middle]
		}
		return (x[middle-1] + x[middle]) / 2
	})
}

func callStdevP(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return statistic(c, a, 1, func(x []float64) float64 { return math.Sqrt(squares(x) / float64(len(x))) })
}

func callStdevS(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return statistic(c, a, 2, func(x []float64) float64 { return math.Sqrt(squares(x) / float64(len(x)-1)) })
}

// squares adds the squared distances from the mean. The explicit conversion keeps platforms from fusing the product
// into the sum, which would give other digits.
func squares(x []float64) float64 {
	m, total := mean(x), 0.0
	for _, f := range x {
		total += float64((f - m) * (f - m))
	}
	return total
}

func callParseNumber(c *builtin.Context, a builtin.Args) (value.Value, error) {
	sep := a.TextOr(1, ".")
	point, size := utf8.DecodeRuneInString(sep)
	if size == 0 || size != len(sep) || value.IsSpace(point) || strings.ContainsRune("0123456789+-eE", point) {
		return value.Undefined, builtin.Errorf("IML405", 2, "decimal separator expected: one character that is no digit, blank, sign or e")
	}
	v := a.V[0]
	if v.IsNumber() {
		return value.Number(v.Float()), nil
	}
	if v.Kind() != value.KindText {
		return value.Undefined, builtin.Expected("IML403", 1, "number or text", v)
	}
	plain, ok, err := plainNumber(c, value.TrimSpace(v.Str()), point)
	if err != nil {
		return value.Undefined, err
	}
	if !ok {
		return value.Undefined, builtin.Errorf("IML403", 1, "the text is not a number")
	}
	f, ok := value.ParseDecimal(plain)
	if !ok {
		return value.Undefined, builtin.Errorf("IML403", 1, "the text is not a number")
	}
	return value.Number(f), nil
}

// plainNumber drops the separators between digits of the integer part and writes the decimal separator as a point.
func plainNumber(c *builtin.Context, s string, point rune) (plain string, ok bool, err error) {
	if err := c.Text(len(s)); err != nil {
		return "", false, err
	}
	out := make([]byte, 0, len(s))
	integer := true
	for i, seen := 0, 0; i < len(s); {
		if i-seen >= characters.Piece {
			if err := c.Look(i - seen); err != nil {
				return "", false, err
			}
			seen = i
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		next := i + size
		switch {
		case r == point:
			if !integer {
				return "", false, nil
			}
			integer = false
			out = append(out, '.')
		case integer && isGroupSeparator(r):
			if i == 0 || !isDigit(s[i-1]) || next >= len(s) || !isDigit(s[next]) {
				return "", false, nil
			}
		case r < utf8.RuneSelf && (isDigit(byte(r)) || r == '+' || r == '-' || r == 'e' || r == 'E'):
			integer = integer && r != 'e' && r != 'E'
			out = append(out, byte(r))
		default:
			return "", false, nil
		}
		i = next
	}
	return string(out), true, nil
}

func isGroupSeparator(r rune) bool {
	switch r {
	case ' ', 0xA0, 0x202F, 0x2009, '\'', '’', '.', ',':
		return true
	}
	return false
}

// decimal is the shortest decimal form of a number: 0.digits × 10^point.
type decimal struct {
	negative bool
	digits   []byte
	point    int
}

func decimalOf(f float64) decimal {
	var scratch [32]byte
	s := strconv.AppendFloat(scratch[:0], math.Abs(f), 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(string(s), "e")
	n, _ := strconv.Atoi(exponent)
	d := decimal{negative: math.Signbit(f), point: n + 1}
	d.digits = append(d.digits, mantissa[0])
	if len(mantissa) > 2 {
		d.digits = append(d.digits, mantissa[2:]...)
	}
	return d
}

// cut keeps the given number of decimals; a negative one zeroes digits left of the point.
func (d *decimal) cut(decimals int) {
	if keep := d.point + decimals; keep <= 0 {
		d.digits = d.digits[:0]
	} else if keep < len(d.digits) {
		d.digits = d.digits[:keep]
	}
}

// round rounds half away from zero.
func (d *decimal) round(decimals int) {
	keep := d.point + decimals
	if keep < 0 || keep >= len(d.digits) {
		if keep < 0 {
			d.digits = d.digits[:0]
		}
		return
	}
	up := d.digits[keep] >= '5'
	d.digits = d.digits[:keep]
	if !up {
		return
	}
	for i := keep - 1; i >= 0; i-- {
		if d.digits[i] != '9' {
			d.digits[i]++
			return
		}
		d.digits[i] = '0'
	}
	d.digits = append([]byte{'1'}, d.digits...)
	d.point++
}

func (d *decimal) float() float64 {
	if len(d.digits) == 0 {
		return 0
	}
	s := "0." + string(d.digits) + "e" + strconv.Itoa(d.point)
	f, _ := strconv.ParseFloat(s, 64)
	if d.negative {
		return -f
	}
	return f
}

func (d *decimal) isZero() bool {
	for _, digit := range d.digits {
		if digit != '0' {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
