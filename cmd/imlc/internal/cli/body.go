package cli

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// bodyFlags describe the headers and body of a request.
type bodyFlags struct {
	Header []string `short:"H" help:"Add a header." placeholder:"'NAME: VALUE'" sep:"none"`
	Data   string   `short:"d" help:"Body as it is, @FILE to read it; a form unless a Content-Type says otherwise." placeholder:"TEXT"`
	Form   []string `short:"F" help:"Add a form field; the body becomes application/x-www-form-urlencoded." placeholder:"NAME=VALUE" sep:"none"`
	JSON   string   `name:"json" help:"JSON body, @FILE to read it." placeholder:"TEXT"`
}

// header is one header line.
type header struct{ Name, Value string }

// message is a request as the user describes it, before it is signed.
type message struct {
	Method, URL string
	Host        string // the Host header when it differs from the URL
	Headers     []header
	Body        []byte
	HasBody     bool
}

// get returns the first value of a header, "" when there is none.
func (m *message) get(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// remove drops every line of a header.
func (m *message) remove(name string) {
	kept := m.Headers[:0]
	for _, h := range m.Headers {
		if !strings.EqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	m.Headers = kept
}

// setBody sets a body and its type, unless there is a Content-Type already.
func (m *message) setBody(body []byte, contentType string) {
	m.Body, m.HasBody = body, true
	if m.get("Content-Type") == "" {
		m.Headers = append(m.Headers, header{"Content-Type", contentType})
	}
}

// apply adds headers and body to a message.
func (f bodyFlags) apply(c *command, m *message) error {
	for _, line := range f.Header {
		h, err := parseHeader(line)
		if err != nil {
			return err
		}
		m.add(h)
	}
	kinds := 0
	for _, given := range []bool{f.Data != "", len(f.Form) > 0, f.JSON != ""} {
		if given {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return usagef("--data, --form and --json exclude each other")
	case f.Data != "":
		body, err := c.bodyText(f.Data)
		if err != nil {
			return err
		}
		m.setBody(body, oauth1.FormMediaType)
	case f.JSON != "":
		body, err := c.bodyText(f.JSON)
		if err != nil {
			return err
		}
		m.setBody(body, "application/json")
	case len(f.Form) > 0:
		var pairs []oauth1.Param
		for _, s := range f.Form {
			name, text, ok := strings.Cut(s, "=")
			if !ok {
				return usagef("--form: expected NAME=VALUE")
			}
			pairs = append(pairs, oauth1.Param{Name: name, Value: text})
		}
		m.setBody([]byte(oauth1.JoinForm(pairs)), oauth1.FormMediaType)
	}
	return nil
}

// add appends a header; Host is kept apart.
func (m *message) add(h header) {
	if strings.EqualFold(h.Name, "Host") {
		m.Host = h.Value
		return
	}
	m.Headers = append(m.Headers, h)
}

func (c *command) bodyText(s string) ([]byte, error) {
	if name, ok := strings.CutPrefix(s, "@"); ok {
		return c.readInput(name)
	}
	return []byte(s), nil
}

func parseHeader(line string) (header, error) {
	name, text, ok := strings.Cut(line, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t\r\n\"") || strings.ContainsAny(text, "\r\n") {
		return header{}, usagef("a header must be NAME: VALUE on one line")
	}
	return header{name, strings.TrimSpace(text)}, nil
}
