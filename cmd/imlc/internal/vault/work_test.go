package vault

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
)

// TestExpensiveFiles holds that a file that asks for much memory to be decrypted is refused before it gets it.
func TestExpensiveFiles(t *testing.T) {
	recipient, err := age.NewScryptRecipient("correct-horse")
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(1)
	var cheap bytes.Buffer
	w, err := age.Encrypt(&cheap, recipient)
	if err == nil {
		_, err = w.Write([]byte("{}"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	phrase := filepath.Join(dir, "phrase")
	if err := os.WriteFile(phrase, []byte("correct-horse"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := &Vault{Files: files.Disk{}}
	for factor, want := range map[string]string{"1": "holds no connection", "18": "asks for more than 128 MiB", "22": "asks for more than 128 MiB", "30": "asks for more than 128 MiB"} {
		path := filepath.Join(dir, factor+".age")
		head, rest, _ := bytes.Cut(cheap.Bytes(), []byte(" 1\n"))
		if err := os.WriteFile(path, bytes.Join([][]byte{head, rest}, []byte(" "+factor+"\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Open(context.Background(), path, Passphrase{File: phrase}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("work factor %s: got %v, want %q", factor, err, want)
		}
	}
}
