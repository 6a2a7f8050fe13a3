package wire

import (
	"net/http"
	"strconv"
)

// Reason returns the reason phrase of the IANA status code registry; unassigned and unused codes are "Error".
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

// StatusText returns "[404] Not Found": the default message of a failing status.
func StatusText(status int) string { return "[" + strconv.Itoa(status) + "] " + Reason(status) }
