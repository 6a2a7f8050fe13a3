package cli

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// signCommand prints a signed request.
type signCommand struct {
	signingFlags
	Format string `help:"http (the whole request), curl (a command) or header (the Authorization header alone)." enum:"http,curl,header" default:"http"`
}

// Run implements the sub-command.
func (k *signCommand) Run(c *command) error {
	s, err := k.read(c)
	if err != nil {
		return err
	}
	if s.noSecret {
		return usagef("a consumer secret is missing: give --consumer-secret-file, IMLC_CONSUMER_SECRET, or --private-key-file for RSA methods")
	}
	signer, err := oauth1.NewSigner(s.params)
	if err != nil {
		return err
	}
	signed, err := signer.Sign(&s.request, s.nonce, s.timestamp)
	if err != nil {
		return err
	}
	m := s.message
	m.remove("Authorization")
	if signed.Authorization != "" {
		m.Headers = append(m.Headers, header{"Authorization", signed.Authorization})
	}
	if signed.ContentType != "" && m.get("Content-Type") == "" {
		m.Headers = append(m.Headers, header{"Content-Type", signed.ContentType})
	}
	m.URL = signed.URL
	if signed.Body != nil {
		m.Body, m.HasBody = signed.Body, true
	}
	return k.print(c, m, signed)
}

func (k *signCommand) print(c *command, m *message, signed oauth1.Signed) error {
	switch k.Format {
	case "header":
		if signed.Authorization == "" {
			return usagef("with --transport %s there is no header; use --format http or curl", signed.Transport)
		}
		fmt.Fprintln(c.Out, signed.Authorization)
		return nil
	case "curl":
		fmt.Fprintln(c.Out, curlLine(m))
		return nil
	}
	u, err := url.Parse(m.URL)
	if err != nil {
		return usagef("the URL cannot be written as a request line")
	}
	_, target, _ := strings.Cut(m.URL, "://")
	if i := strings.IndexAny(target, "/?"); i >= 0 {
		target = target[i:]
	} else {
		target = "/"
	}
	host := u.Host
	if m.Host != "" {
		host = m.Host
	}
	fmt.Fprintf(c.Out, "%s %s HTTP/1.1\nHost: %s\n", m.Method, target, host)
	for _, h := range m.Headers {
		fmt.Fprintf(c.Out, "%s: %s\n", h.Name, h.Value)
	}
	if m.HasBody {
		fmt.Fprintf(c.Out, "Content-Length: %d\n\n%s\n", len(m.Body), m.Body)
	} else {
		fmt.Fprintln(c.Out)
	}
	return nil
}

// curlLine writes a request as a curl command for a POSIX shell.
func curlLine(m *message) string {
	var parts []string
	parts = append(parts, "curl -X "+shellQuote(m.Method), shellQuote(m.URL))
	if m.Host != "" {
		parts = append(parts, "-H "+shellQuote("Host: "+m.Host))
	}
	for _, h := range m.Headers {
		parts = append(parts, "-H "+shellQuote(h.Name+": "+h.Value))
	}
	if m.HasBody {
		parts = append(parts, "--data-binary "+shellQuote(string(m.Body)))
	}
	return strings.Join(parts, " \\\n  ")
}

func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._/:@%+=,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
