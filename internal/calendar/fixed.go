package calendar

// fixed is a date format whose fields all have a fixed width: a text with places for digits.
type fixed struct {
	text   string
	fields []fixedField
}

type fixedField struct {
	token token
	at    int
}

// newFixed returns the fixed form of a format, nil when a part has no fixed width.
func newFixed(parts []formatPart) *fixed {
	out := &fixed{}
	for i := range parts {
		switch p := &parts[i]; p.token {
		case tokenText:
			out.text += p.text
			continue
		case tokenYYYY, tokenMM, tokenDD, tokenHH, tokenmm, tokenss:
			out.fields = append(out.fields, fixedField{p.token, len(out.text)})
			out.text += "0000"[:fixedWidth(p.token)]
		default:
			return nil
		}
	}
	return out
}

func fixedWidth(t token) int {
	if t == tokenYYYY {
		return 4
	}
	return 2
}

// append appends the moment, whose year has at most four digits.
func (d *fixed) append(dst []byte, m *Moment) []byte {
	start := len(dst)
	dst = append(dst, d.text...)
	out := dst[start:]
	for _, f := range d.fields {
		n := 0
		switch f.token {
		case tokenYYYY:
			y := int(m.Day.Year)
			putTwo(out, f.at, y/100)
			putTwo(out, f.at+2, y%100)
			continue
		case tokenMM:
			n = m.Day.Month
		case tokenDD:
			n = m.Day.Day
		case tokenHH:
			n = m.Hour()
		case tokenmm:
			n = m.Minute()
		case tokenss:
			n = m.Second()
		}
		putTwo(out, f.at, n)
	}
	return dst
}

// copy appends the moment that a text shows which ReadRFC3339 can read: the digits of each field stand in it.
func (d *fixed) copy(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, d.text...)
	out := dst[start:]
	for _, f := range d.fields {
		from := 0
		switch f.token {
		case tokenYYYY:
			copy(out[f.at:], s[:4])
			continue
		case tokenMM:
			from = 5
		case tokenDD:
			from = 8
		case tokenHH:
			from = 11
		case tokenmm:
			from = 14
		case tokenss:
			from = 17
		}
		out[f.at], out[f.at+1] = s[from], s[from+1]
	}
	return dst
}

func putTwo(b []byte, at, n int) {
	b[at], b[at+1] = byte('0'+n/10), byte('0'+n%10)
}
