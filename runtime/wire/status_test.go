package wire

import "testing"

func TestStatusText(t *testing.T) {
	for status, want := range map[int]string{404: "[404] Not Found", 429: "[429] Too Many Requests", 413: "[413] Content Too Large",
		422: "[422] Unprocessable Content", 418: "[418] Error", 599: "[599] Error", 503: "[503] Service Unavailable", 414: "[414] URI Too Long",
		416: "[416] Range Not Satisfiable", 203: "[203] Non-Authoritative Information", 306: "[306] Error"} {
		if got := StatusText(status); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
