package wire

import (
	"net/http"
	"strconv"
	"strings"
)

// Reason returns the reason phrase of the IANA status code registry; unassigned and unused codes are "Error" (spec make.md
// §26.4).
func Reason(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	case http.StatusRequestURITooLong:
		return "URI Too Long"
	case http.StatusRequestedRangeNotSatisfiable:
		return "Range Not Satisfiable"
	case http.StatusNonAuthoritativeInfo:
		return "Non-Authoritative Information"
	case 306, http.StatusTeapot:
		return "Error"
	}
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Error"
}

// StatusText returns "[404] Not Found": the default message of a failing status (spec make.md §11.1).
func StatusText(status int) string { return "[" + strconv.Itoa(status) + "] " + Reason(status) }

// StatusRange is a key of a status map, both ends included (spec make.md §9.1).
type StatusRange struct{ Low, High int }

// ParseStatusRange reads "*" (1..999), "N" or "N-M" with 1 to 3 digits; ok is false for anything else and for N above M.
func ParseStatusRange(key string) (r StatusRange, ok bool) {
	if key == "*" {
		return StatusRange{1, 999}, true
	}
	low, high, isRange := strings.Cut(key, "-")
	if r.Low, ok = statusNumber(low); !ok {
		return StatusRange{}, false
	}
	if r.High = r.Low; isRange {
		if r.High, ok = statusNumber(high); !ok || r.Low > r.High {
			return StatusRange{}, false
		}
	}
	return r, true
}

func statusNumber(s string) (int, bool) {
	if len(s) < 1 || len(s) > 3 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// Width returns the number of statuses in the range.
func (r StatusRange) Width() int { return r.High - r.Low + 1 }

// Contains reports whether the range contains status.
func (r StatusRange) Contains(status int) bool { return r.Low <= status && status <= r.High }

// SelectStatus returns the position of the smallest range that contains status, the earlier one of equal width, and -1
// when there is none.
func SelectStatus(ranges []StatusRange, status int) int {
	best := -1
	for i, r := range ranges {
		if r.Contains(status) && (best < 0 || r.Width() < ranges[best].Width()) {
			best = i
		}
	}
	return best
}
