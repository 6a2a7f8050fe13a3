package broker_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm/plan"
)

// age makes every plan of the store one of an older format, as a newer version of the program finds it.
func (w *world) age() {
	w.Helper()
	found, err := w.store.List(w.Context(), store.Query{Kind: "plan"})
	if err != nil {
		w.Fatal(err)
	}
	for _, r := range found {
		r.Body[4], r.Body[5] = plan.FormatVersion-1, 0
		if _, err := w.store.Apply(w.Context(), store.Op{Record: r}); err != nil {
			w.Fatal(err)
		}
	}
}

// restarted starts the program again on the same store.
func (w *world) restarted(t *testing.T) *world {
	t.Helper()
	return startWith(t, func(next *world) {
		next.store, next.ring, next.config.Store, next.config.Keys = w.store, w.ring, w.store, w.ring
		next.provider, next.service = w.provider, w.service
	})
}

// edit changes the files of a version behind the back of the API.
func (w *world) edit(space, id string, change func(string) string) {
	w.Helper()
	r, err := w.store.Get(w.Context(), space, "version", id)
	if err != nil {
		w.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(r.Body, &v); err != nil {
		w.Fatal(err)
	}
	files := v["files"].(map[string]any)
	for name := range files {
		files[name] = change(files[name].(string))
	}
	if r.Body, err = json.Marshal(v); err != nil {
		w.Fatal(err)
	}
	if _, err := w.store.Apply(w.Context(), store.Op{Record: r}); err != nil {
		w.Fatal(err)
	}
}

// TestRecompile starts a version of the program that does not read the plans in the database: those of all tenants are
// compiled again, connections go on with them, also those that were made in between, and what does not compile any more
// is reported, costs nobody else anything, and can be mended.
func TestRecompile(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	hash := w.must("GET", "/v1/specs/demo", nil)["plan"]
	named := func(name string) map[string]any {
		return map[string]any{"files": map[string]string{"demo.jsonc": strings.Replace(demoSpec(t), `"name": "demo"`, `"name": "`+name+`"`, 1)}}
	}
	w.must("PUT", "/v1/specs/broken", named("broken"))
	w.edit(broker.DefaultSpace, "broken@000001", func(string) string { return `{"name": "broken", "communication": {"info": {"url": "{{a b}}"}}}` })
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve", "environments": []string{"main", "test"}})
	eve, err := w.broker.NewKey(t.Context(), "eve/test", "eve", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	if status, text := w.raw(eve, "PUT", "/v1/specs/hers", named("hers")); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if out, err := w.broker.Recompile(t.Context()); err != nil || out.Plans != 0 || len(out.Failed) != 0 {
		t.Errorf("with nothing to do: %+v %v", out, err)
	}

	// As a version of the program whose plans are others.
	w.edit(broker.DefaultSpace, "demo@000001", func(text string) string { return strings.Replace(text, `"name": "demo"`, `"name": "demo two"`, 1) })
	w.age()
	next := w.restarted(t)
	out, err := next.broker.Recompile(t.Context())
	if err != nil || out.Plans != 2 || len(out.Failed) != 1 || out.Failed[0].Spec != "broken" || out.Failed[0].Version != 1 || !strings.Contains(out.Failed[0].Reason, "demo.jsonc:1:") {
		t.Fatalf("compiled again: %+v %v", out, err)
	}
	goesOn := func(w *world, id string) {
		t.Helper()
		if me := w.must("GET", "/v1/connections/"+id+"/proxy/me", nil); me["name"] != "Ada" {
			t.Errorf("a proxied request: %v", me)
		}
		if c := w.must("POST", "/v1/connections/"+id+"/test", nil); c["status"] != "ok" || c["plan"] != hash {
			t.Errorf("tested: %v", c)
		}
	}
	goesOn(next, id)
	between := next.connect("bob")
	if status, _ := next.raw(eve, "GET", "/v1/specs/hers/plan", nil); status != 200 {
		t.Errorf("the plan of another tenant: %d", status)
	}
	if _, text := next.raw(next.key, "GET", "/v1/audit", nil); strings.Count(string(text), "spec.recompile") != 2 {
		t.Errorf("the audit: %s", text)
	}
	status, problem := next.api("GET", "/v1/specs/broken/plan", nil)
	if status != 409 || problem["code"] != "stale-plan" || !strings.Contains(problem["detail"].(string), "demo.jsonc:1:") {
		t.Errorf("the plan of a spec that does not compile: %d %v", status, problem)
	}
	if status, page := visit(t, next.operator(), next.url+"/specs/broken", nil); status != 200 || !strings.Contains(page, "stale-plan") || !strings.Contains(page, "Change them") {
		t.Errorf("its page: %d %s", status, page)
	}

	// One version later, which compiles to another plan; nobody asks for all of them this time.
	w.edit(broker.DefaultSpace, "demo@000001", func(text string) string { return strings.Replace(text, `"demo two"`, `"demo three"`, 1) })
	w.age()
	last := w.restarted(t)
	goesOn(last, id)
	goesOn(last, between)
	if p := last.must("GET", "/v1/connections/"+between, nil); p["plan"] != hash {
		t.Errorf("made in between: %v", p)
	}
	last.must("PUT", "/v1/specs/broken", named("broken"))
	if status, _ := last.raw(last.key, "GET", "/v1/specs/broken/plan", nil); status != 200 {
		t.Errorf("mended: %d", status)
	}
}
