package wire

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/media"
)

// BenchmarkDo measures a POST with a JSON answer against bare net/http on the same server: the difference is the cost
// of this package per request.
func BenchmarkDo(b *testing.B) {
	answer := `{"oauth_token":"` + strings.Repeat("t", 400) + `","list":[1,2,3]}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	defer s.Close()
	body := []byte("a=1&b=2&c=3")
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: NewTransport(Egress{AllowPrivate: true})}
		b.ReportAllocs()
		for b.Loop() {
			r, _ := http.NewRequest("POST", s.URL+"/x?y=1", strings.NewReader(string(body)))
			r.Header.Set("Content-Type", media.Form)
			res, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(res.Body)
			res.Body.Close()
		}
	})
	b.Run("wire", func(b *testing.B) {
		client := localClient(ClientOptions{})
		u := mustURL(b, s.URL+"/x?y=1", true)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.Do(context.Background(), &Request{Method: "POST", URL: u, Body: formBody(body)}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkBuild measures what this package does before and after the exchange, without one.
func BenchmarkBuild(b *testing.B) {
	c := NewClient(ClientOptions{Transport: funcTransport(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})})
	u := mustURL(b, "https://h.test/x?y=1", true)
	body := formBody([]byte("a=1&b=2"))
	signer := headerSigner{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Do(context.Background(), &Request{Method: "POST", URL: u, Body: body}, signer); err != nil {
			b.Fatal(err)
		}
	}
}

type headerSigner struct{}

func (headerSigner) Sign(out *Outgoing) error {
	out.Header.Set("Authorization", "OAuth x")
	return nil
}
func (headerSigner) Strips(string, bool) bool { return false }
