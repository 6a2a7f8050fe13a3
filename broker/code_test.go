package broker

import "testing"

func TestCodeQuery(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "  \t": "", "1234567": "oauth_verifier=1234567", " a+/= ": "oauth_verifier=a%2B%2F%3D", "oauth_verifier=a%2B&x=1": "oauth_verifier=a%2B&x=1",
		"https://service.example/done?oauth_token=t&oauth_verifier=v#top": "oauth_token=t&oauth_verifier=v",
	} {
		if got := codeQuery(text); got != want {
			t.Errorf("%q: %q, expected %q", text, got, want)
		}
	}
}

func TestReadBaseString(t *testing.T) {
	if readBaseString("") != nil {
		t.Error("no base string has parts")
	}
	got := readBaseString("GET&https%3A%2F%2Fapi.example%2Fa%2520b&a%3D1%26b%3Dx%2526y%26c%3D")
	if got.Method != "GET" || got.URL != "https://api.example/a%20b" || len(got.Parameters) != 3 || got.Parameters[1] != (parameter{"b", "x&y"}) || got.Parameters[2] != (parameter{"c", ""}) {
		t.Errorf("%+v", got)
	}
	for _, odd := range []string{"PLAINTEXT", "GET&https%3&a%3", "a&b"} {
		if got := readBaseString(odd); got == nil || got.Text != odd {
			t.Errorf("%q: %+v", odd, got)
		}
	}
}

func TestByField(t *testing.T) {
	got := byField([]fieldProblem{{"a", "x", "wrong"}, {"b[2]", "x", "bad"}, {"b[3].c", "x", "worse"}, {"d.e", "x", "odd"}})
	if got["a"] != "wrong" || got["b"] != "b[2]: bad; b[3].c: worse" || got["d"] != "d.e: odd" || len(got) != 3 {
		t.Errorf("%v", got)
	}
}
