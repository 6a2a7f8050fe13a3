package media

import "testing"

func TestKindOf(t *testing.T) {
	for in, want := range map[string]Kind{
		"application/json": JSON, " Application/JSON ; charset=utf-8": JSON, "application/vnd.api+json": JSON, "text/json": Text,
		"application/xml": XML, "TEXT/XML;x": XML, "application/atom+xml": XML, "application/x-www-form-urlencoded;charset=x": Pairs,
		"text/html": Text, "": Unknown, "image/png": Unknown, "json": Unknown,
	} {
		if got := KindOf(in); got != want {
			t.Errorf("KindOf(%q) = %v, want %v", in, got, want)
		}
		if IsForm(in) != (want == Pairs) {
			t.Errorf("IsForm(%q) = %v", in, IsForm(in))
		}
	}
}

func TestLook(t *testing.T) {
	for in, want := range map[string]Kind{
		"\xef\xbb\xbf \n{}": JSON, "[": JSON, "\t<a/>": XML, "a=1": Pairs, "": Pairs, " \xef\xbb\xbf{": Pairs,
	} {
		if got := Look(in); got != want {
			t.Errorf("Look(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ contentType, body, want string }{
		{"text/plain", "\xef\xbb\xbfhé", "hé"},
		{"text/plain; charset=ISO-8859-1", "h\xe9", "hé"},
		{`text/plain;a=b; CharSet = "latin1"`, "h\xe9", "hé"},
		{"text/plain; charset=us-ascii", "h\xe9\xe9", "h\uFFFD\uFFFD"},
		{"text/plain; charset=utf-16", "h\xe9\xe9i", "h\uFFFDi"},
	} {
		if got, _ := Decode(Charset(c.contentType), c.body, nil); got != c.want {
			t.Errorf("%s: %q, want %q", c.contentType, got, c.want)
		}
	}
}

func TestXMLCharset(t *testing.T) {
	for _, c := range []struct{ contentType, document, want string }{
		{"text/xml; charset=UTF-8", `<?xml encoding="latin1"?>`, "utf-8"},
		{"text/xml", `<?xml version="1.0" encoding = 'ISO-8859-1'?><a/>`, "iso-8859-1"},
		{"text/xml", `<?xml version="1.0"?><a encoding="x"/>`, ""},
		{"text/xml", `<?xml encoding=latin1?>`, ""},
		{"text/xml", `<a encoding="latin1"/>`, ""},
	} {
		if got := XMLCharset(c.contentType, c.document); got != c.want {
			t.Errorf("%s: %q, want %q", c.document, got, c.want)
		}
	}
}
