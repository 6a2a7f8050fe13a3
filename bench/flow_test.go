package perfbench

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// recorder keeps the requests that it answers.
type recorder struct{ sent []*http.Request }

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.sent = append(r.sent, req)
	return tokens{}.RoundTrip(req)
}

// The flow by hand is the one that the engine runs: the same requests with the same parameters, rightly signed.
func TestSameFlow(t *testing.T) {
	const base = "http://127.0.0.1:1"
	var own, hand recorder
	eng, err := engineOver(&own)
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	if _, err := authorise(eng, base); err != nil {
		t.Fatal(err)
	}
	seal, err := newHandSeal()
	if err != nil {
		t.Fatal(err)
	}
	if err := handFlow(&http.Client{Transport: &hand}, seal, base); err != nil {
		t.Fatal(err)
	}
	if len(own.sent) != 3 || len(hand.sent) != 3 {
		t.Fatalf("%d requests by the engine and %d by hand", len(own.sent), len(hand.sent))
	}
	for i := range own.sent {
		a, b := parameters(t, own.sent[i]), parameters(t, hand.sent[i])
		if own.sent[i].Method != hand.sent[i].Method || own.sent[i].URL.String() != hand.sent[i].URL.String() {
			t.Errorf("the engine sends %s %s, by hand %s %s", own.sent[i].Method, own.sent[i].URL, hand.sent[i].Method, hand.sent[i].URL)
		}
		for _, fresh := range []string{"oauth_nonce", "oauth_timestamp", "oauth_signature", "oauth_token"} {
			a[fresh], b[fresh] = strconv.FormatBool(a[fresh] != ""), strconv.FormatBool(b[fresh] != "")
		}
		if !maps.Equal(a, b) {
			t.Errorf("request %d has %v of the engine, and %v by hand", i, a, b)
		}
	}
}

// parameters returns those of the Authorization header of a request, whose signature must be right.
func parameters(t *testing.T, req *http.Request) map[string]string {
	t.Helper()
	header, err := oauth1.ParseAuthorization(req.Header.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, p := range header.Params {
		all[p.Name] = p.Value
	}
	params := oauth1.Params{ConsumerKey: "consumerkey", ConsumerSecret: "consumersecret",
		Token: all["oauth_token"], Callback: all["oauth_callback"], Verifier: all["oauth_verifier"]}
	if params.Token != "" {
		answer, err := url.ParseQuery(answerBody)
		if err != nil {
			t.Fatal(err)
		}
		params.TokenSecret = answer.Get("oauth_token_secret")
	}
	signer, err := oauth1.NewSigner(params)
	if err != nil {
		t.Fatal(err)
	}
	timestamp, err := strconv.ParseInt(all["oauth_timestamp"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(&oauth1.Request{Method: req.Method, URL: req.URL.String()}, all["oauth_nonce"], timestamp)
	if err != nil {
		t.Fatal(err)
	}
	if signed.Signature != all["oauth_signature"] {
		t.Errorf("%s %s: signature %s, expected %s", req.Method, req.URL, all["oauth_signature"], signed.Signature)
	}
	return all
}
