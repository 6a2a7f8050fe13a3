package vault

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// counter is entropy that is different at every read.
type counter struct{ n byte }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = c.n
	}
	return len(p), nil
}

func newVault() *Vault {
	return &Vault{Files: files.Disk{}, Entropy: &counter{}, Now: func() time.Time { return time.Unix(1700000000, 0) }}
}

// answering is a vault whose questions are answered in order.
func answering(answers ...string) *Vault {
	v := newVault()
	v.Ask = func(string) (string, error) {
		if len(answers) == 0 {
			return "", errors.New("no more answers")
		}
		a := answers[0]
		answers = answers[1:]
		return a, nil
	}
	return v
}

func template(t *testing.T) *plan.Plan {
	t.Helper()
	p, list := imlc.CompileTemplate("t", "{{1}}", imlc.TemplateOptions{})
	if p == nil {
		t.Fatal(list.Items)
	}
	return p
}

func object(t *testing.T, text string) *value.Object {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Object()
}

func stored(t *testing.T) *Stored {
	return &Stored{Spec: "a.jsonc", Plan: template(t), Common: object(t, `{"salt":"common-salt"}`), Connection: &vm.Connection{UID: "7", Data: object(t, `{"token":"the-token"}`)}}
}

var background = context.Background()

func TestPassphrase(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "c.age"), filepath.Join(dir, "phrase")
	if err := os.WriteFile(file, []byte("from a file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	withEnvironment := answering("from a question", "from a question")
	withEnvironment.Environment = "from the environment"
	withKey := newVault()
	withKey.Keyring = &fakeKeyring{key: "from the keyring"}
	for _, test := range []struct {
		name   string
		vault  *Vault
		with   Passphrase
		create bool
		want   string
		random bool
	}{
		{"file before all", withEnvironment, Passphrase{File: file, Ask: true}, true, "from a file ", false},
		{"question before environment", withEnvironment, Passphrase{Ask: true}, true, "from a question", false},
		{"environment before key", withEnvironment, Passphrase{}, true, "from the environment", false},
		{"key", withKey, Passphrase{}, false, "from the keyring", true},
		{"question without key", answering("typed"), Passphrase{}, false, "typed", false},
	} {
		got, random, err := test.vault.passphrase(background, test.with, path, test.create)
		if got != test.want || random != test.random || err != nil {
			t.Errorf("%s: %q, random %v, %v", test.name, got, random, err)
		}
	}
}

func TestConnectionsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.age")
	withPhrase := newVault()
	withPhrase.Environment = "correct horse"
	for name, v := range map[string]*Vault{"key": newVault(), "passphrase": withPhrase} {
		t.Run(name, func(t *testing.T) {
			s := stored(t)
			if err := v.Save(background, path, Passphrase{}, s); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil || strings.Contains(string(data), "token") || strings.Contains(string(data), "salt") {
				t.Errorf("the file shows what it holds, %v", err)
			}
			got, err := v.Open(background, path, Passphrase{})
			if err != nil {
				t.Fatal(err)
			}
			show := func(s *Stored) []string {
				conn, _ := json.Marshal(s.Connection)
				code, _ := plan.Encode(s.Plan, plan.EncodeOptions{StripSource: true})
				return []string{s.Spec, string(conn), string(code), string(value.AppendJSON(nil, value.Collection(s.Common)))}
			}
			if diff := cmp.Diff(show(s), show(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) string {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return at(name)
	}
	v := newVault()
	if err := v.Save(background, at("good.age"), Passphrase{}, stored(t)); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(at("good.age"))
	if err != nil {
		t.Fatal(err)
	}
	key := write("key", strings.Repeat("0", 64))
	sealed := func(name, plain string) string {
		data, err := encrypt([]byte(plain), strings.Repeat("0", 64), true)
		if err != nil {
			t.Fatal(err)
		}
		return write(name, string(data))
	}
	for _, test := range []struct {
		path, want string
		with       Passphrase
	}{
		{at("none"), "cannot be read: no such file", Passphrase{}},
		{write("text", "{}"), "is no stored connection", Passphrase{}},
		{write("lost.age", string(good)), "there is no key for it", Passphrase{}},
		{at("good.age"), "cannot be decrypted", Passphrase{File: key}},
		{at("good.age"), "nobody can be asked", Passphrase{Ask: true}},
		{at("good.age"), "is empty, expected a passphrase", Passphrase{File: write("empty", "\n")}},
		{write("cut.age", string(good[:len(good)-20])), "is damaged", Passphrase{File: at("good.age.key")}},
		{sealed("words", "x"), "holds no connection", Passphrase{File: key}},
		{sealed("nothing", "{}"), "holds no connection", Passphrase{File: key}},
		{sealed("old", `{"version":0,"connection":{"data":{}}}`), "has version 0, expected 1", Passphrase{File: key}},
		{sealed("planless", `{"version":1,"connection":{"data":{}}}`), "planless: ", Passphrase{File: key}},
	} {
		_, err := newVault().Open(background, test.path, test.with)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.path, err, test.want)
		}
	}
	for _, v := range []*Vault{answering(""), answering("one", "two"), answering()} {
		var wrong *Error
		if err := v.Save(background, at("new.age"), Passphrase{Ask: true}, stored(t)); !errors.As(err, &wrong) {
			t.Errorf("saved under no passphrase: %v", err)
		}
	}
	if _, err := os.Stat(at("new.age")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a connection was written without a passphrase: %v", err)
	}
}

// fakeKeyring is a keyring in memory; refuse makes it refuse new keys.
type fakeKeyring struct {
	key    string
	refuse bool
}

func (k *fakeKeyring) Get() (string, error) {
	if k.key == "" {
		return "", ErrNoKey
	}
	return k.key, nil
}

func (k *fakeKeyring) Set(key string) error {
	if k.refuse {
		return errors.New("locked")
	}
	k.key = key
	return nil
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	v := newVault()
	ring := &fakeKeyring{}
	v.Keyring = ring
	if _, err := v.key(background, path, false); !errors.Is(err, ErrNoKey) {
		t.Errorf("no key gives %v", err)
	}
	made, err := v.key(background, path, true)
	if err != nil || len(made) != 64 || ring.key != made {
		t.Errorf("made %q, in the keyring %q, %v", made, ring.key, err)
	}
	if again, err := v.key(background, path, true); again != made || err != nil {
		t.Errorf("the key became %q, %v", again, err)
	}
	if _, err := os.Stat(path + KeyFileSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was made beside the keyring: %v", err)
	}
	// A keyring that refuses is no reason to fail, and the key file then comes first.
	ring.key, ring.refuse = "", true
	inFile, err := v.key(background, path, true)
	if err != nil || inFile == made {
		t.Errorf("made %q, %v", inFile, err)
	}
	ring.key = made
	if again, err := v.key(background, path, false); again != inFile || err != nil {
		t.Errorf("with a key file the key is %q, want %q; %v", again, inFile, err)
	}
	if err := os.Chmod(path+KeyFileSuffix, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := v.key(background, path, false); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a readable key gives %v", err)
	}
	for _, text := range []string{"", "short", strings.Repeat("g", 64)} {
		if err := os.WriteFile(path+KeyFileSuffix, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := v.key(background, path, true); err == nil || !strings.Contains(err.Error(), "holds no key") {
			t.Errorf("a key file with %q gives %v", text, err)
		}
	}
	v.Keyring = nil
	v.Entropy = iotest.ErrReader(errors.New("no entropy"))
	if _, err := v.key(background, path+"2", true); err == nil {
		t.Error("a key was made without entropy")
	}
}

func TestSystemKeyring(t *testing.T) {
	keyring.MockInit()
	if _, err := (SystemKeyring{}).Get(); !errors.Is(err, ErrNoKey) {
		t.Errorf("an empty keyring gives %v", err)
	}
	if err := (SystemKeyring{}).Set("k"); err != nil {
		t.Error(err)
	}
	if key, err := (SystemKeyring{}).Get(); key != "k" || err != nil {
		t.Errorf("got %q, %v", key, err)
	}
	keyring.MockInitWithError(errors.New("locked"))
	if _, err := (SystemKeyring{}).Get(); err == nil || errors.Is(err, ErrNoKey) {
		t.Errorf("a locked keyring gives %v", err)
	}
}

func TestPending(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	v := newVault()
	if _, err := v.Sealer(background, path, false); err == nil || !strings.Contains(err.Error(), "there is no key") {
		t.Errorf("no key gives %v", err)
	}
	seal, err := v.Sealer(background, path, true)
	if err != nil {
		t.Fatal(err)
	}
	p := &Pending{Spec: "a.jsonc", Plan: template(t), State: "the-state", RedirectURI: "https://x", Network: json.RawMessage(`{"AllowHTTP":true}`), Common: object(t, `{"a":1}`)}
	if err := v.WritePending(path, seal, p); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "the-state") || strings.Contains(string(data), "AllowHTTP") {
		t.Errorf("the file shows what it holds: %s, %v", data, err)
	}
	again, err := newVault().Sealer(background, path, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.ReadPending(background, path, again)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{p.Spec, p.State, p.RedirectURI, string(p.Network), `{"a":1}`},
		[]string{got.Spec, got.State, got.RedirectURI, string(got.Network), string(value.AppendJSON(nil, value.Collection(got.Common)))}); diff != "" || got.Plan == nil {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"x": "is no state file", `{"version":1,"sealed":"x"}`: "is no state file", `{"imlc":"connection","version":1,"sealed":"x"}`: "is no state file", `{"imlc":"pending authorisation","version":9}`: "has version 9, expected 1",
		strings.Replace(string(data), `"sealed": "`, `"sealed": "A`, 1): "the state file cannot be opened",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := v.ReadPending(background, path, again); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
}

// TestPendingStoreGivesOnce holds that of many processes that take a mark one gets it.
func TestPendingStoreGivesOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	store := newVault().PendingStore(path)
	if err := store.Put(background, "key\x00of a state", time.Now()); err != nil {
		t.Fatal(err)
	}
	if hold, err := store.Claim(background, "another key", "a", time.Now()); hold != vm.PendingUnknown || err != nil {
		t.Errorf("another key: %v, %v", hold, err)
	}
	const takers = 16
	taken := make(chan bool)
	for range takers {
		go func() {
			hold, err := newVault().PendingStore(path).Claim(background, "key\x00of a state", "a", time.Now())
			taken <- hold == vm.PendingClaimed && err == nil
		}()
	}
	n := 0
	for range takers {
		if <-taken {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of %d took the mark", n, takers)
	}
}
