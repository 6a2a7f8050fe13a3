package iml_test

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2016-12-28", "12/28/2016 5:26 PM", "20.6.2016 19:26:44+02:00", "2016-06-20 19:26:44.5 GMT+02:00", "1.1.0001 0:00", ""} {
		f.Add(s, "YYYY-MM-DD HH:mm:ss.SSS Z")
		f.Add(s, "Do MMM YY, h a [x] W GGGG E X")
	}
	prague := calendar.LoadZone("Europe/Prague")
	f.Fuzz(func(t *testing.T, s, format string) {
		if ms, ok := calendar.ParseText(s, prague); ok {
			if again, ok := calendar.ParseText(string(value.AppendISO(nil, ms)), prague); ms >= -62167219200000 && (!ok || again != ms) {
				t.Errorf("%q: %d is read back as %d, %t", s, ms, again, ok)
			}
			if _, _, ok := calendar.ReadText(s); !ok {
				t.Errorf("%q: the check of literals disagrees", s)
			}
		}
		if ms, ok, _ := calendar.ParseFormatted(s, format, prague, 1709210096789, nil); ok && math.Abs(float64(ms)) > calendar.MaxMillis {
			t.Errorf("%q as %q: %d is out of range", s, format, ms)
		}
	})
}

func FuzzFormatDate(f *testing.F) {
	f.Add(int64(0), "YYYY-MM-DDTHH:mm:ss.SSSZ")
	f.Add(int64(8_640_000_000_000_000), "LLLL [at] Do wo Wo z X x")
	f.Add(int64(-1), "[unclosed é \xff YYYYYYY SSSSSSSSSSS")
	prague := calendar.LoadZone("Europe/Prague")
	f.Fuzz(func(t *testing.T, ms int64, format string) {
		if ms > calendar.MaxMillis || ms < -calendar.MaxMillis {
			t.Skip("no date is that far away")
		}
		got := string(calendar.PrepareFormat(format).Append(nil, ms, prague))
		c := &builtin.Context{Zone: prague}
		v, err := builtin.Invoke(row("formatDate"), c, builtin.MakeArgs([]value.Value{value.Date(ms), value.Text(format)}, 3))
		if err == nil && v.Str() != got {
			t.Errorf("%q: %q prepared, %q at once", format, got, v.Str())
		}
	})
}

func FuzzReplace(f *testing.F) {
	f.Add("abc", "/b(.)/gi", "[$1$2$&$$]")
	f.Add("a.b", ".", "-")
	f.Add("ab", `/(?<=a)[^\W]|\p{L}{2,}?/giu`, "$10")
	f.Fuzz(func(t *testing.T, s, search, with string) {
		if len(s) > 1000 {
			t.Skip("longer texts find nothing else and take longer")
		}
		c := limited(func(l *builtin.Limits) { l.ValueBytes, l.RegexTimeout = 10_000, 20*time.Millisecond })
		start := cputime.Now()
		v, err := builtin.Invoke(row("replace"), c, builtin.MakeArgs([]value.Value{value.Text(s), value.Text(search), value.Text(with)}, 7))
		if took := cputime.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if err == nil && utf8.ValidString(s) && utf8.ValidString(search) && utf8.ValidString(with) && !utf8.ValidString(v.Str()) {
			t.Errorf("invalid UTF-8: %q", v.Str())
		}
		checkError(t, err)
	})
}

// checkError fails for an error that is no *Error with a known code.
func checkError(t *testing.T, err error) {
	t.Helper()
	if err != nil && !strings.HasPrefix(codeOf(err), "IML") {
		t.Errorf("unexpected error %v", err)
	}
}

// FuzzInvoke calls any function with values that are read from bytes: no panic, limits hold, no -0.
func FuzzInvoke(f *testing.F) {
	rows := iml.Library().All(true)
	for i := range rows {
		f.Add(uint8(i), []byte("Ta,b\x00N\x05D\x10O"), uint8(255))
		f.Add(uint8(i), []byte("AT2016-12-28\x00TYYYY\x00"), uint8(3))
		f.Add(uint8(i), []byte("OTobjs.1\x00Tdesc\x00N\x80"), uint8(7))
		f.Add(uint8(i), []byte("UBX\x00\x01"), uint8(1))
	}
	f.Add(uint8(3), []byte("D\x20N\x7f"), uint8(0x83))
	zones := []*time.Location{nil, calendar.LoadZone("Europe/Prague"), calendar.LoadZone("Australia/Lord_Howe"), calendar.LoadZone("America/New_York")}
	f.Fuzz(func(t *testing.T, which uint8, data []byte, given uint8) {
		fn := rows[int(which)%len(rows)]
		r := valueReader{data: data}
		var args []value.Value
		for len(r.data) > 0 && len(args) < 8 {
			args = append(args, r.value(0))
		}
		for i := range args {
			if given&(1<<i) == 0 {
				args[i] = value.Undefined
			}
			if err := builtin.CheckLiteral(fn, i+1, args[i]); err != nil && err.Arg != i+1 {
				t.Errorf("%s: %v", fn.Name, err)
			}
		}
		c := limited(func(l *builtin.Limits) { l.ValueBytes, l.Items, l.RegexTimeout = 5000, 100, 10*time.Millisecond })
		c.Zone, c.Entropy = zones[given>>6], strings.NewReader(strings.Repeat("entropy!", 500))
		v, err := builtin.Invoke(fn, c, builtin.MakeArgs(args, uint64(given)))
		checkError(t, err)
		if err != nil {
			return
		}
		if v.Kind() == value.KindNumber && v.Float() == 0 && math.Signbit(v.Float()) {
			t.Errorf("%s gives -0", fn.Name)
		}
		if !fn.Picks && (len(v.Str()) > 5000 || len(v.Bytes()) > 5000) || len(v.Items()) > 100 {
			t.Errorf("%s exceeds a limit", fn.Name)
		}
		if c.Spent() < 0 || c.SpentMemory() < 0 {
			t.Errorf("%s took %d steps, %d bytes", fn.Name, c.Spent(), c.SpentMemory())
		}
	})
}

// valueReader makes values of bytes: a letter for the type, then the content.
type valueReader struct{ data []byte }

func (r *valueReader) byte() byte {
	if len(r.data) == 0 {
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

func (r *valueReader) text() string {
	var b []byte
	for len(r.data) > 0 {
		ch := r.byte()
		if ch == 0 {
			break
		}
		b = append(b, ch)
	}
	return value.ValidText(string(b))
}

func (r *valueReader) value(depth int) value.Value {
	switch kind := r.byte(); {
	case kind == 'N':
		return value.Number(float64(int8(r.byte())) * math.Pow(2, float64(int8(r.byte()))))
	case kind == 'D':
		return value.Date(int64(r.byte()) << 36)
	case kind == 'B':
		return value.Buffer([]byte(r.text()))
	case kind == 'U':
		return value.Undefined
	case kind == 'Z':
		return value.Null()
	case kind == 'I':
		v, _ := value.ParseInteger("90071992547409931")
		return v
	case kind == 'X':
		return value.Bool(r.byte()&1 == 1)
	case kind == 'A' && depth < 4:
		var items []value.Value
		for n := r.byte() % 5; n > 0; n-- {
			item := r.value(depth + 1)
			if item.IsUndefined() {
				item = value.Null()
			}
			items = append(items, item)
		}
		return value.Array(items)
	case kind == 'O' && depth < 4:
		o := value.NewObject(0)
		for n := r.byte() % 5; n > 0; n-- {
			o.Set(r.text(), r.value(depth+1))
		}
		return value.Collection(o)
	}
	return value.Text(r.text())
}
