package decimal

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
)

// halfway is the decimal exactly between 1 and the next double, 53 digits long.
func halfway() string {
	f := new(big.Float).SetPrec(200).SetMantExp(big.NewFloat(1), -53)
	return new(big.Float).SetPrec(200).Add(big.NewFloat(1), f).Text('f', 53)
}

func TestParse(t *testing.T) {
	nines, nothing := strings.Repeat("9", 5000), strings.Repeat("0", 5000)
	tiny := new(big.Float).SetPrec(3000).SetMantExp(big.NewFloat(3), -1075).Text('f', 1075) // halfway between the two least doubles
	for _, c := range []struct {
		name, in string
		want     float64
	}{
		{"short", "1.5e3", 1500},
		{"digits of a third", "0." + strings.Repeat("3", 5000), 1.0 / 3},
		{"halfway goes to the even one", halfway() + nothing, 1},
		{"anything behind decides", halfway() + nothing + "1", math.Nextafter(1, 2)},
		{"halfway, negative", "-" + halfway() + nothing + "1", -math.Nextafter(1, 2)},
		{"a digit behind the point decides", "9007199254740993" + nothing + "." + nothing + "1e-5000", 9007199254740994},
		{"none behind the point", "9007199254740993" + nothing + "." + nothing + "e-5000", 9007199254740992},
		{"subnormal", tiny + nothing, 2 * math.SmallestNonzeroFloat64},
		{"a bit below", tiny[:len(tiny)-1] + "4" + nines, math.SmallestNonzeroFloat64},
		{"a bit above", "+" + tiny + nothing + "1e+0", 2 * math.SmallestNonzeroFloat64},
		{"zeros in front", nothing + "1." + nothing, 1},
		{"zeros behind the point", "." + nothing + "25", 0},
		{"an exponent of as many digits", "." + nothing + "25e5000", .25},
		{"an exponent behind many zeros", "25" + nothing + "e-" + nothing + "5001", 2.5},
		{"one larger than the digits", "0." + strings.Repeat("0", 20_000) + "1E20001", 1},
		{"zero", nothing + "." + nothing + "e" + nines, 0},
		{"far too small", "1" + nothing + "e-" + nines, 0},
		{"the largest", "17976931348623157" + nothing + "e-4708", math.MaxFloat64},
	} {
		if got, err := Parse(c.in); got != c.want || err != nil {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
	for _, in := range []string{nines, "1e" + nines, "-" + nines + ".", "18976931348623157" + nothing + "e-4708"} {
		if got, err := Parse(in); !math.IsInf(got, 0) || err == nil || math.Signbit(got) != (in[0] == '-') {
			t.Errorf("%.20s…: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", nines + "x", nines + ".x", nines + "e", nines + "e+", nines + "e1x", "." + "e" + nines, "+-" + nines, strings.Repeat(".", 5000), "--" + nines} {
		if got, err := Parse(in); err == nil {
			t.Errorf("%.20s… is %v", in, got)
		}
	}
}

// Ten million digits are read within the time that a run may go on after its end.
func TestLong(t *testing.T) {
	for _, in := range []string{"0." + strings.Repeat("1", 10<<20), "0." + strings.Repeat("0", 10<<20), strings.Repeat("9", 10<<20) + ".5", "1e" + strings.Repeat("0", 10<<20), "1." + strings.Repeat("0", 10<<20) + "1"} {
		best := time.Hour
		for range 5 {
			start := cputime.Now()
			_, _ = Parse(in)
			best = min(best, cputime.Since(start))
		}
		if best > race.Slowdown*20*time.Millisecond {
			t.Errorf("%.4s… took %v", in, best)
		}
	}
}

func TestDigits(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			s := strings.Repeat("7", at) + string([]byte{byte(c)}) + "1234567890"
			want := at
			if '0' <= c && c <= '9' {
				want = len(s)
			}
			if got := Digits(s); got != want {
				t.Errorf("%q has %d digits in front, want %d", s, got, want)
			}
		}
	}
}

// FuzzParse compares with the standard library, which is right for exponents that it counts.
func FuzzParse(f *testing.F) {
	f.Add("1", "2", 3, uint16(1), uint16(2), false)
	f.Add(halfway()[2:], "", -52, uint16(0), uint16(900), true)
	f.Fuzz(func(t *testing.T, whole, fraction string, exponent int, in, behind uint16, more bool) {
		s := strings.Repeat("0", int(in)%3000) + whole + "." + fraction + strings.Repeat("0", int(behind)%3000)
		if more {
			s += "1"
		}
		s += "e" + strconv.Itoa(exponent%1000)
		if whole+fraction == "" || Digits(whole) < len(whole) || Digits(fraction) < len(fraction) {
			return
		}
		want, _ := strconv.ParseFloat(s, 64)
		w, fr, e, _, ok := split(s)
		if got := nearest(w, fr, e); !ok || got != want {
			t.Errorf("%s is %v, want %v", s, got, want)
		}
	})
}
