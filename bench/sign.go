package perfbench

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	dghubble "github.com/dghubble/oauth1"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/value"
)

// The request of the signing table: a POST with six form parameters, HMAC-SHA1.
const (
	signURL   = "https://api.example.com/1.1/statuses/update.json"
	signForm  = "status=Hello%20Ladies%20%2B%20Gentlemen&include_entities=true&lat=37.7821120598956&long=-122.400612831116&display_coordinates=false&trim_user=1"
	signNonce = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"
	signTime  = 1318622958
)

var signKeys = oauth1.Params{
	ConsumerKey: "xvz1evFS4wEEPTGEFPHBog", ConsumerSecret: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Y7GBw",
	Token: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", TokenSecret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
}

// signTable compares signatures with the bare HMAC of the same base string, and the engine's share of a request with
// net/http's.
func signTable(r *report) error {
	signer, err := oauth1.NewSigner(signKeys)
	if err != nil {
		return err
	}
	req := &oauth1.Request{Method: "POST", URL: signURL, ContentType: media.Form, Body: []byte(signForm)}
	signed, trace, err := signer.SignTrace(req, signNonce, signTime)
	if err != nil {
		return err
	}
	plainHeader := mapSign(signURL, signForm, signNonce, fmt.Sprint(signTime))
	if want := signatureOf(signed.Authorization); signatureOf(plainHeader) != want {
		return fmt.Errorf("the map signer gives %s, expected %s", signatureOf(plainHeader), want)
	}
	mac := hmac.New(sha1.New, []byte(signKeys.ConsumerSecret+"&"+signKeys.TokenSecret))
	base := []byte(trace.BaseString)
	peer := dghubble.NewConfig(signKeys.ConsumerKey, signKeys.ConsumerSecret).Client(
		context.WithValue(context.Background(), dghubble.HTTPClient, &http.Client{Transport: canned("")}), dghubble.NewToken(signKeys.Token, signKeys.TokenSecret))
	var buf []byte
	results := measure(r.Plan.longer(), []variant{
		{"bare HMAC", func(n int) { sumTimes(mac, base, n) }},
		{"imlc", func(n int) {
			for range n {
				buf, err = signer.AppendAuthorization(buf[:0], req, signNonce, signTime)
			}
		}},
		{"sorted maps, as gomodule/oauth1 does it", func(n int) {
			for range n {
				sink = mapSign(signURL, signForm, signNonce, "1318622958")
			}
		}},
		{"dghubble", func(n int) {
			for range n {
				out, _ := http.NewRequest(http.MethodPost, signURL, strings.NewReader(signForm))
				out.Header.Set("Content-Type", media.Form)
				sink, _ = peer.Transport.RoundTrip(out)
			}
		}},
	})
	if err != nil {
		return err
	}
	t := &table{title: "d. Signing", heads: []string{"signer", "time", "of bare HMAC", "must", "", "allocs", "must", ""},
		note: "A POST with six form parameters, HMAC-SHA1. dghubble's time includes the request it needs."}
	for i, x := range results {
		ratio := x.over(results[0])
		if i == 1 {
			t.add(x.name, duration(x.median()), ratio, 3.2, r.verdict("d signing", ratio, 3.2), x.allocs, 2, r.verdict("d signing allocations", x.allocs, 2))
			continue
		}
		t.add(x.name, duration(x.median()), ratio, "", "", x.allocs, "", "")
	}
	r.print(t)
	return overheadTable(r)
}

func sumTimes(mac hash.Hash, base []byte, n int) {
	var sum [sha1.Size]byte
	for range n {
		mac.Reset()
		mac.Write(base)
		sinkBytes = mac.Sum(sum[:0])
	}
}

func signatureOf(header string) string {
	_, rest, _ := strings.Cut(header, `oauth_signature="`)
	signature, _, _ := strings.Cut(rest, `"`)
	return signature
}

// mapSign signs the plain way: all parameters in a map, sorted, joined and hashed with a fresh key.
func mapSign(rawURL, form, nonce, timestamp string) string {
	protocol := map[string]string{
		"oauth_consumer_key": signKeys.ConsumerKey, "oauth_nonce": nonce, "oauth_signature_method": "HMAC-SHA1",
		"oauth_timestamp": timestamp, "oauth_token": signKeys.Token, "oauth_version": "1.0",
	}
	var pairs []string
	for k, v := range protocol {
		pairs = append(pairs, escape(k)+"="+escape(v))
	}
	values, err := url.ParseQuery(form)
	if err != nil {
		return ""
	}
	for k, vs := range values {
		for _, v := range vs {
			pairs = append(pairs, escape(k)+"="+escape(v))
		}
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(escape(signKeys.ConsumerSecret)+"&"+escape(signKeys.TokenSecret)))
	io.WriteString(mac, "POST&"+escape(rawURL)+"&"+escape(strings.Join(pairs, "&")))
	protocol["oauth_signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	var header bytes.Buffer
	header.WriteString("OAuth ")
	for k, v := range protocol {
		fmt.Fprintf(&header, "%s=%q, ", k, escape(v))
	}
	return header.String()
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// canned is a transport that answers every request with a body, without a network.
type canned string

// RoundTrip implements http.RoundTripper.
func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		io.Copy(io.Discard, req.Body)
		req.Body.Close()
	}
	return &http.Response{StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: int64(len(c)),
		Header: http.Header{"Content-Type": {media.Form}}, Body: io.NopCloser(strings.NewReader(string(c)))}, nil
}

// tokens is canned with a token of its own in every answer.
type tokens struct{}

// RoundTrip implements http.RoundTripper.
func (tokens) RoundTrip(req *http.Request) (*http.Response, error) {
	return canned(appendBody(nil)).RoundTrip(req)
}

// overheadTable measures what the engine adds to a request when the network takes no time.
func overheadTable(r *report) error {
	const base = "http://127.0.0.1:1"
	eng, err := engineOver(canned(answerBody))
	if err != nil {
		return err
	}
	defer eng.Close()
	conn, err := authorise(eng, base)
	if err != nil {
		return err
	}
	plain := &http.Client{Transport: canned(answerBody)}
	results := measure(r.Plan.steady(), []variant{
		{"net/http", func(n int) {
			for range n {
				if e := bare(plain, base); e != nil {
					err = e
				}
			}
		}},
		{"imlc", func(n int) {
			for range n {
				var v value.Value
				if v, err = eng.Call(context.Background(), conn, "post", nil); err == nil {
					sinkValue = v
				}
			}
		}},
	})
	if err != nil {
		return err
	}
	above := results[1].median() - results[0].median()
	t := &table{title: "d. The engine's share of a request", heads: []string{"variant", "time", "above net/http", "must", "", "allocs"},
		note: "The same POST over a transport that answers at once."}
	t.add("net/http", duration(results[0].median()), "", "", "", results[0].allocs)
	t.add("imlc", duration(results[1].median()), duration(above), "4 µs", r.verdict("d engine time", above, 4000), results[1].allocs)
	r.print(t)
	return nil
}
