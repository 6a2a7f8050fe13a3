package calendar

import (
	"testing"
	"time"
)

func TestPreparedFormats(t *testing.T) {
	prague := LoadZone("Europe/Prague")
	for _, format := range []string{"", "YYYY-MM-DD HH:mm:ss", "[a]b Do LLLL z SSS", "x X [[] é"} {
		for _, ms := range []int64{0, 1709210096789, -62_200_000_000_000, 8_640_000_000_000_000} {
			var want []byte
			m := MomentAt(ms, prague)
			for i := 0; i < len(format); {
				tok, text, size := nextToken(format[i:], true)
				want = m.append(want, tok, text)
				i += size
			}
			if format == "" {
				want = []byte(time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"))
				if len(want) != 24 || want[0] == '-' {
					continue
				}
			}
			if got := PrepareFormat(format).Append(nil, ms, prague); string(got) != string(want) {
				t.Errorf("%q of %d: got %s, want %s", format, ms, got, want)
			}
		}
	}
}
