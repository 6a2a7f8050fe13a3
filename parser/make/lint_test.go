package make

import (
	"testing"

	"github.com/imlc-lang/imlc/parser"
)

func TestLint(t *testing.T) {
	tests := []struct{ name, text string }{
		{"success status", `{"oauth":{},"info":{"url":"https://x.test","response":{"error":{‹MAKE310›"200":{},"404":{},"199":{}}}}}`},
		{"success status with valid", `{"oauth":{},"info":{"url":"https://x.test","response":{"valid":"{{body.ok}}","error":{"200":{}}}}}`},
		{"redirect status", `{"requestToken":{},"authorize":{"url":"https://x.test","response":{"error":{‹MAKE310›"404":{}}}}}`},
		{"covered range", `{"oauth":{},"info":{"url":"https://x.test","response":{"type":{"*":"json",‹MAKE310›"400-401":"text","400":"xml","401":"xml"}}}}`},
		{"secret over http", `{"oauth":{},"info":{‹MAKE313›"url":"http://x.test/?k={{parameters.apiKey}}"}}`},
		{"secret in qs over http", `{"oauth":{},"info":{"url":"http://x.test/",‹MAKE313›"qs":{"k":"{{data.clientSecret}}"}}}`},
		{"secret over https", `{"oauth":{},"info":{"url":"https://x.test/","qs":{"k":"{{data.clientSecret}}"}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{Lint: true}, map[string]string{Communication: tt.text})
		})
	}
}
