package oauth1_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// TestOutsideVectors runs what ten suites of others hold about RFC 5849, in vectors like ours. They lie beside the
// checkout; without them the test is skipped, but never in CI.
func TestOutsideVectors(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "outside", "rfc5849.jsonl"))
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Skip("skipped: the cases of others are not here (../shared/data/outside)")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var c struct {
			ID              string
			Input, Expected json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		var in struct {
			vector
			Header, Body string
			ContentType  string `json:"content_type"`
		}
		if err := json.Unmarshal(c.Input, &in); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c.Input, &in.vector); err != nil {
			t.Fatal(err)
		}
		in.ID, in.vector.Expected = c.ID, c.Expected
		t.Run(c.ID, func(t *testing.T) {
			switch in.Kind {
			case "parse_authorization":
				a, err := oauth1.ParseAuthorization(in.Header)
				got := map[string]string{}
				if err == nil {
					for _, p := range a.Params {
						got[p.Name] = p.Value
					}
					if a.HasRealm {
						got["realm"] = a.Realm
					}
				}
				compareOutside(t, c.Expected, got, err)
			case "parse_token_answer":
				a, err := oauth1.ParseTokenAnswer(200, in.ContentType, in.Body, oauth1.TokenOptions{})
				var got []string
				if err == nil {
					got = []string{a.Token, a.TokenSecret}
				}
				compareOutside(t, c.Expected, got, err)
			default:
				in.vector.check(t)
			}
		})
	}
}

// compareOutside compares with an expectation that may be "refused".
func compareOutside[T any](t *testing.T, expected json.RawMessage, got T, err error) {
	t.Helper()
	if string(expected) == `"refused"` {
		if err == nil {
			t.Errorf("accepted: %v", got)
		}
		return
	}
	var want T
	if err := json.Unmarshal(expected, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}
