package provider

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestOauthlibClient lets another project's client sign: python3-oauthlib, every method and transport. It is skipped
// where that library is not installed.
func TestOauthlibClient(t *testing.T) {
	python := pythonWithOauthlib(t)
	h := newHarness(t, func(c *Config) { c.Clock = time.Now })
	server, err := h.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	key, err := h.RSAPrivateKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(keyFile, key, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, python, filepath.Join("testdata", "oauthlib_client.py"), server.URL(), keyFile)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("the client broke: %v\n%s", err, complaints.Bytes())
	}
	count := 0
	for lines := bufio.NewScanner(bytes.NewReader(output)); lines.Scan(); count++ {
		var result struct {
			Name         string
			Status, Want int
		}
		if err := json.Unmarshal(lines.Bytes(), &result); err != nil {
			t.Fatal(err)
		}
		if result.Status != result.Want {
			t.Errorf("%s: status %d, want %d", result.Name, result.Status, result.Want)
		}
	}
	if count < 7*3*13 {
		t.Errorf("%d requests were reported, want %d at least", count, 7*3*13)
	}
	if t.Failed() {
		for _, e := range h.events {
			if e.Kind == EventRefused {
				t.Log(e.Text)
			}
		}
	}
}

// pythonWithOauthlib finds an interpreter that has the library; Debian's package belongs to the system's own.
func pythonWithOauthlib(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), name, "-c", "import oauthlib.oauth1, cryptography").Run() == nil {
			return name
		}
	}
	const words = "no python3 with oauthlib was found: install python3-oauthlib to check against it"
	if os.Getenv("CI") == "true" {
		t.Fatal(words)
	}
	t.Skip(words)
	return ""
}
