package broker_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// sarifLog is what a client of code scanning reads of a log.
type sarifLog struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct {
					ID               string
					ShortDescription struct{ Text string }
				}
			}
		}
		Results []sarifResult
	}
}

type sarifResult struct {
	RuleID, Level string
	Locations     []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine int }
		}
	}
	Fixes []struct {
		ArtifactChanges []struct{ ArtifactLocation struct{ URI string } }
	}
}

// uploadAs uploads a spec and asks for an answer of a media type.
func (w *world) uploadAs(accept string, body map[string]any) (status int, kind string, data []byte) {
	w.Helper()
	req := w.request(w.key, "PUT", "/v1/specs/desk", body)
	req.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	if data, err = io.ReadAll(res.Body); err != nil {
		w.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), data
}

// TestUploadAnswersSARIF uploads specs with and without mistakes for a client of code scanning: places lie where the files
// lie in its repository, codes are explained, and mistakes have the status that they have for everybody.
func TestUploadAnswersSARIF(t *testing.T) {
	w := start(t)
	good := demoSpec(t)
	wrong := strings.Replace(good, "{{temp.token}}", "{{temp token}}", 1)
	for name, c := range map[string]struct {
		spec    string
		dry     bool
		folder  string
		status  int
		uri     string
		results bool
	}{
		"a mistake":                         {wrong, false, "connectors/my desk", 422, "connectors/my%20desk/demo.jsonc", true},
		"a mistake of a dry run":            {wrong, true, "", 200, "demo.jsonc", true},
		"no mistake":                        {good, false, "connectors/desk", 200, "", false},
		"no mistake of a dry run":           {good, true, "", 200, "", false},
		"a mistake that has a fix":          {strings.Replace(good, "{{temp.token}}", "{{tmp.token}}", 1), true, "x", 200, "x/demo.jsonc", true},
		"a file that is none of a document": {"{", true, "", 200, "demo.jsonc", true},
	} {
		status, kind, data := w.uploadAs("application/sarif+json", map[string]any{"files": map[string]string{"demo.jsonc": c.spec}, "dryRun": c.dry, "folder": c.folder})
		var log sarifLog
		if err := json.Unmarshal(data, &log); err != nil || status != c.status || kind != "application/sarif+json" || log.Version != "2.1.0" || len(log.Runs) != 1 {
			t.Errorf("%s: %d %s %s %v", name, status, kind, data, err)
			continue
		}
		run := log.Runs[0]
		if run.Tool.Driver.Name != "imlc" || (len(run.Results) > 0) != c.results {
			t.Errorf("%s: %s", name, data)
			continue
		}
		for _, r := range run.Results {
			if len(r.Locations) != 1 || r.Locations[0].PhysicalLocation.ArtifactLocation.URI != c.uri || r.Locations[0].PhysicalLocation.Region.StartLine == 0 {
				t.Errorf("%s: the place of %s: %+v", name, r.RuleID, r.Locations)
			}
			for _, rule := range run.Tool.Driver.Rules {
				if rule.ShortDescription.Text == "" {
					t.Errorf("%s: %s is not explained", name, rule.ID)
				}
			}
			for _, f := range r.Fixes {
				if f.ArtifactChanges[0].ArtifactLocation.URI != c.uri {
					t.Errorf("%s: a fix of %+v", name, f)
				}
			}
		}
		if name == "a mistake that has a fix" && !slices.ContainsFunc(run.Results, func(r sarifResult) bool {
			return len(r.Fixes) > 0
		}) {
			t.Errorf("%s: none has a fix: %s", name, data)
		}
	}
	if status, kind, data := w.uploadAs("application/sarif+json", map[string]any{"files": map[string]string{}}); status != 422 || kind != "application/problem+json" {
		t.Errorf("what is no spec: %d %s %s", status, kind, data)
	}
	if status, kind, data := w.uploadAs("*/*", map[string]any{"files": map[string]string{"demo.jsonc": wrong}}); status != 422 || kind != "application/problem+json" || !strings.Contains(string(data), "demo.jsonc:") {
		t.Errorf("for others: %d %s %s", status, kind, data)
	}
	if status, kind, data := w.uploadAs("application/json", map[string]any{"files": map[string]string{"demo.jsonc": good}}); status != 200 || kind != "application/json" || !strings.Contains(string(data), `"version":1`) {
		t.Errorf("for others, without a mistake: %d %s %s", status, kind, data)
	}
}
