package vm_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

// TestErrorsHaveAPlace: what fails at run time names the directive, its text, and what in it had no value.
func TestErrorsHaveAPlace(t *testing.T) {
	for name, c := range map[string]struct {
		spec   string
		answer reply
		want   *vm.Place
	}{
		"url": {
			spec: "{\n  \"url\": \"{{parameters.base}}/me\"}",
			want: &vm.Place{Pointer: "/url", File: "communication.json", Line: 2, Column: 13, Template: "{{parameters.base}}/me", Undefined: []string{"parameters.base"}},
		},
		"escapes before it": {
			spec: `{"url": "\u0022\"{{temp.x.y}}"}`,
			want: &vm.Place{Pointer: "/url", File: "communication.json", Line: 1, Column: 20, Template: `""{{temp.x.y}}`, Undefined: []string{"temp.x.y"}},
		},
		"expression": {
			spec: `{"url": "https://a.test/{{map(temp.list; 2)}}"}`,
			want: &vm.Place{Pointer: "/url", File: "communication.json", Line: 1, Column: 31, Template: "https://a.test/{{map(temp.list; 2)}}", Undefined: []string{"temp.list"}},
		},
		"expression in an object": {
			spec: "{\"url\": \"https://a.test/\",\n\"qs\": {\"a\": \"{{now}}\",\n \"b\": \"{{parseDate(\\\"x\\\" + temp.y; 'YYYY')}}\"}}",
			want: &vm.Place{Pointer: "/qs", File: "communication.json", Line: 3, Column: 20, Template: `{{parseDate("x" + temp.y; 'YYYY')}}`, Undefined: []string{"temp.y"}},
		},
		"consumer key": {
			spec: `{"oauth": {"consumer_key": "{{parameters.key}}", "consumer_secret": "s"}, "info": {"url": "https://a.test/"}}`,
			want: &vm.Place{Pointer: "/oauth/consumer_key", File: "communication.json", Line: 1, Column: 31, Template: "{{parameters.key}}", Undefined: []string{"parameters.key"}},
		},
		"a fallback is no fault": {
			spec: `{"url": "{{ifempty(parameters.base; \"no address\")}}"}`,
			want: &vm.Place{Pointer: "/url", File: "communication.json", Line: 1, Column: 9, Template: `{{ifempty(parameters.base; "no address")}}`},
		},
		"expires": {
			spec:   `{"url": "https://a.test/", "response": {"expires": "{{body}}"}}`,
			answer: reply{body: "soon"},
			want:   &vm.Place{Pointer: "/response/expires", File: "communication.json", Line: 1, Column: 52, Template: "{{body}}"},
		},
	} {
		w := newWorld(c.answer)
		p := mustCompile(t, c.spec, imlc.Options{})
		got := errorOf(t, mustEngine(t, p, w.host()).Test(context.Background(), &vm.Connection{}))
		if diff := cmp.Diff(c.want, got.Place); diff != "" {
			t.Errorf("%s: %v\n%s", name, got, diff)
		}
		// A plan without positions and sources still names the directive, and what it reads.
		data, err := plan.Encode(p, plan.EncodeOptions{StripLines: true, StripSource: true})
		if err != nil {
			t.Fatal(err)
		}
		if p, err = plan.Decode(data, plan.DecodeOptions{}); err != nil {
			t.Fatal(err)
		}
		bare := errorOf(t, mustEngine(t, p, newWorld(c.answer).host()).Test(context.Background(), &vm.Connection{})).Place
		if bare == nil || bare.Pointer != c.want.Pointer || bare.Line != 0 || bare.Template != "" || len(bare.Undefined) != len(c.want.Undefined) {
			t.Errorf("%s, stripped: %+v", name, bare)
		}
	}
}

// TestPlaceHoldsNoSecret: a secret that a spec writes down is masked in the text that an error shows.
func TestPlaceHoldsNoSecret(t *testing.T) {
	spec := `{"oauth": {"consumer_key": "ck", "consumer_secret": "hunter2hunter2"}, "info": [{"url": "https://a.test/"}, {"url": "x{{temp.a}}hunter2hunter2"}]}`
	err := errorOf(t, mustEngine(t, mustCompile(t, spec, imlc.Options{}), newWorld(reply{}).host()).Test(context.Background(), &vm.Connection{}))
	if err.Place == nil || strings.Contains(err.Place.Template, "hunter2") || len(err.Place.Undefined) != 1 {
		t.Errorf("%+v", err.Place)
	}
}

// TestUnsetIdentity: a uid and a label that come to nothing are told, with what the answer has instead.
func TestUnsetIdentity(t *testing.T) {
	for spec, want := range map[string]string{
		`"uid": "{{body.user.id}}"`:                                         "communication.json:1:59: the connection has no uid: body.user.id is undefined; body.user has name, uid",
		`"uid": "{{body.list[3].id}}"`:                                      "communication.json:1:59: the connection has no uid: body.list[3].id is undefined; body.list is of type array",
		`"uid": "{{body.empty}}"`:                                           "communication.json:1:56: the connection has no uid: /response/uid is empty",
		`"uid": "1", "metadata": {"type": "text", "value": "{{body.nme}}"}`: "communication.json:1:102: the connection has no label: body.nme is undefined; body has user, list, empty",
		`"uid": "{{body.user.uid}}"`:                                        "",
	} {
		w := newWorld(reply{contentType: "application/json", body: `{"user": {"name": "Ada", "uid": 7}, "list": [1], "empty": ""}`})
		e := mustEngine(t, mustCompile(t, `{"url": "https://a.test/", "response": {"x": 1, `+spec+`}}`, imlc.Options{}), w.host())
		if err := e.Test(context.Background(), &vm.Connection{Data: object(t, `{}`)}); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, event := range w.events {
			if event.Kind == vm.EventUnset {
				got = event.Message
			}
		}
		if got != want {
			t.Errorf("%s\ngot  %q\nwant %q", spec, got, want)
		}
	}
}
