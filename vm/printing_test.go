package vm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

const hidden = "hunter2"

func secretConnection() vm.Connection {
	data := value.NewObject(2)
	data.Set("token", value.Text(hidden)) // not marked: the connection itself must not show it
	data.Set("secret", value.Text(hidden).AsSecret())
	return vm.Connection{ID: "c1", Data: data, Metadata: &vm.Metadata{Type: "text", Value: "me"}}
}

// holders are the ways in which a program keeps an item.
func holders[T any](item T) map[string]any {
	return map[string]any{
		"value": item, "pointer": &item, "any": any(item),
		"field":  struct{ Item T }{item},
		"inside": struct{ Item *T }{&item},
		"slice":  []T{item}, "pointers": []*T{&item}, "map": map[string]T{"k": item},
	}
}

// embedded is a connection as part of a host's own type.
type embedded struct{ vm.Connection }

// held is everything that may be printed: connections and seal keys in all holders.
func held() map[string]any {
	all := map[string]any{"embedded connection": embedded{secretConnection()}, "pointer to an embedded connection": &embedded{secretConnection()}}
	for name, item := range holders(secretConnection()) {
		all["connection as "+name] = item
	}
	for name, item := range holders(vm.SealKey{ID: "k1", Secret: []byte(hidden + "-0123456789")}) {
		all["seal key as "+name] = item
	}
	return all
}

// spellings are the forms in which package fmt could print a text or bytes.
func spellings(secret string) []string {
	bytes := strings.Trim(fmt.Sprint([]byte(secret)), "[]")
	return []string{secret, bytes, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.ReplaceAll(fmt.Sprintf("%#v", []byte(secret)), "[]byte{", "")[:20]}
}

func TestPrintersHideSecrets(t *testing.T) {
	for name, item := range held() {
		shown := map[string]string{}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
			shown[verb] = fmt.Sprintf(verb, item)
		}
		var text bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("stored", "item", item)
		shown["slog text"] = text.String()
		if strings.HasSuffix(name, "value") || strings.HasSuffix(name, "pointer") || strings.HasPrefix(name, "seal key") {
			var lines bytes.Buffer // a JSON handler marshals what holds a connection, in clear as documented
			slog.New(slog.NewJSONHandler(&lines, nil)).Info("stored", "item", item)
			shown["slog JSON"] = lines.String()
		}
		for how, got := range shown {
			for _, secret := range spellings(hidden) {
				if strings.Contains(got, secret) {
					t.Errorf("%s with %s shows %q: %s", name, how, secret, got)
				}
			}
		}
		if got := shown["%v"]; !strings.Contains(got, value.Mask) || !strings.Contains(got, "c1") && !strings.Contains(got, "k1") {
			t.Errorf("%s: %s names nothing or masks nothing", name, got)
		}
	}
	for _, text := range []string{secretConnection().String(), vm.SealKey{ID: "k1", Secret: []byte(hidden)}.String()} {
		if strings.Contains(text, hidden) || !strings.Contains(text, value.Mask) {
			t.Error(text)
		}
	}
}

// However it is held, a connection marshals to the same JSON, which holds its credentials; a seal key never holds its
// secret and, without it, is not read back.
func TestMarshalByValue(t *testing.T) {
	conn := secretConnection()
	want, err := json.Marshal(&conn)
	if err != nil || strings.Count(string(want), hidden) != 2 {
		t.Fatalf("%s, %v", want, err)
	}
	for name, item := range held() {
		got, err := json.Marshal(item)
		if err != nil {
			t.Fatal(name, err)
		}
		switch {
		case strings.HasPrefix(name, "seal key"):
			var key vm.SealKey
			if strings.Contains(string(got), hidden) || !strings.Contains(string(got), `{"ID":"k1","Secret":"`+value.Mask+`"}`) {
				t.Errorf("%s: %s", name, got)
			} else if strings.HasSuffix(name, "value") && json.Unmarshal(got, &key) == nil {
				t.Errorf("%s is read back without its secret: %v", name, len(key.Secret))
			}
		case !bytes.Contains(got, want):
			t.Errorf("%s: %s lacks %s", name, got, want)
		}
	}
	var back struct{ Item vm.Connection }
	b, err := json.Marshal(struct{ Item vm.Connection }{conn})
	if err == nil {
		err = json.Unmarshal(b, &back)
	}
	if got := back.Item.Data.Value("token").Str(); err != nil || got != hidden {
		t.Errorf("read back %q, %v", got, err)
	}
	if got, err := json.Marshal((*vm.Connection)(nil)); string(got) != "null" || err != nil {
		t.Errorf("no connection is %s, %v", got, err)
	}
}

// What signs, and where an authorisation stands, is logged without secrets however it is held and by whichever handler.
// None of it is read back as if it were whole.
func TestHandlersHideSecrets(t *testing.T) {
	params := oauth1.Params{ConsumerKey: "c1", ConsumerSecret: hidden, PrivateKey: hidden, Token: hidden, TokenSecret: hidden, Verifier: hidden,
		Extra: []uri.Pair{{Name: "oauth_session_handle", Value: hidden}}}
	conn := secretConnection()
	all := map[string]any{}
	add := func(name string, holders map[string]any) {
		for how, item := range holders {
			all[name+" as "+how] = item
		}
	}
	add("params", holders(params))
	add("secrets", holders(oauth1.Secrets{ConsumerSecret: hidden, TokenSecret: hidden, PrivateKey: hidden}))
	add("signing", holders(vm.Signing{Params: &params, As: "info"}))
	add("step", holders(vm.Step{Connection: &conn}))
	for name, item := range all {
		var lines bytes.Buffer
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("stored", "item", item)
		slog.New(slog.NewTextHandler(&lines, nil)).Info("stored", "item", item)
		marshalled, err := json.Marshal(item)
		if err != nil {
			t.Error(name, err)
		}
		for _, got := range []string{lines.String(), string(marshalled), fmt.Sprintf("%v %+v %#v %s %x", item, item, item, item, item)} {
			for _, secret := range spellings(hidden) {
				if strings.Contains(got, secret) {
					t.Errorf("%s shows %q: %s", name, secret, got)
				}
			}
		}
	}
	for name, item := range map[string]any{
		"answer": &oauth1.TokenAnswer{Token: hidden, TokenSecret: hidden}, "header": &oauth1.Authorization{Params: []uri.Pair{{Name: "oauth_signature", Value: hidden}}},
		"grant": &client.Grant{Token: hidden, TokenSecret: hidden}, "temporary": &client.Temporary{Token: hidden, Secret: hidden}, "foreign": explain.Foreign{Authorization: hidden},
		"step": vm.Step{RedirectURL: "https://a.test/?oauth_token=" + hidden, State: hidden, Key: "k1"},
	} {
		var lines bytes.Buffer
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("got", "item", item)
		slog.New(slog.NewTextHandler(&lines, nil)).Info("got", "item", item)
		if strings.Contains(lines.String(), hidden) {
			t.Errorf("%s: %s", name, lines.String())
		}
	}
	var step vm.Step
	if b, err := json.Marshal(vm.Step{Connection: &conn}); err != nil || json.Unmarshal(b, &step) == nil {
		t.Errorf("a step without the data of its connection is read back: %s, %v", b, err)
	}
	if b, err := json.Marshal(params); err != nil || json.Unmarshal(b, new(oauth1.Params)) == nil {
		t.Errorf("parameters without their secrets are read back: %s, %v", b, err)
	}
	whole := vm.Step{RedirectURL: "https://a.test/", State: "sealed", Key: "k1", Expires: time.Unix(1, 0).UTC()}
	if b, err := json.Marshal(whole); err != nil || json.Unmarshal(b, &step) != nil || step != whole {
		t.Errorf("%s, %v, read back %+v", b, err, step)
	}
}

// What docs/security.md says of lists holds: a handler that prints what is no plain value shows no connection inside.
func TestHandlerThatPrints(t *testing.T) {
	prints := func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindAny {
			a.Value = slog.StringValue(fmt.Sprintf("%+v", a.Value.Any()))
		}
		return a
	}
	var lines bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{ReplaceAttr: prints}))
	for _, item := range holders(secretConnection()) {
		log.Info("stored", "item", item)
	}
	if strings.Contains(lines.String(), hidden) || !strings.Contains(lines.String(), "c1") {
		t.Error(lines.String())
	}
}
