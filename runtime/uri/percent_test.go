package uri

import "testing"

func TestEscaping(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, c := range []struct {
		name   string
		escape func(string) string
		keeps  string
	}{
		{"Encode", Encode, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"},
		{"EncodeURI", EncodeURI, "!#$&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"},
		{"EscapePath", EscapePath, visibleASCII()},
		{"EscapeQuery", EscapeQuery, "!#$&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"},
	} {
		keeps := map[byte]bool{}
		for i := 0; i < len(c.keeps); i++ {
			keeps[c.keeps[i]] = true
		}
		for _, b := range all {
			want := string([]byte{b})
			if !keeps[b] {
				want = string(AppendEscape(nil, b))
			}
			if got := c.escape(string([]byte{b})); got != want {
				t.Errorf("%s of byte %#02x is %q, want %q", c.name, b, got, want)
			}
		}
		if got := Decode(c.escape(string(all))); c.name == "Encode" && got != string(all) {
			t.Errorf("%s does not decode to what it was", c.name)
		}
	}
	for in, want := range map[string]string{"a%2fb": "a%2fb", "%": "%25", "%2": "%252", "%zz%41": "%25zz%41"} {
		if got := EscapeQuery(in); got != want {
			t.Errorf("EscapeQuery(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ in, plain, form string }{
		{"a+b%20c", "a+b c", "a b c"},
		{"%2B%2b+", "+++", "++ "},
		{"%zz%4%41", "%zz%4A", "%zz%4A"},
		{"%2541", "%41", "%41"},
		{"%ff", "\xff", "\xff"},
		{"", "", ""},
		{"%", "%", "%"},
	} {
		if got := Decode(c.in); got != c.plain {
			t.Errorf("Decode(%q) = %q, want %q", c.in, got, c.plain)
		}
		if got := DecodeForm(c.in); got != c.form {
			t.Errorf("DecodeForm(%q) = %q, want %q", c.in, got, c.form)
		}
	}
}
