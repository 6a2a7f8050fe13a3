package state

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

var update = flag.Bool("update", false, "write the bytes of a new version of suspended state")

// goldenContinuation has every field, and values of every kind, some of them secret.
func goldenContinuation() *Continuation {
	object := func(pairs ...any) *value.Object {
		o := value.NewObject(len(pairs) / 2)
		for i := 0; i < len(pairs); i += 2 {
			o.Set(pairs[i].(string), pairs[i+1].(value.Value))
		}
		return o
	}
	big, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	temp := object("null", value.Null(), "yes", value.Bool(true), "no", value.Bool(false), "number", value.Number(-2.5), "negative zero", value.Number(math.Copysign(0, -1)),
		"infinity", value.Number(math.Inf(1)), "not a number", value.Number(math.NaN()), "integer", value.Integer(big), "text", value.Text("é\x00\""), "date", value.Date(1700000000123),
		"before 1970", value.Date(-1), "buffer", value.Buffer([]byte{0xff, 0}), "list", value.Array([]value.Value{value.Undefined, value.Int(1), value.Array(nil)}),
		"collection", value.Collection(object("k", value.Text("v"))))
	secrets := value.NewObject(temp.Len())
	for i := range temp.Len() {
		k, v := temp.At(i)
		secrets.Set(k, v.AsSecret())
	}
	return &Continuation{Key: "request token", ConnectionID: "c1", PlanHash: strings.Repeat("0f", 32), Temp: temp, Data: secrets, Common: object("app", value.Text("key").AsSecret()),
		Scope: []string{"read", ""}, Variant: "sandbox", Stage: 1, Random: "random text", Redirect: "https://host.test/cb", Redirects: map[string]string{"local": "http://localhost/", "app": "https://app.test/"}, Deadline: time.UnixMilli(1700000900000),
		UID: "42", Label: &Label{Type: "email", Value: "me@example.test"}, Expires: time.UnixMilli(1800000000000), OutOfBand: true, Secrets: []string{"token secret", "password"}, Bind: []byte{1, 0xff}, Revision: 3, Request: 2, Callback: object("oauth_token", value.Text("t")), Note: []byte("return to /a\x00"),
		Renewals: 7, Written: Written{Label: true, Keys: []string{"text", "é\x00"}}}
}

// TestContinuationsOfThisVersionAreReadForEver reads the bytes that an earlier build suspended: a flow that waits for
// its browser while the host is upgraded must come back. Whoever changes the form, the numbers of the kinds of values
// included, counts Version up and runs the test with -update; bytes of the same version are never
// rewritten.
func TestContinuationsOfThisVersionAreReadForEver(t *testing.T) {
	file := filepath.Join("testdata", fmt.Sprintf("continuation-v%d.hex", Version))
	want := goldenContinuation()
	if _, err := os.Stat(file); os.IsNotExist(err) && *update {
		if err := os.WriteFile(file, []byte(foldedHex(want.Encode())), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run with -update", err)
	}
	old, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(old, value.NewShapes())
	if err != nil {
		t.Fatalf("%v; suspended flows would be lost: is Version counted up?", err)
	}
	if diff := cmp.Diff(want, got, sameContinuation); diff != "" {
		t.Errorf("the bytes of version %d are read as something else (+), is Version counted up?\n%s", Version, diff)
	}
	if b := foldedHex(want.Encode()); b != string(text) {
		t.Errorf("the same state is written in other bytes, is Version counted up?\n%s", cmp.Diff(string(text), b))
	}
}

// TestContinuationsOfOlderVersionsAreRead: they were suspended by builds that bound no state, resumed none, had no
// notes, or did not say what was written.
func TestContinuationsOfOlderVersionsAreRead(t *testing.T) {
	for version := 3; version < Version; version++ {
		text, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("continuation-v%d.hex", version)))
		if err != nil {
			t.Fatal(err)
		}
		old, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(old, value.NewShapes())
		if err != nil {
			t.Fatal(err)
		}
		want := goldenContinuation()
		want.Renewals, want.Written = 0, Written{}
		if version < 6 {
			want.Revision, want.Request, want.Callback, want.Note = 0, 0, nil, nil // as they were in those bytes
		}
		if version < 4 {
			want.Bind = nil
		}
		if diff := cmp.Diff(want, got, sameContinuation); diff != "" {
			t.Errorf("version %d is read as something else (+):\n%s", version, diff)
		}
	}
}

// TestOldestVersionThatHasAll: what the release before can resume is written as it wrote it.
func TestOldestVersionThatHasAll(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*Continuation)
		version byte
	}{
		"nothing new": {func(*Continuation) {}, 5},
		"a note":      {func(c *Continuation) { c.Note = []byte("n") }, 6},
		"a key":       {func(c *Continuation) { c.Written.Keys = []string{"k"} }, 7},
		"a uid":       {func(c *Continuation) { c.Written.UID = true }, 7},
		"a label":     {func(c *Continuation) { c.Written.Label = true }, 7},
		"an expiry":   {func(c *Continuation) { c.Written.Expires = true }, 7},
		"a renewal":   {func(c *Continuation) { c.Renewals = 1 }, 7},
	} {
		plain := goldenContinuation()
		plain.Note, plain.Renewals, plain.Written = nil, 0, Written{}
		c.change(plain)
		if got := plain.Encode()[0]; got != c.version {
			t.Errorf("with %s version %d is written, expected %d", name, got, c.version)
		}
	}
}

// foldedHex writes bytes as lines of 32.
func foldedHex(b []byte) string {
	var out strings.Builder
	for ; len(b) > 32; b = b[32:] {
		fmt.Fprintf(&out, "%x\n", b[:32])
	}
	fmt.Fprintf(&out, "%x\n", b)
	return out.String()
}
