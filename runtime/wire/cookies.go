package wire

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Jar keeps cookies for the requests of one operation that share them. The zero Jar is empty and ready to use; it is
// safe for concurrent use.
type Jar struct {
	mu     sync.Mutex
	shared *cookiejar.Jar
	// exact holds the cookies by the origin that set them: after a redirect to another origin a request carries nothing
	// but what that very origin gave.
	exact map[string]*cookiejar.Jar
}

// store keeps the cookies of an answer from u.
func (j *Jar) store(u *uri.URL, res *http.Response) {
	cookies := res.Cookies()
	if len(cookies) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.shared == nil {
		j.shared, j.exact = newJar(), map[string]*cookiejar.Jar{}
	}
	origin := u.Origin()
	if j.exact[origin] == nil {
		j.exact[origin] = newJar()
	}
	at := cookieURL(u)
	j.shared.SetCookies(at, cookies)
	j.exact[origin].SetCookies(at, cookies)
}

// header returns the Cookie header value for u, "" for none; with exact only from cookies that the origin of u has set.
func (j *Jar) header(u *uri.URL, exact bool) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	from := j.shared
	if exact {
		from = j.exact[u.Origin()]
	}
	if from == nil {
		return ""
	}
	var b strings.Builder
	for i, c := range from.Cookies(cookieURL(u)) {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(c.Name + "=" + quoteCookie(c))
	}
	return b.String()
}

func quoteCookie(c *http.Cookie) string {
	if c.Quoted {
		return `"` + c.Value + `"`
	}
	return c.Value
}

func newJar() *cookiejar.Jar {
	jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // it never fails
	return jar
}

func cookieURL(u *uri.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: u.Authority(), Path: uri.Decode(u.Path)}
}
