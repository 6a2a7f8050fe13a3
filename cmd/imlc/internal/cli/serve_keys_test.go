package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store/sqlstore"
)

// TestServeRotatesUnderAService has two processes over one database and one file of keys that a service keeps: each makes a
// new key while the other one works, which opens at once what was sealed under it, however soon after the last.
func TestServeRotatesUnderAService(t *testing.T) {
	dir := t.TempDir()
	guard, keys := filepath.Join(dir, "guard"), filepath.Join(dir, "keys.json")
	if err := os.WriteFile(guard, []byte("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--data", dir, "--kms", "file:" + guard}
	both := []*serving{serve(t, flags...), serve(t, flags...)}
	people := []*person{newPerson(t), newPerson(t)}
	for i, p := range people {
		p.open(both[i].login)
	}
	p := people[0]
	p.press("Connect")
	p.press("Connect")
	p.press("Approve")
	p.follow("See the connection")
	connection := p.at.Path[strings.LastIndex(p.at.Path, "/")+1:]
	x := newTest(t, "")
	if code := x.main([]string{"serve", "key", "test", "--scope", "read,reveal", "--data", dir, "--kms", "file:" + guard}); code != 0 {
		t.Fatalf("a key of the API: %s", x.err.String())
	}
	key := strings.TrimSpace(x.out.String())
	// opens has a process open the connection.
	opens := func(s *serving) bool {
		req, err := http.NewRequest("POST", s.url+"/v1/connections/"+connection+"/reveal", nil)
		if err != nil {
			t.Error(err)
			return false
		}
		req.Header.Set("Authorization", "Bearer "+key)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return false
		}
		defer res.Body.Close()
		var out struct{ Data map[string]any }
		return json.NewDecoder(res.Body).Decode(&out) == nil && res.StatusCode == 200 && out.Data["accessSecret"] != ""
	}
	var stop atomic.Bool
	var opened, refused atomic.Int32
	var all sync.WaitGroup
	end := func() { stop.Store(true); all.Wait() }
	defer end()
	for _, s := range both {
		all.Go(func() {
			for !stop.Load() {
				if opens(s) {
					opened.Add(1)
				} else {
					refused.Add(1)
				}
			}
		})
	}
	current := func() string {
		data, err := os.ReadFile(keys)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Keys []struct{ ID string } }
		if err := json.Unmarshal(data, &file); err != nil || len(file.Keys) == 0 || bytes.Contains(data, []byte(`"secret"`)) {
			t.Fatalf("the file of the keys is %s (%v)", data, err)
		}
		return file.Keys[0].ID
	}
	records, err := sqlstore.Open(t.Context(), sqlstore.Options{File: filepath.Join(dir, "broker.db"), KeepSchema: true})
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	// wrapped waits until the secrets of the connection lie under a key.
	wrapped := func(id string) {
		t.Helper()
		for range 500 {
			r, err := records.Get(t.Context(), "default/main", "connection", connection)
			if err != nil {
				t.Fatal(err)
			}
			if r.KeyID == id {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("the connection is not wrapped under %s", id)
	}
	seen := map[string]bool{current(): true}
	for round := range 4 { // in turn
		p, other := people[round%2], people[1-round%2]
		p.open(both[round%2].url + "/keys")
		p.press("Rotate keys")
		now := current()
		if seen[now] {
			t.Errorf("round %d made no new key", round)
		}
		seen[now] = true
		// The other one is told of the key by what was sealed under it.
		other.open(both[1-round%2].url + "/connections/" + connection)
		other.press("Test")
		other.sees("The connection was tested.")
		wrapped(now)
		if !opens(both[0]) || !opens(both[1]) {
			t.Errorf("round %d: the connection does not open", round)
		}
	}
	end()
	if refused.Load() > 0 || opened.Load() < 20 {
		t.Errorf("meanwhile the connection was opened %d times, and %d times it did not open", opened.Load(), refused.Load())
	}
}
