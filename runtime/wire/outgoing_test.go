package wire

import "testing"

func TestAppendForm(t *testing.T) {
	form := Header{{Name: "Content-Type", Value: "Application/X-WWW-Form-Urlencoded; charset=utf-8"}}
	for _, tt := range []struct {
		name string
		out  Outgoing
		want string
	}{
		{"after the form", Outgoing{Header: form, Body: formBody([]byte("a=b"))}, "a=b&o=1"},
		{"empty form", Outgoing{Header: form, Body: formBody(nil)}, "o=1"},
		{"no body", Outgoing{}, "o=1"},
	} {
		before := tt.out.Body.Content
		tt.out.AppendForm("o=1")
		if got := string(tt.out.Body.Content); got != tt.want || !tt.out.SignsPairs() {
			t.Errorf("%s: %q", tt.name, got)
		}
		if len(before) > 0 && &before[0] == &tt.out.Body.Content[0] {
			t.Errorf("%s: the author's body was written to", tt.name)
		}
	}
}
