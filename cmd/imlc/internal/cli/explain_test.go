package cli

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExplainAddressAsWritten holds that what is not sent, but may have been signed, is named when a request comes through
// the command: the case of a host, a fragment, an empty path.
func TestExplainAddressAsWritten(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	const pairs = "oauth_consumer_key=ck&oauth_nonce=n&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1700000000&oauth_version=1.0"
	for _, c := range []struct{ url, signed, cause string }{
		{"https://API.example.com/x", "https://API.example.com/x", "cause: scheme or host not in lower case"},
		{"https://api.example.com/x#top", "https://api.example.com/x#top", "cause: fragment left in the base string URI"},
		{"https://api.example.com", "https://api.example.com", "cause: empty path without slash"},
		{"HTTPS://API.example.com#top", "https://api.example.com/", ""},
	} {
		base := "GET&" + escape(c.signed) + "&" + escape(pairs)
		mac := hmac.New(sha1.New, []byte("s&"))
		mac.Write([]byte(base))
		header := "OAuth " + strings.NewReplacer("=", `="`, "&", `",`).Replace(pairs) + `",oauth_signature="` + escape(base64.StdEncoding.EncodeToString(mac.Sum(nil))) + `"`
		for _, foreign := range [][]string{{"--against", header}, {"--against-base-string", base}} {
			x := newTest(t, "")
			code := x.main(append([]string{"explain", "GET", c.url, "--consumer-key", "ck", "--consumer-secret-file", secret, "--nonce", "n", "--timestamp", "1700000000"}, foreign...))
			out := x.out.String()
			if wrong := c.cause != ""; wrong != (code == exitFailed) || !strings.Contains(out, c.cause) || strings.Contains(out, "cause:") != wrong || !strings.Contains(out, "GET https://api.example.com/") {
				t.Errorf("%s %s: exit %d, expected %q\n%s%s", c.url, foreign[0], code, c.cause, out, x.err.String())
			}
		}
	}
}
