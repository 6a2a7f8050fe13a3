package broker_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// countedScripts counts the scripts that run.
type countedScripts struct {
	*jshost.Host
	ran atomic.Int64
}

// Call implements script.Host.
func (c *countedScripts) Call(ctx context.Context, s script.Script, args []value.Value) (value.Value, error) {
	c.ran.Add(1)
	return c.Host.Call(ctx, s, args)
}

// scripted is the demo spec with a label that a function of JavaScript makes.
func scripted(t *testing.T) map[string]any {
	t.Helper()
	text := strings.Replace(demoSpec(t), "{{ifempty(body.name;", "{{shout(body.name;", 1)
	if !strings.Contains(text, "shout(") {
		t.Fatal("the demo spec has another label")
	}
	text = strings.Replace(text, `"name": "demo",`, `"name": "demo", "functions": {"shout": "function shout(x) { return x + '!' }"},`, 1)
	return map[string]any{"files": map[string]string{"demo.jsonc": text}}
}

// TestScriptsRunOnlyWhereTheyMay holds that the broker runs the JavaScript of a spec when its host has scripts, and refuses
// the spec otherwise.
func TestScriptsRunOnlyWhereTheyMay(t *testing.T) {
	closed := start(t)
	if status, out := closed.api("PUT", "/v1/specs/demo", scripted(t)); status/100 == 2 || !strings.Contains(fmt.Sprint(out), "shout") {
		t.Errorf("a broker without scripts takes them: %d %v", status, out)
	}
	scripts := &countedScripts{Host: jshost.New(jshost.Limits{})}
	open := startWith(t, func(w *world) { w.config.Host.Scripts = scripts })
	open.must("PUT", "/v1/specs/demo", scripted(t))
	open.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": open.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	c := open.must("GET", "/v1/connections/"+open.connect("ada"), nil)
	if label, _ := c["label"].(string); !strings.HasSuffix(label, "!") || scripts.ran.Load() == 0 {
		t.Errorf("the label is %q and %d scripts ran", label, scripts.ran.Load())
	}
}
