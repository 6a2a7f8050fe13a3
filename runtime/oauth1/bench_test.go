package oauth1_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"testing"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// postForm is the request of the performance target: a POST with six form parameters, HMAC-SHA1.
func postForm(t testing.TB) (*oauth1.Signer, *oauth1.Request) {
	s, err := oauth1.NewSigner(oauth1.Params{
		ConsumerKey: "xvz1evFS4wEEPTGEFPHBog", ConsumerSecret: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Y7GBw",
		Token: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", TokenSecret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, &oauth1.Request{
		Method: "POST", URL: "https://api.example.com/1.1/statuses/update.json", ContentType: media.Form,
		Body: []byte("status=Hello%20Ladies%20%2B%20Gentlemen&include_entities=true&lat=37.7821120598956&long=-122.400612831116&display_coordinates=false&trim_user=1"),
	}
}

func BenchmarkFloorHMACSHA1(b *testing.B) {
	s, req := postForm(b)
	_, trace, err := s.SignTrace(req, nonceText, 1318622958)
	if err != nil {
		b.Fatal(err)
	}
	base := []byte(trace.BaseString)
	mac := hmac.New(sha1.New, []byte("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Y7GBw&LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"))
	var sum [20]byte
	b.ReportAllocs()
	for b.Loop() {
		mac.Reset()
		mac.Write(base)
		mac.Sum(sum[:0])
	}
}

const nonceText = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"

func BenchmarkAppendAuthorization(b *testing.B) {
	s, req := postForm(b)
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = s.AppendAuthorization(buf[:0], req, nonceText, 1318622958); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s, req := postForm(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign(req, nonceText, 1318622958); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignTrace(b *testing.B) {
	s, req := postForm(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.SignTrace(req, nonceText, 1318622958); err != nil {
			b.Fatal(err)
		}
	}
}
