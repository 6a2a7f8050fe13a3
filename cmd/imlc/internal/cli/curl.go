package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// parsePasted reads a pasted request: a curl command, or a raw HTTP request. scheme is that of a raw request whose target
// names none.
func parsePasted(text, scheme string) (*message, error) {
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	trimmed = strings.TrimPrefix(trimmed, "$ ")
	word, _, _ := strings.Cut(strings.ReplaceAll(trimmed, "\n", " "), " ")
	if word == "curl" || word == "curl.exe" {
		return parseCurl(trimmed)
	}
	return parseRaw(text, scheme)
}

// Options of curl with an argument that does not change the signature, and flags that change nothing.
var (
	curlIgnoredValues = []string{"-o", "--output", "-m", "--max-time", "--connect-timeout", "--retry", "-x", "--proxy", "--cacert", "--capath", "-E", "--cert",
		"--key", "-w", "--write-out", "-c", "--cookie-jar", "--resolve", "--max-redirs", "--ciphers", "-u", "--user", "-D", "--dump-header", "--interface"}
	curlShortFlags = "sSkvLigfN#0146jRZ"
)

// curlArguments walks through the words of a curl command.
type curlArguments struct {
	message
	words []string
	data  []string
	get   bool
	err   error
}

// parseCurl reads a curl command.
func parseCurl(line string) (*message, error) {
	words, err := shellWords(line)
	if err != nil {
		return nil, err
	}
	a := &curlArguments{words: words[1:]}
	for len(a.words) > 0 && a.err == nil {
		word := a.words[0]
		a.words = a.words[1:]
		a.word(word)
	}
	if a.err != nil {
		return nil, a.err
	}
	return a.finish()
}

func (a *curlArguments) word(word string) {
	name, inline, has := word, "", false
	switch {
	case strings.HasPrefix(word, "--"):
		name, inline, has = strings.Cut(word, "=")
	case len(word) > 2 && word[0] == '-':
		if strings.IndexByte(curlShortFlags, word[1]) >= 0 {
			a.word("-" + word[2:])
			return
		}
		name, inline, has = word[:2], word[2:], true
	}
	value := func() string {
		switch {
		case has:
			return inline
		case len(a.words) == 0:
			a.err = usagef("the curl command ends after %s, which needs a value", name)
			return ""
		}
		v := a.words[0]
		a.words = a.words[1:]
		return v
	}
	a.option(name, value)
}

func (a *curlArguments) option(name string, value func() string) {
	switch name {
	case "-X", "--request":
		a.Method = strings.ToUpper(value())
	case "--url":
		a.URL = value()
	case "-H", "--header":
		a.header(value())
	case "-A", "--user-agent":
		a.Headers = append(a.Headers, header{"User-Agent", value()})
	case "-e", "--referer":
		a.Headers = append(a.Headers, header{"Referer", value()})
	case "-b", "--cookie":
		a.Headers = append(a.Headers, header{"Cookie", value()})
	case "-d", "--data", "--data-ascii", "--data-binary":
		a.addData(value(), true)
	case "--data-raw":
		a.addData(value(), false)
	case "--data-urlencode":
		a.addEncoded(value())
	case "--json":
		a.addData(value(), true)
		a.Headers = append(a.Headers, header{"Content-Type", "application/json"}, header{"Accept", "application/json"})
	case "-F", "--form":
		value()
		a.setBody([]byte{}, "multipart/form-data")
		if a.Method == "" {
			a.Method = "POST"
		}
	case "-G", "--get":
		a.get = true
	case "-I", "--head":
		a.Method = "HEAD"
	default:
		switch {
		case slices.Contains(curlIgnoredValues, name):
			value()
		case !strings.HasPrefix(name, "-") && a.URL == "":
			a.URL = name
		case !strings.HasPrefix(name, "-"):
			a.err = usagef("the curl command has two addresses; give one request at a time")
		}
	}
}

func (a *curlArguments) header(line string) {
	h, err := parseHeader(line)
	if err != nil {
		a.err = err
		return
	}
	a.add(h)
}

func (a *curlArguments) addData(text string, files bool) {
	if files && strings.HasPrefix(text, "@") {
		a.err = usagef("the curl command reads its body from a file; give the body with --data @FILE instead")
		return
	}
	a.data = append(a.data, text)
}

// addEncoded reads --data-urlencode: content, =content or name=content.
func (a *curlArguments) addEncoded(text string) {
	name, content, ok := strings.Cut(text, "=")
	if !ok {
		name, content = "", text
	}
	if name != "" {
		name += "="
	}
	a.data = append(a.data, name+oauth1.Encode(content))
}

func (a *curlArguments) finish() (*message, error) {
	m := &a.message
	if m.URL == "" {
		return nil, usagef("the curl command has no address")
	}
	if !strings.Contains(m.URL, "://") {
		m.URL = "http://" + m.URL
	}
	if len(a.data) > 0 {
		text := strings.Join(a.data, "&")
		if a.get {
			sep := "?"
			if strings.Contains(m.URL, "?") {
				sep = "&"
			}
			m.URL += sep + text
		} else {
			m.setBody([]byte(text), oauth1.FormMediaType)
			if m.Method == "" {
				m.Method = "POST"
			}
		}
	}
	if m.Method == "" {
		m.Method = "GET"
	}
	return m, nil
}

// parseRaw reads a request as it goes over the wire: request line, headers, an empty line, body.
func parseRaw(text, scheme string) (*message, error) {
	head, body, hasBody := strings.Cut(text, "\r\n\r\n")
	if !hasBody {
		head, body, hasBody = strings.Cut(text, "\n\n")
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimLeft(head, "\r\n"), "\r\n", "\n"), "\n")
	words := strings.Fields(lines[0])
	if len(words) < 2 || len(words) > 3 || len(words) == 3 && !strings.HasPrefix(words[2], "HTTP/") {
		return nil, usagef("expected a curl command, or an HTTP request that begins with a line such as POST /path HTTP/1.1")
	}
	m := &message{Method: strings.ToUpper(words[0])}
	for _, line := range lines[1:] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		h, err := parseHeader(line)
		if err != nil {
			return nil, err
		}
		m.add(h)
	}
	m.URL = words[1]
	if !strings.Contains(strings.SplitN(m.URL, "?", 2)[0], "://") {
		if m.Host == "" {
			return nil, usagef("the request has no Host header, so its address is not known")
		}
		m.URL = scheme + "://" + m.Host + m.URL
		m.Host = ""
	}
	if hasBody {
		if n, err := strconv.Atoi(m.get("Content-Length")); err == nil && n >= 0 && n <= len(body) {
			body = body[:n]
		} else {
			body = strings.TrimRight(body, "\r\n")
		}
		m.Body, m.HasBody = []byte(body), body != ""
	}
	m.remove("Content-Length")
	return m, nil
}
