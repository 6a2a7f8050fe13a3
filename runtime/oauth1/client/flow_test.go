package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/client"
)

func TestCheckCallback(t *testing.T) {
	for _, c := range []struct{ query, verifier, code string }{
		{"oauth_token=rt%2F1&oauth_verifier=v%2B1", "v+1", ""},
		{"?state=1&oauth_token=rt%2F1", "", ""},
		{"oauth_token=other&oauth_verifier=v", "", "oauth1/token-mismatch"},
		{"oauth_token=other&denied=rt%2F1", "", "oauth1/token-mismatch"},
		{"denied=other", "", "oauth1/token-mismatch"},
		{"denied=rt%2F1", "", "oauth1/refused"},
		{"oauth_token=rt%2F1&oauth_problem=user_refused", "", "oauth1/refused"},
		{"error=access_denied", "", "oauth1/refused"},
		{"error=x&oauth_token=rt%2F1&oauth_verifier=v", "v", ""},
		{"oauth_verifier=v", "", "oauth1/no-callback-token"},
		{"", "", "oauth1/no-callback-token"},
	} {
		verifier, err := client.CheckCallback("rt/1", c.query)
		if verifier != c.verifier {
			t.Errorf("%s: verifier %q", c.query, verifier)
		}
		if c.code == "" && err != nil || c.code != "" && !errors.Is(err, &client.CallbackError{Code: c.code}) {
			t.Errorf("%s: error %v, want %s", c.query, err, c.code)
		}
		if err != nil && strings.Contains(err.Error(), "rt/1") {
			t.Errorf("the error holds the token: %v", err)
		}
	}
}

func TestAuthorizeURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.test/auth":              "https://a.test/auth?oauth_token=t%2F1",
		"https://a.test/auth?":             "https://a.test/auth?oauth_token=t%2F1",
		"https://a.test/auth?x=1#frag":     "https://a.test/auth?x=1&oauth_token=t%2F1#frag",
		"https://a.test/auth?oauth_token=": "https://a.test/auth?oauth_token=",
	} {
		if got := client.AuthorizeURL(in, "t/1"); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func flowWith(t *testing.T, base http.RoundTripper, alter func(*client.Config)) *client.Flow {
	t.Helper()
	c := client.Config{
		Params: oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs-hidden"}, RequestTokenURL: "https://a.test/rt", AuthorizeURL: "https://a.test/auth",
		AccessTokenURL: "https://a.test/at", Options: client.Options{Base: base, Now: func() time.Time { return time.Unix(1000, 0) }},
	}
	if alter != nil {
		alter(&c)
	}
	return newFlow(t, c)
}

func TestTokenCalls(t *testing.T) {
	for _, c := range []struct {
		name              string
		status            int
		contentType, body string
		want              string
	}{
		{"201", 201, "text/html", " oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true&x=1\n", ""},
		{"json", 200, "application/json", `{"oauth_token":"a","oauth_token_secret":"b","oauth_callback_confirmed":"true","x":1}`, ""},
		{"unconfirmed", 200, "", "oauth_token=a&oauth_token_secret=b", "oauth1/callback-not-confirmed"},
		{"problem", 401, "", "oauth_problem=consumer_key_unknown", "request token call: the provider reports consumer_key_unknown (status 401)"},
		{"status", 500, "text/html", "<p>hidden</p>", "request token call: the answer was [500] Internal Server Error"},
		{"bad answer", 200, "", "hidden", "oauth_token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := answers(func(r *http.Request) *http.Response {
				if !strings.Contains(r.Header.Get("Authorization"), `oauth_callback="oob"`) || r.Method != "POST" || r.ContentLength != 0 {
					t.Errorf("%s %v", r.Method, r.Header)
				}
				return answer(r, c.status, "", c.contentType, c.body)
			})
			f := flowWith(t, base, func(c *client.Config) { c.Strict = true })
			temporary, err := f.RequestToken(t.Context(), "oob")
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hidden") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if x, _ := temporary.Answer.Get("x"); x != "1" || temporary.Secret != "b" {
				t.Errorf("%v", temporary.Answer)
			}
		})
	}
}

// TestTokenCallStaysAtHome: a password must not follow a redirect.
func TestTokenCallStaysAtHome(t *testing.T) {
	hops := 0
	base := answers(func(r *http.Request) *http.Response { hops++; return answer(r, 307, "https://evil.test/", "", "") })
	_, err := flowWith(t, base, nil).XAuth(t.Context(), "u", "password-hidden")
	if err == nil || hops != 1 || strings.Contains(err.Error(), "hidden") {
		t.Errorf("%d hops, %v", hops, err)
	}
}

func TestRenewSingleFlight(t *testing.T) {
	var mu sync.Mutex
	calls := 0
	release := make(chan struct{})
	base := answers(func(r *http.Request) *http.Response {
		mu.Lock()
		calls++
		mu.Unlock()
		if !strings.Contains(r.Header.Get("Authorization"), `oauth_session_handle="h%2F"`) || !strings.Contains(r.Header.Get("Authorization"), `oauth_token="old"`) {
			t.Error(r.Header.Get("Authorization"))
		}
		<-release
		return answer(r, 200, "", "", "oauth_token=new&oauth_token_secret=s2&oauth_expires_in=60")
	})
	conn, err := flowWith(t, base, nil).Connect(&client.Grant{Token: "old", TokenSecret: "s-hidden", SessionHandle: "h/"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg, ready sync.WaitGroup
	ready.Add(32)
	for range 32 {
		wg.Go(func() {
			ready.Done()
			if g, err := conn.Renew(t.Context()); err != nil || g.Token != "new" {
				t.Errorf("%v %v", g, err)
			}
		})
	}
	// A caller who gives up does not stop the renewal.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := conn.Renew(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	ready.Wait()
	time.Sleep(100 * time.Millisecond)
	close(release)
	wg.Wait()
	g := conn.Grant()
	if calls != 1 || g.SessionHandle != "h/" || g.Expires != time.Unix(1060, 0) || conn.Expired() {
		t.Errorf("%d calls, expires %v", calls, g.Expires)
	}
	if text := fmt.Sprintf("%v %+v %v", g, g, conn.Transport()); strings.Contains(text, "s2") || strings.Contains(text, "hidden") {
		t.Error(text)
	}
}

func TestRenewErrors(t *testing.T) {
	base := answers(func(r *http.Request) *http.Response {
		return answer(r, 200, "", "", "oauth_token=new&oauth_token_secret=s2")
	})
	f := flowWith(t, base, nil)
	if _, err := f.Renew(t.Context(), &client.Grant{Token: "a"}); err == nil {
		t.Error("renewed without a handle")
	}
	failed := errors.New("disk full")
	conn, err := f.Connect(&client.Grant{Token: "old", SessionHandle: "h"}, func(context.Context, *client.Grant) error { return failed })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Renew(t.Context()); !errors.Is(err, failed) || conn.Grant().Token != "old" {
		t.Errorf("error %v, token %s", err, conn.Grant().Token)
	}
}
