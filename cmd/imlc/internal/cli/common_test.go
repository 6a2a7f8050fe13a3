package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommonDataThatIsRead holds that common data which a spec reads without describing them are asked for by name, and
// taken from the environment.
func TestCommonDataThatIsRead(t *testing.T) {
	text, err := os.ReadFile("../../../../examples/zapier/provider/provider.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "provider.json")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "http://127.0.0.1:8765", startProvider(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"connect", file, "--headless", "--allow-private"}
	x := newTest(t, "")
	if code := x.main(args); code != exitFailed || !strings.Contains(x.err.String(), "reads the common data CLIENT_ID, CLIENT_SECRET, and none are given") {
		t.Errorf("exit %d\n%s", code, x.err.String())
	}
	x = newTest(t, "")
	x.env["IMLC_COMMON_CLIENT_ID"], x.env["IMLC_COMMON_CLIENT_SECRET"] = "ck-hmac", "cs-hmac"
	if code := x.main(args); code != exitGood || strings.Contains(x.err.String(), "common data") {
		t.Errorf("exit %d\n%s%s", code, x.out.String(), x.err.String())
	}
}
