package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// maxHops is how many redirects a headless visit follows.
const maxHops = 20

// visit plays the browser for providers that approve by themselves: it follows the authorize URL until it is sent to
// the callback address, and returns the raw query found there. Nothing is sent to the callback address itself.
func visit(ctx context.Context, authorize, callback string, egress wire.Egress, transport http.RoundTripper) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: transport, Jar: jar, Timeout: 40 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	at := authorize
	for range maxHops {
		target, err := hop(ctx, client, at, egress)
		if err != nil {
			return "", err
		}
		if query, ok := callbackQuery(target, callback); ok {
			return query, nil
		}
		at = target.String()
	}
	return "", fmt.Errorf("authorize: more than %d redirects without reaching the callback address", maxHops)
}

// hop fetches one address and returns where it redirects to.
func hop(ctx context.Context, client *http.Client, at string, egress wire.Egress) (*url.URL, error) {
	u, err := uri.Parse(at, false)
	if err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	if err := egress.CheckURL(u); err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, fmt.Errorf("authorize: the address %s cannot be requested", content.MaskURL(at))
	}
	req.Header.Set("User-Agent", "imlc/"+imlc.Version())
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("authorize: %s cannot be reached: %w", req.URL.Host, unwrapURL(err))
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	location := res.Header.Get("Location")
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400 && location != "":
		target, err := req.URL.Parse(location)
		if err != nil {
			return nil, fmt.Errorf("authorize: the redirect of %s goes to no address", req.URL.Host)
		}
		return target, nil
	case res.StatusCode >= 400:
		return nil, fmt.Errorf("authorize: %s answered %s%s", req.URL.Host, wire.StatusText(res.StatusCode), words(body))
	}
	return nil, fmt.Errorf("authorize: %s shows a page (status %d) that wants a person; run without --headless", req.URL.Host, res.StatusCode)
}

// unwrapURL drops the URL from an error of net/http: it may hold a token.
func unwrapURL(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

// words returns what a provider said, on one line, cut and masked; "" when it said nothing readable.
func words(body []byte) string {
	s := strings.Join(strings.Fields(value.ValidText(string(body))), " ")
	if s == "" || strings.HasPrefix(s, "<") {
		return ""
	}
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return ": " + content.NewMasker(nil, nil).Text(s)
}

// callbackQuery returns the query of target if it is the callback address.
func callbackQuery(target *url.URL, callback string) (string, bool) {
	cb, err := url.Parse(callback)
	if err != nil || !strings.EqualFold(cb.Scheme, target.Scheme) || !strings.EqualFold(cb.Host, target.Host) {
		return "", false
	}
	path := func(u *url.URL) string {
		if u.EscapedPath() == "" {
			return "/"
		}
		return u.EscapedPath()
	}
	return target.RawQuery, path(cb) == path(target)
}
