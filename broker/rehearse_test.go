package broker_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/examples"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// noNetwork fails a test in which anything is sent.
type noNetwork struct{ t testing.TB }

func (n noNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	n.t.Errorf("a request left the process: %s %s", req.Method, req.URL)
	return nil, errors.New("there is no network")
}

// offline starts a broker without a network.
func offline(t testing.TB) *world {
	t.Helper()
	return startWith(t, func(w *world) {
		w.config.Host.Transport, w.config.Host.Egress = noNetwork{t}, wire.Egress{AllowPrivate: true}
	})
}

// rehearse tries files against the provider inside the broker, and returns the answer as it came too.
func (w *world) rehearse(files map[string]string, with map[string]any) (broker.Rehearsal, string) {
	w.Helper()
	if with == nil {
		with = map[string]any{}
	}
	status, data := w.raw(w.key, "PUT", "/v1/specs/rehearsed", map[string]any{"files": files, "dryRun": true, "rehearse": with})
	var out struct {
		Rehearsal   *broker.Rehearsal
		Diagnostics []broker.Diagnostic
	}
	if err := json.Unmarshal(data, &out); err != nil || status != 200 || out.Rehearsal == nil {
		w.Fatalf("%d %s %v", status, data, err)
	}
	return *out.Rehearsal, string(data)
}

// went lists the legs of a rehearsal, "!" before those that failed, "-" before those that were skipped.
func went(r broker.Rehearsal) string {
	var out []string
	for _, leg := range r.Legs {
		out = append(out, map[string]string{"failed": "!", "skipped": "-"}[leg.Result]+leg.Operation)
	}
	return strings.Join(out, " ")
}

// TestRehearseExamples goes the whole way of every example of a real service, in every dialect, with nothing but made-up
// values and without a network: each request is judged, and accepted, by the verifier of the provider.
func TestRehearseExamples(t *testing.T) {
	w := offline(t)
	asked := map[string]map[string]any{
		// Its tokens have other names, and who the user is comes as a token of its own.
		"make/wikimedia": {"answers": map[string]any{"requestToken": map[string]any{"key": "{oauth_token}", "secret": "{oauth_token_secret}"}, "accessToken": map[string]any{"key": "{oauth_token}", "secret": "{oauth_token_secret}"},
			"info": "e30.eyJzdWIiOiA3LCAidXNlcm5hbWUiOiAiQWRhIn0.x"}},
		"make/etrade":      {"outOfBand": true},
		"membrane/smugmug": {"answers": map[string]any{"test": map[string]any{"Code": 200, "Response": map[string]any{"User": map[string]any{"NickName": "ada"}}}}},
		"supermetrics/x":   {"answers": map[string]any{"dataSourceUser": map[string]any{"id_str": "7", "screen_name": "ada"}}},
	}
	want := map[string]string{
		"make/nounproject": "authorize test call:icons", "make/netsuite": "authorize test call:suiteql", "make/jira": "authorize approve callback test renew call:issue",
		"make/trello": "authorize approve callback test call:boards", "make/wikimedia": "authorize approve callback test call:userinfo", "make/etrade": "authorize approve callback test renew", "supermetrics/demo": "authorize approve callback test -call:reports.me",
	}
	folders := []string{"make/demo", "make/first", "make/zotero-key", "membrane/demo", "membrane/smugmug", "supermetrics/demo", "supermetrics/tumblr", "supermetrics/x",
		"zapier/discogs", "zapier/flickr", "zapier/provider", "zapier/trello", "zapier/tumblr", "zapier/x"}
	for _, e := range examples.Gallery() {
		folders = append(folders, e.Folder)
	}
	accepted := 0
	for _, folder := range folders {
		files, err := examples.Files(folder)
		if err != nil {
			t.Fatal(err)
		}
		r, text := w.rehearse(files, asked[folder])
		if r.Result != "ok" || len(r.Notes) < 2 || want[folder] != "" && went(r) != want[folder] {
			t.Errorf("%s: %s, it went %s: %v %v", folder, r.Result, went(r), r.Legs[len(r.Legs)-1].Problem, text[len(text)-800:])
		}
		for _, leg := range r.Legs {
			for _, q := range leg.Requests {
				if q.Verdict == "accepted" {
					accepted++
				}
			}
		}
	}
	if accepted < 150 {
		t.Errorf("only %d requests were accepted", accepted)
	}
}

// TestRehearsalFindsMistakes rehearses specs that a service would refuse, each of which compiles.
func TestRehearsalFindsMistakes(t *testing.T) {
	w := offline(t)
	good := demoSpec(t)
	for name, c := range map[string]struct {
		old, new                   string
		result, legs               string
		section, problem, baseName string
		says                       string
	}{
		"nothing is wrong":                 {"", "", "ok", "authorize approve callback test call:status", "", "", "", "Every request that the spec signs was signed"},
		"without the secret of the token":  {`"token_secret": "{{temp.secret}}"`, `"token_secret": ""`, "refused", "authorize approve !callback", "accessToken", "signature_invalid", "oauth_verifier", "token secret"},
		"the consumer key as secret, once": {`"token": "{{data.accessToken}}", "token_secret": "{{data.accessSecret}}"`, `"token": "{{data.accessToken}}", "token_secret": "{{data.accessSecret}}", "consumer_secret": "{{parameters.consumerKey}}"`, "refused", "authorize approve !callback", "info", "signature_invalid", "oauth_token", ""},
		"without the verifier":             {`"verifier": "{{temp.verifier}}"`, `"verifier": ""`, "refused", "authorize approve !callback", "accessToken", "parameter_absent", "", "oauth_verifier"},
		"the temporary token kept":         {`"accessToken": "{{body.oauth_token}}"`, `"accessToken": "{{temp.token}}"`, "refused", "authorize approve !callback", "info", "token_rejected", "", ""},
		"the user sent without the token":  {`"oauth": { "token": "{{temp.token}}" },`, `"oauth": { "token": "" },`, "refused", "authorize !approve", "approve", "", "", "oauth_token"},
		"no consumer secret":               {`"consumer_secret": "{{parameters.consumerSecret}}"`, `"consumer_secret": ""`, "refused", "!authorize", "requestToken", "consumer_key_rejected", "", "consumer_secret"},
		"an answer that nobody knows":      {`"uid": "{{body.id}}"`, `"uid": "{{body.id}}", "valid": "{{body.plan = \"paid\"}}"`, "failed", "authorize approve !callback", "info", "", "", "answers.info"},
	} {
		spec := good
		if c.old != "" {
			if spec = strings.Replace(good, c.old, c.new, 1); spec == good {
				t.Fatalf("%s: %q is not in the spec", name, c.old)
			}
		}
		r, text := w.rehearse(map[string]string{"demo.jsonc": spec}, nil)
		if r.Result != c.result || went(r) != c.legs || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s, it went %s: %s", name, r.Result, went(r), text)
			continue
		}
		if c.section == "" {
			continue
		}
		leg := r.Legs[len(r.Legs)-1]
		last := leg.Requests[len(leg.Requests)-1]
		if last.Section != c.section || last.Problem != c.problem || (last.Verdict == "refused") != (c.result == "refused") || leg.Problem == nil || !strings.Contains(last.BaseString, c.baseName) {
			t.Errorf("%s: the last request was %+v, the problem %+v", name, last, leg.Problem)
		}
	}
	r, _ := w.rehearse(map[string]string{"demo.jsonc": strings.Replace(good, `"uid": "{{body.id}}"`, `"uid": "{{body.id}}", "valid": "{{body.plan = \"paid\"}}"`, 1)},
		map[string]any{"answers": map[string]any{"info": map[string]any{"id": 7, "name": "Grace", "plan": "paid"}, "status": "<x/>"}})
	if r.Result != "ok" {
		t.Errorf("with the answer of the service: %+v", r)
	}
}

// TestRehearsalLeavesNothing holds that a rehearsal keeps nothing, shows no secret that it was given, and ends.
func TestRehearsalLeavesNothing(t *testing.T) {
	w := offline(t)
	good := demoSpec(t)
	kinds := func() map[string]int64 {
		out, err := w.store.Kinds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := kinds()
	const canary = "canary secret/7Qx+&"
	wrong := strings.Replace(good, `"token_secret": "{{temp.secret}}"`, `"token_secret": "{{parameters.consumerSecret}}"`, 1)
	wrong = strings.Replace(wrong, `/access_token",`, `/access_token", "qs": { "secret": "{{parameters.consumerSecret}}" },`, 1)
	r, text := w.rehearse(map[string]string{"demo.jsonc": wrong}, map[string]any{"parameters": map[string]any{"consumerKey": "mine", "consumerSecret": canary}})
	if r.Result != "refused" || !strings.Contains(text, "given to mine") && !strings.Contains(text, "access to mine") || slices.Contains(r.Assumed, "consumerSecret") || strings.Count(text, "secret%3D") < 2 { // in both base strings
		t.Errorf("%s", text)
	}
	for _, s := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary), url.PathEscape(url.PathEscape(canary)), "7Qx"} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in the answer: %s", s, text)
		}
	}
	if diff := cmp.Diff(before, kinds()); diff != "" {
		t.Errorf("it was kept: %s", diff)
	}
	endless := strings.Replace(good, `"info": {`, `"info": { "repeat": { "condition": "{{true}}", "delay": 0, "limit": 100000 },`, 1)
	if r, text := w.rehearse(map[string]string{"demo.jsonc": endless}, nil); r.Result != "failed" || len(r.Legs[len(r.Legs)-1].Requests) > 200 {
		t.Errorf("without an end: %s", text[:min(len(text), 2000)])
	}
	if status, out := w.api("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": good}, "rehearse": map[string]any{}}); status != 422 || !strings.Contains(out["detail"].(string), "dryRun") {
		t.Errorf("of an upload: %d %v", status, out)
	}
	if status, out := w.api("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": "{"}, "dryRun": true, "rehearse": map[string]any{}}); status != 200 || out["rehearsal"] != nil {
		t.Errorf("of what does not compile: %d %v", status, out)
	}
	// What the tenant may not reach, its specs do not reach here either.
	w.must("PUT", "/v1/tenants/default", map[string]any{"environments": []string{"main"}, "hosts": []string{"api.example.com"}})
	if r, text := w.rehearse(map[string]string{"demo.jsonc": good}, nil); r.Result != "failed" || !strings.Contains(text, "not among the allowed hosts") {
		t.Errorf("of a host that the tenant may not reach: %s", text)
	}
	if got := slices.Sorted(maps.Keys(kinds())); slices.Contains(got, "flow") || slices.Contains(got, "connection") || slices.Contains(got, "pending") {
		t.Errorf("it was kept: %v", got)
	}
	if found, err := w.store.List(t.Context(), store.Query{Kind: "plan"}); err != nil || len(found) > 0 {
		t.Errorf("plans: %v %v", found, err)
	}
}

// TestRehearsalPage tries a spec by the button on its page, and again with an answer.
func TestRehearsalPage(t *testing.T) {
	w := start(t)
	w.spec()
	client := w.operator()
	csrf := w.csrf(client)
	status, page := visit(t, client, w.url+"/specs/demo/rehearse", url.Values{"csrf": {csrf}})
	if status != 200 || !strings.Contains(page, "accepted every request") || !strings.Contains(page, "sample-consumerKey") || strings.Contains(page, consumerSecret) {
		t.Errorf("by its button: %d %s", status, page)
	}
	again := url.Values{"csrf": {csrf}, "again:": {"true"}, "consumerSecret": {"canary-7Qx"}, "consumerKey": {"mine"}, "answers:": {`{"info": {"id": 7}}`}, "out-of-band:": {"true"}}
	if status, page := visit(t, client, w.url+"/specs/demo/rehearse", again); status != 200 || !strings.Contains(page, "accepted every request") || !strings.Contains(page, `value="mine"`) || strings.Contains(page, "7Qx") {
		t.Errorf("again: %d %s", status, page)
	}
	again.Set("answers:", "<script>")
	if status, page := visit(t, client, w.url+"/specs/demo/rehearse", again); status != 422 || !strings.Contains(page, "expected a JSON object") || strings.Contains(page, "<script>") {
		t.Errorf("with an answer that is none: %d %s", status, page)
	}
	if flows := w.must("GET", "/v1/flows", nil)["list"].([]any); len(flows) > 0 {
		t.Errorf("it was logged: %v", flows)
	}
}
