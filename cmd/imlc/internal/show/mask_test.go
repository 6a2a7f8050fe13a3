package show

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestMask(t *testing.T) {
	defs := []plan.Parameter{{Name: "pin", Secret: true}, {Name: "shop", Type: "select", Options: []plan.ParameterOption{{Nested: []plan.Parameter{{Name: "pem", Secret: true}}}}}}
	m := NewMask(defs)
	m.Learn("", "abc", "hunter2 /x")
	got := string(value.AppendJSON(nil, m.Value(parse(t, `{"consumerKey":"ck","accessToken":"at","nested":{"password":"pw","n":1},"list":[{"secret":"s"}],
		"empty_token":"","plain":"x","pin":1234,"shop":{"pem":"P"},"a":"abc","b":"abcd","c":["say hunter2%20%2Fx"],"note":"oauth_token=q"}`))))
	want := `{"consumerKey":"ck","accessToken":"••••","nested":{"password":"••••","n":1},"list":[{"secret":"••••"}],` +
		`"empty_token":"","plain":"x","pin":"••••","shop":{"pem":"••••"},"a":"••••","b":"abcd","c":["say ••••"],"note":"oauth_token=••••"}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := m.Value(value.Text("marked").AsSecret()); got.Str() != value.Mask {
		t.Errorf("a marked text is shown as %s", Text(got))
	}
}

func TestMaskLearnsFromValues(t *testing.T) {
	m := NewMask(nil)
	m.LearnFrom(parse(t, `{"oauth_token_secret":"t0psecret","list":[{"password":["one-of-many"]}],"name":"public name"}`))
	got := m.Text("t0psecret one-of-many public name")
	if diff := cmp.Diff(value.Mask+" "+value.Mask+" public name", got); diff != "" {
		t.Error(diff)
	}
	if got := m.URL("https://user:pw@host/t0psecret"); strings.Contains(got, "pw") || strings.Contains(got, "t0psecret") {
		t.Errorf("shown %s", got)
	}
}

// TestMaskLearnsFromRuns stores tokens under names that tell nothing.
func TestMaskLearnsFromRuns(t *testing.T) {
	m := NewMask(nil)
	for _, e := range []vm.Event{
		{Kind: vm.EventStored, Value: parse(t, `{"a":"token-of-the-user","list":[{"b":"••••","c":"public"}],"d":"public"}`)},
		{Kind: vm.EventSigned, Signature: &oauth1.Trace{Sorted: []oauth1.Param{
			{Pair: uri.Pair{Name: "oauth_token", Value: "token-of-the-user"}, Origin: oauth1.OriginProtocol},
			{Pair: uri.Pair{Name: "oauth_nonce", Value: "a-nonce"}, Origin: oauth1.OriginProtocol},
			{Pair: uri.Pair{Name: "tokens", Value: "a-page"}, Origin: oauth1.OriginQuery}}}},
		{Kind: vm.EventTemp, Value: parse(t, `{"e":"••••"}`)},
		{Kind: vm.EventCommit, Value: parse(t, `{"g":"••••"}`)},
	} {
		m.Watch(context.Background(), e)
	}
	got := string(value.AppendJSON(nil, m.Value(parse(t, `{"a":"token-of-the-user","list":[{"b":"its secret","c":"public"}],"d":"public","e":"a-page","f":"a-nonce","g":"found late"}`))))
	if diff := cmp.Diff(`{"a":"••••","list":[{"b":"••••","c":"public"}],"d":"public","e":"a-page","f":"a-nonce","g":"••••"}`, got); diff != "" {
		t.Error(diff)
	}
}
