package cli

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCallbackServer(t *testing.T) {
	s, err := listenForCallback(net.Listen, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	get := func(url string) int {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if code := get(strings.Replace(s.URI, callbackPath, "/favicon.ico", 1)); code != http.StatusNotFound {
		t.Errorf("another path: %d", code)
	}
	if code := get(s.URI + "?x=1"); code != http.StatusBadRequest {
		t.Errorf("a query that is no callback: %d", code)
	}
	done := make(chan int)
	go func() { done <- get(s.URI + "?oauth_token=t&oauth_verifier=v%2B") }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	query, err := s.wait(ctx)
	if query != "oauth_token=t&oauth_verifier=v%2B" || err != nil {
		t.Errorf("query %q, %v", query, err)
	}
	s.close("done")
	if code := <-done; code != http.StatusOK {
		t.Errorf("callback: %d", code)
	}
	expired, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	if _, err := s.wait(expired); err == nil || !strings.Contains(err.Error(), "--timeout") {
		t.Errorf("no word of the time: %v", err)
	}
	for _, uri := range []string{"https://127.0.0.1:1/x", "http://example.com/", ":"} {
		if _, err := listenForCallback(net.Listen, uri, 0); err == nil {
			t.Errorf("%s: no error", uri)
		}
	}
}

func TestQueryOf(t *testing.T) {
	for in, want := range map[string]string{
		"a=1&b=2": "a=1&b=2", "?a=1": "a=1", " http://x/cb?a=1#top \n": "a=1", "http://x/cb?a=b?c": "a=b?c",
	} {
		if got := queryOf(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
