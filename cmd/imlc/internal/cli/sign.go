package cli

import (
	"io"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// signCommand prints a signed request.
type signCommand struct {
	signingFlags
	Format string `help:"http (the whole request), curl (a command for a POSIX shell), cmd (one for the command prompt of Windows) or header (the Authorization header alone)." enum:"http,curl,cmd,header" default:"http"`
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
	m.Remove("Authorization")
	if signed.Authorization != "" {
		m.Headers = append(m.Headers, paste.Header{Name: "Authorization", Value: signed.Authorization})
	}
	sent := signed.In(&s.request)
	if sent.ContentType != "" && m.Get("Content-Type") == "" {
		m.Headers = append(m.Headers, paste.Header{Name: "Content-Type", Value: sent.ContentType})
	}
	m.URL = sent.URL
	if sent.Body != nil {
		m.Body, m.HasBody = sent.Body, true
	}
	return k.print(c, m, signed)
}

func (k *signCommand) print(c *command, m *paste.Request, signed oauth1.Signed) error {
	switch k.Format {
	case "header":
		if signed.Authorization == "" {
			return usagef("with --transport %s there is no header; use --format http or curl", signed.Transport)
		}
		c.Out.Printf("%s\n", signed.Authorization)
		return nil
	case "curl":
		c.Out.Printf("%s\n", m.Curl())
		return nil
	case "cmd":
		text, err := m.WindowsCurl()
		if err != nil {
			return usagef("%v", err)
		}
		c.Out.Printf("%s\n", text)
		return nil
	}
	text, err := m.HTTP()
	if err != nil {
		return usagef("%v", err)
	}
	io.WriteString(c.Out, text)
	return nil
}
