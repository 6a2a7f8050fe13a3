package math

import (
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

func appendFormatNumber(c *builtin.Context, dst []byte, a builtin.Args) ([]byte, error) {
	decimals := a.IntOr(1, 0)
	if decimals < 0 || decimals > 20 {
		return dst, builtin.Errorf("IML405", 2, "decimals from 0 to 20 expected")
	}
	f := a.Number(0)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return value.AppendNumber(dst, f), nil
	}
	point, group := a.TextOr(2, ","), a.TextOr(3, ".")
	if err := c.Fits(len(group)*103 + len(point)); err != nil {
		return dst, err
	}
	d := decimalOf(f)
	d.round(decimals)
	if d.negative && !d.isZero() {
		dst = append(dst, '-')
	}
	dst = d.appendInteger(dst, group)
	if decimals > 0 {
		dst = append(dst, point...)
		for i := range decimals {
			dst = append(dst, d.digit(d.point+i))
		}
	}
	return dst, nil
}

// appendInteger appends the digits left of the point in groups of three.
func (d *decimal) appendInteger(dst []byte, group string) []byte {
	if d.point <= 0 {
		return append(dst, '0')
	}
	for i := range d.point {
		if i > 0 && (d.point-i)%3 == 0 {
			dst = append(dst, group...)
		}
		dst = append(dst, d.digit(i))
	}
	return dst
}

// digit returns digit i, counted from the first one before or after the point; 0 where the form has none.
func (d *decimal) digit(i int) byte {
	if i < 0 || i >= len(d.digits) {
		return '0'
	}
	return d.digits[i]
}
