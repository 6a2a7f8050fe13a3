package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckOfWhatIsNoSpec says what a file is that somebody took for a spec, without showing its bytes.
func TestCheckOfWhatIsNoSpec(t *testing.T) {
	for text, want := range map[string]string{
		"IMLC\x00\xff\xfe":                 "is a compiled plan, expected a spec: imlc disasm lists it",
		"age-encryption.org/v1\n\xff\xfe":  "is encrypted, as stored connections are, expected a spec",
		"{\"oauth\": {}, \"x\": \"\xff\"}": "is not UTF-8 text",
	} {
		file := filepath.Join(t.TempDir(), "spec")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		x := newTest(t, "")
		if code := x.main([]string{"check", file}); code != exitFailed || !strings.Contains(x.out.String(), want) {
			t.Errorf("%q: exit %d, lacks %q\n%s%s", text, code, want, x.out.String(), x.err.String())
		}
	}
}

// TestByteOrderMark holds that the mark before a file counts nowhere and stays when the file is mended; the folder that is
// checked is by default the one that one is in.
func TestByteOrderMark(t *testing.T) {
	t.Chdir(t.TempDir())
	const file = "communication.json"
	if err := os.WriteFile(file, []byte(byteOrderMark+`{"metod": "GET", "url": "https://a.test/", "log": {"sanitize": []}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	x := newTest(t, "")
	if code := x.main([]string{"check"}); code != exitFailed || !strings.Contains(x.out.String(), "communication.json:1:2: error MAKE201") || strings.Contains(x.out.String(), byteOrderMark) {
		t.Errorf("exit %d\n%s%s", code, x.out.String(), x.err.String())
	}
	x = newTest(t, "")
	code := x.main([]string{"check", "--fix"})
	text, err := os.ReadFile(file)
	if err != nil || code != exitGood || !strings.HasPrefix(string(text), byteOrderMark+`{"method": "GET"`) {
		t.Errorf("exit %d, %v\n%s%s\n%s", code, err, x.out.String(), x.err.String(), text)
	}
}
