package broker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestMetricsAreDescribed holds that docs/serve.md has every metric of the broker, and none that there is not.
func TestMetricsAreDescribed(t *testing.T) {
	doc, err := os.ReadFile("../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	var described []string
	for _, found := range regexp.MustCompile("`(imlc_[a-z_]+)").FindAllSubmatch(doc, -1) {
		described = append(described, string(found[1]))
	}
	w := startWith(t, nil)
	names := w.broker.MetricNames()
	for _, name := range names {
		if !slices.Contains(described, name) && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("docs/serve.md does not say what %s is", name)
		}
	}
	for _, name := range described {
		if !slices.Contains(names, name) && !strings.HasPrefix(name, "imlc_store_") { // those of an SQL store
			t.Errorf("there is no %s", name)
		}
	}
	if len(names) < 20 {
		t.Errorf("only %d metrics", len(names))
	}
}

// TestMetrics has an operator look at what goes on: how services answer, what is repeated and renewed, what waits for jobs,
// and whether these run.
func TestMetrics(t *testing.T) {
	w := start(t)
	var fails atomic.Int32
	flaky := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/me" && fails.Add(-1) >= 0 {
			rw.WriteHeader(503)
			return
		}
		w.service.ServeHTTP(rw, r)
	}))
	defer flaky.Close()
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": renewingSpec(t)}})
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": flaky.URL, "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	id := w.connect("ada")
	w.must("POST", "/v1/connections/"+id+"/renew", nil)
	fails.Store(1)
	w.must("POST", "/v1/connections/"+id+"/test", nil)
	w.must("GET", "/v1/connections/"+id+"/proxy/me", nil)
	w.service.Revoke(w.reveal(id)["accessToken"].(string))
	w.api("POST", "/v1/connections/"+id+"/renew", nil)
	w.stop()
	w.must("PUT", "/v1/specs/other", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}}) // an event that no job hands on
	w.ahead.Store(int64(time.Minute))
	_, text := w.raw(w.key, "GET", "/metrics", nil)
	value := func(series string) (n float64) {
		t.Helper()
		found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)$`).FindSubmatch(text)
		if found == nil {
			t.Errorf("there is no %s", series)
			return -1
		}
		if _, err := fmt.Sscan(string(found[1]), &n); err != nil {
			t.Error(err)
		}
		return n
	}
	for series, least := range map[string]float64{
		`imlc_flows_total{class="",operation="test",result="ok"}`: 1, `imlc_upstream_duration_seconds_count{class="",method="GET",status="2xx"}`: 1,
		`imlc_exchange_duration_seconds_count{host="127.0.0.1",status="2xx"}`: 5, `imlc_exchange_duration_seconds_count{host="127.0.0.1",status="5xx"}`: 1,
		`imlc_retries_total{operation="validate"}`: 1, `imlc_renewals_total{result="ok"}`: 1, `imlc_renewals_total{result="failed"}`: 1,
		`imlc_due_records{kind="event"}`: 1, `imlc_due_seconds{kind="event"}`: 59, `imlc_records{kind="connection"}`: 1, `imlc_job_runs_total{job="webhooks",result="ok"}`: 1,
		`imlc_job_last_success_timestamp_seconds{job="keys"}`: float64(time.Now().Add(-time.Hour).Unix()), `imlc_places{of="operations"}`: 8,
	} {
		if n := value(series); n < least {
			t.Errorf("%s is %v, want at least %v", series, n, least)
		}
	}
	for _, none := range []string{`imlc_places_taken{of="operations"}`, `imlc_places_taken{of="bodies"}`, `imlc_stuck_records`, `imlc_due_records{kind="delivery"}`} {
		if n := value(none); n != 0 {
			t.Errorf("%s is %v", none, n)
		}
	}
	if strings.Contains(string(text), id) || strings.Contains(string(text), `"ada"`) {
		t.Error("the metrics have ids or users")
	}
}

// TestHostLabels holds that tenants, who say which services there are, cannot make metrics without end.
func TestHostLabels(t *testing.T) {
	w := startWith(t, nil)
	labels := map[string]bool{}
	for i := range 500 {
		labels[w.broker.HostLabel(fmt.Sprintf("h%d.example", i))] = true
	}
	if len(labels) != 101 || w.broker.HostLabel("h1.example") != "h1.example" || w.broker.HostLabel("h400.example") != "other" {
		t.Errorf("%d labels", len(labels))
	}
}
