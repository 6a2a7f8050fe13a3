package content

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestSanitizedTexts checks paths of which only the occurrences of a text are masked, and what stays.
func TestSanitizedTexts(t *testing.T) {
	m := NewMasker(nil, []SanitizePath{
		{Steps: []string{"body"}, Text: "p&ss"}, {Steps: []string{"headers", "x-a"}, Text: "ab"}, {Steps: []string{"url"}, Text: "p&ss"},
		{Answer: true, Steps: []string{"body", "deep"}, Text: "7"},
	})
	out := &wire.Outgoing{Method: "POST", URL: mustURL(t, "https://h.test/p&ss/ab?x=p%26ss"),
		Header: wire.Header{{Name: "X-A", Value: "cab"}, {Name: "X-B", Value: "cab"}}, Body: wire.Body{Present: true, Content: []byte("-")}}
	for body, want := range map[string]string{
		`"a p&ss, form p%26ss, json \\u0070&ss"`:     `"a ••••, form ••••, json ••••"`,
		`{"p&ss":["p&ss",{"x":"<p&amp;ss>"}],"n":1}`: `{"p&ss":["••••",{"x":"<••••>"}],"n":1}`,
	} {
		got := jsonOf(m.Request(RequestRecord(out, fromJSON(t, body))))
		want = `{"method":"POST","url":"https://h.test/••••/ab","headers":{"x-a":"c••••","x-b":"cab"},"qs":{"x":"p&ss"},"body":` + want + `}`
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", body, diff)
		}
	}
	got := jsonOf(m.Response(ResponseRecord(200, value.Undefined, fromJSON(t, `{"deep":{"a":"x7y","n":17},"flat":"7"}`))))
	if diff := cmp.Diff(`{"status":200,"body":{"deep":{"a":"x••••y","n":"••••"},"flat":"7"}}`, got); diff != "" {
		t.Error(diff)
	}
}

// TestPathsIntoTexts checks that a document which is a text is hidden when a path leads into it.
func TestPathsIntoTexts(t *testing.T) {
	m := NewMasker(nil, []SanitizePath{{Answer: true, Steps: []string{"body", "Password", "x"}}})
	for body, want := range map[string]string{
		`"{\"password\":{\"x\":1}}"`:      `"••••"`,
		`"<PASSWORD><x>1</x></PASSWORD>"`: `"••••"`,
		`"nothing of that name"`:          `"nothing of that name"`,
		`{"password":"{\"x\":1}"}`:        `{"password":"••••"}`,
	} {
		if got := jsonOf(m.Response(ResponseRecord(0, value.Undefined, fromJSON(t, body)))); got != `{"status":0,"body":`+want+`}` {
			t.Errorf("%s: got %s", body, got)
		}
	}
}

// TestSanitized checks that the texts at the places are found, those of one record only.
func TestSanitized(t *testing.T) {
	paths := []SanitizePath{{Answer: true, Steps: []string{"body", "list", "token"}}, {Answer: true, Steps: []string{"body", "all"}},
		{Answer: true, Steps: []string{"body"}, Text: "part"}, {Steps: []string{"body", "list", "id"}}}
	record := ResponseRecord(200, value.Undefined, fromJSON(t, `{"list":[{"token":"t1","id":"i"},{"token":2}],"all":{"a":["x",null]}}`))
	if diff := cmp.Diff([]string{"t1", "2", "x", "part"}, Sanitized(paths, true, record)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// Lasting secrets of an answer, whatever the paths are.
	record = ResponseRecord(200, value.Undefined, fromJSON(t, `{"oauth_token":"t","oauth_token_secret":"s","oauth_session_handle":"h"}`))
	if diff := cmp.Diff([]string{"s", "h"}, Sanitized(nil, true, record)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := Sanitized(nil, false, record); got != nil {
		t.Errorf("of a request %v", got)
	}
}
