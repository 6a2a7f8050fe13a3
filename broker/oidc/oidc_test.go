package oidc

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestPatience has each answer of a provider begin and never end: whoever waits is told within the bound of a request.
func TestPatience(t *testing.T) {
	for _, hangs := range []string{"/.well-known/openid-configuration", "/keys", "/token"} {
		t.Run(hangs, func(t *testing.T) {
			over := make(chan struct{})
			var issuer *httptest.Server
			issuer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if r.URL.Path == hangs {
					_, _ = w.Write([]byte("{"))
					w.(http.Flusher).Flush()
					<-over
					return
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"issuer": issuer.URL, "authorization_endpoint": issuer.URL + "/auth", "token_endpoint": issuer.URL + "/token",
					"jwks_uri": issuer.URL + "/keys", "access_token": "x", "token_type": "Bearer", "id_token": signedByNobodyKnown})
			}))
			defer issuer.Close()
			defer close(over)
			p, err := New(Config{Issuer: issuer.URL, ClientID: "imlc", AllowPrivate: true})
			if err != nil {
				t.Fatal(err)
			}
			if p.client.Timeout != timeout || timeout > 10*time.Second {
				t.Errorf("a request may take %s", p.client.Timeout)
			}
			p.client.Timeout = 100 * time.Millisecond
			began := time.Now()
			code, err := p.Answer("secret", url.Values{"state": {derived("secret", "state")}, "code": {"x"}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = p.Redeem(context.Background(), "secret", "http://127.0.0.1/back", code); err == nil || !strings.Contains(err.Error(), "Client.Timeout") && !strings.Contains(err.Error(), "deadline exceeded") {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			if took := time.Since(began); took > 8*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// signedByNobodyKnown is a token whose key has to be looked for.
const signedByNobodyKnown = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AAAA"
