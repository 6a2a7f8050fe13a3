package clientgen

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/store"
	client "github.com/imlc-lang/imlc/clients/go"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

var update = flag.Bool("update", false, "write the clients anew")

// live is a broker that listens, with a service to connect to.
type live struct {
	*testing.T
	url, key, service string
}

func start(t *testing.T) *live {
	t.Helper()
	p, err := provider.New(provider.Config{AutoApprove: true, Consumers: []provider.Consumer{{Key: "ck", Secret: "cs"}}})
	if err != nil {
		t.Fatal(err)
	}
	service, err := p.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	ring, err := envelope.NewRing(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	b, err := broker.New(broker.Config{Store: store.NewMemory(), Keys: ring, URL: front.URL, Host: vm.Host{Egress: wire.Egress{AllowPrivate: true}}})
	if err != nil {
		t.Fatal(err)
	}
	handler = b.Handler()
	if err := b.EnsureTenant(t.Context(), "default", "main"); err != nil {
		t.Fatal(err)
	}
	key, err := b.NewKey(t.Context(), broker.DefaultSpace, "test", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	return &live{t, front.URL, key, service.URL()}
}

// description reads the description of the API.
func (l *live) description() []byte {
	l.Helper()
	req, err := http.NewRequest("GET", l.url+"/v1/openapi.json", nil)
	if err != nil {
		l.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		l.Fatal(err)
	}
	doc["info"].(map[string]any)["version"] = "1" // not that of this build
	if data, err = json.MarshalIndent(doc, "", "  "); err != nil {
		l.Fatal(err)
	}
	return append(data, '\n')
}

// TestClientsAreGenerated writes description and clients once more, and finds no difference.
func TestClientsAreGenerated(t *testing.T) {
	description := start(t).description()
	goText, err := Go(description)
	if err != nil {
		t.Fatal(err)
	}
	script, types, err := TypeScript(description)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]byte{"openapi.json": description, "go/api.go": goText, "typescript/client.js": script, "typescript/client.d.ts": types} {
		file = "../../clients/" + file
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the broker's API gives (%v): run this test with -update", file, err)
		}
	}
}

// TestUnknownDescriptions refuses what it would have to guess.
func TestUnknownDescriptions(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":       `{`,
		"another major": `{"openapi": "3.0.3", "paths": {}}`,
		"another type":  `{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": {"type": "object", "properties": {"b": {"type": "tuple"}}}}}}`,
	} {
		if _, err := Go([]byte(text)); err == nil {
			t.Errorf("Go: %s passed", name)
		}
		if _, _, err := TypeScript([]byte(text)); err == nil {
			t.Errorf("TypeScript: %s passed", name)
		}
	}
}

// connect makes connections by the Go client, as a user's browser does.
func (l *live) connect(c *client.Client, n int) []string {
	l.Helper()
	ctx := l.Context()
	spec, err := os.ReadFile("../../examples/make/demo/demo.jsonc")
	if err != nil {
		l.Fatal(err)
	}
	made, err := c.PutSpec(ctx, "demo", client.UploadBody{Files: map[string]string{"demo.jsonc": string(spec)}})
	if err != nil || made.Spec == nil || made.Spec.Version != 1 {
		l.Fatalf("%+v %v", made, err)
	}
	if _, err := c.PutSettings(ctx, "demo", client.SettingsBody{Parameters: map[string]any{"baseUrl": l.service, "consumerKey": "ck", "consumerSecret": "cs"}}); err != nil {
		l.Fatal(err)
	}
	var ids []string
	for i := range n {
		s, err := c.CreateSession(ctx, client.SessionRequest{Spec: "demo", User: fmt.Sprint("user-", i), Tags: map[string]string{"n": fmt.Sprint(i), "all": "yes"}})
		if err != nil {
			l.Fatal(err)
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			l.Fatal(err)
		}
		res, err := (&http.Client{Jar: jar}).PostForm(s.URL, url.Values{})
		if err != nil {
			l.Fatal(err)
		}
		res.Body.Close()
		if s, err = c.GetSession(ctx, s.ID); err != nil || s.Status != "done" {
			l.Fatalf("%+v %v", s, err)
		}
		ids = append(ids, s.Connection)
	}
	return ids
}

func TestGoClient(t *testing.T) {
	l := start(t)
	c := client.New(l.url+"/", l.key)
	ids := l.connect(c, 5)
	ctx := t.Context()
	var users []string
	for one, err := range c.AllConnections(ctx, client.ListConnectionsQuery{Limit: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, one.User)
	}
	if diff := cmp.Diff([]string{"user-4", "user-3", "user-2", "user-1", "user-0"}, users); diff != "" {
		t.Error(diff)
	}
	events := 0
	for e, err := range c.AllEvents(ctx, client.ListEventsQuery{Limit: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "connection.created" {
			events++
		}
	}
	if events != 5 {
		t.Errorf("%d events", events)
	}
	if list, err := c.ListConnections(ctx, client.ListConnectionsQuery{Tag: []string{"n=1", "all=yes"}}); err != nil || len(list.Connections) != 1 {
		t.Errorf("by tags: %v %v", list, err)
	}
	for path, status := range map[string]int{"/me?lang=en": 200, l.service + "/me": 200, "/nothing-here": 404} {
		req, err := http.NewRequestWithContext(ctx, "GET", path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Proxy(ids[0], req)
		if err != nil || res.StatusCode != status {
			t.Errorf("%s: %v %v", path, res, err)
			continue
		}
		res.Body.Close()
	}
	service := http.Client{Transport: c.Transport(ids[0])}
	res, err := service.Get(l.service + "/me")
	if err != nil {
		t.Fatal(err)
	}
	var me struct{ Name string }
	if err := json.NewDecoder(res.Body).Decode(&me); err != nil || me.Name != "Ada" {
		t.Errorf("by its transport: %+v %v", me, err)
	}
	res.Body.Close()
	if out, err := c.Call(ctx, ids[0], "status", map[string]any{"text": "hello"}); err != nil || len(out) < 2 {
		t.Errorf("a call: %s %v", out, err)
	}
	if data, err := c.GetPlan(ctx, "demo", client.GetPlanQuery{Sign: "current"}); err != nil || !bytes.HasPrefix(data, []byte("IMLC")) {
		t.Errorf("a plan: %.10q %v", data, err)
	}
	empty := ""
	if _, err := c.PatchConnection(ctx, ids[0], client.PatchConnectionRequest{User: &empty}); err != nil {
		t.Error(err)
	}
	if one, err := c.GetConnection(ctx, ids[0]); err != nil || one.User != "" || one.Tags["n"] != "0" {
		t.Errorf("without a user: %+v %v", one, err)
	}
	if out, err := c.DeleteConnection(ctx, ids[0]); err != nil || out.Revoked == "" {
		t.Errorf("deleted: %+v %v", out, err)
	}
	l.problems(c)
}

// problems makes requests that fail.
func (l *live) problems(c *client.Client) {
	ctx := l.Context()
	req, err := http.NewRequestWithContext(ctx, "GET", "/me", nil)
	if err != nil {
		l.Fatal(err)
	}
	_, missing := c.GetConnection(ctx, "conn/none")
	_, proxied := c.Proxy("conn_none", req)
	_, field := c.CreateSession(ctx, client.SessionRequest{Spec: "demo", Redirect: "javascript:alert(1)"})
	_, locked := client.New(l.url, "imlc_wrong").ListKeys(ctx)
	_, elsewhere := client.New(l.service, "x").GetSpec(ctx, "demo")
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{"missing": {missing, 404, "not-found"}, "proxied": {proxied, 404, "not-found"}, "field": {field, 422, "invalid"}, "key": {locked, 401, "unauthorized"}, "no broker": {elsewhere, 404, ""}} {
		var p *client.Problem
		if !errors.As(c.err, &p) || p.Status != c.status || p.Code != c.code {
			l.Errorf("%s: %#v", name, c.err)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range c.AllFlows(ctx, client.ListFlowsQuery{}) {
		if !errors.Is(err, context.Canceled) {
			l.Errorf("an iterator whose context has ended: %v", err)
		}
	}
}

func TestJavaScriptClient(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no node found: apt-get install -y nodejs")
		}
		t.Skip("skipped: no node found (nodejs)")
	}
	l := start(t)
	ids := l.connect(client.New(l.url, l.key), 5)
	cmd := exec.CommandContext(t.Context(), node, "live_test.mjs", l.url, l.key, ids[0], l.service)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if me, _ := got["me"].(map[string]any); me["name"] != "Ada" {
		t.Errorf("a proxied request: %v", got["me"])
	}
	delete(got, "me")
	want := map[string]any{"whole": 200.0, "missing": 404.0, "called": "object", "spec": "demo", "plan": "IMLC", "users": []any{"user-4", "user-3", "user-2", "user-1", "user-0"}, "tagged": 1.0, "events": 5.0,
		"problem": []any{true, 404.0, "not-found"}, "proxyProblem": []any{true, 404.0, "not-found"}, "field": "redirect", "user": "", "revoked": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestClientsHaveEveryOperation finds each operation of the API in both clients.
func TestClientsHaveEveryOperation(t *testing.T) {
	a, err := read(start(t).description())
	if err != nil {
		t.Fatal(err)
	}
	goText, err := os.ReadFile("../../clients/go/api.go")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../../clients/typescript/client.js")
	if err != nil {
		t.Fatal(err)
	}
	if len(a.operations) < 30 {
		t.Fatalf("%d operations", len(a.operations))
	}
	for _, o := range a.operations {
		name := camel(o.ID)
		if !strings.Contains(string(goText), ") "+name+"(ctx ") || !strings.Contains(string(script), "  "+lower(name)+"(") {
			t.Errorf("%s is in one client at most", o.ID)
		}
		if slices.Contains([]string{"list-connections", "list-events", "list-flows", "list-audit", "list-specs"}, o.ID) && !strings.Contains(string(goText), ") All"+strings.TrimPrefix(name, "List")+"(") {
			t.Errorf("%s has no iterator", o.ID)
		}
	}
}
