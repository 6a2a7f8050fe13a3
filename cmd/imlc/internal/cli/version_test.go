package cli

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
)

func TestCheckout(t *testing.T) {
	setting := func(pairs ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{}
		for i := 0; i < len(pairs); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return info
	}
	for _, test := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{setting("GOOS", "linux"), ""},
		{setting("vcs.revision", "abc", "vcs.time", "2030-01-02T03:04:05Z", "vcs.modified", "false"), "commit abc of 2030-01-02T03:04:05Z\n"},
		{setting("vcs.revision", "abc", "vcs.time", "2030-01-02T03:04:05Z", "vcs.modified", "true"), "commit abc of 2030-01-02T03:04:05Z, with changes\n"},
	} {
		if got := checkoutOf(test.info).String(); got != test.want {
			t.Errorf("%v: %q, want %q", test.info.Settings, got, test.want)
		}
	}
}

// TestVersion holds that the flag and the command say the same, and that the flag wins over what surrounds it.
func TestVersion(t *testing.T) {
	run := func(args ...string) string {
		x := newTest(t, "")
		if code := x.main(args); code != exitGood {
			t.Errorf("%v: exit %d, %s", args, code, x.err.String())
		}
		return x.out.String()
	}
	text := run("version")
	if !strings.HasPrefix(text, "imlc ") || !strings.Contains(text, "\nplan format ") {
		t.Errorf("imlc version prints %q", text)
	}
	for _, args := range [][]string{{"--version"}, {"check", "--version"}} {
		if got := run(args...); got != text {
			t.Errorf("%v prints %q, want %q", args, got, text)
		}
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(run("version", "--format", "json")), &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"imlc", "commit", "commitTime", "modified", "planFormat", "go", "platform"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("the JSON form lacks %q: %v", name, fields)
		}
	}
}
